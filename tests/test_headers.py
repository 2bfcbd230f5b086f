"""What every answer carries, in a demo and in production: headers, cookies; own error pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as portal_settings
from django.test import Client
from django.utils import timezone

from cilegon_portal.accounts.actions import TooMany
from cilegon_portal.accounts.models import Role
from tests.accounts.helpers import PASSWORD, member, sign_in_staff, sign_in_worker, worker

pytestmark = pytest.mark.django_db
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
ALWAYS = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
YEAR = "max-age=31536000; includeSubDomains"
CLOSED = ["/kantor/", "/saya/", "/admin/"]
NOWHERE = ["/tidak-ada/", "/static/tidak-ada.js"]
PUBLIC = ["/", "/daftar/", "/bantuan/", "/masuk/", "/petugas/masuk/", "/k/tidak-ada", "/sehat"]


class HttpsClient(Client):
    """A browser that came by https."""

    def generic(self, *args: Any, **kwargs: Any) -> Any:
        return super().generic(*args, **kwargs | {"secure": True})


def production(settings: Any) -> None:
    """Set what a server in production has beyond a demo; cookies are named at the start."""
    settings.DEMO = False
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-sid", "__Host-csrf"


@pytest.fixture(params=["demo", "production"])
def mode(request: pytest.FixtureRequest, settings: Any) -> str:
    if request.param == "production":
        production(settings)
    return str(request.param)


@pytest.fixture
def browser(mode: str) -> Client:
    """Return a browser that speaks https where the portal asks for it."""
    kind = HttpsClient if mode == "production" else Client
    return kind(raise_request_exception=False)


def assert_guarded(answer: Any, mode: str) -> None:
    """Fail unless an answer carries the policy, word for word, and every other header."""
    policy = dict(
        part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";")
    )
    nonce, policy["script-src"] = policy["script-src"], policy["script-src"].split(" 'nonce-")[0]
    assert policy == POLICY
    assert "unsafe" not in nonce
    for name, value in ALWAYS.items():
        assert answer[name] == value, name
    assert "camera=()" in answer["Permissions-Policy"]
    assert answer.get("Strict-Transport-Security", "") == (YEAR if mode == "production" else "")


@pytest.mark.parametrize("path", [*PUBLIC, *CLOSED, *NOWHERE])
def test_every_answer_is_guarded(browser: Client, mode: str, path: str) -> None:
    assert_guarded(browser.get(path), mode)


@pytest.mark.parametrize("mode", ["demo"], indirect=True)
def test_a_static_file_is_guarded_too(browser: Client, mode: str) -> None:
    from django.templatetags.static import static

    answer = browser.get(static("css/portal.css"))
    answer.close()

    assert answer.status_code == 200
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert_guarded(answer, mode)


@pytest.mark.ignore_template_errors
@pytest.mark.parametrize("path", ["/admin/", "/admin/reference/holiday/", "/kantor/", "/akun/"])
def test_pages_of_the_staff_are_guarded_and_not_kept(browser: Client, mode: str, path: str) -> None:
    sign_in_staff(browser, member(Role.AUDITOR))

    answer = browser.get(path)

    assert_guarded(answer, mode)
    assert "no-store" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]


@pytest.mark.parametrize("path", ["/", "/saya/", "/bantuan/", "/tidak-ada/"])
def test_nothing_that_a_member_sees_is_kept(browser: Client, path: str) -> None:
    sign_in_worker(browser, worker())

    assert "no-store" in browser.get(path)["Cache-Control"]


def test_cookies_are_closed_to_scripts_and_in_production_to_plain_http(
    browser: Client, mode: str, settings: Any
) -> None:
    browser.get("/daftar/")
    begun = browser.post("/daftar/", {"form_id": "x" * 22})
    cookies = begun.cookies | browser.get("/daftar/").cookies

    assert {portal_settings.SESSION_COOKIE_NAME, portal_settings.CSRF_COOKIE_NAME} == set(cookies)
    for cookie in cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie["path"] == "/"
        assert not cookie["domain"]
        assert bool(cookie["secure"]) == (mode == "production")
        assert cookie.key.startswith("__Host-") == (mode == "production")


def test_in_production_plain_http_is_sent_to_https_except_the_health_page(settings: Any) -> None:
    production(settings)
    client = Client()

    assert client.get("/daftar/").status_code == 301
    assert client.get("/daftar/")["Location"] == "https://testserver/daftar/"
    assert client.get("/sehat").status_code == 200


def test_whoever_signs_out_leaves_nothing_in_the_browser(browser: Client) -> None:
    sign_in_worker(browser, worker())
    key = str(browser.session.session_key)

    answer = browser.post("/keluar/")

    assert '"cache"' in answer["Clear-Site-Data"]
    assert '"cookies"' in answer["Clear-Site-Data"]
    assert '"storage"' in answer["Clear-Site-Data"]
    assert not browser.session.exists(key)
    assert browser.get("/saya/").status_code == 302


ENGLISH = ("Server Error", "Not Found", "Forbidden", "Bad Request", "Traceback", "Exception")


def assert_own_page(answer: Any, status: int) -> None:
    body = answer.content.decode()
    assert answer.status_code == status
    assert 'lang="id"' in body
    assert "175" in body, "somebody must be asked"
    assert [word for word in ENGLISH if word in body] == []
    assert len(answer.content) < 15_000


def test_a_missing_page_says_so(browser: Client) -> None:
    assert_own_page(browser.get("/tidak-ada/"), 404)


def test_a_refused_page_says_so(browser: Client) -> None:
    sign_in_worker(browser, worker())

    assert_own_page(browser.get("/kantor/"), 403)


def test_a_form_without_its_token_says_so(mode: str) -> None:
    kind = HttpsClient if mode == "production" else Client
    answer = kind(enforce_csrf_checks=True).post("/daftar/", {"form_id": "x" * 22})

    assert_own_page(answer, 403)


def test_a_form_without_its_id_says_so(browser: Client) -> None:
    sign_in_worker(browser, worker())

    assert browser.post("/masuk/", {"phone": "\x00"}).status_code < 500


def test_too_many_tries_say_until_when(browser: Client, mode: str, monkeypatch: Any) -> None:
    def full(*_: Any, **__: Any) -> int:
        raise TooMany(timezone.now() + timedelta(minutes=1))

    monkeypatch.setattr("participants.views.card.count_attempt", full)

    answer = browser.get("/k/tidak-ada")

    assert_own_page(answer, 429)
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert_guarded(answer, mode)


def test_a_fault_of_ours_says_so_and_needs_no_database(
    browser: Client, mode: str, monkeypatch: Any, caplog: Any
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("rahasia 3672992703850001")

    monkeypatch.setattr("participants.views.start.story_of", broken)

    answer = browser.get("/")

    assert_own_page(answer, 500)
    assert_guarded(answer, mode)
    assert b"rahasia" not in answer.content
    assert len(answer.content) <= 5_000


def test_a_database_that_does_not_answer_is_told_as_a_pause(
    browser: Client, mode: str, monkeypatch: Any
) -> None:
    from django.db import OperationalError

    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr("participants.views.start.story_of", away)

    answer = browser.get("/")

    assert_own_page(answer, 503)
    assert_guarded(answer, mode)
    assert int(answer["Retry-After"]) > 0
    assert len(answer.content) <= 5_000


def test_the_health_page_tells_how_it_stands_and_no_secret(browser: Client) -> None:
    answer = browser.get("/sehat")

    assert answer.status_code == 200
    assert set(answer.json()) == {"well", "database", "migrations", "jobs", "oldest_job_seconds"}
    assert answer.json()["well"] is True


def test_passwords_and_codes_are_never_sent_back(browser: Client) -> None:
    member(Role.AUDITOR, email="seorang@kantor.contoh.test")

    wrong = {"login": "seorang@kantor.contoh.test", "password": f"{PASSWORD}x"}
    answer = browser.post("/petugas/masuk/", wrong)

    assert answer.status_code == 200
    assert PASSWORD.encode() not in answer.content
