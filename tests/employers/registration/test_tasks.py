"""The questions of a registration: what they take, what they refuse, and where they lead."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cilegon_portal.accounts.models import Role
from cilegon_portal.reference.models import Kelurahan
from cilegon_portal.rules.months import Month
from employers.actions import decisions, registration
from employers.models import Contact, Employer
from tests import make

pytestmark = pytest.mark.django_db
FORM = {"form_id": "a" * 22}
MOST_QUERIES = 15


@pytest.fixture
def user():
    return make.firm_user()


@pytest.fixture
def browser(client: Client, user) -> Client:
    client.force_login(user)
    return client


@pytest.fixture
def empty(user) -> Employer:
    return registration.start_firm(by=user, at=timezone.now())


@pytest.fixture
def full(user) -> Employer:
    return make.registering(by=user)


def page(firm: Employer, name: str = "") -> str:
    return f"/perusahaan/{firm.reference}/{name}"


def post(browser: Client, firm: Employer, name: str, /, **given):
    return browser.post(page(firm, name), FORM | given)


def test_the_answers_are_kept_page_by_page(browser, empty, client):
    make.line_of_business(name="Bengkel las")
    kelurahan = Kelurahan.objects.get(name="Kubangsari")
    line = make.line_of_business()
    month = str(Month.of(timezone.localdate()))

    met = [
        post(browser, empty, "data/", name="PT Selat Baja", nib="1234 5678 90123"),
        post(browser, empty, "alamat/", address="Jalan Anyer 1", place=str(kelurahan.pk)),
        post(browser, empty, "kontak/", name="Budi", phone="0812 3456 7000", email="HR@baja.test"),
        post(browser, empty, "program/", line_of_business=str(line.pk), size="SMALL"),
        post(browser, empty, "pekerja/", head_count="25", first_month=month, how="UPLOAD"),
    ]

    names = ["alamat/", "kontak/", "program/", "pekerja/", f"upah/{month}/unggah/"]
    assert [answer["Location"] for answer in met] == [page(empty, name) for name in names]
    firm = Employer.objects.get(pk=empty.pk)
    assert (firm.name, firm.nib, firm.npwp) == ("PT Selat Baja", "1234567890123", "")
    assert (firm.kelurahan, firm.is_outside) == (kelurahan, False)
    assert (firm.line_of_business, firm.stated_size) == (line, "SMALL")
    assert (firm.head_count, str(firm.first_month)) == (25, month)
    contact = firm.contacts.get()
    assert (contact.kind, contact.email) == (Contact.Kind.HR, "hr@baja.test")


@pytest.mark.parametrize(
    ("name", "given", "sentence"),
    [
        ("data/", {}, "Isi nama badan usaha"),
        ("data/", {"name": "PT A"}, "Isi NIB atau NPWP, paling sedikit satu"),
        ("data/", {"name": "PT A", "nib": "123"}, "NIB harus 13 angka. Anda memasukkan 3 angka"),
        ("data/", {"name": "PT A", "nib": "1234567890I23"}, "NIB hanya berisi angka"),
        ("data/", {"name": "PT A", "npwp": "1" * 14}, "NPWP harus 15 atau 16 angka."),
        ("data/", {"name": "PT A", "nib": "1" * 13, "npp": "123"}, "NPP harus 8 huruf atau angka"),
        (
            "data/",
            {"name": "PT A", "nib": "1" * 13, "npp": "15070955-001"},
            "Perusahaan dengan divisi belum bisa didaftarkan di sini. Hubungi kantor kami",
        ),
        ("alamat/", {}, "Isi alamat perusahaan"),
        ("alamat/", {"address": "x", "place": "999999"}, "Pilih kelurahan dari daftar"),
        ("kontak/", {}, "Isi nama penanggung jawab"),
        ("kontak/", {"phone": "0254 1234"}, "Nomor HP harus diawali 08 atau +62"),
        ("kontak/", {"email": "bukan"}, "Alamat e-mail harus seperti nama@contoh.id"),
        ("program/", {}, "Pilih bidang usaha"),
        ("program/", {"size": "HUGE"}, "Pilih skala usaha dari daftar"),
        ("pekerja/", {}, "Isi jumlah pekerja"),
        ("pekerja/", {"head_count": "0"}, "Jumlah pekerja harus paling sedikit 1"),
        ("pekerja/", {"head_count": "banyak"}, "Jumlah pekerja harus angka, misalnya 25"),
        ("pekerja/", {"first_month": "2020-01"}, "Pilih bulan dari daftar"),
        ("pekerja/", {"how": ""}, "Pilih cara mengisi data pekerja"),
    ],
)
def test_a_wrong_answer_is_told_at_its_field(browser, empty, name, given, sentence):
    answer = post(browser, empty, name, **given)

    body = answer.content.decode()
    assert answer.status_code == 200
    assert body.count(sentence) == 2  # in the summary, and at the field
    assert len(sentence) <= 90


def test_a_number_is_taken_as_people_write_it(browser, empty):
    post(browser, empty, "data/", name="PT A", npwp="01.234.567.8-901.000", npp="jj012345-000")

    firm = Employer.objects.get(pk=empty.pk)
    assert (firm.npwp, firm.npp) == ("012345678901000", "JJ012345")


def test_an_optional_programme_is_kept_only_where_the_size_leaves_a_choice(browser, full):
    line = str(full.line_of_business.pk)
    for size, kept in (("MICRO", (True, True)), ("SMALL", (False, True)), ("LARGE", (False,) * 2)):
        post(
            browser, full, "program/", line_of_business=line, size=size, wants_jht="on",
            wants_jp="on",
        )  # fmt: skip

        full.refresh_from_db()
        assert (full.wants_jht, full.wants_jp) == kept


def test_each_size_names_the_programmes_it_must_take(browser, empty):
    body = browser.get(page(empty, "program/")).content.decode()

    asides = ["JKK, JKM<", "JKK, JKM, JHT<", "JKK, JKM, JHT, JP<"]
    assert [body.count(aside) for aside in asides] == [1, 1, 2]


def test_whoever_comes_too_early_goes_to_the_first_missing_page(browser, empty):
    assert browser.get(page(empty, "periksa/"))["Location"] == page(empty, "data/")
    post(browser, empty, "data/", name="PT A", nib="1" * 13)
    assert browser.get(page(empty, "periksa/"))["Location"] == page(empty, "alamat/")


def test_the_list_of_tasks_says_how_far_each_is(browser, empty):
    post(browser, empty, "data/", name="PT A", nib="1" * 13)

    body = browser.get(page(empty, "pendaftaran/")).content.decode()

    for word, times in (("Sedang diisi", 1), ("Belum mulai", 3), ("Belum bisa dimulai", 1)):
        assert body.count(word) == times


def test_the_check_sends_once_and_shows_when_the_office_answers(browser, full):
    without = post(browser, full, "periksa/")
    assert "Centang kotak ini untuk mengirim" in without.content.decode()

    first = post(browser, full, "periksa/", is_true="on")
    again = post(browser, full, "periksa/", is_true="on")

    assert first["Location"] == again["Location"] == page(full, "status/")
    assert full.decisions.count() == 1
    body = browser.get(page(full, "status/")).content.decode()
    assert full.reference in body
    assert "Petugas memeriksa paling lambat" in body


def test_a_sent_registration_asks_nothing_any_more(browser, full, user):
    decisions.send(employer=full, by=user, at=timezone.now())

    for name in ("data/", "alamat/", "program/", "pekerja/", "periksa/", "pendaftaran/"):
        assert browser.get(page(full, name))["Location"] == page(full, "status/")
    assert post(browser, full, "data/", name="PT Lain")["Location"] == page(full, "status/")
    assert browser.get(page(full))["Location"] == page(full, "status/")


def test_the_firm_sees_why_and_puts_it_right(browser, full, user):
    decisions.send(employer=full, by=user, at=timezone.now())
    decisions.return_firm(
        employer=full, reason="NIB tidak terbaca", by=make.user(), at=timezone.now()
    )

    for name in ("status/", "pendaftaran/"):
        assert "NIB tidak terbaca" in browser.get(page(full, name)).content.decode()
    assert browser.get(page(full, "data/")).status_code == 200


def test_a_rejected_firm_sees_the_reason_and_no_name_of_the_office(browser, full, user):
    decisions.send(employer=full, by=user, at=timezone.now())
    clerk = make.user(name="Petugas Rahasia")
    decisions.reject_firm(employer=full, reason="Bukan di Cilegon", by=clerk, at=timezone.now())

    body = browser.get(page(full, "status/")).content.decode()

    assert "Bukan di Cilegon" in body
    assert "Petugas Rahasia" not in body


def test_the_contact_may_change_whenever_it_changes(client):
    firm = make.firm()
    client.force_login(make.firm_user(firm, Role.REPORTER))

    answer = post(
        client, firm, "kontak/", name="Sari", phone="081299990000", email="sari@baja.test"
    )

    assert answer["Location"] == page(firm)
    firm.account.refresh_from_db()
    assert (firm.account.phone, firm.account.email) == ("+6281299990000", "sari@baja.test")


def test_the_front_page_names_the_next_month_and_asks_an_approver_for_a_code(client):
    firm = make.firm(first=Month.of(timezone.localdate()))
    client.force_login(firm.seats.get().user)

    body = client.get(page(firm)).content.decode()

    assert "Laporkan upah" in body
    assert "Belum dilaporkan" in body
    assert "Pasang sekarang" in body


def test_the_front_page_says_what_is_owed(client):
    firm = make.firm(first=Month.of(timezone.localdate()))
    make.firm_bill(125_000, firm=firm.account)
    client.force_login(make.firm_user(firm, Role.REPORTER))

    body = client.get(page(firm)).content.decode()

    assert "Rp125.000" in body
    assert "Pasang sekarang" not in body


def test_a_registration_that_nobody_sends_is_forgotten_after_thirty_days(full, user):
    waiting = make.registering()
    decisions.send(employer=waiting, by=make.user(), at=timezone.now())
    later = registration.kept_until(full) + timedelta(seconds=1)

    assert registration.forget_unsent(at=later - timedelta(seconds=2)) == 0
    assert registration.forget_unsent(at=later) == 1
    assert registration.forget_unsent(at=later) == 0

    assert list(Employer.objects.all()) == [waiting]
    assert not user.groups.exists()


@pytest.mark.parametrize("name", ["", "pengguna/", "status/", "kontak/"])
def test_a_page_asks_the_database_a_few_times_only(client, name):
    firm = make.firm(first=Month.of(timezone.localdate()).plus(-12))
    make.firm_bill(125_000, firm=firm.account)
    for _ in range(5):
        make.firm_user(firm, Role.REPORTER)
    client.force_login(firm.seats.earliest("pk").user)
    client.get(page(firm, name))

    with CaptureQueriesContext(connection) as queries:
        client.get(page(firm, name))

    assert len(queries) <= MOST_QUERIES, [query["sql"][:150] for query in queries]
