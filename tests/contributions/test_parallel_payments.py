"""Many pay at once, on real connections: each month is bought once, and no rupiah is lost."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections, transaction

from cilegon_portal.contributions import actions
from cilegon_portal.contributions.actions import closing, covered_months, posting
from cilegon_portal.contributions.models import Account, Bill, Payment, PaymentCode
from cilegon_portal.management.commands.check_invariants import violations
from tests import make
from tests.make import AT, NOVEMBER

AT_ONCE = 20  # connections: the test cluster has room for more, but others run beside us

pytestmark = pytest.mark.usefixtures("committed")


def all_at_once(jobs: Sequence[Callable[[], object]]) -> list[object]:
    """Run all jobs in threads, AT_ONCE of them released together; raise what they raise."""
    start = threading.Barrier(AT_ONCE)

    def work(mine: Sequence[Callable[[], object]]) -> list[object]:
        try:
            start.wait()
            return [job() for job in mine]
        finally:
            connections.close_all()

    shares = [jobs[number::AT_ONCE] for number in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [result for results in pool.map(work, shares) for result in results]


def post(money: actions.Money) -> Callable[[], object]:
    return lambda: actions.post_payments(moneys=[money], by=None, at=AT)[0].is_new


def credit(account: Account) -> int:
    return Account.objects.with_sums().get(pk=account.pk).credit


def test_a_hundred_notices_of_one_payment_are_one_payment():
    fisher = make.account()
    money = make.money(8_400, code=make.code(fisher), reference="NOTICE")
    news = all_at_once([post(money)] * 100)
    assert sum(map(bool, news)) == 1
    assert Payment.objects.count() == 1
    assert covered_months(fisher) == [NOVEMBER]
    assert violations() == {}


def test_a_hundred_notices_of_unknown_money_are_one_payment():
    news = all_at_once([post(make.money(8_400, reference="NOTICE"))] * 100)
    assert sum(map(bool, news)) == 1
    assert Payment.objects.in_suspense().count() == 1


def test_a_hundred_payments_of_one_code_buy_each_month_once():
    fisher = make.account()
    code = make.code(fisher, 3)
    all_at_once([post(make.money(33_600, code=code)) for _ in range(100)])
    assert Payment.objects.count() == 100
    assert len(covered_months(fisher)) == 3
    assert Bill.objects.count() == 3
    assert credit(fisher) == 100 * 33_600 - 33_600
    assert violations() == {}


def test_a_group_its_members_and_strangers_pay_at_once_and_nobody_waits_for_ever():
    groups = [make.account("GROUP") for _ in range(2)]
    members = [make.account() for _ in range(6)]
    codes = [make.code(group, members=members) for group in groups]
    codes += [make.code(member) for member in members]
    batches = [
        [make.money(code.amount, code=code) for code in (order, *reversed(codes))]
        for order in codes * 3
    ]
    all_at_once([partial(actions.post_payments, moneys=batch, by=None, at=AT) for batch in batches])
    assert [covered_months(member) for member in members] == [[NOVEMBER]] * 6
    assert Bill.objects.count() == 6
    everybody = sum(credit(account) for account in [*groups, *members])
    assert everybody == sum(money.amount for batch in batches for money in batch) - 6 * 8_400
    assert violations() == {}


def test_a_code_is_replaced_while_its_money_comes():
    fisher = make.account()
    code = make.code(fisher)
    jobs: list[Callable[[], object]] = []
    for number in range(40):
        jobs.append(post(make.money(8_400, code=code)))
        jobs.append(partial(make.code, fisher, first=NOVEMBER.plus(number % 6)))
    all_at_once([partial(unless_nothing_to_pay, job) for job in jobs])
    assert PaymentCode.objects.open().count() <= 1
    assert Payment.objects.count() == 40
    assert violations() == {}


def unless_nothing_to_pay(job: Callable[[], object]) -> None:
    try:
        job()
    except actions.NothingToPay:
        return


def test_one_receipt_is_reversed_moved_and_refunded_at_once_but_only_one_of_them():
    fisher, clerk, head = make.account(), make.user(), make.user()
    for paid in (make.payment(8_400, account=fisher), make.payment(8_400)):
        given: dict[str, Any] = {"payment": paid, "reason": "Salah", "by": clerk, "at": AT}
        jobs: list[Callable[[], object]] = [
            partial(actions.reverse, **given),
            partial(actions.move, **given, to=make.account()),
            partial(actions.refund, **given, amount=8_400, approved_by=head),
        ]
        done = all_at_once([partial(unless_gone, job) for job in jobs * 10])
        assert sum(map(bool, done)) == 1
    assert violations() == {}


def unless_gone(job: Callable[[], object]) -> bool:
    try:
        job()
    except (actions.AlreadyReversed, actions.MoneyMovedOn, actions.NotEnoughMoney):
        return False
    return True


def test_the_last_two_members_of_a_group_pay_at_once_and_its_code_is_closed(monkeypatch):
    group, members = make.account("GROUP"), [make.account() for _ in range(2)]
    ours = make.code(group, members=members)
    moneys = [make.money(8_400, code=make.code(member)) for member in members]
    both_bought = threading.Barrier(2)

    def finish(*, at: datetime) -> None:
        both_bought.wait()
        closing.finish(at=at)

    monkeypatch.setattr(posting, "finish", finish)
    all_at_once([post(money) for money in moneys])
    ours.refresh_from_db()
    assert ours.closed_because == "PAID"
    assert violations() == {}


def test_codes_run_out_in_the_order_in_which_money_locks_them():
    second, first = make.account(), make.account()
    older, newer = make.code(first), make.code(second)
    # An indexed column: who reads the table as it lies finds the older one last.
    PaymentCode.objects.filter(pk=older.pk).update(reference="MOVED")
    PaymentCode.objects.update(expires_at=AT)
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        PaymentCode.objects.select_for_update().get(pk=older.pk)
        closing_them = pool.submit(in_a_thread, lambda: actions.close_expired_codes(at=AT))
        wait_until_somebody_waits_for_us()
        PaymentCode.objects.select_for_update(nowait=True).get(pk=newer.pk)
    assert closing_them.result() == 2


def in_a_thread(job: Callable[[], object]) -> object:
    try:
        return job()
    finally:
        connections.close_all()


def wait_until_somebody_waits_for_us() -> None:
    deadline = time.monotonic() + 10
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(
                "SELECT count(*) FROM pg_locks"
                " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone() != (0,):
                return
            time.sleep(0.01)
    raise TimeoutError
