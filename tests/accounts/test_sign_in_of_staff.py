"""The staff's door: password, code of the authenticator, roles, and when all of it ends."""

import re
import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.apps import apps
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from structlog.testing import capture_logs

from cilegon_portal.accounts import actions, tasks
from cilegon_portal.accounts.models import FailedSignIn, PhoneCode, Role
from cilegon_portal.outbox.models import Message
from tests.accounts.helpers import PASSWORD, THEN, member, sign_in_staff, sign_in_worker, worker

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.urls")]
EMAIL = "petugas@kantor.contoh.test"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
DESK = "/kantor/coba/"


@pytest.fixture(autouse=True)
def no_old_counts():
    cache.clear()


@pytest.fixture
def clerk():
    user = member(Role.SERVICE, email=EMAIL)
    TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)
    return user


def code_now() -> str:
    return str(format_hotp_value(hotp_value(SECRET, int(time.time()) // 30)))


def give_password(client: Client, password: str = PASSWORD, email: str = EMAIL):
    return client.post(f"/petugas/masuk/?next={DESK}", {"login": email, "password": password})


def give_code(client: Client, code: str):
    return client.post(f"/akun/kode/?next={DESK}", {"code": code})


def test_password_and_code_open_the_desk(client, clerk):
    first = give_password(client)
    second = give_code(client, code_now())

    assert first.url.startswith("/akun/kode/")
    assert second.url == DESK
    assert client.get(DESK).content == b"isi halaman"


def test_without_a_page_to_return_to_the_desk_opens(client, clerk):
    client.post("/petugas/masuk/", {"login": EMAIL, "password": PASSWORD})

    assert client.post("/akun/kode/", {"code": code_now()}).url == "/kantor/"


def test_the_password_alone_opens_nothing(client, clerk):
    give_password(client)

    page = client.get(DESK)

    assert (page.status_code, page.url) == (302, f"/petugas/masuk/?next={DESK}")


def test_a_code_is_not_taken_twice(client, clerk):
    code = code_now()
    give_password(client)
    give_code(client, code)
    other = Client()
    give_password(other)

    page = give_code(other, code)

    assert page.status_code == 200
    assert "Kode tidak cocok" in page.content.decode()
    assert other.get(DESK).status_code == 302


def test_a_code_is_not_taken_twice_in_its_next_period_either(client, clerk):
    code = code_now()
    give_password(client)
    give_code(client, code)
    cache.delete(f"allauth.mfa.totp.used?user={clerk.pk}&code={code}")
    other = Client()
    give_password(other)

    page = give_code(other, code)

    assert "Kode ini sudah dipakai" in page.content.decode()
    assert other.get(DESK).status_code == 302


@pytest.mark.parametrize(("periods", "is_taken"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_clock_that_is_half_a_minute_off_does_not_matter(client, clerk, periods, is_taken):
    give_password(client)
    value = hotp_value(SECRET, int(time.time()) // 30 + periods)

    assert (give_code(client, format_hotp_value(value)).status_code == 302) is is_taken


def test_a_recovery_code_is_taken_once(client, clerk):
    spare = RecoveryCodes(
        Authenticator.objects.get(user=clerk, type="recovery_codes")
    ).get_unused_codes()[0]
    give_password(client)

    assert give_code(client, spare).url == DESK
    other = Client()
    give_password(other)
    assert give_code(other, spare).status_code == 200


def test_the_keys_of_second_factors_are_sealed(clerk):
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(data::text, '') FROM mfa_authenticator")
        stored = cursor.fetchone()[0]

    assert SECRET not in stored
    assert TOTP(Authenticator.objects.get(user=clerk, type="totp")).validate_code(code_now())


def test_staff_without_a_second_factor_set_it_up_first(client):
    user = member(Role.SERVICE, email=EMAIL)
    assert give_password(client).url == DESK

    page = client.get(DESK)

    assert page.url == "/akun/totp/?next=%2Fkantor%2Fcoba%2F"
    client.post("/akun/pastikan/?next=/akun/totp/", {"password": PASSWORD})
    form = client.get("/akun/totp/").content.decode()
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", form)[1]
    value = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    assert client.post("/akun/totp/", {"code": value}).url == "/akun/kode-cadangan/"
    assert Authenticator.objects.filter(user=user, type="totp").exists()
    assert "Sisa 10 dari 10 kode" in client.get("/akun/kode-cadangan/").content.decode()
    assert client.get(DESK).url.startswith("/akun/kode/pastikan/")
    assert client.post(f"/akun/kode/pastikan/?next={DESK}", {"code": value}).url == DESK
    assert client.get(DESK).status_code == 200


def test_a_member_of_staff_who_came_in_by_phone_gives_the_code_first(client, clerk):
    sign_in_staff(client, clerk, second_factor=False)

    assert client.get(DESK).url == "/akun/kode/pastikan/?next=%2Fkantor%2Fcoba%2F"


def test_the_factor_of_somebody_else_does_not_count(client, clerk):
    sign_in_staff(client, clerk)
    session = client.session
    session["account_authentication_methods_user"] = "999"
    session.save()

    assert client.get(DESK).status_code == 302


def test_known_and_unknown_addresses_get_the_same_answer(clerk):
    give_password(Client(), "salah salah salah", "pertama@kantor.contoh.test")
    seen = []
    for email in (EMAIL, "siapa@kantor.contoh.test"):
        browser = Client()
        with CaptureQueriesContext(connection) as queries:
            page = give_password(browser, "salah salah salah", email)
        body = re.sub(r'value="[^"]+"', "", page.content.decode())
        seen.append((page.status_code, body, len(queries)))

    assert seen[0] == seen[1]
    assert "Alamat e-mail atau kata sandi tidak cocok." in seen[0][1]


def test_a_forgotten_password_tells_nobody_who_has_an_account(clerk):
    Client().post("/akun/kata-sandi/lupa/", {"email": "pertama@kantor.contoh.test"})
    seen = []
    for email in (EMAIL, "siapa@kantor.contoh.test"):
        with CaptureQueriesContext(connection) as queries:
            page = Client().post("/akun/kata-sandi/lupa/", {"email": email})
        seen.append((page.status_code, page.url, len(queries)))

    assert seen[0] == seen[1]
    assert Message.objects.filter(to=EMAIL).count() == 1
    assert Message.objects.filter(to="siapa@kantor.contoh.test").count() == 1


def test_a_new_password_by_the_letter_keeps_the_second_factor(client, clerk):
    client.post("/akun/kata-sandi/lupa/", {"email": EMAIL})
    link = re.search(r"http://testserver(/\S+)", Message.objects.get(to=EMAIL).text)[1]
    form = client.get(link, follow=True)
    new = "ombak besar di dermaga lama"

    done = client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})

    assert done.url == "/akun/kata-sandi/baru/selesai/"
    assert "Kata sandi sudah diganti" in client.get(done.url).content.decode()
    assert client.get(link).status_code == 200
    assert give_password(Client(), new).url.startswith("/akun/kode/")


def test_wrong_passwords_wait_and_never_lock(client, clerk):
    for _ in range(4):
        give_password(client, "salah salah salah")

    page = give_password(client)

    assert re.search(r"Tunggu [12] detik sebelum mencoba lagi\.", page.content.decode())
    FailedSignIn.objects.update(wait_until=timezone.now())
    assert give_password(client).url.startswith("/akun/kode/")
    assert not FailedSignIn.objects.exists()


def test_a_spray_from_one_address_ends_at_100_in_a_quarter_of_an_hour(client, clerk, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {
        "login_failed": settings.ACCOUNT_RATE_LIMITS["login_failed"].replace("100", "3")
    }
    for number in range(3):
        give_password(client, "salah salah salah", f"a{number}@b.id")

    page = give_password(client)

    assert "Terlalu banyak percobaan" in page.content.decode()
    assert client.post(
        "/petugas/masuk/", {"login": EMAIL, "password": PASSWORD}, REMOTE_ADDR="10.9.8.7"
    ).url.startswith("/akun/kode/")


def test_a_made_up_forwarded_address_changes_nothing(rf):
    from cilegon_portal.accounts.access import client_ip

    plain = client_ip(rf.get("/"))

    assert client_ip(rf.get("/", HTTP_X_FORWARDED_FOR="1.2.3.4")) == plain


def test_the_session_gets_a_new_id_at_sign_in(client, clerk):
    give_password(client)
    before = client.cookies["sid"].value

    give_code(client, code_now())

    assert client.cookies["sid"].value != before


def test_another_role_is_refused(client, clerk):
    sign_in_staff(client, clerk)

    assert client.get(DESK).status_code == 200
    assert client.get("/kantor/admin/").status_code == 403
    assert client.get("/peserta/").status_code == 403


def test_a_worker_is_no_staff(client):
    sign_in_worker(client, worker())

    assert client.get(DESK).status_code == 403


def test_nobody_is_sent_to_the_staff_sign_in(client):
    assert client.get(DESK).url == f"/petugas/masuk/?next={DESK}"
    assert client.get("/peserta/").url == "/masuk/?next=/peserta/"


def test_a_changed_role_counts_from_the_next_request_on(client, clerk):
    sign_in_staff(client, clerk)
    assert client.get("/kantor/admin/").status_code == 403

    actions.set_roles(user=clerk, roles=[Role.ADMIN])

    assert client.get("/kantor/admin/").status_code == 200
    actions.set_roles(user=clerk, roles=[])
    assert client.get(DESK).status_code == 403


def test_a_deactivated_account_is_out_at_once(client, clerk):
    sign_in_staff(client, clerk)

    actions.deactivate(user=clerk)

    assert client.get(DESK).url == f"/petugas/masuk/?next={DESK}"


def test_staff_pages_answer_on_their_host_only(client, clerk, settings):
    sign_in_staff(client, clerk)
    settings.STAFF_HOST = "kantor.contoh.test"
    settings.ALLOWED_HOSTS = ["testserver", "kantor.contoh.test"]

    assert client.get(DESK).status_code == 404
    assert client.get(DESK, headers={"host": "kantor.contoh.test"}).status_code == 200
    assert give_password(Client()).status_code == 404
    assert give_password(Client(headers={"host": "kantor.contoh.test"})).status_code == 302


@pytest.mark.parametrize(
    ("key", "ago", "status"),
    [
        ("seen_at", timedelta(minutes=14), 200),
        ("seen_at", timedelta(minutes=15, seconds=1), 302),
        ("signed_in_at", timedelta(hours=11, minutes=59), 200),
        ("signed_in_at", timedelta(hours=12, seconds=1), 302),
    ],
)
def test_staff_sign_in_again_after_a_quarter_of_an_hour_or_half_a_day(
    client, clerk, key, ago, status
):
    sign_in_staff(client, clerk)
    client.get(DESK)
    session = client.session
    session[key] = (timezone.now() - ago).isoformat()
    session.save()

    assert client.get(DESK).status_code == status


def test_a_changed_password_ends_the_other_sign_ins(client, clerk):
    other = Client()
    sign_in_staff(other, clerk)
    sign_in_staff(client, clerk)
    new = "ombak besar di dermaga lama"

    client.post("/akun/kata-sandi/", {"oldpassword": PASSWORD, "password1": new, "password2": new})

    assert client.get(DESK).status_code == 200
    assert other.get(DESK).status_code == 302
    assert Message.objects.filter(to=EMAIL, subject="Kata sandi Anda diganti").exists()


@pytest.mark.parametrize(
    "path",
    [
        "/petugas/masuk/", "/akun/kata-sandi/lupa/", "/akun/kata-sandi/lupa/terkirim/",
        "/akun/kata-sandi/baru/selesai/", "/akun/nonaktif/", "/akun/kata-sandi/baru/1-abc/",
    ],
)  # fmt: skip
def test_public_pages_speak_indonesian(client, path):
    page = client.get(path, follow=True).content.decode()

    assert "<h1>" in page
    assert not re.search(r"\b(the|your|password|sign|please)\b", re.sub(r"<[^>]+>", " ", page))
    assert "style=" not in page


@pytest.mark.parametrize(
    "path",
    [
        "/akun/", "/akun/kata-sandi/", "/akun/kode-cadangan/", "/akun/kode-cadangan/buat/",
        "/akun/perangkat/", "/akun/pastikan/", "/akun/kode/pastikan/",
    ],
)  # fmt: skip
def test_the_pages_of_ones_own_account_speak_indonesian(client, clerk, path):
    sign_in_staff(client, clerk)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "mfa", "type": "totp", "at": time.time(), "reauthenticated": True}
    ]
    session.save()

    page = client.get(path).content.decode()

    assert "<h1>" in page
    assert not re.search(r"\b(the|your|password|sign|please)\b", re.sub(r"<[^>]+>", " ", page))
    assert "style=" not in page


@pytest.mark.parametrize("path", ["/akun/totp/lepas/", "/akun/kata-sandi/pasang/"])
def test_what_we_do_not_offer_leads_to_the_account(client, clerk, path):
    sign_in_staff(client, clerk)

    assert client.get(path).url == "/akun/"


@pytest.mark.parametrize("path", ["/akun/daftar/", "/akun/signup/", "/accounts/login/"])
def test_nobody_signs_up_by_themselves(client, path):
    assert client.get(path).status_code == 404


def test_the_trail_knows_who_from_where_in_which_request(client, clerk):
    sign_in_staff(client, clerk)
    new = "ombak besar di dermaga lama"

    client.post("/akun/kata-sandi/", {"oldpassword": PASSWORD, "password1": new, "password2": new})

    event = apps.get_model("accounts", "UserEvent").objects.latest("pgh_id")
    context = event.pgh_context.metadata
    assert event.changed == ["password"]
    assert set(context) == {"user", "roles", "ip", "request_id"}
    assert (context["user"], context["roles"]) == (clerk.pk, ["SERVICE"])
    assert len(context["request_id"]) == 36
    assert "127.0.0.1" not in str(context)


def test_sign_ins_and_refusals_are_logged_without_names(client, clerk):
    with capture_logs() as lines:
        give_password(client, "salah salah salah")
        give_password(client)

    events = [(line["event"], line.get("method")) for line in lines]
    assert ("sign_in_refused", "password") in events
    assert ("signed_in", "password") in events
    assert EMAIL not in str(lines)


def test_too_many_codes_a_day_raise_an_alarm(settings):
    actions.send_code(phone="+6281234567890", purpose="SIGN_IN", channel="SMS", at=timezone.now())
    for budget in (1, 0):
        settings.CODES_A_DAY = budget
        with capture_logs() as lines:
            tasks.watch_codes(timestamp=0)
        assert [line["event"] for line in lines] == ["codes_over_budget"] * (1 - budget)


def test_the_nightly_task_forgets(at):
    actions.send_code(phone="+6281234567890", purpose="SIGN_IN", channel="SMS", at=THEN)

    tasks.forget_old(timestamp=0)

    assert not PhoneCode.objects.exists()
