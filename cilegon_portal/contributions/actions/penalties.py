"""Penalties are charged with the next bill: what earlier months have grown until then."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.actions.locks import request_id
from cilegon_portal.contributions.models import Bill, Charge, Lateness, lateness_of
from cilegon_portal.rules.months import Month
from cilegon_portal.templatetags.portal import month_name, percent, rupiah

WIB = ZoneInfo("Asia/Jakarta")
TIMES = "\u00d7"

# Months before this one of the accounts that owe it, of which something was or is late.
LATE_BILLS = """
SELECT bill.id, this.id
FROM owing
JOIN contributions_bill this ON this.account_id = owing.account_id AND this.month = %(month)s
JOIN contributions_bill bill
    ON bill.account_id = owing.account_id AND bill.month < %(month)s AND bill.due_on < %(today)s
WHERE EXISTS (
    SELECT FROM contributions_allocation late
    JOIN contributions_payment payment ON payment.id = late.payment_id
    WHERE late.bill_id = bill.id
      AND (payment.paid_at AT TIME ZONE 'Asia/Jakarta')::date > bill.due_on
) OR (
    SELECT coalesce(sum(charge.total), 0) FROM contributions_charge charge
    WHERE charge.bill_id = bill.id
) > (
    SELECT coalesce(sum(money.amount), 0) FROM contributions_allocation money
    WHERE money.bill_id = bill.id
)
ORDER BY bill.id
"""


def charge_penalties(*, month: Month, by: User | None, at: datetime) -> int:
    """Charge on the bills of `month`, for the accounts in `owing`, what lateness cost so far.

    The caller has locked the accounts and written the bills. What was asked or waived before is
    not asked again. Returns how many charges were written.
    """
    today = at.astimezone(WIB).date()
    with connection.cursor() as cursor:
        cursor.execute(LATE_BILLS, {"month": month.first_day, "today": today})
        bears = dict(cursor.fetchall())
    if not bears:
        return 0
    bills = list(Bill.objects.filter(pk__in=bears).order_by("account", "month"))
    late = lateness_of(bills, on=today)
    made = Charge.objects.bulk_create(
        Charge(
            bill_id=bears[bill.pk],
            kind=Charge.Kind.PENALTY,
            penalty=late[bill.pk].running,
            for_bill=bill,
            reason_code="LATE",
            reason=f"Denda {month_name(bill.month)}: {penalty_words(late[bill.pk])}"[:300],
            by=by,
            at=at,
            request_id=request_id(),
        )
        for bill in bills
        if late[bill.pk].running
    )
    return len(made)


def penalty_words(late: Lateness) -> str:
    """Return the penalty as a formula: share, months and what was late, and what it comes to.

    The parts are not rounded one by one, so only their sum has an amount.
    """
    parts = " + ".join(f"{part.months} bulan {TIMES} {rupiah(part.amount)}" for part in late.parts)
    if len(late.parts) > 1:
        parts = f"({parts})"
    words = f"{percent(late.rate)} {TIMES} {parts} = {rupiah(late.grown)}"
    if late.asked:
        words += f", dikurangi yang sudah ditagih {rupiah(late.asked)} = {rupiah(late.running)}"
    return words
