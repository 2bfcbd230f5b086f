"""What a member paid and what it bought, as the ledger has it: corrections are shown."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet

from cilegon_portal.contributions.models import (
    Account,
    Allocation,
    Bill,
    Charge,
    ChargeRate,
    Payment,
    Rate,
)
from cilegon_portal.rules.money import Rupiah
from cilegon_portal.rules.months import Month
from cilegon_portal.templatetags.portal import date_id, month_name, rupiah, time_id

PROGRAMMES = {
    "jkk": "JKK (kecelakaan kerja)",
    "jkm": "JKM (kematian)",
    "jht": "JHT (hari tua)",
}
BY_THE_PORTAL = "Portal, otomatis"


@dataclass(frozen=True)
class Part:
    """One programme of a month: its price, and the articles of law that make it."""

    name: str
    amount: Rupiah
    laws: tuple[str, ...]


@dataclass(frozen=True)
class BoughtMonth:
    """A month that was bought; not covered any more when its money was taken back."""

    month: Month
    parts: tuple[Part, ...]
    total: Rupiah
    is_covered: bool


def bought_months(account: Account) -> list[BoughtMonth]:
    """Return the months ever bought for `account`, newest first, in three queries."""
    charges = Charge.objects.order_by("at", "pk")
    rates = ChargeRate.objects.select_related("rate").order_by("pk")
    bills = (
        Bill.objects.filter(account=account)
        .with_sums()
        .order_by("-month")
        .prefetch_related(Prefetch("charges", charges), Prefetch("charges__used_rates", rates))
    )
    return [bought_month(bill) for bill in bills]


def bought_month(bill: Any) -> BoughtMonth:
    """Return what a bill with its sums and charges says."""
    charges = list(bill.charges.all())
    parts = [
        Part(name, sum(getattr(charge, column) for charge in charges), laws_of(column, charges))
        for column, name in PROGRAMMES.items()
    ]
    return BoughtMonth(
        month=bill.month,
        parts=tuple(part for part in parts if part.amount),
        total=bill.contribution,
        is_covered=bill.contribution > 0 and bill.allocated >= bill.contribution,
    )


def laws_of(column: str, charges: Iterable[Charge]) -> tuple[str, ...]:
    """Return the legal basis of each rate of a programme, once, the base before its reliefs."""
    used = [
        row.rate
        for charge in charges
        for row in charge.used_rates.all()
        if row.rate.programme.lower() == column
    ]
    used.sort(key=lambda rate: rate.role != Rate.Role.BASE)
    return tuple(dict.fromkeys(rate.legal_basis for rate in used))


def payments_of(account: Account) -> QuerySet[Payment]:
    """Return every row of money of `account`, newest first: what came, moved, was taken back."""
    return (
        Payment.objects.filter(account=account)
        .select_related("by", "source", "code")
        .order_by("-at", "-pk")
    )


def receipt_number(payment: Payment) -> str:
    return f"KW-{payment.pk:08d}"


def receipt(payment: Payment, *, name: str, number: str, at: datetime) -> dict[str, Any]:
    """Return what the receipt of a RECEIVED payment says at `at`: no NIK and no phone."""
    later = list(payment.later.order_by("at", "pk"))
    lines = receipt_lines(payment)
    left = payment.amount + sum(row.amount for row in later) - sum(line["amount"] for line in lines)
    return {
        "number": receipt_number(payment),
        "name": name,
        "member": number,
        "code": payment.code.reference if payment.code else "",
        "channel": payment.get_channel_display(),
        "reference": payment.external_reference,
        "paid_at": f"{date_id(payment.paid_at)}, {time_id(payment.paid_at)}",
        "recorded_by": recorded_by(payment),
        "amount": rupiah(payment.amount),
        "lines": [{**line, "amount": rupiah(line["amount"])} for line in lines],
        "credit": rupiah(left) if left > 0 else "",
        "later": [
            {
                "what": row.get_kind_display(),
                "at": date_id(row.at),
                "amount": rupiah(row.amount),
                "reason": row.reason,
            }
            for row in later
            if row.account_id == payment.account_id or row.kind != Payment.Kind.MOVED
        ],
        "is_reversed": any(row.kind == Payment.Kind.REVERSED for row in later),
        "printed": f"{date_id(at)}, {time_id(at)}",
    }


def receipt_lines(payment: Payment) -> list[dict[str, Any]]:
    """Return what the money still lies on: {month, account name, amount}, oldest month first."""
    sums: defaultdict[tuple[Month, str], Rupiah] = defaultdict(int)
    rows = Allocation.objects.filter(payment=payment).select_related("bill__account")
    for row in rows.order_by("pk"):
        sums[row.bill.month, row.bill.account.name] += row.amount
    return [
        {"month": month_name(month), "name": name, "amount": amount}
        for (month, name), amount in sorted(sums.items())
        if amount
    ]


def recorded_by(payment: Payment) -> str:
    """Return who wrote the payment down: a member of staff by name, or the portal itself."""
    if payment.by is None or not payment.by.is_staff:
        return BY_THE_PORTAL
    return payment.by.name or "Petugas kantor"
