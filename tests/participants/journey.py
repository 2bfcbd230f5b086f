"""Walks the registration pages as a browser without JavaScript does."""

import html
import re
from typing import Any

from django.test import Client

from cilegon_portal.outbox.models import Message
from cilegon_portal.reference.models import Kelurahan
from participants.models import Occupation

NIK = "3672992703850001"  # 367299 is nobody's region: 27 March 1985
PHONE = "+6281234567001"
FISHER = {
    "occupation": "Nelayan",
    "nik": NIK,
    "name": "Sarip Hidayat",
    "birth_date": (27, 3, 1985),
    "phone": "0812 3456 7001",
    "channel": "SMS",
    "place": "36.72.03.1004",
    "months": 3,
}
STEPS = ("start", "occupation", "nik", "name", "phone", "code", "place", "months", "check")
PATHS = {
    "start": "/daftar/",
    "occupation": "/daftar/pekerjaan/",
    "nik": "/daftar/nik/",
    "name": "/daftar/nama/",
    "phone": "/daftar/hp/",
    "code": "/daftar/kode/",
    "place": "/daftar/tempat/",
    "months": "/daftar/bulan/",
    "check": "/daftar/periksa/",
}


def text_of(answer: Any) -> str:
    """Return what a page says, without its marks, spaces made single."""
    body = re.sub(r"<[^>]*>", " ", answer.content.decode())
    return " ".join(html.unescape(body).split())


def heading_of(answer: Any) -> str:
    found = re.search(r"<h1>(.*?)</h1>", answer.content.decode(), re.DOTALL)
    return html.unescape(found[1].strip()) if found else ""


def form_id_of(answer: Any) -> str:
    found = re.search(r'name="form_id" value="([^"]+)"', answer.content.decode())
    assert found, "the page has no form"
    return found[1]


def send(client: Client, path: str, **answers) -> Any:
    """Open a page and send its form."""
    page = client.get(path)
    assert page.status_code == 200, (path, page.status_code, page.get("Location"))
    return client.post(path, {"form_id": form_id_of(page)} | answers)


def code_sent_to(phone: str = PHONE) -> str:
    """Return the digits of the newest message to `phone`."""
    return Message.objects.filter(to=phone).latest("pk").text[:6]


def fields_of(step: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return what the form of one step is filled in with."""
    if step == "occupation":
        return {"choice": Occupation.objects.get(name=given["occupation"]).pk}
    if step == "name":
        day, month, year = given["birth_date"]
        return {
            "name": given["name"],
            "birth_date_day": day,
            "birth_date_month": month,
            "birth_date_year": year,
        }
    if step == "code":
        return {"code": code_sent_to("+62" + given["phone"].replace(" ", "")[1:])}
    if step == "place":
        return {"place": Kelurahan.objects.get(code=given["place"]).pk}
    names = {
        "nik": ["nik"],
        "phone": ["phone", "channel"],
        "months": ["months", "with_jht"],
        "check": ["wants_reminders"],
    }
    return {name: given[name] for name in names.get(step, ()) if name in given}


def walk(client: Client, until: str = "check", after: str = "", **changes) -> Any:
    """Send every page past `after`, up to and with `until`; return the last answer."""
    given = FISHER | changes
    answer = None
    first = STEPS.index(after) + 1 if after else 0
    for step in STEPS[first : STEPS.index(until) + 1]:
        answer = send(client, PATHS[step], **fields_of(step, given))
        assert answer.status_code == 302, (step, text_of(answer))
    return answer
