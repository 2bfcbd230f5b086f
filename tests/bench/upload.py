"""Uploads: how soon 500 rows have a result, what pages feel of 5 000, what the web holds.

As a person does it: gunicorn, a job worker, a form that is posted, a page that is asked again.
"""

import http.client
import re
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from tests.bench import place
from tests.bench.firms import open_firm
from tests.bench.registrations import CSRF, ask
from tests.bench.rosters import Crew, keys

SMALL, LARGE, HUGE = 500, 5_000, 19_000
LARGE_FIRMS = 6
RESULT_GOAL = 10  # seconds
PAGE_GOAL = 0.5  # seconds, the 95th of a hundred, while rosters are read
MEMORY_GOAL = 20  # megabytes
ASKED = 100  # times each page
BOUNDARY = "b" * 32


@dataclass(frozen=True)
class Visitor:
    """Somebody who is signed in: the cookie, and the pages of a crew's month."""

    site: str
    cookie: str
    pages: str  # the address below which the month lies

    def ask(self, path: str, body: bytes | None = None) -> tuple[int, str, str]:
        """Ask for a page below the month, or post to it; return status, where to, and text."""
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        headers = {"Cookie": self.cookie} | ({"Content-Type": kind} if body else {})
        connection = http.client.HTTPConnection(urlsplit(self.site).netloc, timeout=60)
        connection.request("POST" if body else "GET", f"{self.pages}{path}", body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, answer.getheader("Location", ""), text

    def upload(self, name: str, content: bytes) -> int:
        """Open the page, choose the file, press the button; return the status."""
        from cilegon_portal.accounts.models import Attempt

        Attempt.objects.all().delete()  # no firm may send as many files as we do
        _, _, page = self.ask("unggah/")
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
        status, _, _ = self.ask("unggah/", multipart(hidden, name, content))
        return status

    def wait(self) -> None:
        """Look at the waiting page until it is the result."""
        while "Periksa status" in self.ask("hasil/")[2]:
            time.sleep(0.1)


def multipart(fields: dict[str, str], name: str, content: bytes) -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in fields.items()
    ]
    parts.append(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return "".join(parts).encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def visitor(site: str, crew: Crew) -> Visitor:
    pages = f"/perusahaan/{crew.employer.reference}/upah/{crew.month}/"
    return Visitor(site, cookie_of(crew.approver), pages)


def cookie_of(user: Any) -> str:
    from django.conf import settings
    from django.test import Client

    from tests.accounts.helpers import sign_in_staff

    client = Client()
    sign_in_staff(client, user)
    cookies = {name: it.value for name, it in client.cookies.items()}
    cookies[settings.CSRF_COOKIE_NAME] = CSRF
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def sheet(crew: Crew, folder: Path, *, raised: int) -> bytes:
    """Return the crew's spreadsheet with one wage raised, so that no two are the same."""
    first, *others = crew.hands
    crew.hands = [replace(first, wage=first.wage + raised), *others]
    path = folder / "roster.xlsx"
    crew.write(path)
    crew.hands = [first, *others]
    return path.read_bytes()


def check(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise SystemExit(f"{what}: {found} instead of {expected}")


def seconds_to_result(site: str, crew: Crew, folder: Path) -> list[float]:
    """Upload 500 rows again and again; return the seconds from the button to the result."""
    who, taken = visitor(site, crew), []
    for run in range(place.RUNS + 1):
        content = sheet(crew, folder, raised=run)
        began = time.perf_counter()
        check("upload", who.upload("upah.xlsx", content), 302)
        who.wait()
        taken.append(time.perf_counter() - began)
    return taken[1:]  # the worker's first job loads what all others find loaded


def read_on(
    site: str, crews: Sequence[Crew], folder: Path, is_over: Callable[[], bool], read: list[float]
) -> None:
    """Let one roster of 5 000 rows after the other be read until it is over."""
    for number in range(1, 10_000):
        for crew in crews:
            if is_over():
                return
            content, who = sheet(crew, folder, raised=number), visitor(site, crew)
            began = time.perf_counter()
            check("upload", who.upload("upah.xlsx", content), 302)
            who.wait()
            read.append(time.perf_counter() - began)


def pages_of(crew: Crew, staff: Any) -> dict[str, str]:
    """Return the pages that people look at meanwhile, and who looks."""
    firm, desk = cookie_of(crew.approver), cookie_of(staff)
    mine = f"/perusahaan/{crew.employer.reference}/"
    return {
        "/": "",
        "/masuk/": "",
        mine: firm,
        f"{mine}upah/": firm,
        "/kantor/orang/?q=rahmat": desk,
        "/kantor/perusahaan/": desk,
    }


def times_of(site: str, pages: dict[str, str]) -> dict[str, list[float]]:
    """Ask for every page, two people at a time."""
    with ThreadPoolExecutor(2) as pool:
        return {
            path: list(pool.map(lambda _, at=path: ask(site, at, pages[at]), range(ASKED)))
            for path in pages
        }


def shown(times: dict[str, list[float]], what: str) -> float:
    """Print the seconds of each page; return the 95th of a hundred of all."""
    place.say(what, "median", "p95")
    for path, taken in times.items():
        place.say(path, f"{median(taken):.4f}", f"{quantiles(taken, n=20)[-1]:.4f}")
    return quantiles([it for taken in times.values() for it in taken], n=20)[-1]


def growth(site: str, crew: Crew, folder: Path) -> float:
    """Upload files of almost five megabytes; return the megabytes that the web process gained."""
    who = visitor(site, crew)
    header = b"NIK;Nama;Tanggal Lahir;Tanggal Masuk Kerja;Upah;Keterangan\n"
    rows = [
        f"{it.nik};{it.name};{it.birth_date:%d-%m-%Y};01-04-2019;{it.wage};{'x' * 180}\n".encode()
        for it in crew.hands
    ]
    content = header + b"".join(rows)
    check("upload", who.upload("upah.csv", content), 302)
    before = place.memory_of(site)
    for number in range(place.RUNS):
        check("upload", who.upload("upah.csv", content + b"\n" * (number + 1)), 302)
    place.say(f"{len(content) / 1e6:.1f} MB file, {place.RUNS} times")
    return (place.memory_of(site) - before) / 1e6


def crews() -> tuple[Crew, list[Crew], Crew]:
    from django.utils import timezone

    from cilegon_portal.rules.months import Month

    at = timezone.now()
    sizes = [SMALL, *[LARGE] * LARGE_FIRMS, HUGE]
    month = Month.of(timezone.localdate()).plus(-1)
    starts = keys(0, sizes, 1)
    found = [
        Crew(f"Unggah {number}", size, start, month)
        for number, (size, start) in enumerate(zip(sizes, starts, strict=True))
    ]
    for crew in found:
        open_firm(crew, at=at)
    return found[0], found[1:-1], found[-1]


def run() -> bool:
    from django.core.management import call_command
    from django.utils import timezone

    from cilegon_portal.accounts import demo
    from cilegon_portal.accounts.models import Role

    call_command("demo", scale=0.02, on=timezone.localdate().isoformat(), seed=1, verbosity=0)
    small, large, huge = crews()
    pages = pages_of(small, demo.create_demo_users(timezone.now())[Role.SERVICE])
    read: list[float] = []
    with place.served() as site, place.working(), TemporaryDirectory() as folder:
        taken = seconds_to_result(site, small, Path(folder))
        alone = shown(times_of(site, pages), "pages alone, s")
        over = threading.Event()
        reader = threading.Thread(
            target=read_on, args=(site, large, Path(folder), over.is_set, read)
        )
        reader.start()
        beside = shown(times_of(site, pages), f"pages while {LARGE} rows are read, s")
        over.set()
        reader.join()
        grown = growth(site, huge, Path(folder))
    place.say(f"{LARGE} rows, upload to result, s", f"{median(read):.2f}", f"{len(read)} read")
    place.say("p95 of all pages, alone, s", f"{alone:.3f}")
    return all(
        [
            place.judged(f"{SMALL} rows to result, s", median(taken), goal=RESULT_GOAL, most=True),
            place.judged("p95 of all pages meanwhile, s", beside, goal=PAGE_GOAL, most=True),
            place.judged("web process grew by, MB", grown, goal=MEMORY_GOAL, most=True),
        ]
    )


def main() -> int:
    place.set_up()
    try:
        return 0 if run() else 1
    finally:
        place.tear_down()


if __name__ == "__main__":
    sys.exit(main())
