"""A month is charged to many PU accounts at once: bills, charges, their rates; credit then pays.

The caller fills `owing`, one row an account, and has locked the accounts.
"""

from datetime import date, datetime

from django.db import connection

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.actions import credit
from cilegon_portal.contributions.actions.closing import finish, in_steps
from cilegon_portal.contributions.actions.corrections import lower_penalties
from cilegon_portal.contributions.actions.locks import request_id
from cilegon_portal.contributions.actions.penalties import WIB, charge_penalties
from cilegon_portal.contributions.actions.statements import send
from cilegon_portal.contributions.models import Bill, lateness_of
from cilegon_portal.rules.months import Month

WORK_TABLE = """
CREATE TEMP TABLE IF NOT EXISTS owing
    (account_id bigint, jkk bigint, jkm bigint, jht bigint, jp bigint, rates bigint[],
     charge_id bigint)
    ON COMMIT DROP;
DELETE FROM owing;
"""

OWE_NOTHING = "INSERT INTO owing VALUES (%(account)s, 0, 0, 0, 0, NULL, NULL)"

# A month that was withdrawn has its bill already, which stands at nothing.
WRITE_BILLS = """
INSERT INTO contributions_bill
    (account_id, month, due_on, kelurahan_id, sector, officer_id, campaign_code, made_at)
SELECT account.id, %(month)s, %(due_on)s, account.kelurahan_id, account.sector,
       account.officer_id, account.campaign_code, %(at)s
FROM owing JOIN contributions_account account ON account.id = owing.account_id
ORDER BY account.id
ON CONFLICT (account_id, month) DO NOTHING
"""

WRITE_CHARGES = """
WITH made AS (
    INSERT INTO contributions_charge
        (bill_id, kind, jkk, jkm, jht, jp, penalty, fine, reason_code, reason, by_id, at,
         request_id)
    SELECT bill.id, 'CONTRIBUTION', owing.jkk, owing.jkm, owing.jht, owing.jp, 0, 0,
           %(reason_code)s, %(reason)s, %(by)s, %(at)s, %(request_id)s
    FROM owing
    JOIN contributions_bill bill
        ON bill.account_id = owing.account_id AND bill.month = %(month)s
    ORDER BY owing.account_id
    RETURNING id, bill_id
)
UPDATE owing SET charge_id = made.id
FROM made JOIN contributions_bill bill ON bill.id = made.bill_id
WHERE owing.account_id = bill.account_id
"""

WRITE_RATES = """
INSERT INTO contributions_chargerate (charge_id, rate_id)
SELECT owing.charge_id, used.rate_id
FROM owing CROSS JOIN LATERAL (SELECT DISTINCT unnest(owing.rates)) used (rate_id)
"""

TOUCH = "INSERT INTO touched SELECT account_id FROM owing"

# Most accounts have no credit, nor a penalty that money then proved too much: laid after it was
# asked, but paid before. Those that have are few enough to be looked at one by one.
CREDITED_OR_LATE = """
SELECT DISTINCT late.account_id, false AS has_credit
FROM owing
JOIN contributions_bill late ON late.account_id = owing.account_id
JOIN contributions_charge penalty ON penalty.for_bill_id = late.id
JOIN contributions_allocation laid ON laid.bill_id = late.id AND laid.at >= penalty.at
JOIN contributions_payment payment
    ON payment.id = laid.payment_id AND payment.paid_at < penalty.at
UNION ALL
SELECT owing.account_id, true
FROM owing
CROSS JOIN LATERAL (
    SELECT coalesce(sum(payment.amount), 0) AS amount FROM contributions_payment payment
    WHERE payment.account_id = owing.account_id
) received
WHERE received.amount > 0 AND received.amount > (
    SELECT coalesce(sum(allocation.amount), 0)
    FROM contributions_payment payment
    JOIN contributions_allocation allocation ON allocation.payment_id = payment.id
    WHERE payment.account_id = owing.account_id)
"""


def charge_owing(
    *, month: Month, due_on: date, reason_code: str, reason: str, by: User | None, at: datetime
) -> int:
    """Write what each account in `owing` owes for `month`; return how many rows were written.

    The keys of the charges are left in `owing`. What earlier months have grown by lateness is asked
    with them, and what was asked above that is taken back. Credit pays what it can, by itself.
    """
    stamp = {
        "month": month.first_day,
        "due_on": due_on,
        "reason_code": reason_code,
        "reason": reason,
        "by": by.pk if by else None,
        "at": at,
        "request_id": request_id(),
    }
    with connection.cursor() as cursor:
        written = sum(send(cursor, WRITE_BILLS, WRITE_CHARGES, WRITE_RATES, given=stamp))
        written += charge_penalties(month=month, by=by, at=at)
        send(cursor, credit.WORK_TABLES, TOUCH, CREDITED_OR_LATE)
        found = cursor.fetchall()
    credited = [account for account, has_credit in found if has_credit]
    if credited:
        credit.spend_credit(credited, by=by, at=at)
    late = [account for account, has_credit in found if not has_credit]
    with in_steps():
        finish(at=at)
        return written + (lower_penalties(late, by=by, at=at) if late else 0)


def charge_last_penalties(
    *, account: int, month: Month, due_on: date, by: User | None, at: datetime
) -> int:
    """Charge on a bill of `month` what earlier months have grown: no contribution comes after them.

    The caller has locked the account. No bill is written where nothing has grown. Returns how many
    rows were written.
    """
    bills = Bill.objects.filter(account=account, month__lt=month.first_day)
    late = lateness_of(bills, on=at.astimezone(WIB).date())
    if not any(it.running for it in late.values()):
        return 0
    given = {"account": account, "month": month.first_day, "due_on": due_on, "at": at}
    with connection.cursor() as cursor:
        *_, written = send(cursor, WORK_TABLE, OWE_NOTHING, WRITE_BILLS, given=given)
    written += charge_penalties(month=month, by=by, at=at)
    credit.lay_out_work()
    credit.touch([account])
    credit.spend_credit([account], by=by, at=at)
    finish(at=at)
    return written
