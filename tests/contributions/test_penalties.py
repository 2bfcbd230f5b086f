"""Penalties are charged to many accounts by one statement, as the rule has it for one bill."""

import random
from datetime import date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cilegon_portal.contributions import rules
from cilegon_portal.contributions.actions import Parts, correct
from cilegon_portal.contributions.actions.charging import WORK_TABLE, charge_owing
from cilegon_portal.contributions.actions.penalties import penalty_words
from cilegon_portal.contributions.actions.unwinding import reverse
from cilegon_portal.contributions.models import Bill, Charge, Rate, lateness_of
from cilegon_portal.rules.months import Month
from cilegon_portal.templatetags.portal import month_name
from tests import make

pytestmark = pytest.mark.django_db
FIRST = Month(2020, 6)  # the law changed twice in the months that follow
OPENED = make.AT.replace(year=2020, month=7, day=1)


def on_day(day: date) -> datetime:
    return make.AT.replace(year=day.year, month=day.month, day=day.day)


@transaction.atomic
def charge_all(accounts, month: Month, *, at: datetime, amount: int = 1_000_000) -> int:
    """Charge `month` to all of them at once; return how many rows were written."""
    with connection.cursor() as cursor:
        cursor.execute(WORK_TABLE)
        cursor.execute(
            "INSERT INTO owing SELECT unnest(%s::bigint[]), %s, 0, 0, 0, '{}', NULL",
            [[account.pk for account in accounts], amount],
        )
    due_on = month.plus(1).first_day.replace(day=15)
    return charge_owing(
        month=month, due_on=due_on, reason_code="REPORT", reason="Laporan upah", by=None, at=at
    )


def grow(firm, dice: random.Random) -> None:
    """Bill some months, and let some of it be paid: early, late, in parts, or taken back."""
    for number in range(dice.randrange(1, 5)):
        month = FIRST.plus(2 * number)
        make.firm_bill(dice.randrange(1, 90_000_000), month, firm=firm, at=OPENED)
        for _ in range(dice.randrange(3)):
            day = month.plus(1).first_day + timedelta(days=dice.randrange(120))
            amount = dice.randrange(1, 60_000_000)
            paid = make.payment(amount, account=firm, at=on_day(day))
            if dice.random() < 0.2:
                reverse(payment=paid, reason="Ditolak bank", by=make.user(), at=on_day(day))
    if dice.random() < 0.4:
        bill = Bill.objects.with_sums().filter(account=firm).oldest_first()[0]
        by = dice.randrange(-(bill.outstanding // 2) - 1, 5_000_000)
        if by and bill.outstanding + by >= 0 and bill.contribution + by >= 0:
            correct(
                bill=bill, change=Parts(jkk=by), reason_code="REPORT_CHANGED", reason="Diubah",
                by=None, at=OPENED,
            )  # fmt: skip


def expected(month: Month, on: date) -> dict[int, tuple[int, int, str]]:
    """Return of each late bill its account, what it grew to by the pure rule, and in its words."""
    bills = Bill.objects.filter(month__lt=month.first_day, due_on__lt=on)
    late = lateness_of(list(bills), on=on)
    return {
        bill.pk: (
            bill.account_id,
            late[bill.pk].running,
            f"Denda {month_name(bill.month)}: {penalty_words(late[bill.pk])}"[:300],
        )
        for bill in bills
        if late[bill.pk].running
    }


def asked(month: Month) -> dict[int, tuple[int, int, str]]:
    """Return of each bill what the bills of `month` ask for its lateness."""
    made = Charge.objects.filter(kind=Charge.Kind.PENALTY, bill__month=month.first_day)
    return {it.for_bill_id or 0: (it.bill.account_id, it.penalty, it.reason) for it in made}


@pytest.mark.parametrize("seed", range(4))
def test_every_penalty_of_a_run_is_that_of_the_rule_to_the_rupiah_and_the_word(seed):
    dice = random.Random(seed)  # noqa: S311 (the same rows every time)
    firms = [make.account("PU", at=OPENED) for _ in range(12)]
    for firm in firms:
        grow(firm, dice)
    day = date(2021, 3, 16) + timedelta(days=dice.randrange(40))
    for month in (Month(2021, 2), Month(2021, 4)):  # what was asked once is not asked again
        by_rule = expected(month, day)
        written = charge_all(firms, month, at=on_day(day))
        assert asked(month) == by_rule
        assert by_rule
        assert written == 2 * len(firms) + len(by_rule)
        day += timedelta(days=45)


def test_many_firms_are_charged_with_as_many_queries_as_one():
    firms = [make.account("PU", at=OPENED) for _ in range(5)]
    for firm in firms:
        make.firm_bill(1_000_000, FIRST, firm=firm, at=OPENED)
    counts = []
    for number, some in enumerate((firms[:1], firms)):
        with CaptureQueriesContext(connection) as queries:
            charge_all(some, Month(2021, 2).plus(number), at=on_day(date(2021, 3, 16 + number)))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_lateness_without_a_law_is_named():
    firm = make.account("PU", at=OPENED)
    make.firm_bill(1_000_000, FIRST, firm=firm, at=OPENED)
    Rate.objects.filter(programme="PENALTY").delete()
    with pytest.raises(rules.NoRate, match="no rate of PENALTY in force in 2020-06"):
        charge_all([firm], Month(2021, 2), at=on_day(date(2021, 3, 16)))
