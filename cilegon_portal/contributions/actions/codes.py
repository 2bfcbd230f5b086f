"""What a payer is told to pay with: a code with priced lines, one open code an account."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import F, Sum

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions import rules
from cilegon_portal.contributions.actions import credit
from cilegon_portal.contributions.actions.closing import finish
from cilegon_portal.contributions.actions.locks import lock_accounts
from cilegon_portal.contributions.models import (
    Account,
    Bill,
    CodeLine,
    DueDateRule,
    PaymentCode,
    Rate,
)
from cilegon_portal.reference.models import Holiday, Setting
from cilegon_portal.rules.money import Rupiah
from cilegon_portal.rules.months import Month
from cilegon_portal.rules.reference import new_reference

WIB = ZoneInfo("Asia/Jakarta")
TRIES = 5


class NothingToPay(Exception):
    """Every month asked for is bought already, and every bill paid."""


@dataclass(frozen=True)
class MonthOrder:
    """A month that a member's account wants to buy, and what its price depends on."""

    account_id: int
    month: Month
    income: Rupiah
    sector: str
    funding: str
    with_jht: bool


@dataclass(frozen=True)
class Tariff:
    """Everything that the price and the due date of BPU months are read from, loaded once."""

    rates: Sequence[rules.Rate]
    apbdes: Sequence[Setting]
    due_rules: Sequence[DueDateRule]
    holidays: frozenset[date]

    @classmethod
    def load(
        cls,
        months: Sequence[Month],
        *,
        for_apbdes: bool = True,
        up_to_income: Rupiah | None = None,
    ) -> "Tariff":
        """Read what prices `months`: the bands up to an income, and what village money may have."""
        first, last = min(months), max(months)
        rates = Rate.objects.of_segment("BPU").billed()
        if up_to_income is not None:
            rates = rates.up_to_income(up_to_income)
        relieved = Setting.objects.filter(key="APBDES_RELIEF", value="yes")
        return cls(
            rates=rates.as_rules(),
            apbdes=list(relieved) if for_apbdes else [],
            due_rules=list(DueDateRule.objects.filter(segment="BPU")),
            holidays=frozenset(
                Holiday.objects.filter(
                    day__range=(first.first_day, last.plus(3).last_day)
                ).values_list("day", flat=True)
            ),
        )

    def price(self, order: MonthOrder) -> rules.BpuPrice:
        """Return the price of the month ordered; raises rules.NoRate."""
        return rules.price_bpu_month(
            order.month,
            income=order.income,
            sector=order.sector,
            with_jht=order.with_jht,
            funding=order.funding,
            apbdes_relief=any(holds(row, order.month.first_day) for row in self.apbdes),
            rates=self.rates,
        )

    def due_on(self, month: Month) -> date:
        """Return the legal due date of `month`; raises rules.NoRate where no rule is in force."""
        for rule in self.due_rules:
            if holds(rule, month.first_day):
                return rules.due_date(month, rule=rule.as_rule(), holidays=self.holidays)
        raise rules.NoRate("DUE_DATE", month)


def holds(row: Setting | DueDateRule, day: date) -> bool:
    """Say whether a dated row is in force on `day`."""
    return row.valid_from <= day and (row.valid_until is None or day < row.valid_until)


@transaction.atomic
def issue_code(
    *,
    account: Account,
    orders: Sequence[MonthOrder],
    bills: Sequence[Bill] = (),
    expires_at: datetime,
    by: User | None,
    at: datetime,
) -> PaymentCode:
    """Give `account` a code for these months of workers, oldest first, and for PU bills.

    The open code is replaced. Months bought already are left out; NothingToPay when none is left.
    Credit first buys the lines that fit, then lowers what is to be paid; a code that credit paid
    whole comes back closed. Raises rules.NoRate for a month that the law does not price.
    """
    members = {order.account_id for order in orders}
    lock_accounts({account.pk, *members})
    if Account.objects.filter(pk__in=members).exclude(kind=Account.Kind.BPU).exists():
        raise ValueError("only an own-account worker's months are bought; others owe theirs")
    lines = [*month_lines(unsold(orders), expires_at), *bill_lines(bills, account)]
    if not lines:
        raise NothingToPay
    account.codes.open().update(closed_at=at, closed_because=PaymentCode.Closed.REPLACED)
    code = write_code(account, lines, expires_at=expires_at, by=by, at=at)
    if credit_of(account):
        pay_from_credit(code, by=by, at=at)
    return code


def issue_first_code(
    *,
    account: Account,
    orders: Sequence[MonthOrder],
    expires_at: datetime,
    by: User | None,
    at: datetime,
) -> PaymentCode:
    """Give an account that was opened in this transaction its code, like `issue_code`.

    Nobody else can know the account yet: nothing is to lock, to replace or to credit.
    """
    lines = list(month_lines(iter(orders), expires_at))
    if not lines:
        raise NothingToPay
    return write_code(account, lines, expires_at=expires_at, by=by, at=at)


def write_code(
    account: Account,
    lines: Sequence[CodeLine],
    *,
    expires_at: datetime,
    by: User | None,
    at: datetime,
) -> PaymentCode:
    """Write the code that asks for all of `lines`, in their order."""
    code = PaymentCode(
        account=account,
        amount=sum(line.jkk + line.jkm + line.jht + line.due for line in lines),
        made_at=at,
        expires_at=expires_at,
        by=by,
    )
    save_with_reference(code)
    for position, line in enumerate(lines, start=1):
        line.code, line.position = code, position
    CodeLine.objects.bulk_create(lines)
    return code


def unsold(orders: Sequence[MonthOrder]) -> Iterator[MonthOrder]:
    """Yield the orders whose month is not bought yet."""
    if not orders:
        return
    accounts = {order.account_id for order in orders}
    months = {order.month.first_day for order in orders}
    sold = set(
        Bill.objects.filter(account__in=accounts, month__in=months)
        .annotate(price=Sum("charges__total"))
        .filter(price__gt=0)
        .values_list("account_id", "month")
    )
    for order in orders:
        if (order.account_id, order.month) not in sold:
            yield order


def month_lines(orders: Iterator[MonthOrder], expires_at: datetime) -> Iterator[CodeLine]:
    """Yield the priced lines of `orders`, oldest month first, else in the order they came.

    A line is due on the legal day, or on the last day of the code if that is later.
    """
    found = sorted(orders, key=lambda order: order.month)
    if not found:
        return
    tariff = Tariff.load(
        [order.month for order in found],
        for_apbdes=any(order.funding == CodeLine.Funding.APBDES for order in found),
        up_to_income=max(order.income for order in found),
    )
    last_day = expires_at.astimezone(WIB).date()
    for order in found:
        yield month_line(order, tariff, last_day)


def month_line(order: MonthOrder, tariff: Tariff, last_day: date) -> CodeLine:
    """Return the line of one month, not saved, of a code that is good until `last_day`."""
    price = tariff.price(order)
    return CodeLine(
        account_id=order.account_id,
        month=order.month,
        jkk=price.jkk,
        jkm=price.jkm,
        jht=price.jht,
        due_on=max(tariff.due_on(order.month), last_day),
        sector=order.sector,
        funding=order.funding,
        income=order.income,
        with_jht=order.with_jht,
        rates=list(price.rate_ids),
    )


def bill_lines(bills: Sequence[Bill], account: Account) -> Iterator[CodeLine]:
    """Yield the lines of what is owed on these PU bills of `account`, oldest month first."""
    if not bills:
        return
    keys = [bill.pk for bill in bills]
    for bill in account.bills.filter(pk__in=keys).outstanding().oldest_first():
        yield CodeLine(
            account=account,
            month=bill.month,
            bill=bill,
            due=bill.outstanding,
            due_on=bill.due_on,
        )


def save_with_reference(code: PaymentCode) -> None:
    """Save `code` under a fresh reference; try again where it is taken."""
    for _ in range(TRIES - 1):
        code.reference = new_reference()
        try:
            with transaction.atomic():
                code.save(force_insert=True)
        except IntegrityError as error:
            if "payment_code_reference_stands_once" not in str(error):
                raise
        else:
            return
    code.reference = new_reference()
    code.save(force_insert=True)


def credit_of(account: Account) -> Rupiah:
    """Return the credit that lies on `account`."""
    held: Rupiah = Account.objects.with_sums().get(pk=account.pk).credit
    return held


def pay_from_credit(code: PaymentCode, *, by: User | None, at: datetime) -> None:
    """Let credit buy what fits, and ask only for the rest: for nothing where it bought all."""
    credit.lay_out_work()
    credit.touch([code.account_id])
    credit.spend_credit([code.account_id], by=by, at=at)
    finish(at=at)
    code.refresh_from_db()
    if code.closed_at:
        code.amount = 0
        code.save(update_fields=["amount"])


@transaction.atomic
def close_expired_codes(*, at: datetime) -> int:
    """Close the codes whose time is over and return how many; they leave nothing behind.

    They are locked in the order in which money locks them, so that nobody waits in a circle.
    """
    over = PaymentCode.objects.open().filter(expires_at__lte=at).order_by("pk")
    keys = list(over.select_for_update().values_list("pk", flat=True))
    return PaymentCode.objects.filter(pk__in=keys).update(
        closed_at=F("expires_at"), closed_because=PaymentCode.Closed.EXPIRED
    )
