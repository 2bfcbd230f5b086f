"""Each rule of wage reports names the corruption that was planted for it.

The guards of the database are put to sleep first, as a superuser or a bad restore would.
"""

import pytest
from django.db import connection, transaction

from cilegon_portal.management.commands.check_invariants import violations
from employers.actions.approving import approve
from employers.invariants import INVARIANTS
from tests import make
from tests.employers.billing import months
from tests.make import AT

pytestmark = pytest.mark.django_db

REPORT = """
INSERT INTO employers_wagereport
    (employer_id, month, version, kind, source, terms_id, workers, wages, jkk, jkm, jht_employer,
     jht_worker, jp_employer, jp_worker, approved_at, approved_by_id, request_id, ended_because)
SELECT employer_id, month, version + 1, kind, source, terms_id, 0, 0, 0, 0, 0, 0, 0, 0,
       approved_at, approved_by_id, '', ''
FROM employers_wagereport WHERE id = %(report)s
"""

PLANTED = {
    "report_is_the_sum_of_its_lines": [
        "UPDATE employers_wageline SET jkk = jkk + 1 WHERE id = %(line)s"
    ],
    "standing_report_is_what_the_bill_asks": [
        "UPDATE employers_wagereport SET jp_worker = jp_worker + 1 WHERE id = %(report)s"
    ],
    "nothing_is_asked_without_a_standing_report": [
        (
            "UPDATE employers_wagereport SET ended_at = now(), ended_because = 'WITHDRAWN'"
            " WHERE id = %(report)s"
        )
    ],
    "line_is_of_its_reports_month": [
        "UPDATE employers_wageline SET month = '2026-09-01' WHERE id = %(line)s"
    ],
    "line_names_a_person": ["DELETE FROM people_person WHERE id = %(person)s"],
    "passport_has_no_jp": ["UPDATE people_person SET id_kind = 'PASSPORT' WHERE id = %(person)s"],
    "report_is_charged_on_its_own_bill": [
        "UPDATE employers_wagereport SET charge_id = NULL WHERE id = %(other)s",
        "UPDATE employers_wagereport SET charge_id = %(others_charge)s WHERE id = %(report)s",
    ],
    "one_version_of_a_month_stands": [
        "DROP INDEX wage_report_stands_once_a_month",
        REPORT,
    ],
    "report_has_terms_of_its_firm": [
        "UPDATE employers_wagereport SET terms_id = %(others_terms)s WHERE id = %(report)s"
    ],
    "who_is_reported_has_worked_there": [
        "DELETE FROM employers_employment WHERE person_id = %(person)s"
    ],
}


@pytest.fixture
def keys() -> dict[str, int | None]:
    """Report a month of two firms; return the keys that are tampered with."""
    report = months.approved(months.firm(), [6_000_000, 7_000_000])
    other = months.approved(months.firm(), [6_000_000])
    line = report.lines.order_by("pk")[0]
    assert violations() == {}
    return {
        "report": report.pk,
        "line": line.pk,
        "person": line.person_id,
        "other": other.pk,
        "others_charge": other.charge_id,
        "others_terms": other.terms_id,
    }


@pytest.mark.parametrize("rule", INVARIANTS)
def test_planted_corruption_is_named(rule, keys):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in PLANTED[rule]:
            cursor.execute(statement, keys)
        found = violations()
        transaction.set_rollback(True)
    assert rule in found


def test_months_taken_back_and_estimates_break_no_rule():
    draft = months.draft(months.firm())
    months.row(draft, 2, 6_000_000, id_kind="PASSPORT")
    approve(draft=draft, by=make.user(), at=AT)
    assert violations() == {}
