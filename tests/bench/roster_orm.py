"""The usual Django way: dictionaries that are compared, then bulk_create and bulk_update.

The same two steps as the portal's: the rows are kept in a draft, where people could put them right,
and the draft is then approved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.bench.roster_sql import prices, rows_of
from tests.bench.rosters import Crew

BATCH = 2_000
MILLION = 1_000_000


@dataclass(frozen=True)
class Row:
    """A row of the sheet that was understood."""

    nik: str
    index: bytes
    name: str
    born: date
    started: date
    wage: int


def read_day(text: str) -> date:
    return datetime.strptime(text, "%d-%m-%Y").date()  # noqa: DTZ007 (a day, no moment)


def read_row(cells: Sequence[Any]) -> Row:
    """Return a row; raise ValueError where it cannot be understood."""
    from cilegon_portal.fields import blind_index

    nik, name, _, born, _, _, _, _, started, wage = cells
    if len(nik) != 16 or not nik.isdigit() or not name:
        raise ValueError(nik)
    index = blind_index("person.id", nik)
    return Row(nik, index, name, read_day(born), read_day(started), int(wage))


def take(crew: Crew, path: Path, *, at: datetime) -> list[int]:
    """Read the sheet and write the month; return the rows that stopped it."""
    from django.db import transaction

    rows, refused, seen = [], [], set()
    for number, cells in enumerate(rows_of(path), start=2):
        try:
            row = read_row(cells)
        except ValueError:
            refused.append(number)
            continue
        if row.nik in seen:
            refused.append(number)
        seen.add(row.nik)
        rows.append(row)
    if refused:
        return refused
    with transaction.atomic():
        draft = keep(crew, rows, at=at)
    with transaction.atomic():
        rows = kept(draft)
        people = known_people(rows, at=at)
        employ(crew, rows, people)
        write_report(crew, {people[row.index].pk: row.wage for row in rows}, at=at)
        draft.closed_at, draft.closed_because = at, "APPROVED"
        draft.save(update_fields=["closed_at", "closed_because"])
    return []


def keep(crew: Crew, rows: Sequence[Row], *, at: datetime) -> Any:
    """Write the rows as a draft of the month."""
    from employers.models import DraftRow, ReportDraft

    draft = ReportDraft.objects.create(
        employer=crew.employer,
        month=crew.month,
        source="UPLOAD",
        state=ReportDraft.State.READY,
        rows_total=len(rows),
        made_by=crew.approver,
        made_at=at,
        expires_at=at + timedelta(days=30),
    )
    DraftRow.objects.bulk_create(
        (
            DraftRow(
                draft=draft,
                number=number,
                id_kind="NIK",
                id_number=row.nik,
                id_index=row.index,
                name=row.name,
                birth_date=row.born,
                sex="L",
                started_on=row.started,
                wage=row.wage,
            )
            for number, row in enumerate(rows, start=2)
        ),
        batch_size=BATCH,
    )
    return draft


def kept(draft: Any) -> list[Row]:
    """Return the rows of a draft."""
    return [
        Row(it.id_number, bytes(it.id_index), it.name, it.birth_date, it.started_on, it.wage)
        for it in draft.rows.in_order()
    ]


def known_people(rows: Sequence[Row], *, at: datetime) -> dict[bytes, Any]:
    from cilegon_portal.people.models import Person

    people: dict[bytes, Any] = {}
    for start in range(0, len(rows), BATCH):
        indexes = [row.index for row in rows[start : start + BATCH]]
        found = Person.objects.filter(id_kind="NIK", id_index__in=indexes).defer("id_number")
        people |= {bytes(person.id_index): person for person in found}
    made = Person.objects.bulk_create(
        [
            Person(
                id_number=row.nik,
                id_index=row.index,
                name=row.name,
                birth_date=row.born,
                sex="L",
                registered_at=at,
            )
            for row in rows
            if row.index not in people
        ],
        batch_size=BATCH,
    )
    return people | {bytes(person.id_index): person for person in made}


def employ(crew: Crew, rows: Sequence[Row], people: Mapping[bytes, Any]) -> None:
    from employers.models import Employment

    standing = {
        spell.person_id: spell for spell in Employment.objects.standing().filter(
            employer=crew.employer
        )
    }  # fmt: skip
    Employment.objects.bulk_create(
        [
            Employment(
                employer=crew.employer,
                person=people[row.index],
                reported_name=row.name,
                reported_birth_date=row.born,
                started_on=row.started,
                is_different=differs(people[row.index], row),
            )
            for row in rows
            if people[row.index].pk not in standing
        ],
        batch_size=BATCH,
    )
    end(crew, [standing[key] for key in standing.keys() - {people[it.index].pk for it in rows}])


def differs(person: Any, row: Row) -> bool:
    return bool(person.name.casefold() != row.name.casefold() or person.birth_date != row.born)


def end(crew: Crew, spells: Sequence[Any]) -> None:
    from employers.models import Employment

    for spell in spells:
        spell.ended_on = crew.month.first_day - timedelta(days=1)
        spell.cause = Employment.Cause.OTHER
    Employment.objects.bulk_update(spells, ["ended_on", "cause"], batch_size=BATCH)


def write_report(crew: Crew, wages: Mapping[int, int], *, at: datetime) -> None:
    """Price the month in Python and write its bill, report and lines."""
    from cilegon_portal.contributions.models import Bill, Charge, ChargeRate
    from employers.actions.pricing import due_date_of
    from employers.models import WageLine, WageReport

    shares = prices(crew.month)
    parts = ("jkk", "jkm", "jht_employer", "jht_worker", "jp_employer", "jp_worker")
    lines = [
        WageLine(
            person_id=person,
            month=crew.month,
            wage=wage,
            **{name: part(name, wage, shares) for name in parts},
        )
        for person, wage in wages.items()
    ]
    sums = {name: sum(getattr(line, name) for line in lines) for name in parts}
    bill = Bill.objects.create(
        account=crew.employer.account,
        month=crew.month,
        due_on=due_date_of(crew.month),
        sector="OTHER",
        made_at=at,
    )
    charge = Charge.objects.create(
        bill=bill,
        kind=Charge.Kind.CONTRIBUTION,
        jkk=sums["jkk"],
        jkm=sums["jkm"],
        jht=sums["jht_employer"] + sums["jht_worker"],
        jp=sums["jp_employer"] + sums["jp_worker"],
        reason_code="REPORT",
        reason="Laporan upah",
        by=crew.approver,
        at=at,
    )
    ChargeRate.objects.bulk_create(
        ChargeRate(charge=charge, rate_id=rate) for rate in shares["rates"]
    )
    report = WageReport.objects.create(
        employer=crew.employer,
        month=crew.month,
        version=1,
        kind=WageReport.Kind.REGULAR,
        source=WageReport.Source.UPLOAD,
        terms=crew.employer.terms.get(),
        workers=len(lines),
        wages=sum(wages.values()),
        charge=charge,
        approved_by=crew.approver,
        approved_at=at,
        **sums,
    )
    for line in lines:
        line.report = report
    WageLine.objects.bulk_create(lines, batch_size=BATCH)


def part(name: str, wage: int, shares: Mapping[str, Any]) -> int:
    base = min(wage, shares["ceiling"]) if name.startswith("jp") else wage
    return int((base * shares[name] + MILLION // 2) // MILLION)
