"""What a late PU bill has cost so far: computed when looked at, never written at night."""

from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Sum

from cilegon_portal.contributions import rules
from cilegon_portal.contributions.models.ledger import Allocation, Bill, Charge
from cilegon_portal.contributions.models.rates import Rate
from cilegon_portal.rules.money import Rupiah

WIB = ZoneInfo("Asia/Jakarta")


def penalty_of(bill: Bill, *, on: date, rates: Iterable[rules.Rate] | None = None) -> Rupiah:
    """Return the penalty grown on `bill` until day `on`, less what was charged or waived for it.

    What was waived had been charged before: its row is not added back, or it would be asked
    again. Money counts from the day it was paid, contribution first; money that was taken off again
    never counted. A BPU bill has none. `rates`: the PU penalty rates, when many bills are asked.
    """
    if bill.account.kind != "PU":
        return 0
    if rates is None:
        rates = Rate.objects.of_segment("PU").filter(programme="PENALTY").as_rules()
    contribution = Bill.objects.with_sums().get(pk=bill.pk).contribution
    grown = rules.penalty_due(
        contribution=contribution,
        due=bill.due_on,
        payments=contribution_payments(bill, contribution),
        on=on,
        rate=rules.penalty_rate(bill.month, segment="PU", rates=rates),
    )
    asked = Charge.objects.filter(for_bill=bill).exclude(kind=Charge.Kind.WAIVER)
    return max(0, grown - (asked.aggregate(sum=Sum("penalty"))["sum"] or 0))


def contribution_payments(bill: Bill, contribution: Rupiah) -> list[tuple[date, Rupiah]]:
    """Return what pays the contribution part of `bill`: the day each amount was paid, and it."""
    standing = Allocation.objects.filter(bill=bill, reverses=None, reversed_by=None)
    left, found = contribution, []
    for paid_at, amount in standing.order_by("payment__paid_at", "pk").values_list(
        "payment__paid_at", "amount"
    ):
        part = min(left, amount)
        if part > 0:
            found.append((paid_at.astimezone(WIB).date(), part))
            left -= part
    return found
