# ruff: noqa: S608 (statements are put together from the constants of this file)
"""Each rule of check_invariants names the corruption that was planted for it.

The guards of the database are put to sleep first, as a superuser or a bad restore would.
"""

from typing import Any

import pytest
from django.db import connection, transaction

from cilegon_portal.contributions import actions
from cilegon_portal.contributions.invariants import INVARIANTS
from cilegon_portal.contributions.models import Bill
from cilegon_portal.management.commands.check_invariants import violations
from tests import make
from tests.make import AT, NOVEMBER

pytestmark = pytest.mark.django_db

ALLOCATION = """
INSERT INTO contributions_allocation (payment_id, bill_id, amount, reverses_id, at, request_id)
"""
CHARGE = """
INSERT INTO contributions_charge
    (bill_id, kind, jkk, jkm, jht, jp, penalty, fine, reason_code, reason, at, request_id)
"""
PAYMENT = """
INSERT INTO contributions_payment
    (kind, account_id, source_id, channel, external_reference, amount, paid_at, reason, by_id,
     at, request_id)
"""
REVERSAL = (
    f"{ALLOCATION} SELECT payment_id, bill_id, -amount, id, at, ''"
    " FROM contributions_allocation WHERE id = %(laid)s"
)


def later(kind: str, amount: str, by: str = "%(clerk)s", of: str = "%(unknown)s") -> str:
    return (
        f"{PAYMENT} SELECT '{kind}', account_id, id, channel, external_reference, {amount},"
        f" paid_at, 'Sebab', {by}, at, '' FROM contributions_payment WHERE id = {of}"
    )


def charge(kind: str, *, jkk: int = 0, fine: int = 0) -> str:
    return f"{CHARGE} VALUES (%(bought)s, '{kind}', {jkk}, 0, 0, 0, 0, {fine}, 'X', 'Y', now(), '')"


PLANTED = {
    "outstanding_is_not_negative": [
        "UPDATE contributions_allocation SET amount = amount + 1 WHERE id = %(laid)s"
    ],
    "allocation_sum_is_not_negative": [REVERSAL.replace("bill_id, -amount", "%(later)s, -amount")],
    "charge_sum_is_not_negative": [
        "UPDATE contributions_charge SET kind = 'CORRECTION', jkm = -1 WHERE bill_id = %(owed)s"
    ],
    "nobody_owes_a_bpu_month": [charge("CORRECTION", jkk=1)],
    "credit_is_not_negative": [
        "UPDATE contributions_payment SET amount = 1 WHERE id = %(fishers)s"
    ],
    "every_rupiah_is_somewhere": ["DELETE FROM contributions_payment WHERE id = %(fishers)s"],
    "money_in_suspense_pays_nothing": [
        "UPDATE contributions_payment SET account_id = NULL WHERE id = %(fishers)s"
    ],
    "moved_money_adds_up_to_zero": [later("MOVED", "5")],
    "no_more_goes_back_than_came": [later("REVERSED", "-amount - 1")],
    "payment_source_is_received": [later("MOVED", "-1", of="%(moved)s")],
    "payment_is_reversed_by_another": [later("REVERSED", "-amount", by="NULL")],
    "payment_reference_stands_once": [
        "DROP INDEX payment_reference_stands_once_a_channel",
        later("RECEIVED", "amount").replace("account_id, id, channel", "account_id, NULL, channel"),
    ],
    "allocation_reversal_is_exact": [REVERSAL.replace("-amount", "-1")],
    "allocation_is_reversed_once": [
        (
            "ALTER TABLE contributions_allocation"
            " DROP CONSTRAINT contributions_allocation_reverses_id_key"
        ),
        REVERSAL,
        REVERSAL,
    ],
    "bpu_has_neither_penalty_nor_fine": [charge("FINE", fine=1)],
    "bpu_charge_names_its_line_and_rates": ["DELETE FROM contributions_chargerate"],
    "one_bill_an_account_and_month": [
        "ALTER TABLE contributions_bill DROP CONSTRAINT bill_is_one_an_account_and_month",
        (
            "INSERT INTO contributions_bill"
            " (account_id, month, due_on, sector, campaign_code, made_at)"
            " SELECT account_id, month, due_on, sector, campaign_code, made_at"
            " FROM contributions_bill WHERE id = %(bought)s"
        ),
    ],
    "no_month_is_bought_twice": [charge("CONTRIBUTION")],
    "one_open_code_an_account": [
        "DROP INDEX payment_code_is_open_once_an_account",
        "UPDATE contributions_paymentcode SET closed_at = NULL, closed_because = ''",
    ],
    "open_code_asks_for_what_is_left": [
        "UPDATE contributions_paymentcode SET amount = amount + 1 WHERE closed_at IS NULL"
    ],
    "open_code_has_something_left": [
        (
            "UPDATE contributions_paymentcode SET closed_at = NULL, closed_because = '', amount = 0"
            " WHERE closed_because = 'PAID'"
        )
    ],
    "rollup_equals_the_ledger": ["DELETE FROM contributions_rollup"],
    "repricing_is_approved_by_another": [
        "ALTER TABLE contributions_repricing DROP CONSTRAINT repricing_is_approved_by_another",
        (
            "INSERT INTO contributions_repricing"
            " (month, bills, surplus, asked_by_id, asked_at, approved_by_id, approved_at)"
            " VALUES ('2026-11-01', 1, 1, %(clerk)s, now(), %(clerk)s, now())"
        ),
    ],
}


@pytest.fixture
def keys() -> dict[str, Any]:
    """Make a sound ledger with a bit of everything; return the keys that are tampered with."""
    fisher, other, firm, clerk = make.account(), make.account(), make.account("PU"), make.user()
    fishers = make.payment(8_400, code=make.code(fisher))
    make.code(other)
    make.code(other, 2)  # replaces the first
    owed = make.firm_bill(100_000, firm=firm)
    after = make.firm_bill(50_000, NOVEMBER.plus(1), firm=firm)
    paid = make.payment(100_000, account=firm)
    known = make.payment(3_000)
    moved = actions.move(payment=known, to=firm, reason="Dikenali", by=clerk, at=AT)[1]
    assert violations() == {}
    return {
        "fishers": fishers.pk,
        "bought": Bill.objects.get(account=fisher).pk,
        "owed": owed.pk,
        "later": after.pk,
        "laid": paid.allocations.get().pk,
        "unknown": make.payment(7_000).pk,
        "moved": moved.pk,
        "clerk": clerk.pk,
    }


@pytest.mark.parametrize("rule", INVARIANTS)
def test_planted_corruption_is_named(rule, keys):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in PLANTED[rule]:
            cursor.execute(statement, keys)
        found = violations()
        transaction.set_rollback(True)
    assert rule in found
