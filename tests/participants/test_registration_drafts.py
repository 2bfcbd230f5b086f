"""Steps in their order, changed answers, and drafts that wait for their owner."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.models import PaymentCode
from cilegon_portal.people.models import Person
from participants.actions.registration import answer as keep
from participants.models import Enrolment, RegistrationDraft
from tests.accounts.helpers import sign_in_worker, worker
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


def answers() -> dict[str, Any]:
    given = RegistrationDraft.objects.get().given
    return {name: value for name, value in vars(given).items() if value}


@pytest.mark.parametrize("done", STEPS[:-1])
def test_who_jumps_ahead_lands_on_the_first_missing_page(
    client: Client, clock: Clock, done: str
) -> None:
    walk(client, until=done)
    missing = STEPS[STEPS.index(done) + 1]

    for later in STEPS[STEPS.index(missing) + 1 :]:
        assert client.get(PATHS[later])["Location"] == PATHS[missing]
        assert client.post(PATHS[later])["Location"] == PATHS[missing]


@pytest.mark.parametrize("step", STEPS[1:])
def test_without_a_draft_every_page_leads_to_the_beginning(
    client: Client, clock: Clock, step: str
) -> None:
    assert client.get(PATHS[step])["Location"] == PATHS["start"]


def test_a_changed_answer_leads_back_to_the_check_page(client: Client, clock: Clock) -> None:
    walk(client, until="months")

    answer = send(
        client, PATHS["name"], **fields_of("name", FISHER) | {"name": "Sarip  Hidayatullah"}
    )

    assert answer["Location"] == PATHS["check"]
    assert "Sarip Hidayatullah" in text_of(client.get(PATHS["check"]))


def test_another_phone_has_to_be_proven_again(client: Client, clock: Clock) -> None:
    walk(client, until="months")
    clock.move(seconds=31)

    answer = send(client, PATHS["phone"], phone="0812 3456 7002", channel="WA")

    assert answer["Location"] == PATHS["code"]
    assert code_sent_to("+6281234567002")


def test_the_check_page_shows_every_answer_and_the_nik_masked(client: Client, clock: Clock) -> None:
    walk(client, until="months")

    page = text_of(client.get(PATHS["check"]))

    for shown in (
        "Nelayan",
        "3672••••••••0001",
        "Sarip Hidayat",
        "27 Maret 1985",
        "081234567001",
        "Suralaya, Kecamatan",
        "3 bulan, November 2026 sampai Januari 2027",
        "Rp33.600",
        "Data pribadi Anda",
    ):
        assert shown in page
    assert NIK not in page
    assert page.count("Ubah") == 9


@pytest.mark.parametrize("step", STEPS[1:])
def test_a_killed_browser_goes_on_at_the_same_page_for_seven_days(
    client: Client, clock: Clock, step: str
) -> None:
    before_sign_in = STEPS.index(step) <= STEPS.index("code")
    walk(client, until=STEPS[STEPS.index(step) - 1])
    expires = client.cookies["sid"]["expires"] or client.cookies["sid"]["max-age"]
    assert expires, "the cookie outlives the browser"

    clock.move(**{"days": 6.9} if before_sign_in else {"minutes": 29})

    page = client.get("/daftar/")
    assert "Pendaftaran Anda belum selesai" in text_of(page)
    assert page.context["next_url"] == PATHS[step]
    assert client.get(PATHS[step]).status_code == 200
    clock.move(days=7.1)
    assert client.get(PATHS[step])["Location"] == PATHS["start"]


def test_who_signs_in_by_phone_is_offered_the_draft(client: Client, clock: Clock) -> None:
    walk(client, until="place")
    other = Client()
    clock.move(days=2)
    sign_in_worker(other, User.objects.get(phone=PHONE))

    page = other.get("/daftar/")
    answer = other.post("/daftar/lanjut/")

    assert "Lanjutkan pendaftaran" in text_of(page)
    assert answer["Location"] == PATHS["months"]
    assert other.get(PATHS["months"]).status_code == 200


def test_a_mistyped_phone_shows_nobody_elses_answers(client: Client, clock: Clock) -> None:
    walk(client, until="phone")
    other = Client()
    sign_in_worker(other, worker(PHONE))

    assert "Lanjutkan pendaftaran" not in text_of(other.get("/daftar/"))
    assert other.post("/daftar/lanjut/")["Location"] == PATHS["start"]
    assert other.get(PATHS["nik"])["Location"] == PATHS["start"]


def test_a_new_month_is_shown_before_it_is_asked_for(client: Client, clock: Clock) -> None:
    clock.at = datetime(2026, 12, 31, 16, 50, tzinfo=UTC)  # 23.50 WIB
    walk(client, until="months", months=1)
    shown = client.get(PATHS["check"]).context["shown"]
    clock.move(minutes=20)

    answer = client.post(PATHS["check"], {"shown": shown})

    page = client.get(PATHS["check"])
    assert answer["Location"] == PATHS["check"]
    assert "Bulan atau iurannya baru saja berubah." in text_of(page)
    assert not Enrolment.objects.exists()
    assert (shown, page.context["shown"]) == ("2026-12 8400", "2027-01 16800")
    client.post(PATHS["check"], {"shown": page.context["shown"]})
    assert PaymentCode.objects.get().amount == 16_800


def test_an_answer_from_an_old_tab_does_not_change_what_was_sent(
    client: Client, clock: Clock
) -> None:
    walk(client, until="months")
    before = RegistrationDraft.objects.get()
    send(client, PATHS["check"])

    keep(draft=before, at=clock.at, name="Orang Lain")

    assert RegistrationDraft.objects.get().given.name == ""


def test_saving_for_later_says_until_when(client: Client, clock: Clock) -> None:
    walk(client, until="nik")

    page = client.get("/daftar/tersimpan/")

    assert "Kami simpan sampai 30 November 2026." in text_of(page)
    assert page.context["next_url"] == PATHS["name"]


def test_a_registration_that_was_sent_is_not_sent_again(client: Client, clock: Clock) -> None:
    walk(client)

    for step in STEPS[1:]:
        assert client.get(PATHS[step])["Location"] == "/daftar/terkirim/"
    page = client.get("/daftar/terkirim/")
    assert heading_of(page) == "Pendaftaran ini sudah dikirim"
    assert PaymentCode.objects.get().reference in text_of(page)


def test_a_second_person_registers_on_the_family_phone(client: Client, clock: Clock) -> None:
    walk(client)
    clock.move(minutes=2)

    walk(client, nik="3672996703870002", name="Siti Aminah", birth_date=(27, 3, 1987))

    first, second = Person.objects.order_by("pk")
    assert first.user == second.user
    assert second.sex == "P"
    assert Enrolment.objects.count() == 2


def test_a_finished_draft_keeps_no_answers(client: Client, clock: Clock) -> None:
    walk(client)

    draft = RegistrationDraft.objects.get()
    assert draft.answers == "{}"
    assert bytes(draft.phone_index) == b""
