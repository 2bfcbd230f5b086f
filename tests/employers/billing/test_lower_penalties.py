"""A penalty was asked for more than was owed: what is too much of it comes back."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cilegon_portal.contributions.actions import post_payments
from cilegon_portal.contributions.models import Account, Bill, Charge, lateness_of
from cilegon_portal.management.commands.check_invariants import violations
from cilegon_portal.rules.months import Month
from employers.actions.estimating import estimate_month
from employers.actions.terms import change_terms
from employers.bill_words import sums
from employers.models.explained import explained
from tests import make
from tests.employers.billing import months
from tests.make import AT, DAY

pytestmark = pytest.mark.django_db
JULY = Month(2026, 7)
AUGUST = JULY.plus(1)
WIB = ZoneInfo("Asia/Jakarta")


def in_time(month):
    """Return a moment before `month` is due."""
    paid_in = month.plus(1)
    return datetime(paid_in.year, paid_in.number, 5, 10, tzinfo=WIB)


def late_firm():
    """Return a firm whose August bill asks for the penalty of July, and July's report."""
    firm = months.firm()
    july = months.approved(firm, [5_000_000, 5_000_000], month=JULY, at=in_time(JULY))
    people = months.people_of(july)
    at = in_time(AUGUST) + 20 * DAY
    months.approved(firm, [5_000_000, 5_000_000], people=people, month=AUGUST, at=at)
    return firm, july


def standing(firm, month=JULY):
    """Return what is asked in all as penalty for `month`."""
    rows = Charge.objects.filter(for_bill=months.bill_of(firm, month))
    return sum(row.penalty for row in rows)


def credit_of(firm):
    return Account.objects.with_sums().get(employer=firm).credit


def test_a_replacement_that_lowers_a_late_month_lowers_its_penalty():
    firm, july = late_firm()
    assert standing(firm) == july.total * 2 * 2 // 100
    people = months.people_of(july)
    half = months.approved(
        firm, [5_000_000, 0], people=people, month=JULY, purpose="REPLACEMENT",
        at=in_time(AUGUST) + 20 * DAY,
    )  # fmt: skip
    assert half.total == july.total // 2
    assert standing(firm) == half.total * 2 * 2 // 100
    less = Charge.objects.get(reason_code="LATE_LESS")
    assert less.bill == months.bill_of(firm, AUGUST)
    assert less.reason.startswith("Denda Juli 2026 menjadi Rp")
    assert violations() == {}


def test_a_penalty_that_was_paid_comes_back_as_credit():
    firm, july = late_firm()
    owed = sum(bill.outstanding for bill in Bill.objects.all().outstanding())
    make.payment(owed, account=firm.account, at=in_time(AUGUST) + 20 * DAY)
    half = months.approved(
        firm, [5_000_000, 0], people=months.people_of(july), month=JULY, purpose="REPLACEMENT",
    )  # fmt: skip
    assert credit_of(firm) == half.total + half.total * 2 * 2 // 100
    assert violations() == {}


def test_the_real_report_over_an_estimate_leaves_the_penalty_of_the_real_one():
    firm = months.firm()
    june = months.approved(firm, [5_000_000] * 3, month=JULY.plus(-1), at=in_time(JULY.plus(-1)))
    make.payment(june.total, account=firm.account, at=in_time(JULY.plus(-1)))
    late = in_time(AUGUST) + 20 * DAY
    estimate_month(month=JULY, at=late)
    estimate_month(month=AUGUST, at=late)
    assert standing(firm) == june.total * 2 * 2 // 100
    real = months.approved(
        firm, [5_000_000, 0, 0], people=months.people_of(june), month=JULY, at=late
    )
    assert standing(firm) == real.total * 2 * 2 // 100
    assert violations() == {}


def test_other_terms_that_lower_a_late_month_lower_its_penalty():
    firm, _ = late_firm()
    before = standing(firm)
    change_terms(
        employer=firm, valid_from=JULY, size="MICRO", risk_group=4, reason="Uji", by=make.user(),
        at=in_time(AUGUST) + 20 * DAY,
    )  # fmt: skip
    assert 0 < standing(firm) == months.bill_of(firm, JULY).contribution * 4 // 100 < before
    assert violations() == {}


def test_money_that_turns_up_late_in_the_books_was_not_late():
    firm, july = late_firm()
    booked = in_time(AUGUST) + 21 * DAY
    money = make.money(july.total, account=firm.account, at=in_time(JULY))
    post_payments(moneys=[money], by=None, at=booked)
    assert standing(firm) > 0
    people = months.people_of(july)
    months.approved(firm, [5_000_000, 5_000_000], people=people, month=AUGUST.plus(1))
    assert standing(firm) == 0
    assert violations() == {}


def test_what_was_waived_is_not_taken_back_once_more():
    firm, july = late_firm()
    august = months.bill_of(firm, AUGUST)
    Charge.objects.create(
        bill=august, kind="WAIVER", penalty=-standing(firm), for_bill=months.bill_of(firm, JULY),
        reason_code="WAIVED", reason="Pembebasan", at=AT,
    )  # fmt: skip
    months.approved(
        firm, [5_000_000, 0], people=months.people_of(july), month=JULY, purpose="REPLACEMENT"
    )
    assert standing(firm) == 0
    assert not Charge.objects.filter(reason_code="LATE_LESS").exists()
    assert violations() == {}


def test_a_penalty_that_was_lowered_grows_on():
    firm, july = late_firm()
    half = months.approved(
        firm, [5_000_000, 0], people=months.people_of(july), month=JULY, purpose="REPLACEMENT",
        at=in_time(AUGUST) + 20 * DAY,
    )  # fmt: skip
    on = (in_time(AUGUST) + timedelta(days=51)).date()
    late = lateness_of([months.bill_of(firm, JULY)], on=on)
    (july_late,) = late.values()
    assert july_late.running == half.total * 2 // 100


def test_the_bill_says_what_is_off_the_penalty():
    firm, july = late_firm()
    months.approved(
        firm, [5_000_000, 0], people=months.people_of(july), month=JULY, purpose="REPLACEMENT",
        at=in_time(AUGUST) + 20 * DAY,
    )  # fmt: skip
    bill = explained(firm, AUGUST, on=AT.date())
    assert bill is not None
    assert bill.corrections == []
    said = dict(sums(bill))
    assert said["Denda Juli 2026"] == -2 * said["Pengurangan denda Juli 2026"]
