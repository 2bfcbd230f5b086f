"""A firm closes: it owes until its last month, and nothing that was assumed after it."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from cilegon_portal.contributions.models import Account, Bill, Charge, lateness_of
from cilegon_portal.management.commands.check_invariants import violations
from cilegon_portal.rules.months import Month
from employers.actions import decisions
from employers.actions.approving import FirmIsNotActive
from employers.actions.decisions import Proof
from employers.actions.estimating import estimate_month
from employers.actions.months import months_of
from employers.actions.winding_up import LaterMonthReported
from employers.models import Employer, WageReport
from tests import make
from tests.employers.billing import months
from tests.make import AT, DAY

pytestmark = pytest.mark.django_db
JULY = Month(2026, 7)
AUGUST, SEPTEMBER, OCTOBER = (JULY.plus(number) for number in (1, 2, 3))
WIB = ZoneInfo("Asia/Jakarta")
PAPERS = [Proof("FIRM_LETTER", "1/X/2026"), Proof("AGENCY_LETTER", "2/X/2026")]


def in_time(month):
    """Return a moment before `month` is due."""
    paid_in = month.plus(1)
    return datetime(paid_in.year, paid_in.number, 5, 10, tzinfo=WIB)


def closed(firm, last_month, at=AT):
    return decisions.close_firm(
        employer=firm,
        cause="DISSOLVED",
        last_month=last_month,
        evidence=PAPERS,
        reason="Tutup",
        by=make.user(),
        at=at,
    )


@pytest.fixture
def firm():
    """Return a firm that paid July in time and said nothing afterwards."""
    firm = months.firm()
    july = months.approved(firm, [5_000_000, 5_000_000], month=JULY, at=in_time(JULY))
    make.payment(july.total, account=firm.account, at=in_time(JULY))
    for month in (AUGUST, SEPTEMBER):
        estimate_month(month=month, at=in_time(month) + 20 * DAY)
    return firm


def test_what_was_assumed_after_the_last_month_is_taken_back_with_its_penalties(firm):
    assert Charge.objects.filter(kind="PENALTY").exists()
    closed(firm, JULY)
    assert WageReport.objects.standing().get().month == JULY
    assert not Bill.objects.outstanding().exists()
    ended = WageReport.objects.exclude(ended_at=None)
    assert {it.ended_because for it in ended} == {"WITHDRAWN"}
    assert violations() == {}


def test_money_on_what_is_taken_back_is_credit(firm):
    paid = sum(bill.outstanding for bill in Bill.objects.outstanding())
    make.payment(paid, account=firm.account, at=in_time(SEPTEMBER) + 21 * DAY)
    closed(firm, JULY)
    assert Account.objects.with_sums().get(employer=firm).credit == paid
    assert violations() == {}


def test_the_last_penalties_are_asked_when_no_contribution_comes_any_more(firm):
    closed(firm, SEPTEMBER)
    bills = list(Bill.objects.filter(account=firm.account))
    late = lateness_of(bills, on=AT.date())
    assert sum(it.grown for it in late.values()) > 0
    assert all(it.running == 0 for it in late.values())
    assert months.bill_of(firm, OCTOBER).contribution == 0
    assert violations() == {}


def test_a_firm_that_owes_no_penalty_gets_no_further_bill():
    firm = months.firm()
    july = months.approved(firm, [5_000_000], month=JULY, at=in_time(JULY))
    make.payment(july.total, account=firm.account, at=in_time(JULY))
    closed(firm, JULY)
    assert Bill.objects.count() == 1


def test_the_last_month_is_not_before_one_that_the_firm_reported(firm):
    people = months.people_of(WageReport.objects.get(month=JULY.first_day))
    months.approved(firm, [5_000_000, 5_000_000], month=AUGUST, people=people)
    with pytest.raises(LaterMonthReported) as refusal:
        closed(firm, JULY)
    assert refusal.value.month == AUGUST
    assert Employer.objects.get(pk=firm.pk).state == "ACTIVE"
    closed(firm, AUGUST)


def test_a_closed_firm_owes_until_its_last_month(firm):
    closed(firm, OCTOBER, at=in_time(OCTOBER))
    assert estimate_month(month=OCTOBER, at=AT).firms == 1
    assert estimate_month(month=OCTOBER.plus(1), at=AT).firms == 0
    people = months.people_of(WageReport.objects.get(month=JULY.first_day))
    real = months.approved(firm, [5_000_000, 6_000_000], month=OCTOBER, people=people)
    assert months.bill_of(firm, OCTOBER).contribution == real.total
    with pytest.raises(FirmIsNotActive):
        months.approved(firm, [5_000_000], month=OCTOBER.plus(1))
    assert violations() == {}


def test_a_firm_that_is_opened_again_owes_no_month_between(firm):
    closed(firm, JULY)
    decisions.reopen_firm(
        employer=firm, first_month=OCTOBER, reason="Usaha jalan lagi", by=make.user(), at=AT
    )
    firm.refresh_from_db()

    for month in (AUGUST, SEPTEMBER, OCTOBER):
        estimate_month(month=month, at=AT)

    reports = WageReport.objects.standing().order_by("month")
    assert [report.month for report in reports] == [JULY, OCTOBER]
    newest = [row.month for row in months_of(firm, on=AT.date())][:3]
    assert newest == [Month(2026, 11), OCTOBER, JULY]
    with pytest.raises(FirmIsNotActive):
        months.approved(firm, [5_000_000], month=AUGUST, at=AT)
    assert violations() == {}
