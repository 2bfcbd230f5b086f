"""The worker's door: phone, code, page; the same answers for a number we know and one we do not."""

import base64
import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cilegon_portal.accounts import actions
from cilegon_portal.accounts.models import PhoneCode
from cilegon_portal.outbox.models import Message
from tests.accounts.helpers import PHONE, last_code, sign_in_worker, worker

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.urls")]
UNKNOWN = "+6281234567899"
TOKENS = re.compile(r'value="[^"]{20,}"|nonce="[^"]+"|csrfmiddlewaretoken')


def ask(client: Client, phone: str = PHONE, address: str = "/peserta/"):
    return client.post(f"/masuk/?next={address}", {"phone": phone, "channel": "SMS"})


def ticket(client: Client) -> str:
    page = client.get("/masuk/kode/").content.decode()
    return re.search(r'name="ticket" value="([^"]+)"', page)[1]


def answer(client: Client, code: str, sealed: str | None = None):
    sealed = ticket(client) if sealed is None else sealed
    return client.post("/masuk/kode/", {"code": code, "ticket": sealed})


def test_a_phone_and_its_code_sign_in(client):
    worker()

    first = ask(client, "0812-3456-7890")
    second = answer(client, last_code())

    assert (first.status_code, first.url) == (302, "/masuk/kode/")
    assert (second.status_code, second.url) == (302, "/peserta/")
    assert client.get("/peserta/").content == b"isi halaman"


def test_without_a_page_to_return_to_the_card_comes_next(client):
    worker()
    ask(client, address="")

    assert answer(client, last_code()).url == "/saya/"


@pytest.mark.parametrize(
    "address",
    ["//jahat.id/", "https://jahat.id/", r"/\jahat.id", "javascript:alert(1)", "http:///jahat.id"],
)
def test_nobody_is_sent_to_another_site(client, address):
    worker()
    ask(client, address=address)

    assert answer(client, last_code()).url == "/saya/"


def test_an_endless_address_to_return_to_stands_in_nobodys_way(client):
    worker()
    ask(client, address="/" + "a" * 5_000)

    assert answer(client, last_code()).status_code == 302


def test_the_pages_ask_one_thing_and_carry_a_code_field(client):
    page = client.get("/masuk/").content.decode()
    ask(client)
    code = client.get("/masuk/kode/").content.decode()

    assert "<h1>Masuk dengan nomor HP</h1>" in page
    assert 'autocomplete="one-time-code"' in code
    assert "0812••••7890" in code or "0812" in code
    assert PHONE not in code.replace(ticket(client), "")


def test_known_and_unknown_numbers_get_the_same_answers(client):
    worker()
    seen = []
    for phone in (PHONE, UNKNOWN):
        browser = Client()
        browser.get("/masuk/")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            asked = ask(browser, phone)
            page = browser.get("/masuk/kode/")
            wrong = answer(browser, "abcdef")
            refused = answer(browser, "000000" if last_code(phone) != "000000" else "000001")
        bodies = [
            TOKENS.sub("", response.content.decode()).replace(phone[-4:], "")
            for response in (asked, page, wrong, refused)
        ]
        seen.append((asked.status_code, asked.url, bodies, len(queries)))

    assert seen[0] == seen[1]
    assert "Nomor HP atau kode tidak cocok. Coba lagi atau minta kode baru" in seen[0][2][3]


def test_an_unknown_number_hears_so_only_after_its_code(client):
    ask(client, UNKNOWN)

    page = client.post(
        "/masuk/kode/", {"code": last_code(UNKNOWN), "ticket": ticket(client)}, follow=True
    )

    assert "Nomor ini belum terdaftar" in page.content.decode()
    assert client.get("/peserta/").status_code == 302


def test_a_wrong_expired_or_used_code_has_one_text(client):
    worker()
    ask(client)
    sealed, code = ticket(client), last_code()
    PhoneCode.objects.update(used_at=timezone.now())

    page = answer(client, code, sealed)

    assert page.status_code == 200
    assert "Nomor HP atau kode tidak cocok" in page.content.decode()
    assert "<title>Kesalahan:" in page.content.decode()


def test_a_second_press_signs_in_too(client):
    worker()
    ask(client)
    sealed, code = ticket(client), last_code()
    old_cookie = client.cookies["sid"].value
    answer(client, code, sealed)
    again = Client()
    again.cookies["sid"] = old_cookie

    page = answer(again, code, sealed)

    assert (page.status_code, page.url) == (302, "/peserta/")
    assert again.get("/peserta/").status_code == 200


@pytest.mark.parametrize("sealed", ["", "verkehrt", "abc:def:ghi"])
def test_a_code_page_without_its_number_goes_back(client, sealed):
    page = client.post("/masuk/kode/", {"code": "123456", "ticket": sealed})

    assert (page.status_code, page.url) == (302, "/masuk/")


def test_asking_again_at_once_waits_and_the_first_code_stays_good(client):
    worker()
    ask(client)
    code = last_code()

    page = client.post("/masuk/kode/lagi/", {"channel": "WA"}, follow=True)

    assert re.search(r"Tunggu \d+ detik sebelum meminta kode lagi", page.content.decode())
    assert Message.objects.count() == 1
    assert answer(client, code).status_code == 302


def test_asking_again_later_sends_another_way(client):
    worker()
    ask(client)
    PhoneCode.objects.update(made_at=timezone.now() - timedelta(minutes=1))

    client.post("/masuk/kode/lagi/", {"channel": "WA"})

    assert Message.objects.latest("pk").channel == "WA"


def test_the_fourth_code_in_a_quarter_of_an_hour_has_its_own_page(client):
    for minutes in (9, 6, 3):
        actions.send_code(
            phone=PHONE, purpose="SIGN_IN", channel="SMS",
            at=timezone.now() - timedelta(minutes=minutes),
        )  # fmt: skip

    page = ask(client)

    assert page.status_code == 429
    assert 300 < int(page["Retry-After"]) <= 360
    assert "Coba lagi pukul" in page.content.decode()
    assert 'href="/masuk/kode/"' in page.content.decode()
    assert client.get("/masuk/kode/").status_code == 200


def test_no_number_stands_in_a_web_session_or_a_form(client):
    worker()
    ask(client)

    kept = str([row.get_decoded() for row in Session.objects.all()])
    page = client.get("/masuk/kode/").content.decode()
    hidden = re.search(r'name="ticket" value="([^":]+)', page)[1]
    assert "81234567890" not in kept
    assert b"81234567890" not in base64.urlsafe_b64decode(hidden + "==")


def test_no_number_and_no_code_stands_in_an_address(client):
    worker()
    first = ask(client)
    second = answer(client, last_code())

    assert "8123" not in first.url + second.url


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"phone": "", "channel": "SMS"}, "Isi nomor HP"),
        ({"phone": "123", "channel": "SMS"}, "Nomor HP harus diawali 08"),
        ({"phone": PHONE, "channel": "FAX"}, "Pilih SMS atau WhatsApp"),
    ],
)
def test_bad_input_is_told_at_the_field(client, data, message):
    page = client.post("/masuk/", data)

    assert page.status_code == 200
    assert message in page.content.decode()
    assert not Message.objects.exists()


@pytest.mark.parametrize("path", ["/masuk/kode/lagi/", "/keluar/"])
def test_only_a_post_sends_or_signs_out(client, path):
    assert client.get(path).status_code == 405


@pytest.mark.parametrize("channel", ["", "FAX"])
def test_sending_again_needs_a_number_and_a_known_way(client, channel):
    assert client.post("/masuk/kode/lagi/", {"channel": channel}).url == "/masuk/"


def test_a_staff_page_leads_to_the_staff_sign_in(client):
    page = client.get("/masuk/?next=/kantor/orang/")

    assert page.url == "/petugas/masuk/?next=%2Fkantor%2Forang%2F"


def test_somebody_deactivated_does_not_come_in(client):
    user = worker()
    actions.deactivate(user=user)
    ask(client)

    page = answer(client, last_code())

    assert page.url == "/akun/nonaktif/"
    assert client.get("/peserta/").status_code == 302


def test_the_session_gets_a_new_id_at_sign_in(client):
    worker()
    ask(client)
    before = client.cookies["sid"].value

    answer(client, last_code())

    assert client.cookies["sid"].value != before
    assert not Session.objects.filter(session_key=before).exists()


def test_a_stolen_cookie_is_useless_after_sign_out(client):
    sign_in_worker(client, worker())
    client.get("/peserta/")
    thief = Client()
    thief.cookies["sid"] = client.cookies["sid"].value
    assert thief.get("/peserta/").status_code == 200

    page = client.post("/keluar/")

    assert page["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert thief.get("/peserta/").status_code == 302


def test_signed_in_pages_are_kept_nowhere(client):
    sign_in_worker(client, worker())

    assert "no-store" in client.get("/peserta/")["Cache-Control"]


def test_an_idle_member_signs_in_again_and_comes_back(client):
    sign_in_worker(client, worker())
    client.get("/peserta/")
    session = client.session
    session["seen_at"] = (timezone.now() - timedelta(minutes=30, seconds=1)).isoformat()
    session.save()

    page = client.get("/peserta/")

    assert page.url == "/masuk/?next=/peserta/"


@pytest.mark.parametrize(("hours", "status"), [(23, 200), (25, 302)])
def test_a_member_signs_in_once_a_day_at_least(client, hours, status):
    sign_in_worker(client, worker())
    client.get("/peserta/")
    session = client.session
    session["signed_in_at"] = (timezone.now() - timedelta(hours=hours)).isoformat()
    session.save()

    assert client.get("/peserta/").status_code == status


def test_the_list_of_web_sessions_ends_the_others(client):
    worker()
    other = Client(HTTP_USER_AGENT="Peramban lain")
    for browser in (other, client):
        ask(browser)
        answer(browser, last_code())
        PhoneCode.objects.update(made_at=timezone.now() - timedelta(minutes=20))

    page = client.get("/akun/perangkat/")
    client.post("/akun/perangkat/")

    assert "Peramban lain" in page.content.decode()
    assert client.get("/peserta/").status_code == 200
    assert other.get("/peserta/").status_code == 302
