"""What a late PU bill has cost so far: computed when looked at, never written at night."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Sum

from cilegon_portal.contributions import rules
from cilegon_portal.contributions.models.ledger import Allocation, Bill, Charge
from cilegon_portal.contributions.models.rates import Rate
from cilegon_portal.rules.money import PartsPerMillion, Rupiah

WIB = ZoneInfo("Asia/Jakarta")


@dataclass(frozen=True)
class LatePart:
    """A part of one month's contribution, and how many months it was late until it was paid."""

    amount: Rupiah
    months: int
    paid_on: date | None  # None: still unpaid


@dataclass(frozen=True)
class Lateness:
    """Why the penalty on one bill is what it is: each late part, the share, what was asked."""

    rate: PartsPerMillion
    legal_basis: str
    parts: tuple[LatePart, ...]
    grown: Rupiah  # the whole penalty so far
    asked: Rupiah  # what of it was charged already; what was waived had been charged before

    @property
    def running(self) -> Rupiah:
        """What has grown and was not charged yet."""
        return max(0, self.grown - self.asked)


def penalty_of(bill: Bill, *, on: date, rates: Iterable[rules.Rate] | None = None) -> Rupiah:
    """Return the penalty grown on `bill` until day `on`, less what was charged or waived for it.

    What was waived had been charged before: its row is not added back, or it would be asked
    again. Money counts from the day it was paid, contribution first; money that was taken off again
    never counted. A BPU bill has none. `rates`: the PU penalty rates, when many bills are asked.
    """
    if bill.account.kind != "PU":
        return 0
    return lateness_of([bill], on=on, rates=rates)[bill.pk].running


def lateness_of(
    bills: Collection[Bill], *, on: date, rates: Iterable[rules.Rate] | None = None
) -> dict[int, Lateness]:
    """Return the lateness of each of these PU bills on day `on`, by key, in four queries."""
    if rates is None:
        rates = Rate.objects.of_segment("PU").filter(programme="PENALTY").as_rules()
    keys, known = [bill.pk for bill in bills], list(rates)
    owed = {it.pk: it.contribution for it in Bill.objects.with_sums().filter(pk__in=keys)}
    paid = contribution_payments(owed)
    asked = dict(
        Charge.objects.filter(for_bill__in=keys)
        .exclude(kind=Charge.Kind.WAIVER)
        .order_by()
        .values_list("for_bill")
        .annotate(sum=Sum("penalty"))
    )
    return {
        bill.pk: lateness(bill, owed[bill.pk], paid[bill.pk], known, on, asked.get(bill.pk, 0))
        for bill in bills
    }


def lateness(
    bill: Bill,
    contribution: Rupiah,
    payments: list[tuple[date, Rupiah]],
    rates: Iterable[rules.Rate],
    on: date,
    asked: Rupiah,
) -> Lateness:
    """Return what lateness cost `bill` until day `on`, part by part as the rule counts them."""
    row = rules.penalty_row(bill.month, segment="PU", rates=rates)
    grown = rules.penalty_due(
        contribution=contribution, due=bill.due_on, payments=payments, on=on, rate=row.value
    )
    known = [(paid_on, amount) for paid_on, amount in payments if paid_on <= on]
    parts = [
        LatePart(amount, rules.months_late(bill.due_on, paid_on=paid_on), paid_on)
        for paid_on, amount in known
    ]
    unpaid = contribution - sum(amount for _, amount in known)
    parts.append(LatePart(unpaid, rules.months_late(bill.due_on, paid_on=on), None))
    late = tuple(part for part in parts if part.amount and part.months)
    return Lateness(row.value, row.legal_basis, late, grown=grown, asked=asked)


def contribution_payments(
    contributions: dict[int, Rupiah],
) -> defaultdict[int, list[tuple[date, Rupiah]]]:
    """Return what pays the contribution part of each bill: the day each amount was paid, and it."""
    left = dict(contributions)
    found: defaultdict[int, list[tuple[date, Rupiah]]] = defaultdict(list)
    standing = Allocation.objects.filter(bill__in=left, reverses=None, reversed_by=None)
    for bill, paid_at, amount in standing.order_by("payment__paid_at", "pk").values_list(
        "bill", "payment__paid_at", "amount"
    ):
        part = min(left[bill], amount)
        if part > 0:
            found[bill].append((paid_at.astimezone(WIB).date(), part))
            left[bill] -= part
    return found
