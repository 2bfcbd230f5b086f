"""Who writes in the ledger locks the accounts first, in one order; so nobody waits in a circle."""

from collections.abc import Callable, Iterable

import structlog
from django.db import connection, transaction

# The payers, and the members whose months their codes would buy.
REACH = """
SELECT unnest(%(payers)s::bigint[])
UNION
SELECT line.account_id
FROM contributions_paymentcode code
JOIN contributions_codeline line ON line.code_id = code.id
WHERE (code.account_id = ANY(%(payers)s::bigint[]) AND code.closed_at IS NULL)
   OR code.id = ANY(%(codes)s::bigint[])
"""

LOCK = """
SELECT id FROM contributions_account WHERE id = ANY(%(accounts)s::bigint[])
ORDER BY id FOR UPDATE
"""

# A receipt in suspense lies on no account that could be locked; held until the commit.
LOCK_RECEIPT = """
SELECT pg_advisory_xact_lock(hashtextextended('contributions.payment:' || %(root)s, 0))
"""


def lock_accounts(accounts: Iterable[int], *, codes: Iterable[int] = ()) -> None:
    """Lock these accounts and all members whom their open codes, or `codes`, would reach."""
    payers, named = set(accounts), sorted(set(codes))
    lock_reached(lambda: reach(payers, codes=named))


def lock_reached(find: Callable[[], set[int]]) -> None:
    """Lock the accounts that `find` names, in the order of their keys.

    They may be others once we have waited for the first lock: then the locks are given back and
    taken anew, never added to out of order. Call it once a transaction, before sums are read.
    """
    wanted = find()
    while True:
        before = transaction.savepoint()
        with connection.cursor() as cursor:
            cursor.execute(LOCK, {"accounts": sorted(wanted)})
        found = find()
        if found <= wanted:
            transaction.savepoint_commit(before)
            return
        transaction.savepoint_rollback(before)
        wanted |= found


def lock_receipt(root: int) -> None:
    """Let nobody else change what becomes of this receipt; taken before the accounts."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK_RECEIPT, {"root": str(root)})


def reach(payers: Iterable[int], *, codes: Iterable[int] = ()) -> set[int]:
    """Return `payers` and the members of their open codes and of `codes`."""
    with connection.cursor() as cursor:
        cursor.execute(REACH, {"payers": sorted(set(payers)), "codes": sorted(set(codes))})
        return {account for (account,) in cursor.fetchall()}


def request_id() -> str:
    """Return the id of the web request that this write belongs to; empty in jobs and commands."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
