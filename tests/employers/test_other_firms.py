"""Every page of the employer's door, asked by somebody of another firm: there is no such page."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from cilegon_portal.accounts import actions as accounts
from cilegon_portal.accounts.models import Role
from employers.actions import team
from employers.models import Employer
from tests.accounts.helpers import sign_in_staff
from tests.employers.billing import months
from tests.employers.world import FirmWorld, firm_world
from tests.roles.pages import patterns

pytestmark = pytest.mark.django_db
FORM = {"form_id": "x" * 22}
# A stranger's numbers in one's own firm: what these pages name by a number must be the firm's own.
NUMBERED = {"end_seat", "bill_worker"}


@pytest.fixture
def theirs() -> FirmWorld:
    accounts.mark_as_demo(at=timezone.now())  # with the pages that only a demo has
    return firm_world(timezone.now(), worker="Sukarsih Prabandari")


@pytest.fixture
def ours(theirs: FirmWorld) -> FirmWorld:
    return firm_world(timezone.now(), worker="Mulyono Atmaja")


def firm_pages() -> Iterator[tuple[str, str, URLPattern]]:
    """Yield (name, route, pattern) of every page of one firm: new ones come by themselves."""
    for name, route, pattern in patterns():
        if name.startswith("employers:") and "<str:reference>" in route:
            yield name.removeprefix("employers:"), route, pattern


def addresses(world: FirmWorld, **other: Any) -> dict[str, str]:
    """Return the address of each page of the firm; `other` values in place of its own."""
    found = {}
    for name, route, pattern in firm_pages():
        found[name] = filled(route, pattern, world.values(name) | other)
    return found


def filled(route: str, pattern: URLPattern, values: dict[str, Any]) -> str:
    """Put values in a whole route: the converters of the outer parts are not the pattern's own."""
    address = route
    for name, value in values.items():
        for kind in ("str", "month", "int"):
            address = address.replace(f"<{kind}:{name}>", str(value))
    assert "<" not in address, f"{address}: tell tests.employers.world what stands here"
    return f"/{address}"


def answers(client: Client, address: str) -> Iterator[tuple[str, Any]]:
    yield "GET", client.get(address)
    yield "HEAD", client.head(address)
    yield "POST", client.post(address, FORM)


def client_of(world: FirmWorld, role: Role) -> Client:
    client = Client(raise_request_exception=False)
    sign_in_staff(client, world.approver if role == Role.APPROVER else world.reporter)
    return client


def test_the_walk_finds_the_pages_of_a_firm():
    names = {name for name, _, _ in firm_pages()}

    assert {"home", "facts", "team", "end_seat", "months", "report_upload", "bill_pdf"} <= names
    assert len(names) > 30


@pytest.mark.parametrize("role", [Role.APPROVER, Role.REPORTER])
def test_no_page_of_another_firm_is_there(role: Role, theirs: FirmWorld, ours: FirmWorld):
    client = client_of(ours, role)
    secrets = theirs.secrets
    nobodys = addresses(theirs, reference="CLG-0000-0000")
    before = marks()
    wrong = []

    for name, address in addresses(theirs).items():
        for method, answer in answers(client, address):
            nothing = client.generic(method, nobodys[name])
            body = answer.content.decode()
            told = [it for it in secrets if it in body]
            if told or answer.status_code not in {403, 404, 405}:
                wrong.append(f"{method} {address}: {answer.status_code} {told}")
            if answer.status_code == 403 and role == Role.APPROVER:
                wrong.append(f"{method} {address}: forbidden where nothing should be")
            if method != "POST" and answer.status_code != nothing.status_code:
                wrong.append(f"{method} {address}: another answer than for no firm at all")

    assert not wrong, "\n".join(wrong)
    assert marks() == before


def test_numbers_of_another_firm_open_nothing_in_ones_own(theirs: FirmWorld, ours: FirmWorld):
    client = client_of(ours, Role.APPROVER)
    secrets = theirs.secrets
    before = marks()

    for name in NUMBERED:
        address = addresses(ours, pk=theirs.values(name)["pk"])[name]
        for method, answer in answers(client, address):
            assert answer.status_code in {404, 405}, (method, address, answer.status_code)
            assert not [it for it in secrets if it in answer.content.decode()]

    assert marks() == before


def test_ones_own_pages_tell_nothing_of_another_firm(theirs: FirmWorld, ours: FirmWorld):
    client = client_of(ours, Role.APPROVER)
    secrets = theirs.secrets

    for name, address in addresses(ours).items():
        answer = client.get(address)
        assert answer.status_code in {200, 302, 405}, (name, answer.status_code)
        body = b"".join(answer) if answer.streaming else answer.content
        assert not [it for it in secrets if it.encode() in body], name


def test_a_seat_that_ended_opens_no_page_of_the_firm(ours: FirmWorld, theirs: FirmWorld):
    client = client_of(ours, Role.REPORTER)
    team.take_seat(employer=theirs.firm, user=ours.reporter, role=Role.REPORTER, at=timezone.now())
    team.end_seat(seat=ours.firm.seats.get(user=ours.reporter), by=ours.approver, at=timezone.now())

    for name, address in addresses(ours).items():
        assert client.get(address).status_code in {403, 404, 405}, name


def test_a_known_nik_is_reported_like_an_unknown_one(theirs: FirmWorld, ours: FirmWorld):
    """A worker of another firm on one's own report: nothing on any page says so."""
    preparing = ours.firm.drafts.open().get()
    months.row(preparing, 3, 5_100_000, person=theirs.worker, is_new=True)
    stranger = months.row(preparing, 4, 5_100_000, is_new=True)
    client = client_of(ours, Role.APPROVER)

    for name in ("report_row", "report_leave"):
        known, unknown = (
            client.get(addresses(ours, number=number)[name]).content.decode() for number in (3, 4)
        )
        ids = (str(theirs.worker.id_number), str(stranger.id_number))
        assert theirs.firm.name not in known
        assert levelled(known, theirs.worker.name, ids) == levelled(unknown, stranger.name, ids)


def levelled(page: str, name: str, ids: tuple[str, str]) -> str:
    """Return a page without what may differ: tokens, the worker's name and id, the row's number."""
    for private in (name, *ids):
        page = page.replace(private, "…")
    return re.sub(r"\b[34]\b", "n", re.sub(r'value="[\w-]{20,}"', "", page))


def test_the_list_of_ones_firms_names_ones_own_only(theirs: FirmWorld, ours: FirmWorld):
    body = client_of(ours, Role.APPROVER).get(f"{reverse('employers:start')}?semua").content

    assert ours.firm.name.encode() in body
    assert theirs.firm.name.encode() not in body
    assert list(Employer.objects.of_seats(ours.approver)) == [ours.firm]


def marks() -> dict[str, str]:
    """Return a mark of what each table of the firms and of the ledger holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_stat_user_tables WHERE schemaname = current_schema()"
            " AND (relname LIKE 'employers_%' OR relname LIKE 'contributions_%')"
        )
        names = sorted(name for (name,) in cursor.fetchall())
        found = {}
        for name in names:
            cursor.execute(
                f"SELECT md5(string_agg(r::text, '|' ORDER BY r::text)) FROM \"{name}\" r"  # noqa: S608
            )
            found[name] = cursor.fetchone()[0]
    return found
