"""Credit pays by itself: what lies on accounts buys the months of codes and pays bills, in order.

Everything is done for all payers at once, in rounds. In a round each payer has one *turn*: a code
at the price on its lines (CODE), a code that came too late at the present price (LATE), or its own
bills (BILLS). Two payers whose turns touch the same account (a group and its member) never have
their turn in the same round, so that no month is bought twice.

The caller has locked the accounts and filled `task`; the work tables live until the commit.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import connection
from django.db.backends.utils import CursorWrapper

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.actions.locks import request_id
from cilegon_portal.contributions.actions.prices import PRESENT_PRICE
from cilegon_portal.contributions.actions.statements import send

# Short texts keep the tables small, and what was never measured is not worth compiling.
WORK_TABLES = """
SET LOCAL jit = off;
CREATE TEMP TABLE IF NOT EXISTS task
    (payer_id bigint, position bigint, kind varchar(5), code_id bigint)
    ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS turn (LIKE task) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS pot
    (payer_id bigint, root_id bigint, payment_id bigint, paid_at timestamptz, left_over bigint)
    ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS wish
    (payer_id bigint, kind varchar(5), seq bigint, code_id bigint, line_id bigint, bill_id bigint,
     is_month boolean, account_id bigint, month date, due_on date, price bigint,
     jkk bigint, jkm bigint, jht bigint, rates bigint[])
    ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS item (LIKE wish) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS laid (id bigint) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS touched (account_id bigint) ON COMMIT DROP;
DELETE FROM task;
DELETE FROM turn;
DELETE FROM pot;
DELETE FROM wish;
DELETE FROM item;
DELETE FROM touched;
"""

# Credit that names nothing: the own bills of each account, then its open code.
TASKS_OF_ACCOUNTS = """
INSERT INTO task
SELECT code.account_id, 2, 'CODE', code.id
FROM contributions_paymentcode code
WHERE code.account_id = ANY(%(accounts)s::bigint[])
  AND code.closed_at IS NULL AND code.expires_at > %(at)s
UNION ALL
SELECT account.id, 1, 'BILLS', NULL
FROM contributions_account account
WHERE account.id = ANY(%(accounts)s::bigint[]) AND account.kind = 'PU'
"""

CLEAR = "DELETE FROM turn; DELETE FROM pot; DELETE FROM wish; DELETE FROM item"

TURNS = """
WITH next AS MATERIALIZED (
    SELECT DISTINCT ON (payer_id) * FROM task ORDER BY payer_id, position
), reach AS (
    SELECT next.*, min(next.payer_id) OVER (PARTITION BY touched.account_id) AS first_payer_id
    FROM next
    CROSS JOIN LATERAL (
        SELECT next.payer_id
        UNION
        SELECT line.account_id FROM contributions_codeline line WHERE line.code_id = next.code_id
    ) touched (account_id)
)
INSERT INTO turn
SELECT payer_id, position, kind, code_id FROM reach
GROUP BY payer_id, position, kind, code_id
HAVING bool_and(first_payer_id = payer_id)
"""

TAKE_TURNS = """
WITH taken AS (
    DELETE FROM task USING turn
    WHERE task.payer_id = turn.payer_id AND task.position = turn.position
    RETURNING turn.kind
)
SELECT array_agg(DISTINCT kind), (SELECT count(*) FROM task) > count(*) FROM taken
"""

# What is left of each receipt on the payer's account; it is spent in the order in which it came.
# Another code's turn leaves alone what named a code whose own turn is still to come.
POTS = """
INSERT INTO pot
SELECT turn.payer_id, coalesce(payment.source_id, payment.id),
       max(payment.id) FILTER (WHERE payment.amount > 0), min(payment.paid_at),
       sum(payment.amount) - coalesce(sum(used.amount), 0)
FROM turn
JOIN contributions_payment payment ON payment.account_id = turn.payer_id
CROSS JOIN LATERAL (
    SELECT sum(allocation.amount) AS amount FROM contributions_allocation allocation
    WHERE allocation.payment_id = payment.id
) used
WHERE turn.kind = 'BILLS' OR NOT EXISTS (
    SELECT FROM task
    WHERE task.payer_id = turn.payer_id AND task.code_id = payment.code_id
      AND task.code_id <> turn.code_id)
GROUP BY 1, 2
HAVING sum(payment.amount) - coalesce(sum(used.amount), 0) > 0
"""

# The state of a bill, to be joined beside `bill`.
STATE = """
CROSS JOIN LATERAL (
    SELECT coalesce(sum(charge.total), 0) AS charged FROM contributions_charge charge
    WHERE charge.bill_id = bill.id
) charges
CROSS JOIN LATERAL (
    SELECT coalesce(sum(allocation.amount), 0) AS laid
    FROM contributions_allocation allocation WHERE allocation.bill_id = bill.id
) money
"""

WISH_AT_LINE_PRICE = (
    """
INSERT INTO wish
SELECT turn.payer_id, 'CODE', line.position, line.code_id, line.id,
       bill.id, line.bill_id IS NULL, line.account_id, line.month, line.due_on,
       CASE WHEN line.bill_id IS NULL THEN line.total
            ELSE least(line.due, charges.charged - money.laid) END,
       line.jkk, line.jkm, line.jht, line.rates
FROM turn
JOIN contributions_codeline line ON line.code_id = turn.code_id
LEFT JOIN contributions_bill bill ON bill.account_id = line.account_id AND bill.month = line.month
"""
    + STATE
    + """
WHERE turn.kind = 'CODE'
  AND CASE WHEN line.bill_id IS NULL THEN charges.charged = 0
      ELSE charges.charged > money.laid END
"""
)

WISH_AT_PRESENT_PRICE = (
    """
INSERT INTO wish
SELECT line.payer_id, 'LATE', line.position, line.code_id, line.id, line.known_bill_id, true,
       line.account_id, line.month, line.due_on, price.total, price.jkk, price.jkm, price.jht,
       price.rates
FROM (
    SELECT line.*, turn.payer_id, bill.id AS known_bill_id
    FROM turn
    JOIN contributions_codeline line ON line.code_id = turn.code_id AND line.bill_id IS NULL
    LEFT JOIN contributions_bill bill
        ON bill.account_id = line.account_id AND bill.month = line.month
"""  # noqa: S608 (constants)
    + STATE
    + """
    WHERE turn.kind = 'LATE' AND charges.charged = 0
    OFFSET 0
) line
LEFT JOIN LATERAL ("""
    + PRESENT_PRICE
    + """) price ON true
"""
)

WISH_OF_OWN_BILLS = (
    """
INSERT INTO wish
SELECT turn.payer_id, 'BILLS', row_number() OVER (ORDER BY bill.month, bill.id), NULL, NULL,
       bill.id, false, bill.account_id, bill.month, bill.due_on, charges.charged - money.laid,
       0, 0, 0, NULL
FROM turn
JOIN contributions_bill bill ON bill.account_id = turn.payer_id
"""
    + STATE
    + """
WHERE turn.kind = 'BILLS' AND charges.charged > money.laid
"""
)

WISHES = {
    "CODE": WISH_AT_LINE_PRICE,
    "LATE": WISH_AT_PRESENT_PRICE,
    "BILLS": WISH_OF_OWN_BILLS,
}

# A month is bought whole or not at all, and the first that does not fit stops those behind it;
# a bill takes what is there; a late code is bought whole or left.
CHOOSE = """
INSERT INTO item
SELECT payer_id, kind, seq, code_id, line_id, bill_id, is_month, account_id, month, due_on,
       taken, jkk, jkm, jht, rates
FROM (
    SELECT ranked.*, CASE
        WHEN kind = 'LATE' THEN CASE WHEN all_priced AND whole <= funds THEN price ELSE 0 END
        WHEN is_month THEN CASE WHEN upto <= funds THEN price ELSE 0 END
        ELSE greatest(0, least(price, funds - (upto - price))) END AS taken
    FROM (
        SELECT wish.*, pool.funds,
               sum(wish.price) OVER (PARTITION BY wish.payer_id ORDER BY wish.seq) AS upto,
               sum(wish.price) OVER (PARTITION BY wish.payer_id) AS whole,
               bool_and(wish.price IS NOT NULL) OVER (PARTITION BY wish.payer_id) AS all_priced
        FROM wish
        JOIN (SELECT payer_id, sum(left_over) AS funds FROM pot GROUP BY payer_id) pool
            USING (payer_id)
    ) ranked
) chosen
WHERE taken > 0
"""

# A bought month has its bill (a new one, or an old one that stood empty) and its charge.
WRITE_BILLS = """
WITH made AS (
    INSERT INTO contributions_bill
        (account_id, month, due_on, kelurahan_id, sector, officer_id, campaign_code, made_at)
    SELECT account.id, item.month, item.due_on, account.kelurahan_id, account.sector,
           account.officer_id, account.campaign_code, %(at)s
    FROM item JOIN contributions_account account ON account.id = item.account_id
    WHERE item.bill_id IS NULL
    ORDER BY account.id, item.month
    RETURNING id, account_id, month
)
UPDATE item SET bill_id = made.id FROM made
WHERE item.account_id = made.account_id AND item.month = made.month AND item.bill_id IS NULL
"""

WRITE_CHARGES = """
WITH made AS (
    INSERT INTO contributions_charge
        (bill_id, kind, jkk, jkm, jht, jp, penalty, fine, reason_code, reason, code_line_id,
         by_id, at, request_id)
    SELECT item.bill_id, 'CONTRIBUTION', item.jkk, item.jkm, item.jht, 0, 0, 0, 'BPU_MONTH',
           CASE item.kind WHEN 'LATE' THEN 'Bulan iuran dibeli dengan harga sekarang, kode '
                ELSE 'Bulan iuran dibeli dengan kode ' END || code.reference,
           item.line_id, %(by)s, %(at)s, %(request_id)s
    FROM item JOIN contributions_paymentcode code ON code.id = item.code_id
    WHERE item.is_month
    ORDER BY item.account_id, item.month
    RETURNING id, code_line_id
)
INSERT INTO contributions_chargerate (charge_id, rate_id)
SELECT made.id, used.rate_id
FROM made
JOIN item ON item.line_id = made.code_line_id
CROSS JOIN LATERAL (SELECT DISTINCT unnest(item.rates)) used (rate_id)
"""

# Money and items each stand in a row; where their stretches overlap, that money pays that item.
WRITE_ALLOCATIONS = """
WITH money AS (
    SELECT payer_id, payment_id, upto - left_over AS starts, upto AS ends
    FROM (SELECT pot.*, sum(left_over) OVER (
              PARTITION BY payer_id ORDER BY paid_at, root_id) AS upto FROM pot) rows
), needs AS (
    SELECT payer_id, bill_id, seq, upto - price AS starts, upto AS ends
    FROM (SELECT item.*, sum(price) OVER (
              PARTITION BY payer_id ORDER BY seq) AS upto FROM item) rows
), made AS (
    INSERT INTO contributions_allocation (payment_id, bill_id, amount, by_id, at, request_id)
    SELECT money.payment_id, needs.bill_id,
           least(money.ends, needs.ends) - greatest(money.starts, needs.starts),
           %(by)s, %(at)s, %(request_id)s
    FROM money JOIN needs
        ON needs.payer_id = money.payer_id
       AND needs.starts < money.ends AND money.starts < needs.ends
    ORDER BY needs.payer_id, needs.seq, money.starts
    RETURNING id
)
INSERT INTO laid SELECT id FROM made
"""

# Whose sums this round may have changed.
TOUCH = """
INSERT INTO touched SELECT payer_id FROM turn UNION SELECT account_id FROM item
"""

SELL = (WRITE_BILLS, WRITE_CHARGES, WRITE_ALLOCATIONS, TOUCH)


def lay_out_work() -> None:
    """Have the work tables of this transaction ready and empty."""
    with connection.cursor() as cursor:
        cursor.execute(WORK_TABLES)


def spend_credit(accounts: Iterable[int], *, by: User | None, at: datetime) -> None:
    """Let the credit of these locked accounts pay their open code and their own bills."""
    with connection.cursor() as cursor:
        cursor.execute(TASKS_OF_ACCOUNTS, {"accounts": sorted(set(accounts)), "at": at})
    settle(by=by, at=at)


def touch(accounts: Iterable[int]) -> None:
    """Note that the credit or the months of these accounts changed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO touched SELECT unnest(%(accounts)s::bigint[])",
            {"accounts": sorted(set(accounts))},
        )


def settle(*, by: User | None, at: datetime) -> None:
    """Work off `task`: round by round, one turn a payer."""
    with connection.cursor() as cursor:
        params = {"by": by.pk if by else None, "at": at, "request_id": request_id()}
        for kinds in rounds(cursor):
            cursor.execute(POTS)
            if cursor.rowcount == 0:
                continue
            *_, chosen = send(cursor, *(WISHES[kind] for kind in kinds), CHOOSE)
            if chosen > 0:
                send(cursor, *SELL, given=params)


def rounds(cursor: CursorWrapper) -> Iterator[list[str]]:
    """Fill `turn` for one round after the other; yield which kinds of turn it holds."""
    has_more = True
    while has_more:
        send(cursor, CLEAR, TURNS, TAKE_TURNS)
        kinds, has_more = cursor.fetchone()
        if kinds:
            yield kinds
