"""Whether a NIK is on record shows only after the phone code (J1-sec), and leaks nowhere else."""

import json
import logging
import re
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from cilegon_portal.accounts.actions import set_roles
from cilegon_portal.accounts.models import PhoneCode, Role, User
from cilegon_portal.outbox.models import Message
from cilegon_portal.people.models import Person
from participants.actions.registration import hand_to_office
from participants.models import Enrolment, RegistrationDraft
from participants.views import order
from tests.accounts.helpers import member as make_member, sign_in_staff
from tests.participants.conftest import Clock
from tests.participants.journey import (
    FISHER,
    NIK,
    PATHS,
    PHONE,
    STEPS,
    code_sent_to,
    fields_of,
    heading_of,
    send,
    text_of,
    walk,
)

pytestmark = pytest.mark.django_db
OTHER_PHONE = {"phone": "0812 3456 7009"}
UNKNOWN_NIK = {"nik": "3672992703850009"}


@pytest.fixture
def member(clock: Clock) -> Person:
    """Register the fisherman, and let a quarter of an hour pass."""
    walk(Client())
    clock.move(minutes=16)
    return Person.objects.get()


def seen_of(answer: Any) -> tuple[int, str | None, str]:
    """Return what the sender sees: status, way on, body without what is random in every page."""
    body = re.sub(
        r'(name="(csrfmiddlewaretoken|form_id|ticket)" value|nonce)="[^"]*"',
        "",
        answer.content.decode(),
    )
    body = (
        re.sub("CLG-[0-9A-Z]{4}-[0-9A-Z]{4}", "", body)
        .replace(NIK, "")
        .replace(UNKNOWN_NIK["nik"], "")
    )
    return answer.status_code, answer.get("Location"), body


def test_known_and_unknown_niks_look_alike_until_the_code(member: Person, clock: Clock) -> None:
    seen: dict[str, list[Any]] = {}
    for nik in (NIK, UNKNOWN_NIK["nik"]):
        client = Client()
        given = FISHER | OTHER_PHONE | {"nik": nik}
        seen[nik] = []
        for step in STEPS[: STEPS.index("phone") + 1]:
            with CaptureQueriesContext(connection) as queries:
                answer = send(client, PATHS[step], **fields_of(step, given))
            seen[nik].append((seen_of(answer), len(queries)))
        with CaptureQueriesContext(connection) as queries:
            page = client.get(PATHS["code"])
        seen[nik].append((seen_of(page), len(queries)))
        clock.move(minutes=16)

    assert seen[NIK] == seen[UNKNOWN_NIK["nik"]]


def test_the_code_goes_to_the_number_typed(client: Client, member: Person) -> None:
    before = Message.objects.filter(to=PHONE).count()

    walk(client, until="phone", **OTHER_PHONE)

    assert code_sent_to("+6281234567009")
    assert Message.objects.filter(to=PHONE).count() == before


def test_the_same_person_with_the_same_phone_is_signed_in(client: Client, member: Person) -> None:
    answer = walk(client, until="code", name="SARIP  HIDAYAT")

    assert answer["Location"] == "/saya/"
    assert client.session["_auth_user_id"] == str(member.user_id)
    assert Person.objects.count() == Enrolment.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [OTHER_PHONE, {"name": "Orang Lain"}, {"birth_date": (28, 3, 1985)}],
    ids=["another phone", "another name", "another birth date"],
)
def test_whatever_differs_ends_on_one_page(
    client: Client, member: Person, clock: Clock, changes: dict[str, Any]
) -> None:
    given = FISHER | changes
    walk(client, until="nik")
    fields = fields_of("name", given)
    page = send(client, PATHS["name"], **fields)
    if page.status_code == 200:  # the birth date differs from the NIK
        client.post(PATHS["name"], fields | {"sure": page.context["sure"]})
    send(client, PATHS["phone"], **fields_of("phone", given))

    answer = send(client, PATHS["code"], **fields_of("code", given))

    assert answer["Location"] == "/daftar/kantor/"
    page = client.get("/daftar/kantor/")
    assert heading_of(page) == "Data ini perlu dicocokkan di kantor"
    draft = RegistrationDraft.objects.latest("pk")
    assert draft.needs_office
    assert draft.given.nik == NIK
    assert (draft.expires_at - clock.at).days == 30
    assert draft.reference in text_of(page)
    assert "_auth_user_id" not in client.session
    warning = Message.objects.filter(purpose="SECURITY").get()
    assert warning.to == PHONE
    assert "mencoba mendaftar dengan NIK Anda" in warning.text
    assert NIK not in warning.text


def test_the_office_page_is_the_only_one_left_for_such_a_draft(
    client: Client, member: Person
) -> None:
    walk(client, until="code", **OTHER_PHONE)

    for step in STEPS[1:]:
        assert client.get(PATHS[step])["Location"] == "/daftar/kantor/"
    assert client.post("/daftar/")["Location"] == PATHS["occupation"]  # a wrong NIK was typed


def test_the_owner_is_warned_once_a_day(member: Person, clock: Clock) -> None:
    walk(Client(), until="code", **OTHER_PHONE)
    walk(Client(), until="code", phone="0812 3456 7008")

    assert Message.objects.filter(purpose="SECURITY").count() == 1


def test_a_nik_registered_meanwhile_ends_at_the_office(client: Client, clock: Clock) -> None:
    walk(client, until="months", **OTHER_PHONE)
    walk(Client())

    answer = send(client, PATHS["check"])

    assert answer["Location"] == "/daftar/kantor/"
    assert Person.objects.count() == Enrolment.objects.count() == 1


def test_the_same_person_twice_in_two_browsers_is_registered_once(
    client: Client, clock: Clock
) -> None:
    walk(client, until="months")
    clock.move(minutes=16)
    walk(Client())

    answer = send(client, PATHS["check"])

    assert answer["Location"] == "/saya/"
    assert Person.objects.count() == Enrolment.objects.count() == 1


def test_ten_niks_an_hour_are_enough(client: Client, clock: Clock) -> None:
    walk(client, until="occupation")
    for _ in range(10):
        assert send(client, PATHS["nik"], nik=NIK).status_code == 302

    answer = send(client, PATHS["nik"], nik=NIK)

    assert answer.status_code == 429
    assert "Coba lagi pukul 11.00 WIB" in text_of(answer)
    clock.move(hours=1)
    assert send(client, PATHS["nik"], nik=NIK).status_code == 302


def test_a_wrong_code_says_how_many_tries_are_left(client: Client, clock: Clock) -> None:
    walk(client, until="phone")
    wrong = "000000" if code_sent_to() != "000000" else "111111"

    for left in (4, 3, 2, 1, 0):
        page = send(client, PATHS["code"], code=wrong)
        sentence = f"Kode tidak sama dengan yang kami kirim. Sisa {left} percobaan"
        assert text_of(page).count(sentence) == 2
    page = send(client, PATHS["code"], code=code_sent_to())

    assert "Kode sudah lewat 10 menit. Minta kode baru" in text_of(page)


def test_a_code_is_good_for_ten_minutes(client: Client, clock: Clock) -> None:
    walk(client, until="phone")
    clock.move(minutes=10, seconds=1)

    page = send(client, PATHS["code"], code=code_sent_to())

    assert text_of(page).count("Kode sudah lewat 10 menit. Minta kode baru") == 2


def test_another_code_can_be_had_after_half_a_minute(client: Client, clock: Clock) -> None:
    walk(client, until="phone")
    first = code_sent_to()

    client.post("/daftar/kode/lagi/", {"channel": "WA"})
    assert "Tunggu 30 detik sebelum meminta kode lagi" in text_of(client.get(PATHS["code"]))
    clock.move(seconds=31)
    client.post("/daftar/kode/lagi/", {"channel": "WA"})

    assert "Kode baru sudah kami kirim." in text_of(client.get(PATHS["code"]))
    assert Message.objects.filter(to=PHONE).latest("pk").channel == "WA"
    assert PhoneCode.objects.count() == 2
    answer = send(client, PATHS["code"], code=first)  # the older one stays good
    assert answer["Location"] == PATHS["place"]


def test_a_second_press_of_the_code_button_signs_in_too(client: Client, clock: Clock) -> None:
    walk(client, until="phone")
    page = client.get(PATHS["code"])
    digits = code_sent_to()
    ticket = re.search(r'name="ticket" value="([^"]+)"', page.content.decode())
    assert ticket
    fields = {"code": digits, "ticket": ticket[1]}
    cookie = client.cookies["sid"].value
    assert client.post(PATHS["code"], fields)["Location"] == PATHS["place"]
    second = Client()
    second.cookies["sid"] = cookie  # the answer to the first press never reached the browser

    answer = second.post(PATHS["code"], fields)

    assert answer["Location"] == PATHS["place"]
    assert second.get(PATHS["place"]).status_code == 200
    assert "_auth_user_id" in second.session


def test_a_forged_ticket_opens_nothing(client: Client, clock: Clock) -> None:
    walk(Client(), until="phone")

    answer = client.post(PATHS["code"], {"code": code_sent_to(), "ticket": "1:forged"})

    assert answer["Location"] == PATHS["start"]


def begin_at_the_desk(client: Client) -> User:
    officer = make_member(Role.SERVICE)
    sign_in_staff(client, officer)
    assert client.post("/kantor/orang/bantu/")["Location"] == PATHS["start"]
    assert client.get(PATHS["start"])["Location"] == PATHS["occupation"]
    return officer


def test_whoever_works_here_begins_at_the_desk(client: Client, clock: Clock) -> None:
    sign_in_staff(client, make_member(Role.AUDITOR))

    assert client.post("/daftar/")["Location"] == "/kantor/orang/bantu/"
    assert client.post("/kantor/orang/bantu/").status_code == 403
    assert not RegistrationDraft.objects.exists()


def test_an_officer_registers_a_worker_who_is_not_signed_in_there(
    client: Client, clock: Clock
) -> None:
    officer = begin_at_the_desk(client)

    answer = walk(client, after="start")

    person = Person.objects.get()
    assert answer["Location"] == f"/kantor/orang/{person.pk}/"
    assert client.session["_auth_user_id"] == str(officer.pk)
    assert person.user == User.objects.get(phone=PHONE)
    assert person.phone_proven_by == "COUNTER"
    enrolment = Enrolment.objects.get()
    assert enrolment.assisted_by == officer
    assert enrolment.account.codes.get().by == officer


def test_an_officer_can_make_a_code_at_the_counter(client: Client, clock: Clock) -> None:
    begin_at_the_desk(client)
    walk(client, until="phone", after="start")

    page = client.post("/daftar/kode/loket/")
    digits = page.context["counter_code"]

    assert re.fullmatch("[0-9]{6}", digits)
    assert digits in text_of(page)
    answer = client.post("/daftar/kode/loket/", {"code": digits})
    assert answer["Location"] == PATHS["place"]


def test_a_worker_makes_no_code_at_the_counter(client: Client, clock: Clock) -> None:
    walk(client, until="phone")

    assert client.post("/daftar/kode/loket/")["Location"] == PATHS["code"]
    assert PhoneCode.objects.count() == 1


def test_an_assisted_draft_opens_for_the_officer_only(client: Client, clock: Clock) -> None:
    begin_at_the_desk(client)
    walk(client, until="nik", after="start")
    stranger = Client()
    session = stranger.session
    session["draft"] = RegistrationDraft.objects.get().token
    session.save()

    assert stranger.get(PATHS["name"])["Location"] == PATHS["start"]


def test_an_officer_without_the_role_any_more_goes_on_with_nothing(
    client: Client, clock: Clock
) -> None:
    officer = begin_at_the_desk(client)
    walk(client, until="phone", after="start")
    set_roles(user=officer, roles=[Role.AUDITOR])

    assert client.get(PATHS["nik"])["Location"] == PATHS["start"]
    assert client.post("/daftar/kode/loket/")["Location"] == PATHS["start"]


def test_an_officer_without_a_second_factor_goes_on_with_nothing(
    client: Client, clock: Clock
) -> None:
    begin_at_the_desk(client)
    walk(client, until="phone", after="start")
    session = client.session
    del session["account_authentication_methods"]
    session.save()

    assert client.post("/daftar/kode/loket/")["Location"] == PATHS["start"]


def test_a_draft_that_another_tab_sent_to_the_office_ends_there(
    client: Client, clock: Clock
) -> None:
    walk(client, until="months")
    draft = RegistrationDraft.objects.get()
    request = RequestFactory().post(PATHS["check"])
    request.user = AnonymousUser()
    hand_to_office(draft=RegistrationDraft.objects.get(), at=clock.at)

    answer = order.send(request, draft, at=clock.at, wants_reminders=False)

    assert answer["Location"] == "/daftar/kantor/"
    assert not Enrolment.objects.exists()


def test_nik_and_phone_leave_no_trace_in_sessions_jobs_addresses_and_logs(
    client: Client, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    addresses = []
    for step in STEPS:
        answer = send(client, PATHS[step], **fields_of(step, FISHER))
        addresses.append(answer["Location"])

    with connection.cursor() as cursor:
        cursor.execute("SELECT args::text FROM procrastinate_jobs")
        jobs = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT encode(answers, 'escape') FROM participants_registrationdraft")
        drafts = [row[0] for row in cursor.fetchall()]
    sessions = [json.dumps(row.get_decoded()) for row in Session.objects.all()]
    left = "\n".join([*addresses, *jobs, *drafts, *sessions, caplog.text])
    assert len(jobs) == 1
    for secret in (NIK, "81234567001", "Sarip"):
        assert secret not in left
