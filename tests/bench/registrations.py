"""Registrations ready to be sent: drafts whose last button nobody has pressed yet."""

import http.client
import itertools
import secrets
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from urllib.parse import urlencode, urlsplit

_numbers = itertools.count(1)
CSRF = "c" * 32
CLIENTS = 8


@dataclass(frozen=True)
class Ready:
    """One browser on the last page: its cookies, and the form that it will send."""

    cookie: str
    form_id: str

    @property
    def body(self) -> str:
        return urlencode({"csrfmiddlewaretoken": CSRF, "form_id": self.form_id})


def ready(how_many: int, *, months: int) -> list[Ready]:
    """Fill in `how_many` registrations up to the last page, each in a browser of its own."""
    return [one(next(_numbers), months=months) for _ in range(how_many)]


def one(number: int, *, months: int) -> Ready:
    from django.conf import settings
    from django.utils import timezone

    from cilegon_portal.reference.models import Kelurahan
    from participants.actions import registration
    from participants.models import Occupation

    at = timezone.now()
    born = date(1980 + number // 336 % 20, 1 + number // 28 % 12, 1 + number % 28)
    draft = registration.begin(at=at)
    registration.answer(
        draft=draft,
        at=at,
        occupation=Occupation.objects.get(name="Nelayan").pk,
        nik=f"367299{born:%d%m%y}{number % 10_000:04}",
        name=f"Nelayan Uji {number}",
        birth_date=born,
        is_admitted=True,
        phone=f"+62812{70_000_000 + number}",
        channel="SMS",
        place=str(Kelurahan.objects.order_by("pk")[0].pk),
        months=months,
    )
    proof = registration.prove_phone(draft=draft, at=at)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session["_auth_user_id"] = str(proof.user.pk)
    session["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[0]
    session["_auth_user_hash"] = proof.user.get_session_auth_hash()
    session["draft"] = draft.token
    session["signed_in_at"] = session["seen_at"] = at.isoformat()  # as the page before left it
    session.save()
    cookies = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
    return Ready(f"{cookies}; {settings.CSRF_COOKIE_NAME}={CSRF}", secrets.token_urlsafe(16))


def send(site: str, it: Ready) -> tuple[int, str]:
    """Press the last button; return the status and where it leads."""
    connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=30)
    headers = {"Cookie": it.cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/daftar/periksa/", it.body, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.getheader("Location", "")


def ask(site: str, path: str, cookie: str = "") -> float:
    """Ask for a page; return the seconds it took."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=30)
    connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{path} answered {answer.status}")
    return time.perf_counter() - began


def rate_of_sending(site: str, drafts: Sequence[Ready]) -> float:
    """Send all, `CLIENTS` at a time; return registrations a second."""
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(lambda it: send(site, it), drafts))
    took = time.perf_counter() - began
    wrong = [it for it in answers if it[0] != 302 or not it[1].startswith("/bayar/")]
    if wrong:
        raise SystemExit(f"{len(wrong)} registrations were refused: {wrong[0]}")
    return len(drafts) / took
