"""A member's months: those bought, those on offer, the code that buys them, and on which terms."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.actions import MonthOrder, NothingToPay, issue_code
from cilegon_portal.contributions.models import (
    Account,
    Bill,
    Charge,
    CodeLine,
    Payment,
    PaymentCode,
    Rate,
)
from cilegon_portal.contributions.models.ledger import sum_of
from cilegon_portal.contributions.rules import BpuPrice, Rate as RateRule
from cilegon_portal.outbox.actions import send
from cilegon_portal.outbox.models import Message
from cilegon_portal.reference.models import Setting
from cilegon_portal.rules.money import Rupiah
from cilegon_portal.rules.months import Month
from participants import prices, rules
from participants.answers import MONTH_CHOICES
from participants.models import Enrolment, Occupation

WAITING = "Menunggu pembayaran"


@dataclass(frozen=True)
class Membership:
    """Where one enrolment stands at a moment: derived at every look, kept nowhere."""

    enrolment: Enrolment
    months: frozenset[Month]  # bought and paid
    months_with_jht: frozenset[Month]
    code: PaymentCode | None  # open and still good
    on: date
    grace_months: int

    @property
    def state(self) -> rules.BpuState:
        return rules.bpu_state(self.months, self.on, self.grace_months)

    @property
    def status(self) -> str:
        """The word of the status on screen."""
        if self.state == rules.BpuState.UNPAID and self.code:
            return WAITING
        return str(self.state.value)

    @property
    def is_active(self) -> bool:
        return self.state == rules.BpuState.ACTIVE

    @property
    def is_new(self) -> bool:
        """Nothing was ever paid: so far a request, no membership and no card."""
        return self.state == rules.BpuState.UNPAID

    @property
    def is_in_grace(self) -> bool:
        return self.state == rules.BpuState.GRACE

    @property
    def is_ended(self) -> bool:
        return self.state == rules.BpuState.ENDED

    @property
    def until(self) -> date | None:
        """The last day of the cover that holds, or held last; of cover to come, its end."""
        if self.state == rules.BpuState.COMING:
            return max(self.months).last_day
        return rules.covered_until(self.months, self.on)

    @property
    def missed(self) -> list[Month]:
        """The months that went by unpaid and are still for sale, oldest first."""
        return rules.grace_months_for_sale(self.months, self.on, self.grace_months)

    @property
    def programmes(self) -> str:
        """What the month of `until` was bought with; before the first, what was asked for."""
        last = Month.of(self.until) if self.until else None
        with_jht = last in self.months_with_jht if last else self.enrolment.with_jht
        return "JKK · JKM · JHT" if with_jht else "JKK · JKM"


def memberships(enrolments: QuerySet[Enrolment], *, at: datetime) -> list[Membership]:
    """Return where each of these enrolments stands at `at`, in four queries, by name."""
    on = timezone.localdate(at)
    rows = list(
        enrolments.select_related("person__user", "account", "occupation").order_by(
            "person__name", "pk"
        )
    )
    grace_months = int(Setting.objects.value("BPU_GRACE_MONTHS", on=on))
    accounts = [row.account_id for row in rows]
    months = months_bought(accounts)
    codes = {
        code.account_id: code
        for code in PaymentCode.objects.open().filter(account__in=accounts, expires_at__gt=at)
    }
    return [
        Membership(
            enrolment=row,
            months=frozenset(months[row.account_id]),
            months_with_jht=frozenset(
                month for month, with_jht in months[row.account_id].items() if with_jht
            ),
            code=codes.get(row.account_id),
            on=on,
            grace_months=grace_months,
        )
        for row in rows
    ]


def months_bought(accounts: Iterable[int]) -> defaultdict[int, dict[Month, bool]]:
    """Return, by account, the months that are paid, each with whether JHT is in it."""
    found: defaultdict[int, dict[Month, bool]] = defaultdict(dict)
    bills = Bill.objects.filter(account__in=accounts).covering()
    rows = bills.annotate(jht=sum_of(Charge.objects.all(), "bill", "jht"))
    for account, month, jht in rows.values_list("account_id", "month", "jht"):
        found[account][month] = jht > 0
    return found


def membership_of(enrolment: Enrolment, *, at: datetime) -> Membership:
    """Return where `enrolment` stands at `at`."""
    return memberships(Enrolment.objects.filter(pk=enrolment.pk), at=at)[0]


@dataclass(frozen=True)
class OnOffer:
    """What a member may buy now: missed months one by one, and the next months in packages."""

    missed: prices.Offer
    packages: tuple[prices.Offer, ...]

    def prices(self) -> dict[str, Rupiah]:
        """Return the price of each missed month, by "2026-09"."""
        return {str(month): price.total for month, price in self.missed.lines}

    def months(self, *, missed: Iterable[str], how_many: int) -> list[Month]:
        """Return the months of a choice, oldest first; raise NotOnOffer for any other."""
        chosen = set(missed)
        package = next((offer for offer in self.packages if len(offer.lines) == how_many), None)
        if package is None or chosen - set(self.prices()):
            raise NotOnOffer
        older = [month for month, _ in self.missed.lines if str(month) in chosen]
        return older + [month for month, _ in package.lines]


class NotOnOffer(Exception):
    """A month that is sold already, too long ago, or further ahead than the portal sells."""


class TooOld(Exception):
    """Not admitted any more: the first contribution is paid before the age of 65."""


def on_offer(membership: Membership) -> OnOffer:
    """Return what is for sale to `membership`, each month at its own price."""
    rates = Rate.objects.of_segment("BPU").billed().as_rules()
    first = Month.of(membership.on)
    if membership.is_new:
        first = max(first, membership.enrolment.first_month)
    ahead = rules.months_on_offer(
        first, how_many=max(MONTH_CHOICES), covered_months=membership.months
    )
    lines = priced(ahead, membership.enrolment, rates)
    return OnOffer(
        missed=prices.Offer(priced(membership.missed, membership.enrolment, rates)),
        packages=tuple(prices.Offer(lines[:how_many]) for how_many in MONTH_CHOICES),
    )


def priced(
    months: Iterable[Month], enrolment: Enrolment, rates: Sequence[RateRule]
) -> tuple[tuple[Month, BpuPrice], ...]:
    """Return each month with its price on the terms of `enrolment`, paid by the member."""
    return tuple(
        (
            month,
            prices.price(
                month,
                rates=rates,
                sector=enrolment.occupation.sector,
                income=enrolment.income,
                with_jht=enrolment.with_jht,
            ),
        )
        for month in months
    )


@transaction.atomic
def order_months(
    *, enrolment: Enrolment, missed: Iterable[str], how_many: int, by: User | None, at: datetime
) -> PaymentCode:
    """Make the payment code of some missed months ("2026-09") and the next `how_many`.

    Raise NotOnOffer, or TooOld for a first payment at 65 (Permenaker 5/2021; who is a member
    already and keeps working may go on).
    """
    Account.objects.select_for_update().get(pk=enrolment.account_id)
    membership = membership_of(enrolment, at=at)
    if membership.is_new and not is_admitted(membership):
        raise TooOld
    months = on_offer(membership).months(missed=missed, how_many=how_many)
    try:
        return issue_code(
            account=membership.enrolment.account,
            orders=[order(membership.enrolment, month) for month in months],
            expires_at=code_deadline(at),
            by=by,
            at=at,
        )
    except NothingToPay:
        raise NotOnOffer from None


@dataclass(frozen=True)
class Due:
    """What a code still asks for: months not bought yet, less the credit that lies ready."""

    lines: tuple[CodeLine, ...]
    credit: Rupiah

    @property
    def amount(self) -> Rupiah:
        asked: Rupiah = sum(line.total for line in self.lines)
        return max(0, asked - self.credit)


def due_of(code: PaymentCode) -> Due:
    """Return what `code`, of a member's own months, still asks for."""
    bought = months_bought([code.account_id])[code.account_id]
    account = Account.objects.with_sums().get(pk=code.account_id)
    lines = code.lines.order_by("position")
    return Due(
        lines=tuple(line for line in lines if line.month not in bought), credit=account.credit
    )


def payment_of(code: PaymentCode) -> Payment | None:
    """Return the money that named `code`, else the last that came; None when credit paid it."""
    received = Payment.objects.received()
    named = received.filter(code=code).order_by("at", "pk").first()
    return named or received.filter(account=code.account_id).newest_first().first()


def is_admitted(membership: Membership) -> bool:
    """Tell whether the age still allows a first payment."""
    ages = Setting.objects.values_on(membership.on)
    admission = rules.may_register(
        membership.enrolment.person.birth_date,
        membership.on,
        min_age=int(ages["BPU_MIN_AGE"]),
        warn_age=int(ages["BPU_WARN_AGE"]),
        max_age=int(ages["BPU_MAX_AGE"]),
    )
    return admission != rules.Admission.TOO_OLD


def max_age(at: datetime) -> int:
    """Return the age before which the first contribution is paid."""
    return int(Setting.objects.value("BPU_MAX_AGE", on=timezone.localdate(at)))


def order(enrolment: Enrolment, month: Month) -> MonthOrder:
    return MonthOrder(
        account_id=enrolment.account_id,
        month=month,
        income=enrolment.income,
        sector=enrolment.occupation.sector,
        funding=CodeLine.Funding.SELF,
        with_jht=enrolment.with_jht,
    )


def code_deadline(at: datetime) -> datetime:
    """Return the moment until which a code made at `at` is good."""
    days = int(Setting.objects.value("BPU_CODE_DAYS", on=timezone.localdate(at)))
    return at + timedelta(days=days)


def band_of(income: Rupiah, bands: Sequence[prices.Band]) -> prices.Band:
    """Return the band that `income` lies in, the lowest for less than all."""
    return max((band for band in bands if band.income_from <= income), default=bands[0], key=start)


def start(band: prices.Band) -> Rupiah:
    return band.income_from


def occupations_for(enrolment: Enrolment) -> QuerySet[Occupation]:
    """Return the work that may be chosen, and the work on record whether it may or not."""
    offered = Q(is_offered=True, is_priced_by_office=False) | Q(pk=enrolment.occupation_id)
    return Occupation.objects.filter(offered).order_by("group", "name")


@transaction.atomic
def change_terms(
    *,
    enrolment: Enrolment,
    occupation: Occupation,
    income: Rupiah,
    with_jht: bool,
    wants_reminders: bool,
) -> None:
    """Keep the work, income and JHT that the next payment codes go by, and the wish for reminders.

    Months bought and codes already made stay as they are.
    """
    row = Enrolment.objects.select_for_update(of=("self",)).get(pk=enrolment.pk)
    if row.occupation_id != occupation.pk:
        row.occupation_note = ""  # it described the work before
    row.occupation = occupation
    row.income = income
    row.with_jht = with_jht
    row.wants_reminders = wants_reminders
    row.save(
        update_fields=["occupation", "occupation_note", "income", "with_jht", "wants_reminders"]
    )
    Account.objects.filter(pk=row.account_id).update(sector=occupation.sector)


def send_payment_code(*, code: PaymentCode, text: str, to: str, at: datetime) -> Message:
    """Send the payment code to the member's phone; once a day, however often it is asked for."""
    return send(
        channel=Message.Channel.SMS,
        to=to,
        text=text,
        dedupe_key=f"payment-code-{code.reference}-{timezone.localdate(at)}",
        purpose=Message.Purpose.PAYMENT,
        at=at,
    )
