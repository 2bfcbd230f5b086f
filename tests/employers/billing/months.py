"""Months of firms, prepared, approved and paid: the least that makes each real."""

from collections.abc import Sequence
from datetime import date, datetime

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.models import Bill
from cilegon_portal.fields import blind_index
from cilegon_portal.people.models import Person
from cilegon_portal.rules.months import Month
from employers.actions.approving import approve
from employers.models import DraftRow, Employer, ReportDraft, WageReport
from tests import make
from tests.make import AT, DAY

BORN = date(1985, 9, 15)
STARTED = date(2025, 1, 1)
OCTOBER = Month(2026, 10)
JANUARY_2025 = Month(2025, 1)


def firm(*, first: Month = JANUARY_2025, **more) -> Employer:
    return make.firm(first=first, risk_group=more.pop("risk_group", 4), **more)


def draft(
    employer: Employer,
    wages: Sequence[int] = (),
    *,
    month: Month = OCTOBER,
    people: Sequence[Person] = (),
    purpose: str = "REGULAR",
    source: str = "UPLOAD",
    at: datetime = AT,
) -> ReportDraft:
    """Prepare a month: a row a wage, of these `people`, or else of somebody new each."""
    prepared = ReportDraft.objects.create(
        employer=employer,
        month=month,
        purpose=purpose,
        source=source,
        state="READY",
        rows_total=len(wages),
        made_at=at,
        read_at=at,
        expires_at=at + 30 * DAY,
    )
    for number, wage in enumerate(wages, start=2):
        row(prepared, number, wage, person=people[number - 2] if number - 2 < len(people) else None)
    return prepared


def row(
    prepared: ReportDraft,
    number: int,
    wage: int | None,
    *,
    person: Person | None = None,
    known: str = "",
    born: date = BORN,
    **more,
) -> DraftRow:
    """Add a row; `more`: name, started_on, ended_on, cause, is_absent, warnings and the like."""
    known = known or (str(person.id_number) if person else make.nik(born=born))
    given = {
        "id_kind": person.id_kind if person else "NIK",
        "name": person.name if person else f"Pekerja Uji {number}",
        "birth_date": person.birth_date if person else born,
        "sex": "L",
        "started_on": STARTED,
    }
    return DraftRow.objects.create(
        draft=prepared,
        number=number,
        wage=wage,
        id_number=known,
        id_index=blind_index("person.id", known),
        **given | more,
    )


def approved(
    employer: Employer, wages: Sequence[int], *, by: User | None = None, at: datetime = AT, **more
) -> WageReport:
    """Report a month and approve it; `more` goes to `draft`."""
    return approve(draft=draft(employer, wages, at=at, **more), by=by or make.user(), at=at)


def people_of(report: WageReport) -> list[Person]:
    return [line.person for line in report.lines.order_by("pk").select_related("person")]


def bill_of(employer: Employer, month: Month = OCTOBER) -> Bill:
    return Bill.objects.with_programmes().get(account=employer.account_id, month=month.first_day)
