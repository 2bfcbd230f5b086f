"""Penalty asked above what was owed: the month turned out smaller, or was paid earlier."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection

from cilegon_portal.contributions.models import Bill, Lateness, lateness_of
from cilegon_portal.rules.money import Rupiah
from cilegon_portal.templatetags.portal import month_name, rupiah

WIB = ZoneInfo("Asia/Jakarta")

# What of the penalties for each bill still stands on which bill, the newest first.
BORNE = """
SELECT late.id, charge.bill_id, sum(charge.penalty)::bigint
FROM contributions_bill late
JOIN contributions_charge charge ON charge.for_bill_id = late.id
WHERE late.account_id = ANY(%(accounts)s::bigint[])
GROUP BY late.id, charge.bill_id
HAVING sum(charge.penalty) > 0
ORDER BY late.id, charge.bill_id DESC
"""


@dataclass(frozen=True)
class Excess:
    """Penalty that stands on `bill` for the month `late`, which has not grown as much."""

    bill: Bill
    late: Bill
    amount: Rupiah
    reason: str


def excess_penalties(accounts: Collection[int], *, at: datetime) -> Iterator[Excess]:
    """Yield what these locked accounts were asked above what their months have grown until `at`."""
    with connection.cursor() as cursor:
        cursor.execute(BORNE, {"accounts": sorted(accounts)})
        borne = cursor.fetchall()
    if not borne:
        return
    bills = Bill.objects.in_bulk({key for *both, _ in borne for key in both})
    late_ones = {key: bills[key] for key, _, _ in borne}
    late = lateness_of(late_ones.values(), on=at.astimezone(WIB).date())
    left = {key: it.asked - it.grown for key, it in late.items()}
    for key, bears, stands in borne:
        amount = min(left[key], stands)
        if amount <= 0:
            continue
        left[key] -= amount
        yield Excess(bills[bears], bills[key], amount, less_words(bills[key], late[key]))


def less_words(bill: Bill, late: Lateness) -> str:
    """Return why less is asked: what the penalty is now, and what it was."""
    return (
        f"Denda {month_name(bill.month)} menjadi {rupiah(late.grown)}, "
        f"sudah ditagih {rupiah(late.asked)}"
    )
