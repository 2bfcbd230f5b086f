"""A worker registers on a phone (J1 steps 1-9): pages, answers, totals, and what is kept."""

import gzip
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.models import Bill, Charge, PaymentCode
from cilegon_portal.people.models import Person
from cilegon_portal.rules.months import Month
from participants.actions.registration import answer as keep
from participants.models import Enrolment, Occupation, RegistrationDraft
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


# --- the whole way ---


def test_a_fisherman_registers_and_gets_a_code(client: Client, clock: Clock) -> None:
    answer = walk(client, wants_reminders="on")

    code = PaymentCode.objects.get()
    assert answer["Location"] == f"/bayar/{code.reference}/"
    assert code.amount == 33_600
    assert [line.total for line in code.lines.order_by("position")] == [8_400, 8_400, 16_800]
    enrolment = Enrolment.objects.get()
    assert enrolment.first_month == Month(2026, 11)
    assert enrolment.wants_reminders
    assert enrolment.account == code.account
    assert (code.account.sector, code.account.phone) == ("OTHER", PHONE)
    assert code.account.kelurahan is not None
    person = Person.objects.get()
    assert (person.id_number, person.name) == (NIK, "Sarip Hidayat")
    assert person.birth_date == date(1985, 3, 27)
    assert person.user is not None
    assert (person.user.phone, person.phone_proven_by) == (PHONE, "WORKER")


def test_nothing_is_owed_before_the_money_comes(client: Client, clock: Clock) -> None:
    walk(client)

    assert not Bill.objects.exists()
    assert not Charge.objects.exists()


def test_the_way_has_nine_pages_and_eight_answers(client: Client, clock: Clock) -> None:
    walk(client)

    # The member pages add three pages (how to pay, the code, done) and one answer (how).
    assert len(STEPS) == 9
    asked = [step for step in STEPS if step not in {"start", "check"}]
    assert len(asked) + 1 == 8  # the name page asks for two


@pytest.mark.parametrize(
    ("occupation", "totals"),
    [
        ("Nelayan", ["Rp8.400", "Rp33.600", "Rp84.000", "Rp184.800"]),
        ("Sopir, ojek, kurir", ["Rp8.400", "Rp25.200", "Rp58.800", "Rp159.600"]),
    ],
)
def test_the_months_page_adds_up_month_by_month(
    client: Client, clock: Clock, occupation: str, totals: list[str]
) -> None:
    walk(client, until="place", occupation=occupation)

    page = text_of(client.get(PATHS["months"]))

    assert "Bulan pertama: November 2026" in page
    lasts = ("November 2026", "Januari 2027", "April 2027", "Oktober 2027")
    for number, last, total in zip((1, 3, 6, 12), lasts, totals, strict=True):
        assert f"{number} bulan sampai {last} {total}" in page
    assert "(JHT) Rp20.000 sebulan – tidak kena diskon" in page


def test_a_driver_pays_the_relief_until_march(client: Client, clock: Clock) -> None:
    walk(client, occupation="Sopir, ojek, kurir")

    assert PaymentCode.objects.get().amount == 25_200


def test_savings_for_old_age_are_unticked_and_added_when_ticked(
    client: Client, clock: Clock
) -> None:
    walk(client, until="place")
    assert b"checked" not in client.get(PATHS["months"]).content

    send(client, PATHS["months"], months=3, with_jht="on")
    page = text_of(client.get(PATHS["check"]))

    assert "Rp93.600" in page
    assert "Tabungan hari tua (JHT) Ya" in page


def test_a_higher_band_raises_price_and_benefit(client: Client, clock: Clock) -> None:
    walk(client, until="place")
    page = client.get("/daftar/golongan/")
    assert "Rp20.200.000 ke atas · iuran Rp106.900" in text_of(page)
    assert "Rp1.015.600.000" in text_of(page)

    answer = send(client, "/daftar/golongan/", income=2_000_000)

    assert answer["Location"] == PATHS["months"]
    assert "Rp13.400" in text_of(client.get(PATHS["months"]))


def test_the_first_month_follows_the_setting(client: Client, clock: Clock) -> None:
    from cilegon_portal.reference.models import Setting

    Setting.objects.filter(key="BPU_FIRST_MONTH").update(value="NEXT")

    walk(client)

    assert Enrolment.objects.get().first_month == Month(2026, 12)
    assert PaymentCode.objects.get().amount == 8_400 + 16_800 + 16_800


def test_a_campaign_code_reaches_the_account(client: Client, clock: Clock) -> None:
    page = client.get("/daftar/?k=PASAR-7")
    assert b'value="PASAR-7"' in page.content
    client.post("/daftar/", {"k": "PASAR-7"})
    for step in STEPS[1:]:
        send(client, PATHS[step], **walk_fields(step))

    assert Enrolment.objects.get().account.campaign_code == "PASAR-7"


def walk_fields(step: str) -> dict[str, Any]:
    return fields_of(step, FISHER)


# --- one question a page ---


@pytest.mark.parametrize("step", STEPS[1:])
def test_each_page_asks_one_thing_and_says_where_one_is(
    client: Client, clock: Clock, step: str
) -> None:
    walk(client, until=STEPS[STEPS.index(step) - 1])

    page = client.get(PATHS[step])

    assert page.content.decode().count("<h1>") == 1
    assert f"<title>{heading_of(page)} – " in page.content.decode()
    assert f"Langkah {STEPS.index(step)} dari 8" in text_of(page)
    assert "Simpan dan lanjut nanti" in text_of(page)
    assert page.content.count(b"btn-primary") == 1
    assert b'class="back"' in page.content
    assert b"required" not in page.content
    assert page["Cache-Control"].count("no-store") == 1


@pytest.mark.parametrize(
    ("step", "fields", "sentence"),
    [
        ("occupation", {}, "Pilih pekerjaan utama Anda"),
        ("occupation", {"choice": "OTHER"}, "Pilih atau tulis pekerjaan Anda"),
        ("nik", {}, "Masukkan NIK, 16 angka di KTP Anda"),
        ("nik", {"nik": "36729927"}, "NIK harus 16 angka. Anda memasukkan 8 angka"),
        ("nik", {"nik": "36729927o3850001"}, "NIK hanya berisi angka"),
        (
            "nik",
            {"nik": "3672993213850001"},
            "Angka ke-7 sampai ke-12 pada NIK harus tanggal lahir. Periksa lagi KTP Anda",
        ),
        ("name", {}, "Isi nama lengkap seperti di KTP"),
        ("name", {}, "Isi tanggal lahir"),
        ("name", {"birth_date_day": "27"}, "Tanggal lahir harus punya bulan dan tahun"),
        (
            "name",
            {"birth_date_day": "31", "birth_date_month": "2", "birth_date_year": "1985"},
            "Tanggal lahir harus tanggal yang ada",
        ),
        (
            "name",
            {"birth_date_day": "1", "birth_date_month": "1", "birth_date_year": "2030"},
            "Tanggal lahir harus tanggal yang sudah lewat",
        ),
        ("phone", {"channel": "SMS"}, "Isi nomor HP"),
        (
            "phone",
            {"phone": "0254-1234", "channel": "SMS"},
            "Nomor HP harus diawali 08 atau +62 dan 10–13 angka",
        ),
        ("phone", {"phone": "081234567001", "channel": "FAX"}, "Pilih SMS atau WhatsApp"),
        ("code", {}, "Masukkan kode 6 angka yang kami kirim"),
        ("code", {"code": "12a456"}, "Kode harus 6 angka"),
        ("place", {}, "Pilih kecamatan tempat Anda bekerja"),
        ("place", {"place": "999999"}, "Pilih tempat kerja dari daftar"),
        ("months", {}, "Pilih berapa bulan yang dibayar"),
        ("months", {"months": "7"}, "Pilih 1, 3, 6, atau 12 bulan"),
    ],
)
def test_a_fault_is_said_twice_and_keeps_what_was_typed(
    client: Client, clock: Clock, step: str, fields: dict[str, str], sentence: str
) -> None:
    walk(client, until=STEPS[STEPS.index(step) - 1])
    before = answers()

    page = send(client, PATHS[step], **fields)

    assert page.status_code == 200
    assert text_of(page).count(sentence) >= 2  # in the summary and at the field
    assert "Ada yang perlu diperbaiki" in text_of(page)
    assert "<title>Kesalahan: " in page.content.decode()
    for value in fields.values():
        if value not in {"OTHER", "FAX", "999999", "7"}:
            assert f'value="{value}"' in page.content.decode()
    assert answers() == before


def test_work_that_is_in_no_list_is_kept_in_own_words(client: Client, clock: Clock) -> None:
    walk(client, until="start")

    send(client, PATHS["occupation"], choice="OTHER", note="Pawang hujan")

    given = RegistrationDraft.objects.get().given
    assert Occupation.objects.get(pk=given.occupation).name == "Pekerjaan lain"
    assert given.occupation_note == "Pawang hujan"
    assert 'value="Pawang hujan"' in client.get(PATHS["occupation"]).content.decode()


def test_own_words_that_name_an_occupation_are_that_occupation(
    client: Client, clock: Clock
) -> None:
    walk(client, until="start")

    send(client, PATHS["occupation"], choice="OTHER", note="sopir truk")

    given = RegistrationDraft.objects.get().given
    assert Occupation.objects.get(pk=given.occupation).sector == "TRANSPORT"


def test_work_that_is_priced_like_wages_is_sent_to_the_office(client: Client, clock: Clock) -> None:
    walk(client, until="start")
    trainee = Occupation.objects.get(name="Peserta magang")

    answer = send(client, PATHS["occupation"], choice="OTHER", other=trainee.pk)

    assert answer["Location"] == "/daftar/pekerjaan/kantor/"
    assert heading_of(client.get(answer["Location"])) == "Iuran Anda dihitung kantor"
    assert "occupation" not in answers()


@pytest.mark.parametrize(
    ("birth_date", "nik"),
    [((1, 2, 2015), "3672990102150001"), ((23, 11, 1961), "3672992311610001")],
)
def test_an_age_outside_the_limits_is_a_page(
    client: Client, clock: Clock, birth_date: tuple[int, int, int], nik: str
) -> None:
    answer = walk(client, until="name", nik=nik, birth_date=birth_date)

    assert answer["Location"] == "/daftar/usia/"
    page = text_of(client.get("/daftar/usia/"))
    assert "Pendaftaran ini untuk usia 18–64 tahun." in page
    assert "Hubungi kantor kami untuk pilihan lain" in page
    assert client.get(PATHS["phone"])["Location"] == PATHS["name"]


def test_the_day_before_the_sixty_fifth_birthday_is_early_enough(
    client: Client, clock: Clock
) -> None:
    answer = walk(client, until="name", nik="3672992411610001", birth_date=(24, 11, 1961))

    assert answer["Location"] == PATHS["phone"]


@pytest.mark.parametrize(
    ("nik", "birth_date", "sentence"),
    [
        (NIK, (28, 3, 1985), "Tanggal lahir berbeda dengan NIK."),
        ("3672990102100001", (1, 2, 2010), "Usia Anda di bawah 18 tahun"),
    ],
)
def test_a_doubt_is_shown_once_and_may_be_confirmed(
    client: Client, clock: Clock, nik: str, birth_date: tuple[int, int, int], sentence: str
) -> None:
    walk(client, until="nik", nik=nik)
    day, month, year = birth_date
    fields = {
        "name": "Sarip Hidayat",
        "birth_date_day": day,
        "birth_date_month": month,
        "birth_date_year": year,
    }

    page = send(client, PATHS["name"], **fields)
    assert page.status_code == 200
    assert sentence in text_of(page)
    assert "Ada yang perlu diperbaiki" not in text_of(page)
    sure = page.context["sure"]

    answer = client.post(PATHS["name"], fields | {"sure": sure})
    assert answer["Location"] == PATHS["phone"]


# --- steps in order, changes, drafts ---


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

    answer = send(client, PATHS["name"], **walk_fields("name") | {"name": "Sarip  Hidayatullah"})

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


# --- weight ---


@pytest.mark.parametrize("step", ["front", *STEPS])
def test_pages_are_light(
    client: Client, clock: Clock, django_assert_max_num_queries, step: str
) -> None:
    if step != "front" and step != "start":
        walk(client, until=STEPS[STEPS.index(step) - 1])

    with django_assert_max_num_queries(15):
        page = client.get(PATHS.get(step, "/"))

    assert len(gzip.compress(page.content)) <= 10_240


@pytest.mark.parametrize("step", STEPS[:-1])
def test_answers_are_taken_with_few_questions_to_the_database(
    client: Client, clock: Clock, django_assert_max_num_queries, step: str
) -> None:
    if step != "start":
        walk(client, until=STEPS[STEPS.index(step) - 1])
    fields = walk_fields(step)
    form_id = {"form_id": "f" * 20}

    with django_assert_max_num_queries(40 if step == "code" else 25):
        assert client.post(PATHS[step], fields | form_id).status_code == 302


def test_registering_takes_at_most_25_queries(client: Client, clock: Clock) -> None:
    walk(client, until="months")

    with CaptureQueriesContext(connection) as seen:
        answer = client.post(PATHS["check"], {"form_id": "f" * 20})

    assert answer.status_code == 302
    asked = [query for query in seen.captured_queries if "SAVEPOINT" not in query["sql"]]
    assert len(asked) <= 25
