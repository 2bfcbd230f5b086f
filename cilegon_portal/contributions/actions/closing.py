"""How an action of the ledger ends: codes are closed or asked anew, and the rollup moves."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from cilegon_portal.contributions.actions.credit import STATE
from cilegon_portal.contributions.actions.statements import send

# The open codes that a touched account pays with, or is a member of; chosen before any sum is
# read, so that the sums are read for them alone.
CHOOSE_CODES = """
SELECT code.id, code.account_id FROM contributions_paymentcode code
WHERE code.closed_at IS NULL AND code.id IN (
    SELECT own.id FROM contributions_paymentcode own
    JOIN touched ON touched.account_id = own.account_id
    UNION
    SELECT line.code_id FROM contributions_codeline line
    JOIN touched ON touched.account_id = line.account_id)
ORDER BY code.id
"""

# A statement of its own: two members of a group may finish at once, and who waited here for the
# other must read the sums anew, or neither would close the code of the group.
LOCK_CODES = f"{CHOOSE_CODES} FOR UPDATE OF code"

OPEN_CODES = f"WITH open_code AS MATERIALIZED ({CHOOSE_CODES})"

# A code is paid when nothing on it is left to buy or to pay, whoever's money did it.
CLOSE_CODES = f"""
{OPEN_CODES}
UPDATE contributions_paymentcode closed SET closed_at = %(at)s, closed_because = 'PAID'
FROM open_code
WHERE closed.id = open_code.id AND NOT EXISTS (
    SELECT FROM contributions_codeline line
    LEFT JOIN contributions_bill bill
        ON bill.account_id = line.account_id AND bill.month = line.month
    {STATE}
    WHERE line.code_id = open_code.id
      AND CASE WHEN line.bill_id IS NULL THEN charges.charged = 0
          ELSE charges.charged > money.laid END)
"""  # noqa: S608 (constants)

# An open code asks for what is left on it, less the credit of its payer.
RENEW_AMOUNTS = f"""
{OPEN_CODES}, asked AS MATERIALIZED (
    SELECT open_code.id, greatest(0, (
        SELECT coalesce(sum(CASE
            WHEN line.bill_id IS NOT NULL THEN least(line.due, charges.charged - money.laid)
            WHEN charges.charged = 0 THEN line.total
            ELSE 0 END), 0)
        FROM contributions_codeline line
        LEFT JOIN contributions_bill bill
            ON bill.account_id = line.account_id AND bill.month = line.month
        {STATE}
        WHERE line.code_id = open_code.id
    ) - (
        SELECT coalesce(sum(payment.amount), 0) FROM contributions_payment payment
        WHERE payment.account_id = open_code.account_id
    ) + (
        SELECT coalesce(sum(allocation.amount), 0)
        FROM contributions_payment payment
        JOIN contributions_allocation allocation ON allocation.payment_id = payment.id
        WHERE payment.account_id = open_code.account_id
    )) AS amount
    FROM open_code
)
UPDATE contributions_paymentcode renewed SET amount = asked.amount
FROM asked
WHERE renewed.id = asked.id AND renewed.amount <> asked.amount
"""  # noqa: S608 (constants)

# `laid` holds the keys of the allocations since the last time. The cells are touched in one
# order, at the end of the action, so that two actions never wait for each other in a circle.
ADD_TO_ROLLUP = """
INSERT INTO contributions_rollup AS cell
    (cash_month, month, segment, kecamatan_id, sector, officer_id, campaign_code, amount)
SELECT
    date_trunc('month', payment.paid_at AT TIME ZONE 'Asia/Jakarta')::date, bill.month,
    account.kind, place.kecamatan_id, bill.sector, bill.officer_id, bill.campaign_code,
    sum(allocation.amount)
FROM laid
JOIN contributions_allocation allocation ON allocation.id = laid.id
JOIN contributions_payment payment ON payment.id = allocation.payment_id
JOIN contributions_bill bill ON bill.id = allocation.bill_id
JOIN contributions_account account ON account.id = bill.account_id
LEFT JOIN reference_kelurahan place ON place.id = bill.kelurahan_id
GROUP BY 1, 2, 3, 4, 5, 6, 7
HAVING sum(allocation.amount) <> 0
ORDER BY 1, 2, 3, 4, 5, 6, 7
ON CONFLICT (cash_month, month, segment, kecamatan_id, sector, officer_id, campaign_code)
DO UPDATE SET amount = cell.amount + excluded.amount
"""


FORGET_LAID = "DELETE FROM laid"
IS_LAID = "SELECT FROM laid LIMIT 1"


@dataclass
class Steps:
    """The steps of one action: whether any of them has left something for the rollup."""

    is_left: bool = False


STEPS: ContextVar[Steps | None] = ContextVar("steps", default=None)


@contextmanager
def in_steps() -> Iterator[None]:
    """Let several steps that each `finish` add to the rollup together, behind the last of them.

    Cells touched step by step would come in another order than those of somebody else.
    """
    if STEPS.get():
        yield
        return
    steps = Steps()
    before = STEPS.set(steps)
    try:
        yield
    finally:
        STEPS.reset(before)
    if steps.is_left:
        with connection.cursor() as cursor:
            send(cursor, ADD_TO_ROLLUP, FORGET_LAID)


def finish(*, at: datetime) -> None:
    """Close and renew the codes of the touched accounts; add what was laid to the rollup."""
    steps = STEPS.get()
    last = (IS_LAID,) if steps else (ADD_TO_ROLLUP, FORGET_LAID)
    with connection.cursor() as cursor:
        *_, laid = send(cursor, LOCK_CODES, CLOSE_CODES, RENEW_AMOUNTS, *last, given={"at": at})
    if steps:
        steps.is_left = laid > 0
