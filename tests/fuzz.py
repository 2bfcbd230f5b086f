"""What nobody means to ask: nasty values for every part of every address, for tests and chaos."""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from django.test import Client

from tests.roles.pages import Page

SHORT = ("99999999999999999999", "-1", "\x00", "../../etc/passwd", "ب" * 300, "2026-02-31")
LONG = (
    *SHORT,
    "0",
    "9223372036854775807",
    "1e309",
    "NaN",
    "",
    " ",
    "%00",
    "%",
    "a' OR '1'='1",
    '"><script>alert(1)</script>',
    "{{ 7*7 }}",
    "${jndi:ldap://127.0.0.1/a}",
    "\r\nSet-Cookie: a=b",
    "//127.0.0.1/",
    "\\\\127.0.0.1\\a",
    "CLG-0000-0000",
    "clg00000000",
    "\ud7ff\ue000\uffff",
    "🐟" * 50,
    "a" * 5_000,
    "2026-13",
    "31/02/2026",
    "true",
    "[]",
)
NAMES = ("q", "next", "cara", "page", "k", "sort", "o", "p", "e", "_popup", "f_status")
PART = re.compile(r"<[^>]*>|\(\?P<[^>]*>[^)]*\)")


def addresses(page: Page, values: Sequence[str]) -> Iterator[str]:
    """Yield the address of `page` with each value in its parts, and in its query."""
    for value in values:
        if PART.search(page.route):
            typed = quote(value, safe="") if value not in {"%00", "%"} else value
            route = PART.sub(typed.replace("\\", "%5C"), page.route)
            yield "/" + re.sub(r"[\^$]|\\", "", route)
        query = "&".join(f"{name}={quote(value)}" for name in NAMES)
        yield f"{page.address}?{query}&q[]={quote(value)}&q={quote(value)}"


def broken(client: Client, pages: Sequence[Page], values: Sequence[str]) -> list[str]:
    """Ask every page with every value; return what answered with a fault of ours."""
    found = []
    for page in pages:
        for address in addresses(page, values):
            status = client.get(address).status_code
            if status >= 500:
                found.append(f"{status} {page.name} {address[:120]!r}")
    return found
