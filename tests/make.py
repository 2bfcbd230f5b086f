"""Builders: one plain function a thing, each with the least that makes it real."""

import itertools
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from cilegon_portal.accounts.actions import make_member
from cilegon_portal.accounts.models import Role, User
from cilegon_portal.contributions.actions import (
    Money,
    MonthOrder,
    Parts,
    charge_month,
    issue_code,
    open_account,
    post_payments,
)
from cilegon_portal.contributions.models import Account, Bill, Payment, PaymentCode
from cilegon_portal.fields import blind_index
from cilegon_portal.people.actions import register_person
from cilegon_portal.people.models import Person
from cilegon_portal.rules.months import Month
from cilegon_portal.rules.nik import DEMO_REGION
from cilegon_portal.rules.reference import new_reference
from employers.actions import decisions, registration, team
from employers.models import (
    DraftRow,
    Employer,
    Employment,
    LineOfBusiness,
    ReportDraft,
    WageReport,
)
from participants.models import Enrolment, Occupation

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # Monday, 10.00 WIB
NOVEMBER = Month(2026, 11)
DAY = timedelta(days=1)

_numbers = itertools.count(1)


def user(*, name: str = "Petugas", at: datetime = AT) -> User:
    return User.objects.create(name=name, email=f"u{next(_numbers)}@example.id", joined_at=at)


def account(kind: str = "BPU", *, sector: str = "OTHER", at: datetime = AT, **more) -> Account:
    """Open an account; `more`: phone, kelurahan, officer, campaign_code."""
    return open_account(kind=kind, name=f"Akun {next(_numbers)}", sector=sector, at=at, **more)


def order(
    member: Account,
    month: Month = NOVEMBER,
    *,
    income: int = 1_000_000,
    funding: str = "SELF",
    with_jht: bool = False,
) -> MonthOrder:
    return MonthOrder(member.pk, month, income, member.sector, funding, with_jht)


def code(
    payer: Account,
    months: int = 1,
    *,
    first: Month = NOVEMBER,
    members: Sequence[Account] = (),
    at: datetime = AT,
    days: int = 7,
    **more,
) -> PaymentCode:
    """Issue a code for `months` months from `first`, of the payer or of each of `members`."""
    orders = [
        order(member, first.plus(number), **more)
        for number in range(months)
        for member in members or [payer]
    ]
    return issue_code(account=payer, orders=orders, expires_at=at + days * DAY, by=None, at=at)


def money(
    amount: int,
    *,
    code: PaymentCode | None = None,
    account: Account | None = None,
    reference: str = "",
    channel: str = "VA",
    at: datetime = AT,
) -> Money:
    return Money(
        channel=channel,
        external_reference=reference or f"R{next(_numbers)}",
        amount=amount,
        paid_at=at,
        code=code.reference if code else "",
        virtual_account=account.virtual_account if account else "",
    )


def payment(amount: int, *, by: User | None = None, at: datetime = AT, **more) -> Payment:
    """Post one payment; `more` goes to `money`."""
    return post_payments(moneys=[money(amount, at=at, **more)], by=by, at=at)[0].payment


def nik(*, born: date = date(1985, 9, 15), sex: str = "L") -> str:
    """Return a NIK of the demo's impossible region, each time another one."""
    day = born.day + (40 if sex == "P" else 0)
    return f"{DEMO_REGION}{day:02}{born:%m%y}{next(_numbers):04}"


def person(
    *,
    name: str = "Siti Rahayu",
    born: date = date(1985, 9, 15),
    user: User | None = None,
    at: datetime = AT,
) -> Person:
    return register_person(
        nik=nik(born=born),
        name=name,
        birth_date=born,
        sex="P",
        user=user,
        proven_by=Person.ProvenBy.WORKER,
        at=at,
    )


def enrolment(
    user: User | None = None,
    *,
    occupation: str = "Nelayan",
    income: int = 1_000_000,
    with_jht: bool = False,
    at: datetime = AT,
    **more,
) -> Enrolment:
    """Enrol somebody who has paid nothing yet; `more` goes to `person`."""
    member = person(user=user, at=at, **more)
    work = Occupation.objects.get(name=occupation)
    phone = user.phone if user and user.phone else ""
    return Enrolment.objects.create(
        number=new_reference(),
        person=member,
        account=open_account(kind="BPU", name=member.name, phone=phone, sector=work.sector, at=at),
        occupation=work,
        income=income,
        with_jht=with_jht,
        first_month=Month.of(at.date()),
        registered_at=at,
    )


def bought(
    enrolment: Enrolment, *months: Month, at: datetime = AT, with_jht: bool = False
) -> Payment:
    """Buy these months for an enrolment as a bank would bring the money."""
    orders = [order(enrolment.account, month, with_jht=with_jht) for month in months]
    made = issue_code(
        account=enrolment.account, orders=orders, expires_at=at + 7 * DAY, by=None, at=at
    )
    return payment(made.amount, code=made, at=at)


def firm_bill(
    amount: int, month: Month = NOVEMBER, *, firm: Account | None = None, at: datetime = AT
) -> Bill:
    """Charge a firm `amount` (JKK) for `month`, due on the 15th of the next one."""
    return charge_month(
        account=firm or account("PU", at=at),
        month=month,
        parts=Parts(jkk=amount),
        due_on=month.plus(1).first_day.replace(day=15),
        reason_code="REPORT",
        reason="Laporan upah",
        by=None,
        at=at,
    ).bill


def line_of_business(*, name: str = "Bengkel las", risk_group: int = 3) -> LineOfBusiness:
    given = {"risk_group": risk_group, "legal_basis": "PP 44/2015 Lampiran I"}
    return LineOfBusiness.objects.get_or_create(name=name, defaults=given)[0]


def firm_user(
    employer: Employer | None = None, role: str = Role.APPROVER, *, at: datetime = AT
) -> User:
    """Return somebody who signs in by e-mail, with a seat in `employer` if one is given."""
    number = next(_numbers)
    user = make_member(
        email=f"orang{number}@perusahaan.test",
        name=f"Orang {number}",
        roles=[],
        password="perahu kecil di selat sunda",
        at=at,
    )
    if employer is not None:
        team.take_seat(employer=employer, user=user, role=role, at=at)
    return user


def registering(
    *, by: User | None = None, at: datetime = AT, wages: Sequence[int] = (7_000_000,), **answers
) -> Employer:
    """Return a firm whose registration is answered whole and not sent; `answers` replace ours.

    Its list of first workers has one a wage; none without any.
    """
    number = next(_numbers)
    begun = registration.start_firm(by=by or firm_user(at=at), at=at)
    given = {
        "name": f"PT Baja {number}",
        "nib": f"{number:013}",
        "line_of_business": line_of_business(),
        "address": "Jalan Raya Anyer 1",
        "is_outside": True,
        "stated_size": "MEDIUM",
        "head_count": 12,
        "first_month": NOVEMBER,
    }
    registration.save_contact(
        employer=begun, kind="HR", name="Ibu Rini", phone="+6281234567000", email="hr@baja.test"
    )
    answered = registration.answer(employer=begun, **given | answers)
    if wages and answered.first_month:
        first_workers(answered, wages, at=at)
    return answered


def first_workers(
    employer: Employer, wages: Sequence[int], *, month: Month | None = None, at: datetime = AT
) -> ReportDraft:
    """List a worker a wage for the first month of a firm that registers."""
    draft = ReportDraft.objects.create(
        employer=employer,
        month=month or employer.first_month or NOVEMBER,
        source="SCREEN",
        state="READY",
        rows_total=len(wages),
        made_at=at,
        read_at=at,
        expires_at=at + 30 * DAY,
    )
    born = date(1985, 9, 15)
    niks = [f"{DEMO_REGION}{born:%d%m%y}{number:04}" for number in range(1, len(wages) + 1)]
    DraftRow.objects.bulk_create(
        DraftRow(
            draft=draft,
            number=number,
            id_kind="NIK",
            id_number=known,
            id_index=blind_index("person.id", known),
            name=f"Pekerja Pertama {number}",
            birth_date=born,
            sex="L",
            started_on=date(2025, 1, 1),
            is_new=True,
            wage=wage,
        )
        for number, (known, wage) in enumerate(zip(niks, wages, strict=True), start=2)
    )
    return draft


def firm(
    *,
    size: str = "MEDIUM",
    risk_group: int = 3,
    first: Month = NOVEMBER,
    npp: str = "",
    by: User | None = None,
    at: datetime = AT,
    **answers,
) -> Employer:
    """Return an active firm with an approver, an account and terms from month `first` on.

    Nothing is prepared of its months: a test lists its own workers.
    """
    asked = registering(by=by, at=at, first_month=first, **answers)
    approver = asked.seats.taken().get().user
    assert approver is not None
    decisions.send(employer=asked, by=approver, at=at)
    ReportDraft.objects.filter(employer=asked).delete()
    return decisions.approve_firm(
        employer=asked,
        npp=npp,
        size=size,
        risk_group=risk_group,
        officer=None,
        reason="",
        by=user(at=at),
        at=at,
    )


def wage_report(
    employer: Employer,
    month: Month = NOVEMBER,
    *,
    kind: str = "REGULAR",
    workers: int = 1,
    jkk: int = 0,
    by: User | None = None,
    at: datetime = AT,
    **more,
) -> WageReport:
    """Return a standing report of a month, without lines and bill; `more`: its other columns."""
    given = dict.fromkeys(("jkm", "jht_employer", "jht_worker", "jp_employer", "jp_worker"), 0)
    is_office = kind in {"ESTIMATE", "REPRICED"}
    return WageReport.objects.create(
        employer=employer,
        month=month,
        version=1,
        kind=kind,
        source="OFFICE" if is_office else "SAME",
        terms=employer.terms.latest("valid_from"),
        workers=workers,
        wages=5_000_000 * workers,
        jkk=jkk,
        approved_by=None if is_office else by or user(at=at),
        approved_at=at,
        **given | more,
    )


def employment(employer: Employer, worker: Person | None = None, **more) -> Employment:
    """Return a spell of work that began this year; `more`: what the firm reported."""
    worker = worker or person()
    given = {
        "reported_name": worker.name,
        "reported_birth_date": worker.birth_date,
        "started_on": date(2026, 1, 5),
    }
    return Employment.objects.create(employer=employer, person=worker, **given | more)
