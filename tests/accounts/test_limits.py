"""Counters that agree across processes, waits after wrong passwords, forms done once."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connections, transaction

from cilegon_portal.accounts import actions
from cilegon_portal.accounts.models import Attempt, FailedSignIn, PhoneCode, SubmittedForm

FORM = "f" * 24


def in_parallel(count, do):
    """Run `do(number)` in `count` threads at once and return what each gave or raised."""
    gate = threading.Barrier(count)
    results: list[Any] = [None] * count

    def run(number):
        gate.wait()
        try:
            results[number] = do(number)
        except Exception as error:  # noqa: BLE001 (handed to the test)
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def count(at, limit=3):
    return actions.count_attempt("a key", limit=limit, window=timedelta(minutes=15), at=at)


def test_the_limit_passes_and_one_more_does_not(db, at):
    assert [count(at) for _ in range(3)] == [1, 2, 3]

    with pytest.raises(actions.TooMany) as limit:
        count(at)

    assert limit.value.until == at + timedelta(minutes=15)
    assert limit.value.seconds(at) == 900
    assert count(at + timedelta(minutes=15)) == 1


def test_another_key_is_another_count(db, at):
    count(at, limit=1)

    assert actions.count_attempt("b", limit=1, window=timedelta(minutes=15), at=at) == 1


def test_parallel_attempts_are_counted_exactly(committed, at):
    results = in_parallel(8, lambda _: count(at, limit=5))

    refused = [result for result in results if isinstance(result, actions.TooMany)]
    assert sorted(result for result in results if isinstance(result, int)) == [1, 2, 3, 4, 5]
    assert len(refused) == 3


def test_parallel_requests_for_a_code_send_one(committed, at):
    def send(_):
        return actions.send_code(phone="+6281234567890", purpose="SIGN_IN", channel="SMS", at=at)

    results = in_parallel(4, send)

    assert sum(isinstance(result, PhoneCode) for result in results) == 1
    assert sum(isinstance(result, actions.TooMany) for result in results) == 3
    assert PhoneCode.objects.count() == 1


def test_parallel_checks_let_one_code_in_once(committed, at):
    actions.send_code(phone="+6281234567890", purpose="SIGN_IN", channel="SMS", at=at)
    digits = actions.Message.objects.get().text[:6]

    def check(_):
        return actions.check_code(phone="+6281234567890", purpose="SIGN_IN", code=digits, at=at)

    results = in_parallel(4, check)

    assert sum(isinstance(result, PhoneCode) for result in results) == 1


def test_400_keys_of_the_cache_survive(db):
    for number in range(400):
        cache.set(f"limit:{number}", number, 600)

    assert sum(cache.get(f"limit:{number}") == number for number in range(400)) == 400


def test_wrong_passwords_wait_0_0_0_2_5_15_60_seconds(db, at):
    moment, waits = at, []
    for _ in range(9):
        actions.start_password_try("a@b.id", at=moment)
        until = FailedSignIn.objects.get().wait_until
        waits.append(int((until - moment).total_seconds()))
        moment = until

    assert waits == [0, 0, 0, 2, 5, 15, 60, 60, 60]


def test_a_try_before_its_time_is_refused_and_not_counted(db, at):
    for _ in range(4):
        actions.start_password_try("a@b.id", at=at)

    with pytest.raises(actions.TooMany) as wait:
        actions.start_password_try(" A@b.id ", at=at + timedelta(seconds=1.5))

    assert wait.value.seconds(at) == 2
    assert FailedSignIn.objects.get().failures == 4
    actions.start_password_try("a@b.id", at=at + timedelta(seconds=2))


def test_the_right_password_and_a_day_forget_the_wrong_ones(db, at):
    for _ in range(4):
        actions.start_password_try("a@b.id", at=at)
    tomorrow = at + timedelta(days=1, seconds=3)

    actions.start_password_try("a@b.id", at=tomorrow)
    assert FailedSignIn.objects.get().failures == 1
    actions.end_password_tries("A@B.id")

    assert not FailedSignIn.objects.exists()


def test_a_hundred_parallel_guesses_are_a_few(committed, at):
    results = in_parallel(8, lambda _: actions.start_password_try("a@b.id", at=at))

    assert sum(result is None for result in results) == 4
    assert FailedSignIn.objects.get().failures == 4


def test_a_form_is_done_once(db, at):
    done = []

    def do():
        done.append(1)
        return f"/hasil/{len(done)}/"

    answers = [actions.once(FORM, "user:1", at, do) for _ in range(3)]

    assert answers == ["/hasil/1/"] * 3
    assert done == [1]


def test_another_sender_of_the_same_id_does_not_get_the_answer(db, at):
    actions.once(FORM, "user:1", at, lambda: "/milik-1/")

    assert actions.once(FORM, "user:2", at, lambda: "/milik-2/") == "/milik-2/"


def test_an_answer_has_room_for_the_filters_of_a_list(db, at):
    address = f"/kantor/perusahaan/?q={'%F0%9F%98%80' * 120}"

    assert actions.once(FORM, "user:1", at, lambda: address) == address


@pytest.mark.parametrize("form_id", ["", "x" * 65])
def test_a_form_without_its_id_is_refused(db, at, form_id):
    with pytest.raises(actions.BadFormId):
        actions.once(form_id, "user:1", at, lambda: "/")


def test_what_raises_may_be_sent_again(db, at):
    def fail():
        raise LookupError

    with pytest.raises(LookupError):
        actions.once(FORM, "user:1", at, fail)

    assert actions.once(FORM, "user:1", at, lambda: "/ok/") == "/ok/"


def test_the_tries_of_a_wrong_code_are_kept(db, at):
    actions.send_code(phone="+6281234567890", purpose="REGISTER", channel="SMS", at=at)

    def do():
        actions.check_code(phone="+6281234567890", purpose="REGISTER", code="x", at=at)
        return "/"

    with pytest.raises(actions.WrongCode):
        actions.once(FORM, "user:1", at, do)

    assert PhoneCode.objects.get().tries == 1
    assert not SubmittedForm.objects.exists()


def test_fifty_clicks_are_one_act(committed, at):
    done = []

    def do():
        done.append(1)
        return "/hasil/"

    answers = in_parallel(10, lambda _: actions.once(FORM, "user:1", at, do))

    assert answers == ["/hasil/"] * 10
    assert done == [1]


def test_the_database_counts_a_window_and_does_a_form_once(db, at):
    count(at)
    actions.once(FORM, "user:1", at, lambda: "/")
    attempt, form = Attempt.objects.get(), SubmittedForm.objects.get()

    attempt.pk = form.pk = None
    with pytest.raises(IntegrityError, match="attempt_counts_once_a_window"), transaction.atomic():
        attempt.save(force_insert=True)
    with pytest.raises(IntegrityError, match="submitted_form_is_done_once"), transaction.atomic():
        form.save(force_insert=True)
