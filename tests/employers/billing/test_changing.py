"""A month that was reported is said anew: taken back, added to, replaced; the bill follows."""

from datetime import date

import pytest

from cilegon_portal.contributions.models import Account, Charge
from cilegon_portal.management.commands.check_invariants import violations
from employers.actions.approving import approve
from employers.actions.ending import NotStanding, TooLate, may_unfinalise, unfinalise
from employers.actions.estimating import estimate_month
from employers.actions.pricing import preview
from employers.models import DraftRow, WageReport
from tests import make
from tests.employers.billing import months
from tests.employers.billing.months import OCTOBER
from tests.make import AT, DAY

pytestmark = pytest.mark.django_db
NOVEMBER = OCTOBER.plus(1)
EARLY = AT - 20 * DAY  # 3 November: October is due on the 16th


def test_a_report_is_taken_back_and_its_month_is_a_draft_again():
    firm, clerk = months.firm(), make.user()
    report = months.approved(firm, [5_000_000, 6_000_000], at=EARLY)
    draft = unfinalise(report=report, by=clerk, at=EARLY)
    report.refresh_from_db()
    assert (report.ended_because, report.ended_by) == ("WITHDRAWN", clerk)
    assert (draft.month, draft.purpose, draft.closed_at) == (OCTOBER, "REGULAR", None)
    wages = DraftRow.objects.filter(draft=draft).listed().values_list("wage", flat=True)
    assert sorted(wage or 0 for wage in wages) == [5_000_000, 6_000_000]
    assert months.bill_of(firm).contribution == 0
    assert violations() == {}


def test_what_was_taken_back_is_approved_again_on_the_same_bill():
    firm = months.firm()
    first = months.approved(firm, [6_000_000, 7_000_000], at=EARLY)
    draft = unfinalise(report=first, by=make.user(), at=EARLY)
    DraftRow.objects.filter(draft=draft, wage=7_000_000).update(wage=8_000_000)
    second = approve(draft=draft, by=make.user(), at=EARLY)
    assert (second.version, second.wages) == (2, 14_000_000)
    assert months.bill_of(firm).contribution == second.total
    assert second.charge.kind == Charge.Kind.CONTRIBUTION
    assert violations() == {}


def test_money_on_a_month_that_is_taken_back_is_credit_and_pays_it_again():
    firm = months.firm()
    make.payment(300_000, account=firm.account)
    report = months.approved(firm, [6_000_000], at=EARLY)
    draft = unfinalise(report=report, by=make.user(), at=EARLY)
    assert Account.objects.with_sums().get(employer=firm).credit == 300_000
    approve(draft=draft, by=make.user(), at=EARLY)
    assert months.bill_of(firm).allocated == 300_000
    assert violations() == {}


def test_a_report_is_not_taken_back_once_it_is_paid_or_past_due():
    firm, other = months.firm(), months.firm()
    paid = months.approved(firm, [5_000_000], at=EARLY)
    make.payment(paid.total, account=firm.account)
    due = months.approved(other, [5_000_000], at=EARLY)
    assert may_unfinalise(due, on=date(2026, 11, 16))
    assert not may_unfinalise(due, on=date(2026, 11, 17))
    for report, at in ((paid, EARLY), (due, AT)):
        with pytest.raises(TooLate):
            unfinalise(report=report, by=make.user(), at=at)
    assert WageReport.objects.standing().count() == 2


def test_what_does_not_stand_or_was_assumed_is_not_taken_back():
    firm = months.firm()
    months.approved(firm, [5_000_000], at=EARLY)
    estimate_month(month=NOVEMBER, at=EARLY)
    estimate = WageReport.objects.get(kind="ESTIMATE")
    ended = WageReport.objects.get(month=OCTOBER.first_day)
    unfinalise(report=ended, by=make.user(), at=EARLY)
    for report in (estimate, ended):
        with pytest.raises(NotStanding):
            unfinalise(report=report, by=make.user(), at=EARLY)


def test_a_supplement_charges_the_difference():
    firm = months.firm()
    first = months.approved(firm, [5_000_000])
    draft = months.draft(
        firm, [5_000_000, 8_000_000], people=months.people_of(first), purpose="SUPPLEMENT"
    )
    seen = preview(draft)
    second = approve(draft=draft, by=make.user(), at=AT)
    first.refresh_from_db()
    assert (seen.standing, seen.difference) == (first, second.total - first.total)
    assert (second.kind, second.version, first.ended_because) == ("SUPPLEMENT", 2, "REPLACED")
    assert (second.charge.kind, second.charge.total) == ("CORRECTION", seen.difference)
    assert second.charge.used_rates.count() == 6
    assert months.bill_of(firm).contribution == second.total
    assert violations() == {}


def test_a_replacement_that_lowers_a_paid_bill_gives_the_surplus_back_to_the_next_one():
    firm = months.firm()
    first = months.approved(firm, [5_000_000, 5_000_000])
    make.payment(first.total, account=firm.account)
    people = months.people_of(first)
    second = months.approved(firm, [5_000_000, 4_000_000], people=people, purpose="REPLACEMENT")
    surplus = first.total - second.total
    assert Account.objects.with_sums().get(employer=firm).credit == surplus > 0
    months.approved(firm, [5_000_000, 4_000_000], people=people, month=NOVEMBER)
    assert months.bill_of(firm, NOVEMBER).allocated == surplus
    assert violations() == {}


def test_a_version_that_costs_the_same_needs_no_charge():
    firm = months.firm()
    first = months.approved(firm, [5_000_000])
    second = months.approved(
        firm, [5_000_000], people=months.people_of(first), purpose="REPLACEMENT"
    )
    assert (second.total, second.charge) == (first.total, None)
    assert Charge.objects.count() == 1


def test_a_replacement_may_move_an_amount_from_one_programme_to_another():
    firm = months.firm()
    draft = months.draft(firm)
    months.row(draft, 2, 5_000_000)
    months.row(draft, 3, 4_000_000, id_kind="PASSPORT")
    first = approve(draft=draft, by=make.user(), at=AT)
    national, foreign = months.people_of(first)
    months.approved(firm, [4_000_000, 5_000_000], people=[national, foreign], purpose="REPLACEMENT")
    bill = months.bill_of(firm)
    assert bill.jp == 120_000
    assert violations() == {}
