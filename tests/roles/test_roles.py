"""The table of roles and pages against the portal: 14 roles ask for every address."""

import re
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from cilegon_portal.accounts.models import STAFF_ROLES, Role
from tests.accounts.helpers import member, sign_in_staff
from tests.roles import table
from tests.roles.pages import (
    NOT_OURS,
    Belongings,
    Page,
    belongings,
    client_of,
    everything,
    patterns,
)

pytestmark = pytest.mark.django_db
SIGN_IN = ("/masuk/?", "/petugas/masuk/?")
# What a GET may write: who was here and when, counters of limits, how often a card was checked,
# and the token of a card that is looked at for the first time.
WRITTEN_BY_READING = {
    "accounts_attempt",
    "accounts_user",
    "cache",
    "django_session",
    "mfa_authenticator",
    "participants_card",
    "usersessions_usersession",
}


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def world(now: datetime) -> tuple[Belongings, list[Page]]:
    return everything(now)


@pytest.fixture
def owner(world: tuple[Belongings, list[Page]]) -> Belongings:
    return world[0]


@pytest.fixture
def pages(world: tuple[Belongings, list[Page]]) -> list[Page]:
    return world[1]


def outcome(answer: Any) -> str:
    """Return what somebody met: open, sign-in, forbidden, absent, wants a POST; else the status."""
    if answer.status_code in {301, 302}:
        return "sign-in" if answer["Location"].startswith(SIGN_IN) else "open"
    names = {200: "open", 403: "forbidden", 404: "absent", 405: "posted"}
    return names.get(answer.status_code, str(answer.status_code))


def expected(name: str, role: Role) -> str:
    is_posted = name in table.POSTED
    allowed = table.POSTED.get(name) or table.PAGES.get(name) or table.admin_page(name)
    if allowed and role in allowed:
        return "posted" if is_posted else "open"
    if role == Role.ANONYMOUS:
        return "sign-in"
    return "absent" if name in table.HIDDEN else "forbidden"


def test_every_address_stands_in_the_table() -> None:
    known = set(table.PAGES) | set(table.POSTED)
    named = {name for name, _, _ in patterns()}

    unknown = {
        name
        for name in named - known
        if not (name.startswith("admin:") and table.admin_page(name) is not None)
    } - NOT_OURS

    assert unknown == set()
    assert known - named == set()


@pytest.mark.parametrize("role", Role)
def test_each_role_opens_what_the_table_says_and_changes_nothing_by_it(
    role: Role, owner: Belongings, pages: list[Page]
) -> None:
    client = client_of(role, owner)
    before = checksums()

    met = {
        page.address: (page.name, outcome(client.get(page.address)), expected(page.name, role))
        for page in pages
    }

    wrong = [
        f"{name} {path}: {seen}, not {said}"
        for path, (name, seen, said) in met.items()
        if seen != said
    ]
    assert not wrong, f"{role}\n" + "\n".join(wrong)
    assert changed_since(before) == []


def checksums() -> dict[str, str]:
    """Return a mark of what each table holds."""
    with connection.cursor() as cursor:
        cursor.execute(  # a table that lasts: a preview may count in a temporary one
            "SELECT relname FROM pg_stat_user_tables "
            "WHERE schemaname = current_schema() ORDER BY relname"
        )
        names = [name for (name,) in cursor.fetchall()]
        found = {}
        for name in set(names) - WRITTEN_BY_READING:
            cursor.execute(
                f"SELECT md5(string_agg(r::text, '|' ORDER BY r::text)) FROM \"{name}\" r"  # noqa: S608
            )
            found[name] = cursor.fetchone()[0]
    return found


def changed_since(before: dict[str, str]) -> list[str]:
    after = checksums()
    return sorted(name for name in after if after[name] != before[name])


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
def test_a_password_alone_opens_no_page_of_the_staff(
    role: Role, owner: Belongings, pages: list[Page]
) -> None:
    client = Client()
    user = member(role, email="tanpa-kode@contoh.test")
    sign_in_staff(client, user, second_factor=False)

    for page in pages:
        if page.route.startswith(("kantor/", "admin/", "saya/", "kartu/", "bayar/")):
            answer = client.get(page.address)
            is_sent = answer.status_code == 302 and answer["Location"].startswith("/akun/")
            assert is_sent or answer.status_code in {403, 404, 405}, page.name
            assert owner.enrolment.person.name not in answer.content.decode()


def test_a_worker_learns_nothing_of_another_by_any_number(
    owner: Belongings, pages: list[Page], now: datetime
) -> None:
    other = belongings(phone="+6281211110002", name="Zubaidah Prasetya", at=now)
    client = client_of(Role.WORKER, other)
    numbered = [
        page
        for page in pages
        if "<" in page.route and page.route[:2] in {"ba", "sa", "kw", "ka", "de"}
    ]
    numbered = [page for page in numbered if not page.route.startswith("kantor/")]
    assert len(numbered) >= 12

    for page in numbered:
        for answer in (client.get(page.address), client.post(page.address, {"form_id": "x" * 22})):
            assert answer.status_code in {404, 405}, (page.name, answer.status_code)
            body = answer.content.decode()
            assert [it for it in owner.secrets if it in body] == [], page.name


def test_a_wrong_number_and_somebody_elses_get_the_same_page(
    owner: Belongings, now: datetime
) -> None:
    other = belongings(phone="+6281211110002", name="Zubaidah Prasetya", at=now)
    client = client_of(Role.WORKER, other)

    theirs = client.get(f"/saya/{owner.enrolment.number}/bayar/")
    nobodys = client.get("/saya/CLG-0000-0000/bayar/")

    assert theirs.status_code == nobodys.status_code == 404
    assert without_tokens(theirs) == without_tokens(nobodys)


def without_tokens(answer: Any) -> str:
    return re.sub(r'value="\w{64}"', "", answer.content.decode())
