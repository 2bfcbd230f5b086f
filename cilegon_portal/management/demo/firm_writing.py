"""Writes the made-up firms: who they are, who acts for them, what was decided, who works there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import Group

from cilegon_portal.accounts.demo import FIRM
from cilegon_portal.accounts.models import Role, User
from cilegon_portal.contributions.models import Account
from cilegon_portal.fields import blind_index
from cilegon_portal.management.demo.firms import (
    BIG_FIRM,
    DEMO_FIRM,
    TAKEN_IN,
    Firm,
    Standing,
    Worker,
)
from cilegon_portal.management.demo.first_rosters import write_first_rosters
from cilegon_portal.management.demo.writing import NO_PASSWORD, Numbers
from cilegon_portal.people.models import Person
from employers.models import Contact, Decision, Employer, Employment, Evidence, Seat, Terms

BATCH = 2_000  # rows a statement
PAYROLL_OFFICES = 4  # each reports for many firms
REASONS = {
    Standing.RETURNED: "NIB tidak cocok dengan nama badan usaha. Periksa lagi, lalu kirim ulang.",
    Standing.REJECTED: "Badan usaha ini sudah terdaftar di kantor cabang lain.",
    Standing.CLOSED: "Badan usaha bubar menurut surat pemiliknya.",
}


@dataclass(frozen=True)
class Written:
    """A firm that was taken in, as it stands in the database, with its workers' keys."""

    firm: Firm
    employer: Employer
    account: Account
    terms: Terms
    approver: User
    persons: Mapping[Worker, int]


def write_firms(
    firms: Sequence[Firm], *, staff: Mapping[Role, User], numbers: Numbers
) -> list[Written]:
    """Write all firms; return those that were taken in, in the same order."""
    approvers = write_approvers(firms, staff)
    accounts = write_accounts(firms, staff=staff, numbers=numbers)
    employers = Employer.objects.bulk_create(
        employer_of(firm, accounts.get(firm.number), numbers.reference(), staff) for firm in firms
    )
    standing = list(zip(firms, employers, approvers, strict=True))
    Contact.objects.bulk_create(
        contact for firm, employer, _ in standing for contact in contacts_of(firm, employer)
    )
    Seat.objects.bulk_create(
        seat for row in standing for seat in seats_of(*row, reporter=staff[Role.REPORTER])
    )
    write_decisions(standing, staff=staff)
    write_first_rosters(standing)
    taken_in = [row for row in standing if row[0].standing in TAKEN_IN]
    terms = Terms.objects.bulk_create(
        terms_of(firm, employer, by=staff[Role.OFFICER]) for firm, employer, _ in taken_in
    )
    persons = write_workers([(firm, employer) for firm, employer, _ in taken_in])
    return [
        Written(firm, employer, accounts[firm.number], their, approver, persons)
        for (firm, employer, approver), their in zip(taken_in, terms, strict=True)
    ]


def write_approvers(firms: Sequence[Firm], staff: Mapping[Role, User]) -> list[User]:
    """Return who approves for each firm: somebody of its own, or one of a few payroll offices."""
    offices = [
        approver(f"biro-gaji-{number}", f"Biro Gaji {number} Contoh", since=firms[0].began_at)
        for number in range(1, PAYROLL_OFFICES + 1)
    ]
    of_their_own = {
        firm.number: approver(
            f"penyetuju-{firm.number:04}", f"Penyetuju {firm.name}", since=firm.began_at
        )
        for firm in firms
        if firm.number == BIG_FIRM or firm.standing not in TAKEN_IN
    }
    made = User.objects.bulk_create([*offices, *of_their_own.values()])
    approvers = Group.objects.get(name=Role.APPROVER)
    membership = User.groups.through
    membership.objects.bulk_create(membership(user=user, group=approvers) for user in made)
    known = of_their_own | {DEMO_FIRM: staff[Role.APPROVER]}
    return [known.get(it.number, offices[it.number % PAYROLL_OFFICES]) for it in firms]


def approver(name: str, person: str, *, since: datetime) -> User:
    return User(
        username=f"demo-{name}",
        email=f"{name}@{FIRM}",
        name=person,
        password=NO_PASSWORD,
        joined_at=since,
    )


def write_accounts(
    firms: Sequence[Firm], *, staff: Mapping[Role, User], numbers: Numbers
) -> dict[int, Account]:
    """Write an account for each firm that was taken in; return them by the firm's number."""
    taken_in = [firm for firm in firms if firm.standing in TAKEN_IN]
    accounts = Account.objects.bulk_create(
        Account(
            kind=Account.Kind.PU,
            virtual_account=numbers.virtual_account(),
            name=firm.name,
            phone=phone_of(firm),
            email=f"keuangan-{firm.number:04}@{FIRM}",
            kelurahan_id=firm.place.key,
            officer=staff[Role.OFFICER],
            opened_at=firm.decided_at,
        )
        for firm in taken_in
    )
    return {firm.number: account for firm, account in zip(taken_in, accounts, strict=True)}


def phone_of(firm: Firm) -> str:
    return f"+62812998{firm.number:05}"


def employer_of(
    firm: Firm, account: Account | None, reference: str, staff: Mapping[Role, User]
) -> Employer:
    """Return the firm's row; a draft has told its name and no more."""
    is_draft = firm.standing is Standing.DRAFT
    is_decided = firm.standing not in {Standing.DRAFT, Standing.SENT}
    employer = Employer(
        reference=reference,
        state=firm.standing.value,
        account=account,
        name=firm.name,
        began_at=firm.began_at,
        sent_at=None if is_draft else firm.sent_at,
        decided_at=(firm.closed_at or firm.decided_at) if is_decided else None,
        decided_by=staff[Role.OFFICER] if is_decided else None,
        last_month=firm.last_month,
    )
    if not is_draft:
        employer.npp = firm.npp if account else ""
        employer.nib, employer.npwp = firm.nib, firm.npwp
        employer.line_of_business_id = firm.line.key
        employer.address, employer.kelurahan_id = firm.address, firm.place.key
        employer.stated_size, employer.first_month = firm.size, firm.first_month
        employer.head_count = firm.head_count
    return employer


def contacts_of(firm: Firm, employer: Employer) -> Iterator[Contact]:
    if firm.standing is not Standing.DRAFT:
        yield Contact(
            employer=employer,
            kind=Contact.Kind.HR,
            name="Bagian Personalia (contoh)",
            phone=phone_of(firm),
            email=f"personalia-{firm.number:04}@{FIRM}",
        )


def seats_of(firm: Firm, employer: Employer, approver: User, reporter: User) -> Iterator[Seat]:
    seat = Seat(
        employer=employer,
        user=approver,
        role=Role.APPROVER,
        invited_at=firm.began_at,
        taken_at=firm.began_at,
    )
    yield seat
    if firm.number == DEMO_FIRM:
        yield Seat(
            employer=employer,
            user=reporter,
            role=Role.REPORTER,
            invited_by=approver,
            invited_at=firm.decided_at,
            taken_at=firm.decided_at,
        )


def write_decisions(
    standing: Sequence[tuple[Firm, Employer, User]], *, staff: Mapping[Role, User]
) -> None:
    """Write what was sent and decided, in the order of the days, and the proof of an end."""
    decisions = Decision.objects.bulk_create(
        sorted(
            (it for row in standing for it in decisions_of(*row, officer=staff[Role.OFFICER])),
            key=lambda decision: decision.at,
        )
    )
    Evidence.objects.bulk_create(
        Evidence(
            decision=decision,
            kind=kind,
            number=f"CONTOH/{decision.at:%m/%Y}",
            dated_on=(decision.at - timedelta(days=5)).date(),
        )
        for decision in decisions
        if decision.kind == Decision.Kind.CLOSED
        for kind in (Evidence.Kind.FIRM_LETTER, Evidence.Kind.AGENCY_LETTER)
    )


def decisions_of(
    firm: Firm, employer: Employer, approver: User, officer: User
) -> Iterator[Decision]:
    if firm.standing is Standing.DRAFT:
        return
    kinds = Decision.Kind
    yield Decision(employer=employer, kind=kinds.SENT, by=approver, at=firm.sent_at)
    if firm.standing in TAKEN_IN:
        yield Decision(employer=employer, kind=kinds.APPROVED, by=officer, at=firm.decided_at)
    if firm.standing in REASONS:
        yield Decision(
            employer=employer,
            kind=kinds(firm.standing.value),
            cause=Decision.Cause.DISSOLVED if firm.standing is Standing.CLOSED else "",
            reason=REASONS[firm.standing],
            by=officer,
            at=firm.closed_at or firm.decided_at,
        )


def terms_of(firm: Firm, employer: Employer, *, by: User) -> Terms:
    return Terms(
        employer=employer,
        valid_from=firm.first_month,
        size=firm.size,
        risk_group=firm.line.risk_group,
        is_labour_intensive=firm.is_labour_intensive,
        reason="Ketentuan pertama saat pendaftaran disetujui",
        by=by,
        at=firm.decided_at,
    )


def write_workers(standing: Sequence[tuple[Firm, Employer]]) -> dict[Worker, int]:
    """Write the people of all firms and their spells of work; return the people's keys."""
    rows = [(firm, employer, it) for firm, employer in standing for it in firm.workers]
    people = Person.objects.bulk_create(
        (
            Person(
                id_kind=worker.id_kind,
                id_number=worker.id_number,
                id_index=blind_index("person.id", worker.id_number),
                name=worker.name,
                birth_date=worker.birth_date,
                sex=worker.sex,
                registered_at=firm.decided_at,
            )
            for firm, _, worker in rows
        ),
        batch_size=BATCH,
    )
    Employment.objects.bulk_create(
        (
            Employment(
                employer=employer,
                person=person,
                reported_name=worker.reported_name,
                reported_birth_date=worker.birth_date,
                reported_sex=worker.sex if worker.id_kind == "PASSPORT" else "",
                kpj=worker.kpj,
                started_on=worker.started_on,
                ended_on=worker.ended_on,
                cause=worker.cause,
                is_different=worker.name != worker.reported_name,
            )
            for (_, employer, worker), person in zip(rows, people, strict=True)
        ),
        batch_size=BATCH,
    )
    return {worker: person.pk for (_, _, worker), person in zip(rows, people, strict=True)}
