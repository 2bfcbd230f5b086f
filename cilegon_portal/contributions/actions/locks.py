"""Who writes in the ledger locks the accounts first, in one order; so nobody waits in a circle."""

from collections.abc import Iterable

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


def lock_accounts(accounts: Iterable[int], *, codes: Iterable[int] = ()) -> None:
    """Lock these accounts and all members whom their open codes, or `codes`, would reach.

    A code may be replaced while we wait for the first lock, and reach others than before: then
    the locks are given back and taken anew, never added to out of order. Call it once a
    transaction, before any sum is read.
    """
    asked = {"payers": sorted(set(accounts)), "codes": sorted(set(codes))}
    wanted = reach(asked)
    while True:
        before = transaction.savepoint()
        with connection.cursor() as cursor:
            cursor.execute(LOCK, {"accounts": sorted(wanted)})
        reached = reach(asked)
        if reached <= wanted:
            transaction.savepoint_commit(before)
            return
        transaction.savepoint_rollback(before)
        wanted |= reached


def reach(asked: dict[str, list[int]]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(REACH, asked)
        return {account for (account,) in cursor.fetchall()}


def request_id() -> str:
    """Return the id of the web request that this write belongs to; empty in jobs and commands."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
