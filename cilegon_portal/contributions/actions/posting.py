"""Money comes in: n payments are posted by a handful of statements, one payment being n = 1."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from procrastinate.contrib.django import app
from procrastinate.types import JSONValue

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.actions import credit
from cilegon_portal.contributions.actions.closing import finish
from cilegon_portal.contributions.actions.locks import lock_accounts, request_id
from cilegon_portal.contributions.actions.statements import send
from cilegon_portal.contributions.models import Payment
from cilegon_portal.rules.money import Rupiah

TELL_PAYERS = "cilegon_portal.contributions.tasks.tell_payers"


@dataclass(frozen=True)
class Money:
    """Money as the outside world reports it: `code` is a code's reference, if one was named."""

    channel: str
    external_reference: str
    amount: Rupiah
    paid_at: datetime
    code: str = ""
    virtual_account: str = ""


@dataclass(frozen=True)
class Receipt:
    """The key of the payment of one Money; not new when its reference was known already."""

    payment_id: int
    is_new: bool


@dataclass(frozen=True)
class Posted:
    """The payment of one Money; not new when its reference was known already."""

    payment: Payment
    is_new: bool


POSTING_TABLE = """
CREATE TEMP TABLE IF NOT EXISTS posting
    (ord bigint, channel varchar(10), external_reference varchar(64), amount bigint,
     paid_at timestamptz, account_id bigint, code_id bigint, is_first boolean,
     payment_id bigint, is_new boolean)
    ON COMMIT DROP;
DELETE FROM posting;
"""

# A code tells the account, else the virtual account does, else the money is in suspense.
RESOLVE = """
INSERT INTO posting
SELECT money.ord, money.channel, money.external_reference, money.amount, money.paid_at,
       coalesce(code.account_id, account.id), code.id,
       row_number() OVER (
           PARTITION BY money.channel, money.external_reference ORDER BY money.ord) = 1,
       NULL, false
FROM unnest(%(channels)s::text[], %(references)s::text[], %(amounts)s::bigint[],
            %(moments)s::timestamptz[], %(codes)s::text[], %(virtual_accounts)s::text[])
    WITH ORDINALITY
    AS money (channel, external_reference, amount, paid_at, code, virtual_account, ord)
LEFT JOIN contributions_paymentcode code ON code.reference = money.code AND money.code <> ''
LEFT JOIN contributions_account account
    ON account.virtual_account = money.virtual_account AND money.virtual_account <> ''
"""

REACHED = """
SELECT coalesce(array_agg(DISTINCT account_id) FILTER (WHERE account_id IS NOT NULL), '{}'),
       coalesce(array_agg(DISTINCT code_id) FILTER (WHERE code_id IS NOT NULL), '{}')
FROM posting
"""

RECEIVE = """
WITH made AS (
    INSERT INTO contributions_payment
        (kind, account_id, code_id, channel, external_reference, amount, paid_at, reason, by_id,
         at, request_id)
    SELECT 'RECEIVED', account_id, code_id, channel, external_reference, amount, paid_at, '',
           %(by)s, %(at)s, %(request_id)s
    FROM posting WHERE is_first
    ORDER BY channel, external_reference
    ON CONFLICT (channel, external_reference) WHERE kind = 'RECEIVED' DO NOTHING
    RETURNING id, channel, external_reference
)
UPDATE posting SET payment_id = made.id, is_new = posting.is_first
FROM made
WHERE made.channel = posting.channel AND made.external_reference = posting.external_reference
"""

RECOGNISE = """
UPDATE posting SET payment_id = payment.id
FROM contributions_payment payment
WHERE posting.payment_id IS NULL AND payment.kind = 'RECEIVED'
  AND payment.channel = posting.channel
  AND payment.external_reference = posting.external_reference
"""

# Each payer's tasks: the codes that new money named, in the order in which it came; then its own
# bills; then the open code, unless its turn has just been. A code whose day the money still met
# keeps the price on its lines.
TASKS = """
WITH named AS (
    SELECT posting.account_id AS payer_id, code.id AS code_id, min(posting.ord) AS ord,
           CASE WHEN code.closed_because IN ('', 'EXPIRED')
                 AND min(posting.paid_at) < code.expires_at
                THEN 'CODE' ELSE 'LATE' END AS kind
    FROM posting JOIN contributions_paymentcode code ON code.id = posting.code_id
    WHERE posting.is_new
    GROUP BY posting.account_id, code.id
)
INSERT INTO task
SELECT payer_id, ord, kind, code_id FROM named
UNION ALL
SELECT code.account_id, %(count)s + 2, 'CODE', code.id
FROM contributions_paymentcode code
WHERE code.account_id IN (SELECT account_id FROM posting WHERE is_new)
  AND code.closed_at IS NULL AND code.expires_at > %(at)s
  AND code.id NOT IN (
      SELECT DISTINCT ON (payer_id) code_id FROM named ORDER BY payer_id, ord DESC)
UNION ALL
SELECT account.id, %(count)s + 1, 'BILLS', NULL
FROM contributions_account account
WHERE account.id IN (SELECT account_id FROM posting WHERE is_new) AND account.kind = 'PU'
"""

RESULT = "SELECT payment_id, is_new FROM posting ORDER BY ord"


def post_payments(*, moneys: Sequence[Money], by: User | None, at: datetime) -> list[Posted]:
    """Post all `moneys` and return their payments in the same order; see `post_moneys`."""
    receipts = post_moneys(moneys=moneys, by=by, at=at)
    payments = Payment.objects.in_bulk([receipt.payment_id for receipt in receipts])
    return [Posted(payments[receipt.payment_id], receipt.is_new) for receipt in receipts]


@transaction.atomic
def post_moneys(
    *, moneys: Sequence[Money], by: User | None, at: datetime, tells_payers: bool = True
) -> list[Receipt]:
    """Post all `moneys`, each reference once; return the keys of their payments in order.

    Money that names a code or an account lies on that account, and its credit then pays what it
    can (`credit`); other money lies in suspense. Nothing is dropped, and nothing is posted twice.
    """
    if not moneys:
        return []
    with connection.cursor() as cursor:
        send(cursor, credit.WORK_TABLES, POSTING_TABLE, RESOLVE, REACHED, given=columns(moneys))
        payers, codes = cursor.fetchone()
        lock_accounts(payers, codes=codes)
        by_key = by.pk if by else None
        cursor.execute(RECEIVE, {"by": by_key, "at": at, "request_id": request_id()})
        if cursor.rowcount < len(moneys):
            cursor.execute(RECOGNISE)
        cursor.execute(TASKS, {"at": at, "count": len(moneys)})
        credit.settle(by=by, at=at)
        credit.touch(payers)
        finish(at=at)
        receipts = results(cursor)
    if tells_payers:
        tell(receipts)
    return receipts


def columns(moneys: Sequence[Money]) -> dict[str, list[object]]:
    """Return `moneys` as columns, the way `unnest` takes them."""
    return {
        "channels": [money.channel for money in moneys],
        "references": [money.external_reference for money in moneys],
        "amounts": [money.amount for money in moneys],
        "moments": [money.paid_at for money in moneys],
        "codes": [money.code for money in moneys],
        "virtual_accounts": [money.virtual_account for money in moneys],
    }


def results(cursor: CursorWrapper) -> list[Receipt]:
    cursor.execute(RESULT)
    return [Receipt(payment_id, is_new) for payment_id, is_new in cursor.fetchall()]


def tell(receipts: Sequence[Receipt]) -> None:
    """Leave one job that tells the payers of all new payments."""
    new: list[JSONValue] = [receipt.payment_id for receipt in receipts if receipt.is_new]
    if new:
        app.configure_task(TELL_PAYERS).defer(payments=new)
