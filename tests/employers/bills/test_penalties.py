"""What lateness cost is asked with the next bill, once, and said in words."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cilegon_portal.contributions.models import Bill, Charge, lateness_of
from cilegon_portal.management.commands.check_invariants import violations
from cilegon_portal.rules.months import Month
from employers.actions.approving import approve
from tests import make
from tests.employers.billing import months

pytestmark = pytest.mark.django_db
JULY = Month(2026, 7)
WIB = ZoneInfo("Asia/Jakarta")


def in_time(month):
    """Return a moment before `month` is due."""
    paid_in = month.plus(1)
    return datetime(paid_in.year, paid_in.number, 5, 10, tzinfo=WIB)


def reported(firm, month, at=None):
    return months.approved(firm, [5_000_000, 6_000_000], month=month, at=at or in_time(month))


def penalties(firm, month):
    return Charge.objects.filter(
        bill__account=firm.account, bill__month=month.first_day, kind="PENALTY"
    ).order_by("pk")


@pytest.fixture
def firm():
    return months.firm()


def test_the_next_bill_asks_for_what_lateness_cost_until_then(firm):
    first = reported(firm, JULY)
    late = months.bill_of(firm, JULY)
    reported(firm, JULY.plus(1))

    asked = penalties(firm, JULY.plus(1)).get()

    assert asked.for_bill == late
    assert asked.penalty == first.total * 2 // 100
    assert asked.reason.startswith("Denda Juli 2026: 2% \u00d7 1 bulan \u00d7 Rp")
    assert months.bill_of(firm, JULY.plus(1)).contribution == first.total
    assert violations() == {}


def test_a_month_paid_in_time_costs_nothing_more(firm):
    total = reported(firm, JULY).total
    make.payment(total, account=firm.account, at=in_time(JULY))
    reported(firm, JULY.plus(1))

    assert not Charge.objects.filter(kind="PENALTY").exists()


def test_a_month_paid_late_is_asked_for_its_penalty_afterwards(firm):
    total = reported(firm, JULY).total
    late = months.bill_of(firm, JULY)
    paid_on = datetime.combine(late.due_on, datetime.min.time(), WIB) + timedelta(days=2)
    make.payment(total, account=firm.account, at=paid_on)
    reported(firm, JULY.plus(1))

    assert penalties(firm, JULY.plus(1)).get().penalty == total * 2 // 100
    assert lateness_of([late], on=make.AT.date())[late.pk].running == 0


def test_each_later_bill_asks_only_for_what_grew_since(firm):
    total = reported(firm, JULY).total
    for number in range(1, 4):
        reported(firm, JULY.plus(number))
    late = months.bill_of(firm, JULY)

    asked = Charge.objects.filter(for_bill=late).order_by("pk")

    assert [row.penalty for row in asked] == [total * 2 // 100] * 3
    assert "dikurangi yang sudah ditagih" in asked.last().reason


def test_a_replacement_of_the_month_asks_for_no_penalty_again(firm):
    reported(firm, JULY)
    second = reported(firm, JULY.plus(1))
    draft = months.draft(
        firm,
        [7_000_000, 6_000_000],
        people=months.people_of(second),
        month=JULY.plus(1),
        purpose="REPLACEMENT",
    )
    approve(draft=draft, by=make.user(), at=make.AT)

    assert penalties(firm, JULY.plus(1)).count() == 1
    assert violations() == {}


def test_other_firms_bear_nothing_of_it(firm):
    other = months.firm()
    reported(firm, JULY)
    reported(firm, JULY.plus(1))
    reported(other, JULY.plus(1))

    assert not penalties(other, JULY.plus(1)).exists()
    assert Bill.objects.filter(account=other.account).count() == 1
