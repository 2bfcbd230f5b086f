# ruff: noqa: S608 (statements are put together from keys of our own rows)
"""What the database refuses of terms, wage reports and their lines, whoever asks."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from cilegon_portal.rules.months import Month
from employers.models import Employer, Terms, WageLine, WageReport
from tests import make
from tests.employers.billing import months
from tests.employers.billing.months import OCTOBER
from tests.make import AT

pytestmark = pytest.mark.django_db


def refused(name: str):
    return pytest.raises(IntegrityError, match=name)


@pytest.fixture
def report() -> WageReport:
    return months.approved(months.firm(), [6_000_000])


def another(report: WageReport, **changes) -> WageReport:
    """Return an unsaved next version of `report`, with these `changes`."""
    given = {
        "employer": report.employer,
        "month": report.month,
        "version": report.version + 1,
        "kind": "REGULAR",
        "source": "UPLOAD",
        "terms": report.terms,
        "workers": 0,
        "wages": 0,
        "jkk": 0,
        "jkm": 0,
        "jht_employer": 0,
        "jht_worker": 0,
        "jp_employer": 0,
        "jp_worker": 0,
        "approved_by": report.approved_by,
        "approved_at": AT,
    }
    return WageReport(**given | changes)


def line(report: WageReport, **changes) -> WageLine:
    given = {
        "report": report,
        "person": make.person(),
        "month": report.month,
        "wage": 1,
        "jkk": 0,
        "jkm": 0,
        "jht_employer": 0,
        "jht_worker": 0,
        "jp_employer": 0,
        "jp_worker": 0,
    }
    return WageLine(**given | changes)


def test_a_report_only_ends_and_that_once(report):
    with refused("wage report only ends"):
        update("jkk = jkk + 1", report)
    with refused("wage report only ends"):
        update("ended_at = now(), ended_because = 'REPLACED', workers = 9", report)
    update("ended_at = now(), ended_because = 'REPLACED'", report)
    with refused("wage report only ends"):
        update("ended_at = now(), ended_because = 'WITHDRAWN'", report)


@pytest.mark.parametrize(
    "statement", ["DELETE FROM employers_wagereport", "TRUNCATE employers_wagereport CASCADE"]
)
def test_reports_are_never_deleted(report, statement):
    raw("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match=r"written once|never emptied"):
        raw(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE employers_wageline SET wage = 0",
        "DELETE FROM employers_wageline",
        "TRUNCATE employers_wageline",
    ],
)
def test_lines_are_written_once(report, statement):
    raw("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match=r"are written once|never emptied"):
        raw(statement)


def test_a_line_stands_in_a_standing_report_of_its_month(report):
    ended = another(report, ended_at=AT, ended_because="REPLACED")
    ended.save()
    for wrong in (
        line(report, month=OCTOBER.plus(1)),
        line(ended),
        line(WageReport(pk=0, month=OCTOBER)),
    ):
        with refused("stands in a standing report"), transaction.atomic():
            wrong.save()


def test_a_line_names_a_person_and_that_person_stays(report):
    with refused("a wage line names a person"), transaction.atomic():
        line(report, person_id=0, person=None).save()
    with refused("wage lines name person"), transaction.atomic():
        raw(f"DELETE FROM people_person WHERE id = {report.lines.get().person_id}")


def test_a_line_stands_once_of_a_first_day_and_of_no_negative_amount(report):
    person = report.lines.get().person
    with refused("wage_line_stands_once"), transaction.atomic():
        line(report, person=person).save()
    with refused("wage_line_month_is_a_first_day"), transaction.atomic():
        raw(
            "INSERT INTO employers_wageline (report_id, person_id, month, wage, jkk, jkm,"
            " jht_employer, jht_worker, jp_employer, jp_worker)"
            f" VALUES ({report.pk}, {person.pk}, '2026-10-02', 0, 0, 0, 0, 0, 0, 0)"
        )
    for name in ("wage", "jkk", "jkm", "jht_employer", "jht_worker", "jp_employer", "jp_worker"):
        with refused("wage_line_amounts_are_not_negative"), transaction.atomic():
            line(report, **{name: -1}).save()


def test_one_version_stands_and_each_number_once(report):
    with refused("wage_report_stands_once_a_month"), transaction.atomic():
        another(report).save()
    with refused("wage_report_version_stands_once"), transaction.atomic():
        another(report, version=1, ended_at=AT, ended_because="REPLACED").save()


def test_a_report_is_of_a_first_day_ends_whole_and_is_approved_by_somebody(report):
    later = another(report, month=OCTOBER.plus(1))
    later.save()
    with refused("wage_report_month_is_a_first_day"), transaction.atomic():
        raw(
            "INSERT INTO employers_wagereport (employer_id, month, version, kind, source, terms_id,"
            " workers, wages, jkk, jkm, jht_employer, jht_worker, jp_employer, jp_worker,"
            " approved_at, request_id, ended_because)"
            " SELECT employer_id, '2026-07-02', 1, 'ESTIMATE', source, terms_id, 0, 0, 0, 0, 0, 0,"
            f" 0, 0, approved_at, '', '' FROM employers_wagereport WHERE id = {report.pk}"
        )
    with refused("wage_report_ending_is_whole"), transaction.atomic():
        another(report, ended_at=AT).save()
    month = OCTOBER.plus(-3)
    with refused("wage_report_of_a_firm_is_approved_by_somebody"), transaction.atomic():
        another(report, month=month, approved_by=None).save()
    another(report, month=month, approved_by=None, kind="ESTIMATE").save()


def terms(firm: Employer, valid_from: Month, valid_until: Month | None = None, **more) -> Terms:
    given = {"size": "SMALL", "risk_group": 1, "reason": "Uji", "at": AT}
    return Terms.objects.create(
        employer=firm, valid_from=valid_from, valid_until=valid_until, **given | more
    )


def test_a_firm_has_one_kind_of_terms_a_month_but_for_those_replaced():
    firm = months.firm(first=OCTOBER)
    with refused("terms_are_one_a_firm_and_month"), transaction.atomic():
        terms(firm, OCTOBER.plus(3))
    terms(firm, OCTOBER.plus(3), replaced_at=AT)
    terms(firm, OCTOBER.plus(-3), OCTOBER)


def test_terms_end_after_they_begin_and_hold_for_whole_months():
    firm = months.firm(first=OCTOBER)
    with refused("terms_end_after_they_begin"), transaction.atomic():
        terms(firm, Month(2024, 3), Month(2024, 3))
    standing = firm.terms.get()
    for column in ("valid_from", "valid_until"):
        with refused("terms_begin_and_end_on_first_days"), transaction.atomic():
            raw(f"UPDATE employers_terms SET {column} = '2027-01-02' WHERE id = {standing.pk}")


@pytest.mark.parametrize("risk_group", [0, 6])
def test_terms_have_a_risk_group_of_the_law(risk_group):
    firm = months.firm(first=OCTOBER)
    with refused("terms_risk_group_is_one_to_five"):
        terms(firm, Month(2020, 1), Month(2021, 1), risk_group=risk_group)


def test_every_guard_stands_in_the_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'")
        names = {name for (name,) in cursor.fetchall()}
    assert names >= {
        "wage_report_only_ends",
        "wage_report_is_written_once",
        "wage_report_table_is_never_emptied",
        "wage_line_has_its_ends",
        "person_with_wages_stays",
    }


def update(what: str, report: WageReport) -> None:
    with transaction.atomic():
        raw(f"UPDATE employers_wagereport SET {what} WHERE id = {report.pk}")


def raw(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
