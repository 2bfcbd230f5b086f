"""Money taken off bills again: reversing allocations, each exactly what it reverses.

Order of writing: reversing allocations, then charges, then new allocations. What is taken off
falls back to the account it came from, as credit.
"""

from datetime import datetime

from django.db import connection

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.actions.locks import request_id

WORK_TABLES = """
CREATE TEMP TABLE IF NOT EXISTS surplus (bill_id bigint, amount bigint) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS taken_off
    (allocation_id bigint, payment_id bigint, bill_id bigint, amount bigint, stays bigint)
    ON COMMIT DROP;
DELETE FROM surplus;
DELETE FROM taken_off;
"""

# The newest money goes first; of the last one taken a part may have to stay.
CHOOSE_SURPLUS = """
INSERT INTO taken_off
SELECT id, payment_id, bill_id, amount, greatest(0, upto - surplus)
FROM (
    SELECT standing.*, surplus.amount AS surplus,
           sum(standing.amount) OVER (
               PARTITION BY standing.bill_id ORDER BY standing.id DESC) AS upto
    FROM surplus
    JOIN contributions_allocation standing ON standing.bill_id = surplus.bill_id
    WHERE standing.reverses_id IS NULL AND NOT EXISTS (
        SELECT FROM contributions_allocation later WHERE later.reverses_id = standing.id)
) ranked
WHERE upto - amount < surplus
"""

# All that one receipt paid from one account; of a BPU month also the others' money, for it is
# bought whole or not at all.
CHOOSE_RECEIPT = """
WITH family AS (
    SELECT id FROM contributions_payment
    WHERE (id = %(root)s OR source_id = %(root)s) AND account_id = %(account)s
)
INSERT INTO taken_off
SELECT standing.id, standing.payment_id, standing.bill_id, standing.amount, 0
FROM contributions_allocation standing
JOIN contributions_bill bill ON bill.id = standing.bill_id
JOIN contributions_account account ON account.id = bill.account_id
WHERE standing.bill_id IN (
        SELECT paid.bill_id FROM contributions_allocation paid JOIN family
            ON family.id = paid.payment_id
        WHERE paid.reverses_id IS NULL AND NOT EXISTS (
            SELECT FROM contributions_allocation later WHERE later.reverses_id = paid.id))
  AND standing.reverses_id IS NULL AND NOT EXISTS (
        SELECT FROM contributions_allocation later WHERE later.reverses_id = standing.id)
  AND (account.kind = 'BPU' OR standing.payment_id IN (SELECT id FROM family))
"""

TAKE_OFF = """
WITH made AS (
    INSERT INTO contributions_allocation
        (payment_id, bill_id, amount, reverses_id, by_id, at, request_id)
    SELECT payment_id, bill_id, -amount, allocation_id, %(by)s, %(at)s, %(request_id)s
    FROM taken_off ORDER BY allocation_id
    RETURNING id
)
INSERT INTO laid SELECT id FROM made
"""

# A BPU month that lost its money is unsold again: its bill stands empty.
EMPTY_MONTHS = """
INSERT INTO contributions_charge
    (bill_id, kind, jkk, jkm, jht, jp, penalty, fine, reason_code, reason, by_id, at, request_id)
SELECT bill.id, 'CORRECTION', -sum(charge.jkk), -sum(charge.jkm), -sum(charge.jht),
       -sum(charge.jp), 0, 0, 'MONTH_UNSOLD', %(reason)s, %(by)s, %(at)s, %(request_id)s
FROM contributions_bill bill
JOIN contributions_account account ON account.id = bill.account_id AND account.kind = 'BPU'
JOIN contributions_charge charge ON charge.bill_id = bill.id
WHERE bill.id IN (SELECT bill_id FROM taken_off)
GROUP BY bill.id
ORDER BY bill.id
"""

LAY_BACK = """
WITH made AS (
    INSERT INTO contributions_allocation (payment_id, bill_id, amount, by_id, at, request_id)
    SELECT payment_id, bill_id, stays, %(by)s, %(at)s, %(request_id)s
    FROM taken_off WHERE stays > 0 ORDER BY allocation_id
    RETURNING id
)
INSERT INTO laid SELECT id FROM made
"""

# Whose credit grew, and whose months changed.
TOUCH = """
WITH changed AS (
    INSERT INTO touched
    SELECT payment.account_id
    FROM taken_off JOIN contributions_payment payment ON payment.id = taken_off.payment_id
    UNION
    SELECT bill.account_id
    FROM taken_off JOIN contributions_bill bill ON bill.id = taken_off.bill_id
    RETURNING account_id
)
SELECT account_id FROM changed
"""


def lay_out_release() -> None:
    """Have the work tables of this transaction ready and empty."""
    with connection.cursor() as cursor:
        cursor.execute(WORK_TABLES)


def stamp(by: User | None, at: datetime) -> dict[str, int | datetime | str | None]:
    """Return who writes, and when, as parameters of a statement."""
    return {"by": by.pk if by else None, "at": at, "request_id": request_id()}


def take_off(*, by: User | None, at: datetime) -> set[int]:
    """Write the reversing allocations of `taken_off`; return the accounts that they touch."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE_OFF, stamp(by, at))
        cursor.execute(TOUCH)
        return {account for (account,) in cursor.fetchall()}


def lay_back(*, by: User | None, at: datetime) -> None:
    """Lay back on the bills what of the money taken off has to stay on them."""
    with connection.cursor() as cursor:
        cursor.execute(LAY_BACK, stamp(by, at))
