"""A worker registers on a phone (J1 steps 1-9): pages, answers and totals."""

import gzip
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cilegon_portal.contributions.models import Bill, Charge, PaymentCode
from cilegon_portal.people.models import Person
from cilegon_portal.rules.months import Month
from participants.models import Enrolment, Occupation, RegistrationDraft
from tests.participants.conftest import Clock
from tests.participants.journey import (
    FISHER,
    NIK,
    PATHS,
    PHONE,
    STEPS,
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
        send(client, PATHS[step], **fields_of(step, FISHER))

    assert Enrolment.objects.get().account.campaign_code == "PASAR-7"


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
    fields = fields_of(step, FISHER)
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
