"""The rollup moves with the ledger: one delta for all allocations that an action wrote."""

from django.db import connection

# `laid` holds the keys of the allocations of this action. The cells are touched in one order, at
# the end of the action, so that two actions never wait for each other in a circle.
ADD_DELTA = """
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


def add_to_rollup() -> None:
    """Add what this action laid on bills, and took off them, to the rollup."""
    with connection.cursor() as cursor:
        cursor.execute(ADD_DELTA)
