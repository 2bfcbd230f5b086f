"""An approved month is a report version, a bill and employments; nothing of it is half written."""

from datetime import date

import pytest

from cilegon_portal.contributions import rules
from cilegon_portal.contributions.models import Account, Charge, ChargeRate, Rate, SizeProgramme
from cilegon_portal.management.commands.check_invariants import violations
from cilegon_portal.people.models import Person
from cilegon_portal.rules.months import Month
from employers.actions.approving import (
    AlreadyApproved,
    DraftIsClosed,
    FirmIsNotActive,
    MonthNotYet,
    NotAnswered,
    ReportHasFaults,
    approve,
)
from employers.actions.pricing import due_date_of, preview
from employers.models import Employer, Employment, WageLine, WageReport
from tests import make
from tests.employers.billing import months
from tests.employers.billing.months import OCTOBER
from tests.make import AT, DAY

pytestmark = pytest.mark.django_db
SEPTEMBER, NOVEMBER, DECEMBER = OCTOBER.plus(-1), OCTOBER.plus(1), OCTOBER.plus(2)


def by_rule(wages: list[int], month: Month = OCTOBER) -> int:
    rates = Rate.objects.of_segment("PU").as_rules()
    duties = SizeProgramme.objects.compulsory().as_rules()
    programmes = rules.programmes_of("MEDIUM", month, duties)
    return sum(
        rules.price_pu_month(
            month, wage=wage, risk_group=4, programmes=programmes, rates=rates
        ).total
        for wage in wages
    )


def test_a_first_report_is_billed_to_the_rupiah_of_the_rule():
    firm, wages = months.firm(), [5_000_000, 7_123_457, 15_000_000, 0]
    report = months.approved(firm, wages)
    bill = months.bill_of(firm)
    assert report.total == bill.contribution == by_rule(wages)
    assert (report.workers, report.wages, report.version) == (4, sum(wages), 1)
    assert report.charge.kind == Charge.Kind.CONTRIBUTION
    assert report.charge.reason == "Laporan upah Oktober 2026"
    assert bill.due_on == due_date_of(OCTOBER) == date(2026, 11, 16)
    assert WageLine.objects.count() == 4
    assert violations() == {}


def test_the_preview_says_what_the_bill_will_ask():
    firm = months.firm()
    draft = months.draft(firm, [5_000_000, 15_000_000])
    seen = preview(draft)
    report = approve(draft=draft, by=make.user(), at=AT)
    assert (seen.total, seen.workers, seen.wages) == (report.total, 2, 20_000_000)
    assert {name: getattr(seen, name) for name in ("jkk", "jkm", "jht_worker", "jp_employer")} == {
        name: getattr(report, name) for name in ("jkk", "jkm", "jht_worker", "jp_employer")
    }
    assert (seen.due_on, seen.difference, seen.standing, seen.assumed) == (
        date(2026, 11, 16), seen.total, None, False,
    )  # fmt: skip


def test_a_ceiling_that_is_carried_over_is_said():
    firm = months.firm()
    at = AT.replace(year=2027, month=4)
    assert preview(months.draft(firm, [5_000_000], month=Month(2027, 3), at=at)).assumed


def test_the_charge_names_the_rates_it_was_computed_with():
    firm = months.firm(size="MICRO", risk_group=2)
    report = months.approved(firm, [5_000_000])
    used = Rate.objects.filter(
        pk__in=ChargeRate.objects.filter(charge=report.charge).values("rate")
    )
    assert sorted((rate.programme, rate.selector) for rate in used) == [("JKK", "2"), ("JKM", "")]


def test_new_people_get_a_record_and_a_spell_of_work():
    firm = months.firm()
    report = months.approved(firm, [5_000_000])
    [person] = months.people_of(report)
    spell = Employment.objects.get()
    assert (spell.person, spell.employer, spell.started_on) == (person, firm, months.STARTED)
    assert spell.ended_on is None
    assert str(person.id_number).startswith("367299")
    assert person.user is None


def test_known_people_are_not_changed_and_differences_wait_for_the_office():
    known = make.person(name="Siti Rahayu")
    firm = months.firm()
    draft = months.draft(firm)
    months.row(draft, 2, 5_000_000, person=known, name="SITI  RAHAYU ")
    other = make.person(name="Budi")
    months.row(draft, 3, 5_000_000, person=other, name="Budi Santoso")
    approve(draft=draft, by=make.user(), at=AT)
    assert Person.objects.count() == 2
    assert Person.objects.get(pk=other.pk).name == "Budi"
    assert [it.person for it in Employment.objects.differing()] == [other]
    assert Employment.objects.get(person=known).reported_name == "SITI  RAHAYU "


def test_a_settled_difference_stays_settled_until_the_firm_says_something_else():
    other, clerk, firm = make.person(name="Budi"), make.user(), months.firm()
    for month, name, waits in (
        (OCTOBER, "Budi Santoso", True),
        (NOVEMBER, "Budi Santoso", False),
        (DECEMBER, "Budi Susilo", True),
    ):
        at = AT + 20 * DAY
        draft = months.draft(firm, month=month, at=at)
        months.row(draft, 2, 5_000_000, person=other, name=name)
        approve(draft=draft, by=clerk, at=at)
        assert Employment.objects.differing().exists() is waits
        Employment.objects.update(settled_at=at, settled_by=clerk, settled_note="KTP dilihat")


def test_leavers_end_their_spell_with_a_cause_and_are_not_billed():
    firm = months.firm()
    first = months.approved(firm, [5_000_000, 6_000_000], month=SEPTEMBER)
    stays, leaves = months.people_of(first)
    draft = months.draft(firm, [5_000_000], people=[stays])
    months.row(
        draft, 3, 6_000_000, person=leaves, is_absent=True, ended_on=date(2026, 9, 30),
        cause="RESIGNED",
    )  # fmt: skip
    report = approve(draft=draft, by=make.user(), at=AT)
    gone = Employment.objects.get(person=leaves)
    assert (gone.ended_on, gone.cause) == (date(2026, 9, 30), "RESIGNED")
    assert months.people_of(report) == [stays]
    assert Employment.objects.get(person=stays).ended_on is None


def test_who_leaves_within_the_month_is_billed_for_it():
    firm = months.firm()
    draft = months.draft(firm)
    months.row(draft, 2, 5_000_000, ended_on=date(2026, 10, 20), cause="CONTRACT_ENDED")
    report = approve(draft=draft, by=make.user(), at=AT)
    assert report.workers == 1
    assert Employment.objects.get().ended_on == date(2026, 10, 20)


def test_who_comes_back_gets_a_second_spell_and_who_never_left_goes_on():
    firm = months.firm()
    [one, two] = months.people_of(months.approved(firm, [1, 2], month=SEPTEMBER))
    Employment.objects.update(ended_on=date(2026, 9, 10), cause="RESIGNED")
    draft = months.draft(firm)
    months.row(draft, 2, 1, person=one, started_on=date(2026, 10, 5))
    months.row(draft, 3, 2, person=two)
    approve(draft=draft, by=make.user(), at=AT)
    spells = Employment.objects.order_by("started_on").values_list(
        "person", "started_on", "ended_on"
    )
    assert set(spells) == {
        (one.pk, months.STARTED, date(2026, 9, 10)),
        (one.pk, date(2026, 10, 5), None),
        (two.pk, months.STARTED, None),
    }


def test_a_late_report_of_an_old_month_moves_no_end_that_a_later_one_told():
    firm = months.firm()
    [person] = months.people_of(months.approved(firm, [1], month=OCTOBER))
    Employment.objects.update(ended_on=date(2026, 10, 20), cause="RESIGNED")
    months.approved(firm, [1], month=SEPTEMBER, people=[person])
    assert Employment.objects.get().ended_on == date(2026, 10, 20)


def test_who_worked_earlier_than_was_said_has_one_longer_spell():
    firm = months.firm()
    draft = months.draft(firm)
    months.row(draft, 2, 1, started_on=date(2026, 10, 3))
    [person] = months.people_of(approve(draft=draft, by=make.user(), at=AT))
    earlier = months.draft(firm, month=SEPTEMBER)
    months.row(earlier, 2, 1, person=person, started_on=date(2026, 9, 2))
    approve(draft=earlier, by=make.user(), at=AT)
    assert Employment.objects.get().started_on == date(2026, 9, 2)


def test_one_person_may_work_for_two_firms_in_one_month():
    [person] = months.people_of(months.approved(months.firm(), [5_000_000]))
    months.approved(months.firm(), [4_000_000], people=[person])
    assert WageLine.objects.filter(person=person).count() == 2
    assert Employment.objects.filter(person=person).count() == 2
    assert violations() == {}


def test_foreigners_and_who_reached_pension_age_have_no_jp():
    draft = months.draft(months.firm())
    months.row(draft, 2, 5_000_000)
    months.row(draft, 3, 5_000_000, id_kind="PASSPORT")
    months.row(draft, 4, 5_000_000, born=date(1967, 10, 1))
    months.row(draft, 5, 5_000_000, born=date(1967, 10, 2))
    report = approve(draft=draft, by=make.user(), at=AT)
    jp = report.lines.order_by("person__pk").values_list("person__birth_date", "jp_employer")
    assert sorted(amount for _, amount in jp) == [0, 0, 100_000, 100_000]
    assert dict(jp)[date(1967, 10, 1)] == 0
    assert report.jht_employer == 4 * 185_000


def test_credit_pays_the_new_bill_by_itself():
    firm = months.firm()
    make.payment(100_000, account=firm.account)
    months.approved(firm, [5_000_000])
    assert months.bill_of(firm).allocated == 100_000
    assert Account.objects.with_sums().get(employer=firm).credit == 0
    assert violations() == {}


def test_a_month_without_workers_is_not_reported():
    with pytest.raises(NotAnswered) as refusal:
        months.approved(months.firm(), [])
    assert [it.key for it in refusal.value.missing] == ["empty"]


def test_covered_is_who_has_a_line_in_a_month_that_is_paid_whole():
    firm = months.firm()
    report = months.approved(firm, [5_000_000])
    [person] = months.people_of(report)
    make.payment(report.total - 1, account=firm.account)
    assert not WageLine.objects.covering().filter(person=person).exists()
    make.payment(1, account=firm.account)
    assert WageLine.objects.covering().filter(person=person).of_month(OCTOBER).count() == 1
    assert list(WageReport.objects.paid()) == [report]


def test_a_draft_is_approved_once():
    draft = months.draft(months.firm(), [5_000_000])
    approve(draft=draft, by=make.user(), at=AT)
    with pytest.raises(AlreadyApproved):
        approve(draft=draft, by=make.user(), at=AT)
    assert WageReport.objects.count() == 1


def test_a_reported_month_is_not_reported_afresh():
    firm = months.firm()
    months.approved(firm, [5_000_000])
    with pytest.raises(AlreadyApproved):
        months.approved(firm, [4_000_000])


def test_what_keeps_a_draft_from_being_approved():
    firm = months.firm()
    faulty = months.draft(firm, month=Month(2026, 1))
    months.row(faulty, 2, None, faults=[{"key": "wage.missing", "column": "upah"}])
    warned = months.draft(firm, month=Month(2026, 2))
    months.row(warned, 2, 1, warnings=[{"key": "wage.low", "column": "upah"}])
    absent = months.draft(firm, [5_000_000], month=Month(2026, 3))
    months.row(absent, 9, 1, is_absent=True)
    reading = months.draft(firm, month=Month(2026, 4))
    reading.state = "READING"
    reading.save()
    closed = months.draft(firm, [5_000_000], month=Month(2026, 5))
    closed.closed_at, closed.closed_because = AT, "DISCARDED"
    closed.save()
    for draft, refusal in (
        (faulty, ReportHasFaults),
        (warned, NotAnswered),
        (absent, NotAnswered),
        (reading, ReportHasFaults),
        (closed, DraftIsClosed),
        (months.draft(firm, [1], month=DECEMBER), MonthNotYet),
        (months.draft(firm, [1], month=Month(2024, 12)), FirmIsNotActive),
    ):
        with pytest.raises(refusal):
            approve(draft=draft, by=make.user(), at=AT)
    assert not WageReport.objects.exists()
    assert not Employment.objects.exists()


def test_a_firm_reports_while_it_is_registered():
    firm = months.firm()
    draft = months.draft(firm, [5_000_000])
    Employer.objects.update(state="CLOSED", last_month=SEPTEMBER)
    with pytest.raises(FirmIsNotActive):
        approve(draft=draft, by=make.user(), at=AT)
    Employer.objects.update(state="ACTIVE")
    with pytest.raises(FirmIsNotActive):
        approve(draft=draft, by=make.user(), at=AT)


def test_the_queries_of_an_approval_do_not_grow_with_its_rows(django_assert_max_num_queries):
    few, many = months.draft(months.firm(), [1] * 2), months.draft(months.firm(), [1] * 40)
    counts = []
    for draft in (few, many):
        with django_assert_max_num_queries(45) as caught:
            approve(draft=draft, by=make.user(), at=AT)
        counts.append(len(caught))
    assert counts[0] == counts[1]
