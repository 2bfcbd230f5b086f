"""Fills an empty database with a made-up Cilegon, once: the action behind `manage.py demo`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from django.conf import settings
from django.db import models, transaction

from cilegon_portal.accounts.actions import NotADemo, mark_as_demo
from cilegon_portal.accounts.demo import create_demo_users
from cilegon_portal.accounts.models import Role, User
from cilegon_portal.contributions.models import (
    Account,
    Allocation,
    Bill,
    Charge,
    CodeLine,
    Payment,
    PaymentCode,
    Rate,
)
from cilegon_portal.management.demo.firm_reporting import Year
from cilegon_portal.management.demo.firm_writing import write_firms
from cilegon_portal.management.demo.firms import FirmPlan, Line
from cilegon_portal.management.demo.plan import WIB, Fate, MadeUp, Place, Plan, Trade
from cilegon_portal.management.demo.writing import Numbers, write_money, write_people
from cilegon_portal.people.models import Person
from cilegon_portal.reference.models import Kelurahan, Setting
from employers.models import (
    Employer,
    Employment,
    LineOfBusiness,
    Seat,
    WageLine,
    WageReport,
)
from participants.models import Enrolment, Occupation

ARGUMENTS = "DEMO_ARGUMENTS"
COUNTED: dict[str, type[models.Model]] = {
    "people": Person,
    "enrolments": Enrolment,
    "accounts": Account,
    "codes": PaymentCode,
    "code_lines": CodeLine,
    "bills": Bill,
    "charges": Charge,
    "payments": Payment,
    "allocations": Allocation,
    "employers": Employer,
    "seats": Seat,
    "employments": Employment,
    "reports": WageReport,
    "wage_lines": WageLine,
}


class CannotFill(Exception):
    """The database is none to fill; the text says why."""


@dataclass(frozen=True)
class Filled:
    """What a run wrote: rows by table, and whose phones to try."""

    written: dict[str, int]
    phones: dict[str, str]  # by fate


def fill(*, scale: str, on: date, seed: int) -> Filled:
    """Fill the database for day `on`, or find that a run with the same arguments has done so.

    The demo stands at nine in the morning (WIB) of that day. Raises CannotFill.
    """
    if not settings.DEMO:
        raise CannotFill("Mode demo tidak aktif di sini. Isi DEMO=1 untuk basis data percobaan.")
    now = datetime.combine(on, time(9), tzinfo=WIB)
    plan = Plan(seed=seed, scale=scale, now=now, trades=trades(), places=places())
    people = list(plan.people())
    with transaction.atomic():
        before = rows()
        if not is_filled(f"{scale} {on} {seed}"):
            write(people, plan=plan, arguments=f"{scale} {on} {seed}")
        written = {name: count - before[name] for name, count in rows().items()}
    return Filled(written, phones_of(people))


def write(people: list[MadeUp], *, plan: Plan, arguments: str) -> None:
    try:
        mark_as_demo(at=plan.now)
    except NotADemo:
        raise CannotFill(
            "Basis data ini sudah berisi data dan tidak bertanda demo, jadi tidak diisi."
        ) from None
    Setting.objects.create(
        key=ARGUMENTS,
        value=arguments,
        meaning="Skala, tanggal dan benih data contoh",
        valid_from=plan.now.date(),
        legal_basis="Perintah demo",
    )
    staff = create_demo_users(plan.since)
    numbers = Numbers(plan.dice)
    accounts = write_people(people, staff=staff, numbers=numbers)
    write_money(people, accounts, staff=staff, numbers=numbers, now=plan.now)
    write_employers(plan, staff=staff, drawn=numbers.drawn)


def write_employers(plan: Plan, *, staff: Mapping[Role, User], drawn: set[int]) -> None:
    """Write the firms and the year that they have reported, drawn apart from the people."""
    firm_plan = FirmPlan(
        plan.seed, plan.scale, plan.now, lines_of_business(), plan.places, ids=plan.niks
    )
    firms = list(firm_plan.firms())
    written = write_firms(firms, staff=staff, numbers=Numbers(firm_plan.dice, drawn))
    Year(written, now=plan.now, dice=firm_plan.dice).tell()


def is_filled(arguments: str) -> bool:
    """Tell whether this very demo stands here; raise CannotFill where other data does."""
    found = Setting.objects.filter(key=ARGUMENTS).values_list("value", flat=True).first()
    if found == arguments:
        return True
    if found is not None:
        raise CannotFill(
            f"Basis data ini sudah berisi data contoh lain (skala, tanggal, benih: {found})."
        )
    if Person.objects.exists() or Account.objects.exists():
        raise CannotFill("Basis data ini sudah berisi data, jadi tidak diisi data contoh.")
    if not Rate.objects.exists():
        raise CannotFill("Data acuan belum ada. Jalankan manage.py load_reference dulu.")
    return False


def trades() -> list[Trade]:
    """Return the occupations on offer, in an order that no collation changes."""
    offered = Occupation.objects.filter(is_offered=True, is_priced_by_office=False)
    found = offered.values_list("pk", "name", "sector")
    return sorted((Trade(*row) for row in found), key=lambda trade: trade.name)


def lines_of_business() -> list[Line]:
    """Return the lines of business on offer, in an order that no collation changes."""
    found = LineOfBusiness.objects.offered().values_list(
        "pk", "name", "risk_group", "is_labour_intensive"
    )
    return sorted((Line(*row) for row in found), key=lambda line: line.name)


def places() -> list[Place]:
    found = sorted(Kelurahan.objects.values_list("code", "pk"))
    return [Place(key, code[6:8]) for code, key in found]


def rows() -> dict[str, int]:
    return {name: model._default_manager.count() for name, model in COUNTED.items()}


def phones_of(people: list[MadeUp]) -> dict[str, str]:
    """Return a phone of somebody in each state, to sign in with."""
    return {person.fate.name: person.phone for person in people[: len(Fate)]}
