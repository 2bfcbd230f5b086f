"""After a whole journey nothing that names a person by number lies anywhere in the clear.

Searched: a dump of the database, every table with its bytes decoded (base64, zlib, gzip), web
sessions, job arguments, what was logged, every address asked for, and every file of the portal.
"""

import base64
import binascii
import gzip
import json
import re
import subprocess
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command, get_commands
from django.db import connection
from django.test import Client
from django.utils import timezone

from cilegon_portal import embedded
from cilegon_portal.accounts import actions as accounts, demo
from cilegon_portal.accounts.models import Role
from cilegon_portal.contributions.models import Payment, PaymentCode
from cilegon_portal.people.models import Person
from participants.models import Enrolment, RegistrationDraft
from tests.accounts.helpers import sign_in_staff
from tests.participants.journey import FISHER, PATHS, PHONE, send, walk

NIK = str(FISHER["nik"])
STAGED_NIK = "3672996708900002"  # in a registration that nobody finished
OFFICE_NIK = NIK  # typed again from another phone: kept for the counter
PACKED = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")
LONGEST_LOOK = 2_000_000  # bytes of a file


def ways_to_write(number: str) -> list[bytes]:
    """Return a number plain and in the groups in which people write it."""
    groups = [number[:6], number[6:12], number[12:]]
    fours = [number[at : at + 4] for at in range(0, len(number), 4)]
    texts = {number, *(sign.join(parts) for sign in " .-" for parts in (groups, fours))}
    return [text.encode() for text in sorted(texts)]


SOUGHT = [way for nik in (NIK, STAGED_NIK) for way in ways_to_write(nik)]


def opened(content: bytes) -> Iterator[bytes]:
    """Yield `content`, and what it holds one wrapping deeper."""
    yield content
    yield from unzipped(content)
    for found in PACKED.findall(content):
        for decode in (base64.b64decode, base64.urlsafe_b64decode):
            try:
                inner = decode(found + b"=" * (-len(found) % 4))
            except (binascii.Error, ValueError):
                continue
            yield inner
            yield from unzipped(inner)


def unzipped(content: bytes) -> Iterator[bytes]:
    for unpack in (zlib.decompress, gzip.decompress):
        try:
            yield unpack(content)
        except (OSError, EOFError, zlib.error):
            continue


def hits(where: str, content: bytes, sought: list[bytes]) -> list[str]:
    return [
        f"{where}: {way.decode()}" for inner in opened(content) for way in sought if way in inner
    ]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the addresses that browsers ask for from now on, and where they are sent."""
    seen: list[str] = []
    request = Client.request

    def noted(self: Client, **environ: Any) -> Any:
        answer = request(self, **environ)
        seen.append(f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}")
        seen.append(answer.get("Location", ""))
        return answer

    monkeypatch.setattr(Client, "request", noted)
    return seen


def whole_journey(run_jobs: Callable[[], None]) -> None:
    """Register, pay, look at everything; leave two drafts; let the staff search and reveal."""
    people = demo.create_demo_users(timezone.now())
    worker = Client()
    walk(worker)
    code = PaymentCode.objects.latest("pk")
    newcomer = Enrolment.objects.get(account=code.account_id)
    worker.get(f"/bayar/{code.reference}/kode/")
    send_form(worker, f"/bayar/{code.reference}/kirim/")
    worker.post(f"/demo/bayar/{code.reference}/", {"form_id": "a" * 22})
    number = newcomer.number
    for path in ("/saya/", f"/kartu/{number}/", f"/kartu/{number}.pdf", f"/saya/{number}/riwayat/"):
        assert worker.get(path).status_code == 200, path
    worker.get(f"/kwitansi/{Payment.objects.latest('pk').pk}.pdf")
    walk(Client(), "name", nik=f"{STAGED_NIK[:6]} {STAGED_NIK[6:]}", birth_date=(27, 8, 1990))
    walk(Client(), "code", nik=OFFICE_NIK, phone="0812 3456 7002")
    mistyped = Client()
    walk(mistyped, "occupation")
    send(mistyped, PATHS["nik"], nik=NIK + "9")
    at_the_desk(people[Role.SERVICE], newcomer.person)
    admin = Client()
    sign_in_staff(admin, people[Role.ADMIN])
    assert admin.get("/admin/contributions/account/").status_code == 200
    run_jobs()


def send_form(client: Client, path: str) -> None:
    assert client.post(path, {"form_id": "b" * 22}).status_code == 302


def at_the_desk(officer: Any, person: Person) -> None:
    desk = Client()
    sign_in_staff(desk, officer)
    assert desk.post("/kantor/orang/", {"words": NIK}).status_code == 302
    desk.post("/kantor/orang/", {"words": PHONE})
    desk.get(f"/kantor/orang/{person.pk}/")
    shown = desk.post(
        f"/kantor/orang/{person.pk}/nik/", {"reason": "Peserta menunjukkan KTP di loket"}
    )
    assert NIK in shown.content.decode()
    draft = RegistrationDraft.objects.filter(needs_office=True).latest("pk")
    desk.get(f"/kantor/pencocokan/{draft.pk}/")


@pytest.mark.ignore_template_errors
def test_no_number_of_a_person_lies_in_the_clear_anywhere(
    committed: None,
    few_firms: None,
    run_jobs: Callable[[], None],
    asked: list[str],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    began = timezone.now().timestamp()
    accounts.mark_as_demo(at=timezone.now())
    if "demo" in get_commands():
        call_command("demo", scale=0.0002, on=timezone.localdate().isoformat(), seed=1, verbosity=0)
    people = Person.objects.order_by("pk")
    invented = [it.id_number.encode() for it in [*people[:50], *people.reverse()[:50]]]
    whole_journey(run_jobs)

    phones = [PHONE.encode(), PHONE[3:].encode()]
    told = "".join(capfd.readouterr()).encode() + caplog.text.encode()
    found = hits("dump", dumped(), SOUGHT + invented)
    for where, content in everything_stored():
        found += hits(where, content, SOUGHT)
    found += [hit for path, content in files(began) for hit in hits(path, content, SOUGHT)]
    found += hits("log", told, SOUGHT + phones)
    found += hits("addresses", "\n".join(asked).encode(), SOUGHT + phones)

    assert found == []
    assert len(asked) > 60
    assert told


def dumped() -> bytes:
    """Return the whole database as text, bytes decoded from their hex."""
    server = embedded.find_server(settings.DATA_DIR)
    name = settings.DATABASES["default"]["NAME"]
    host = str(settings.DATABASES["default"]["HOST"])
    dump = subprocess.run(
        [
            server.programs / "pg_dump",
            "--inserts",
            *("-h", host, "-p", str(embedded.PORT), "-U", embedded.NAME),
            name,
        ],
        capture_output=True,
        check=True,
    ).stdout
    assert b"people_person" in dump
    raw = [bytes.fromhex(it.decode()) for it in re.findall(rb"\\x((?:[0-9a-f]{2})+)", dump)]
    return dump + b"\n" + b"\n".join(raw)


def everything_stored() -> Iterator[tuple[str, bytes]]:
    """Yield every value of every table as bytes; sessions and job arguments as they are read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_stat_user_tables WHERE n_live_tup > 0 OR true")
        for name in [name for (name,) in cursor.fetchall()]:
            cursor.execute(f'SELECT * FROM "{name}"')  # noqa: S608 (names of our own tables)
            for row in cursor.fetchall():
                for value in row:
                    yield name, value if isinstance(value, bytes) else str(value).encode()
        cursor.execute("SELECT args FROM procrastinate_jobs")
        for (args,) in cursor.fetchall():
            yield "job", json.dumps(args).encode()
    for session in Session.objects.order_by("pk"):
        yield "session", json.dumps(session.get_decoded()).encode()


def files(began: float) -> Iterator[tuple[str, bytes]]:
    """Yield every file under the data folder that was written meanwhile, the cluster's not."""
    cluster = embedded.find_server(settings.DATA_DIR).data
    for path in settings.DATA_DIR.rglob("*"):
        if path.is_relative_to(cluster) or not path.is_file() or path.stat().st_mtime < began:
            continue
        yield str(path), path.read_bytes()[:LONGEST_LOOK]


def test_the_search_itself_finds_what_is_hidden() -> None:
    """A search that cannot find proves nothing."""
    packed = base64.b64encode(zlib.compress(NIK.encode()))
    for hidden in (NIK.encode(), b"3672 9927 0385 0001", packed, gzip.compress(NIK.encode())):
        assert hits("here", b"..." + hidden if hidden[:1].isalnum() else hidden, SOUGHT)
