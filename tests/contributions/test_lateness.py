"""Why a penalty is what it is: the late parts of one month, for one bill or for many."""

from datetime import timedelta

import pytest

from cilegon_portal.contributions.actions import charge_month, penalty_of
from cilegon_portal.contributions.actions.corrections import Parts
from cilegon_portal.contributions.models import Bill, Charge, lateness_of
from cilegon_portal.rules.months import Month
from tests import make

pytestmark = pytest.mark.django_db
FEBRUARY = Month(2026, 2)
THEN = make.AT.replace(month=3, day=1)


@pytest.fixture
def firm():
    return make.account("PU", at=THEN)


def day(bill, days):
    return bill.due_on + timedelta(days=days)


def test_a_bill_paid_in_time_has_no_late_part(firm):
    bill = make.firm_bill(1_000_000, FEBRUARY, firm=firm, at=THEN)
    make.payment(1_000_000, account=firm, at=THEN)

    late = lateness_of([bill], on=day(bill, 40))[bill.pk]

    assert (late.parts, late.grown, late.running) == ((), 0, 0)


def test_each_part_says_how_much_was_late_and_for_how_long(firm):
    bill = make.firm_bill(10_000_000, FEBRUARY, firm=firm, at=THEN)
    make.payment(4_000_000, account=firm, at=THEN.replace(day=20))

    late = lateness_of([bill], on=day(bill, 40))[bill.pk]

    paid, unpaid = late.parts
    assert (paid.amount, paid.months, paid.paid_on) == (4_000_000, 1, THEN.date().replace(day=20))
    assert (unpaid.amount, unpaid.months, unpaid.paid_on) == (6_000_000, 2, None)
    assert late.rate == 20_000
    assert late.grown == 80_000 + 240_000


def test_what_was_charged_already_runs_no_more(firm):
    bill = make.firm_bill(10_000_000, FEBRUARY, firm=firm, at=THEN)
    later = make.firm_bill(10_000_000, FEBRUARY.plus(1), firm=firm, at=THEN)
    Charge.objects.create(
        bill=later,
        kind=Charge.Kind.PENALTY,
        penalty=200_000,
        for_bill=bill,
        reason_code="PENALTY",
        reason="Denda",
        at=make.AT,
    )

    late = lateness_of([bill], on=day(bill, 40))[bill.pk]

    assert (late.grown, late.asked, late.running) == (400_000, 200_000, 200_000)


def test_many_bills_are_judged_as_each_alone_in_as_many_queries(
    firm, django_assert_max_num_queries
):
    bills = [
        make.firm_bill(1_000_000 * number, FEBRUARY.plus(number), firm=firm, at=THEN)
        for number in range(1, 7)
    ]
    make.payment(2_500_000, account=firm, at=make.AT)
    on = make.AT.date()

    with django_assert_max_num_queries(4):
        found = lateness_of(bills, on=on)

    assert {key: late.running for key, late in found.items()} == {
        bill.pk: penalty_of(bill, on=on) for bill in bills
    }
    assert sum(late.running for late in found.values()) > 0


def test_a_penalty_bears_no_penalty(firm):
    charge_month(
        account=firm,
        month=FEBRUARY,
        parts=Parts(jkk=1_000_000),
        due_on=THEN.date().replace(day=16),
        reason_code="REPORT",
        reason="Laporan upah",
        by=None,
        at=THEN,
    )
    bill = Bill.objects.get()
    Charge.objects.create(
        bill=bill,
        kind=Charge.Kind.PENALTY,
        penalty=500_000,
        for_bill=bill,
        reason_code="PENALTY",
        reason="Denda",
        at=THEN,
    )

    late = lateness_of([bill], on=day(bill, 1))[bill.pk]

    assert [part.amount for part in late.parts] == [1_000_000]
