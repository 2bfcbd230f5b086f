"""Money that comes a hundred times at once, and buttons that are pressed twice."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections
from django.utils import timezone

from cilegon_portal.contributions import actions
from cilegon_portal.contributions.models import Account, Allocation, Bill, Payment, PaymentCode
from cilegon_portal.people.models import Person
from participants.models import Enrolment
from tests import make
from tests.bench.registrations import ready, send
from tests.chaos.processes import SEED, assert_invariants, gunicorn, tell

PARALLEL = 40  # connections at once
MANY = 100


def all_at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run every call in a thread, `PARALLEL` beginning together; return what they gave."""
    barrier = Barrier(PARALLEL)

    def run(numbered: tuple[int, Callable[[], Any]]) -> Any:
        number, call = numbered
        try:
            if number < PARALLEL:
                barrier.wait()
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(PARALLEL) as pool:
        return list(pool.map(run, enumerate(calls)))


def test_one_notification_a_hundred_times_is_one_payment(committed: None) -> None:
    at = timezone.now()
    code = make.code(make.account(at=at), 3, at=at)
    money = make.money(code.amount, code=code, reference="BANK-1", at=at)

    posted = all_at_once([lambda: actions.post_payments(moneys=[money], by=None, at=at)] * MANY)

    assert [it[0].is_new for it in posted].count(True) == 1
    assert Payment.objects.count() == 1
    assert Bill.objects.count() == 3
    assert_invariants()


def test_a_hundred_payments_on_one_code_buy_each_month_once(committed: None) -> None:
    at = timezone.now()
    payer = make.account(at=at)
    code = make.code(payer, 3, at=at)
    moneys = [make.money(code.amount, code=code, at=at) for _ in range(MANY)]

    def post(money: Any) -> Callable[[], Any]:
        return lambda: actions.post_payments(moneys=[money], by=None, at=at)

    posted = all_at_once([post(money) for money in moneys])

    assert all(it[0].is_new for it in posted)
    assert Payment.objects.count() == MANY
    assert Bill.objects.count() == 3
    sums = Account.objects.with_sums().get(pk=payer.pk)
    assert sums.credit == code.amount * (MANY - 1)
    assert sum(Allocation.objects.values_list("amount", flat=True)) == code.amount
    assert_invariants()


def test_fifty_double_clicks_are_fifty_registrations(portal_environment: dict[str, str]) -> None:
    drafts = ready(50, months=3)
    twice = [it for it in drafts for _ in range(2)]
    random.Random(SEED).shuffle(twice)  # noqa: S311

    with gunicorn(portal_environment) as (site, _), ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda it: (it.form_id, send(site, it)), twice))

    tell("seed", SEED, "statuses", sorted({status for _, (status, _) in answers}))
    assert {status for _, (status, _) in answers} == {302}
    assert len({(form, place) for form, (_, place) in answers}) == 50
    assert PaymentCode.objects.count() == Enrolment.objects.count() == Person.objects.count() == 50
    assert Bill.objects.count() == 0
    assert_invariants()
