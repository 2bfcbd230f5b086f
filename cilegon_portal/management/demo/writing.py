"""Writes the made-up people and lets the ledger post their money, in the order of the days."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.auth.models import Group
from django.db import connection

from cilegon_portal.accounts.demo import WORKER_PHONE
from cilegon_portal.accounts.models import Role, User
from cilegon_portal.contributions.actions import Money, MonthOrder, post_moneys, reverse
from cilegon_portal.contributions.actions.codes import WIB, Tariff, month_line
from cilegon_portal.contributions.models import (
    Account,
    Allocation,
    Bill,
    Charge,
    ChargeRate,
    CodeLine,
    Payment,
    PaymentCode,
    Rollup,
)
from cilegon_portal.fields import blind_index
from cilegon_portal.management.demo.plan import Fate, MadeUp, Purchase
from cilegon_portal.people.models import Person
from cilegon_portal.rules.reference import ALPHABET, RANDOM_CHARACTERS, reference_of
from cilegon_portal.rules.virtual_account import PREFIX, RANDOM_DIGITS, check_digit
from participants.models import Enrolment

WAVE = timedelta(days=3)  # the money of so many days is posted at once, like a bank file
CODE_LIFE = timedelta(days=7)
LEDGER = (Account, PaymentCode, CodeLine, Bill, Charge, ChargeRate, Payment, Allocation, Rollup)
NO_PASSWORD = "!demo"  # noqa: S105 (Django's mark of an account without a password)


@dataclass
class Numbers:
    """Draws the numbers that the portal draws at random, here from the seed, each once."""

    dice: random.Random
    drawn: set[int] = field(default_factory=set)

    def draw(self, size: int) -> int:
        number = self.dice.randrange(size)
        while number in self.drawn:
            number = self.dice.randrange(size)
        self.drawn.add(number)
        return number

    def reference(self) -> str:
        return reference_of(self.draw(len(ALPHABET) ** RANDOM_CHARACTERS))

    def virtual_account(self) -> str:
        digits = PREFIX + str(self.draw(10**RANDOM_DIGITS)).zfill(RANDOM_DIGITS)
        return digits + check_digit(digits)


@dataclass(frozen=True)
class Step:
    """A purchase of somebody, as it is written: one code, and one payment unless it expired."""

    person: MadeUp
    account: Account
    purchase: Purchase


def write_people(
    people: Sequence[MadeUp], *, staff: Mapping[Role, User], numbers: Numbers
) -> list[Account]:
    """Write users, persons, accounts and enrolments; return the accounts in the same order."""
    users = write_users(people, staff[Role.WORKER])
    persons = Person.objects.bulk_create(
        Person(
            id_number=made_up.nik,
            id_index=blind_index("person.id", made_up.nik),
            name=made_up.name,
            birth_date=made_up.birth_date,
            sex=made_up.sex,
            user=user,
            phone_proven_by="COUNTER" if made_up.is_assisted else "WORKER",
            registered_at=made_up.registered_at,
        )
        for made_up, user in zip(people, users, strict=True)
    )
    accounts = Account.objects.bulk_create(
        Account(
            kind=Account.Kind.BPU,
            virtual_account=numbers.virtual_account(),
            name=made_up.name,
            phone=user.phone or "",
            kelurahan_id=made_up.place.key,
            sector=made_up.trade.sector,
            opened_at=made_up.registered_at,
        )
        for made_up, user in zip(people, users, strict=True)
    )
    Enrolment.objects.bulk_create(
        Enrolment(
            number=numbers.reference(),
            person=person,
            account=account,
            occupation_id=made_up.trade.key,
            income=made_up.income,
            with_jht=made_up.with_jht,
            first_month=made_up.first_month,
            wants_reminders=made_up.wants_reminders,
            registered_at=made_up.registered_at,
            assisted_by=staff[Role.SERVICE] if made_up.is_assisted else None,
        )
        for made_up, person, account in zip(people, persons, accounts, strict=True)
    )
    return accounts


def write_users(people: Sequence[MadeUp], worker: User) -> list[User]:
    """Write a user for each phone, but for the first person: that one has the demo's own phone."""
    made = User.objects.bulk_create(
        User(
            username=f"demo-{made_up.number:06}",
            phone=made_up.phone,
            password=NO_PASSWORD,
            joined_at=made_up.registered_at,
        )
        for made_up in people
        if made_up.phone != WORKER_PHONE
    )
    workers = Group.objects.get(name=Role.WORKER)
    membership = User.groups.through
    membership.objects.bulk_create(membership(user=user, group=workers) for user in made)
    by_phone = {user.phone: user for user in [*made, worker]}
    return [by_phone[made_up.phone] for made_up in people]


def write_money(
    people: Sequence[MadeUp],
    accounts: Sequence[Account],
    *,
    staff: Mapping[Role, User],
    numbers: Numbers,
    now: datetime,
) -> None:
    """Write the codes and post the payments in the order of the days, then the odd cases."""
    steps = [
        Step(person, account, purchase)
        for person, account in zip(people, accounts, strict=True)
        for purchase in person.purchases
    ]
    if not steps:
        return
    months = [month for step in steps for month in step.purchase.months]
    tariff = Tariff.load(months)
    paid = sorted(
        (step for step in steps if step.purchase.paid_at),
        key=lambda step: (step.purchase.paid_at, step.person.number),
    )
    count, analysed = 0, 0
    for wave in waves(paid):
        if count >= analysed * 2:  # nobody else tells the planner of rows that are not committed
            analyse()
            analysed = max(count, 1)
        codes = write_codes(wave, tariff=tariff, numbers=numbers, now=now)
        post(wave, codes, by=staff[Role.SERVICE], first=count)
        count += len(wave)
    unpaid = [step for step in steps if not step.purchase.paid_at]
    codes = write_codes(unpaid, tariff=tariff, numbers=numbers, now=now)
    write_odd_cases(unpaid, codes, staff=staff, now=now)


def analyse() -> None:
    """Count the rows of the ledger for PostgreSQL's planner, which still takes it for empty."""
    with connection.cursor() as cursor:
        for model in LEDGER:
            cursor.execute(f'ANALYZE "{model._meta.db_table}"')


def waves(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """Cut `steps` into pieces of a few days, nobody twice in one: a code is open once."""
    wave: list[Step] = []
    for step in steps:
        is_full = wave and (
            moment_of(step) - moment_of(wave[0]) > WAVE
            or any(step.account.pk == other.account.pk for other in wave)
        )
        if is_full:
            yield wave
            wave = []
        wave.append(step)
    if wave:
        yield wave


def moment_of(step: Step) -> datetime:
    return step.purchase.paid_at or step.purchase.made_at


def write_codes(
    steps: Sequence[Step], *, tariff: Tariff, numbers: Numbers, now: datetime
) -> list[PaymentCode]:
    """Write a code with its priced lines for each step; one that nobody paid in time is closed."""
    lines = [lines_of(step, tariff) for step in steps]
    codes = PaymentCode.objects.bulk_create(
        PaymentCode(
            reference=numbers.reference(),
            account=step.account,
            amount=sum(line.jkk + line.jkm + line.jht for line in group),
            made_at=step.purchase.made_at,
            expires_at=step.purchase.made_at + CODE_LIFE,
            **closing(step, now),
        )
        for step, group in zip(steps, lines, strict=True)
    )
    for code, group in zip(codes, lines, strict=True):
        for position, line in enumerate(group, start=1):
            line.code, line.position = code, position
    CodeLine.objects.bulk_create(line for group in lines for line in group)
    return codes


def closing(step: Step, now: datetime) -> dict[str, object]:
    expires_at = step.purchase.made_at + CODE_LIFE
    if step.purchase.paid_at or expires_at > now:
        return {}
    return {"closed_at": expires_at, "closed_because": PaymentCode.Closed.EXPIRED}


def lines_of(step: Step, tariff: Tariff) -> list[CodeLine]:
    last_day = (step.purchase.made_at + CODE_LIFE).astimezone(WIB).date()
    return [
        month_line(
            MonthOrder(
                account_id=step.account.pk,
                month=month,
                income=step.person.income,
                sector=step.person.trade.sector,
                funding=CodeLine.Funding.SELF,
                with_jht=step.person.with_jht,
            ),
            tariff,
            last_day,
        )
        for month in step.purchase.months
    ]


def post(wave: Sequence[Step], codes: Sequence[PaymentCode], *, by: User, first: int) -> None:
    """Post the money of a wave: what came by itself, and what the counter took."""
    moneys = [
        Money(
            channel=step.purchase.channel,
            external_reference=f"CONTOH-{number:06}",
            amount=code.amount + step.purchase.too_much,
            paid_at=moment_of(step),
            code=code.reference,
        )
        for number, (step, code) in enumerate(zip(wave, codes, strict=True), start=first)
    ]
    at = moment_of(wave[-1])
    cash = [money for money in moneys if money.channel == Payment.Channel.CASH]
    other = [money for money in moneys if money.channel != Payment.Channel.CASH]
    post_moneys(moneys=other, by=None, at=at, tells_payers=False)
    post_moneys(moneys=cash, by=by, at=at, tells_payers=False)


def write_odd_cases(
    unpaid: Sequence[Step],
    codes: Sequence[PaymentCode],
    *,
    staff: Mapping[Role, User],
    now: datetime,
) -> None:
    """Post money that names nobody, and a payment at the counter that another one takes back."""
    stray = Money(
        channel=Payment.Channel.BANK,
        external_reference="CONTOH-TANPA-KODE",
        amount=33_600,
        paid_at=now - timedelta(days=1),
    )
    post_moneys(moneys=[stray], by=None, at=now - timedelta(days=1), tells_payers=False)
    waiting = [
        code
        for step, code in zip(unpaid, codes, strict=True)
        if code.closed_at is None and step.person.fate is Fate.APPLICANT
    ]
    if len(waiting) < 2:  # the first applicant stays as he is: his phone is told
        return
    code = waiting[-1]
    wrong = Money(
        channel=Payment.Channel.CASH,
        external_reference="CONTOH-SALAH-CATAT",
        amount=code.amount,
        paid_at=now - timedelta(minutes=9),
        code=code.reference,
    )
    [receipt] = post_moneys(
        moneys=[wrong], by=staff[Role.SERVICE], at=now - timedelta(minutes=8), tells_payers=False
    )
    reverse(
        payment=Payment.objects.get(pk=receipt.payment_id),
        reason="Salah catat: uang ini milik peserta lain",
        by=staff[Role.HEAD_OF_SECTION],
        at=now - timedelta(minutes=5),
    )
