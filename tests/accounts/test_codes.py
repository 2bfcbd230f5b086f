"""Phone codes: who gets one, how often, and how long it is good."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from cilegon_portal.accounts import actions
from cilegon_portal.accounts.models import PhoneCode, Role
from tests.accounts.helpers import PHONE, last_code, member

pytestmark = pytest.mark.django_db
SIGN_IN = PhoneCode.Purpose.SIGN_IN
SMS = PhoneCode.Channel.SMS


def send(at: datetime, *, purpose: str = SIGN_IN, draft: str = "") -> str:
    actions.send_code(phone=PHONE, purpose=purpose, channel=SMS, at=at, draft=draft)
    return last_code()


def other_than(*codes: str) -> str:
    return next(f"{n:06d}" for n in range(10) if f"{n:06d}" not in codes)


def check(code: str, at: datetime, **more: str) -> PhoneCode:
    return actions.check_code(phone=PHONE, purpose=SIGN_IN, code=code, at=at, **more)


def test_a_code_opens_its_draft(at):
    code = send(at, draft="token-of-a-draft")

    found = check(code, at + timedelta(minutes=9, seconds=59))

    assert found.draft == "token-of-a-draft"


def test_spaces_in_a_code_do_not_matter(at):
    code = send(at)

    assert check(f" {code[:3]} {code[3:]} ", at).used_at == at


def test_a_code_is_good_once(at):
    code = send(at)
    check(code, at)

    with pytest.raises(actions.CodeExpired):
        check(code, at)


def test_a_second_press_in_the_same_browser_is_the_same_press(at):
    code = send(at)
    first = check(code, at, browser="browser:a")

    again = check(code, at + timedelta(seconds=59), browser="browser:a")

    assert again == first
    with pytest.raises(actions.CodeExpired):
        check(code, at, browser="browser:b")
    with pytest.raises(actions.CodeExpired):
        check(code, at + timedelta(seconds=60), browser="browser:a")


def test_an_older_code_works_beside_the_newer_one(at):
    old = send(at)
    send(at + timedelta(seconds=30))

    assert check(old, at + timedelta(minutes=5)).tries == 0


def test_a_used_code_closes_the_older_one(at):
    old = send(at)
    new = send(at + timedelta(seconds=30))
    check(new, at + timedelta(minutes=1))

    if old != new:
        with pytest.raises(actions.CodeExpired):
            check(old, at + timedelta(minutes=1))


def test_a_code_is_dead_after_ten_minutes_by_the_clock_passed_in(at):
    code = send(at)

    with pytest.raises(actions.CodeExpired):
        check(code, at + timedelta(minutes=10))


def test_five_tries_use_a_code_up(at):
    code = send(at)
    wrong = other_than(code)

    left = []
    for _ in range(5):
        with pytest.raises(actions.WrongCode) as refusal:
            check(wrong, at)
        left.append(refusal.value.tries_left)

    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(actions.CodeExpired):
        check(code, at)


def test_tries_count_when_the_clock_jumps_back(at):
    code = send(at)
    for minutes in (5, 4, 3, 2, 1):
        with pytest.raises(actions.WrongCode):
            check(other_than(code), at + timedelta(minutes=minutes))

    with pytest.raises(actions.CodeExpired):
        check(code, at)


def test_a_code_is_good_for_its_purpose_only(at):
    code = send(at, purpose=PhoneCode.Purpose.REGISTER)

    with pytest.raises(actions.CodeExpired):
        check(code, at)


def test_the_database_holds_no_digits(at):
    code = send(at)

    row = PhoneCode.objects.get()

    assert code.encode() not in bytes(row.code_hash)
    assert len(bytes(row.code_hash)) == 32


def test_a_counter_code_is_read_out_and_not_sent(at):
    clerk = member(Role.SERVICE)

    digits = actions.make_counter_code(phone=PHONE, purpose=SIGN_IN, by=clerk, at=at)

    assert check(digits, at).made_by == clerk
    assert not actions.Message.objects.filter(to=PHONE).exists()


@pytest.mark.parametrize(
    ("before", "wait"),
    [
        ([0], timedelta(seconds=30)),
        ([0, 60, 120], timedelta(minutes=15)),
        ([0, 1000, 2000, 3000, 4000, 5000, 6000, 7000], timedelta(days=1)),
    ],
    ids=["one in 30 seconds", "three in 15 minutes", "eight a day"],
)
def test_the_next_code_of_a_number_waits(at, before, wait):
    for seconds in before:
        send(at + timedelta(seconds=seconds))
    too_early = at + wait - timedelta(seconds=1)

    with pytest.raises(actions.TooMany) as limit:
        send(max(too_early, at + timedelta(seconds=before[-1])))

    assert limit.value.until == at + wait
    send(at + wait)


def test_codes_of_the_counter_do_not_count(at):
    clerk = member(Role.SERVICE)
    for _ in range(9):
        actions.make_counter_code(phone=PHONE, purpose=SIGN_IN, by=clerk, at=at)

    assert send(at)


def test_one_address_gets_600_codes_an_hour(at, monkeypatch):
    monkeypatch.setattr(actions, "CODES_OF_ONE_IP", (2, timedelta(hours=1)))
    for number in range(2):
        actions.send_code(
            phone=f"+62812000000{number:02}", purpose=SIGN_IN, channel=SMS, at=at, ip="10.0.0.1"
        )

    with pytest.raises(actions.TooMany):
        actions.send_code(phone=PHONE, purpose=SIGN_IN, channel=SMS, at=at, ip="10.0.0.1")

    assert send(at)
    assert actions.CODES_OF_ONE_IP[1] == timedelta(hours=1)


def test_old_codes_counters_and_form_ids_are_forgotten(at):
    send(at)
    actions.count_attempt("key", limit=5, window=timedelta(hours=1), at=at)
    actions.start_password_try("a@b.id", at=at)
    actions.once("f" * 20, "user:1", at, lambda: "/")

    actions.forget_old(at=at + timedelta(days=1, hours=2))

    assert PhoneCode.objects.count() == 0
    assert actions.Attempt.objects.count() == 0
    assert actions.FailedSignIn.objects.count() == 0
    assert actions.SubmittedForm.objects.count() == 1
    actions.forget_old(at=at + timedelta(days=7, seconds=1))
    assert actions.SubmittedForm.objects.count() == 0


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("phone_code_has_five_tries", {"tries": 6}),
        ("phone_code_expires_after_it_is_made", {"expires_at": "made_at"}),
        ("phone_code_of_the_counter_has_a_maker", {"channel": "COUNTER"}),
    ],
)
def test_the_database_refuses_an_impossible_code(at, constraint, changes):
    send(at)
    if "expires_at" in changes:
        changes = {"expires_at": at}

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        PhoneCode.objects.update(**changes)
