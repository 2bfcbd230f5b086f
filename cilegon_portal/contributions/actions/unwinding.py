"""What becomes of money after it came: reversed, moved, refunded. The receipt itself stays."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q, Sum

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.actions import credit, release
from cilegon_portal.contributions.actions.closing import finish
from cilegon_portal.contributions.actions.locks import (
    lock_reached,
    lock_receipt,
    reach,
    request_id,
)
from cilegon_portal.contributions.models import Account, Allocation, Payment
from cilegon_portal.rules.money import Rupiah


class SamePerson(Exception):
    """Two people are needed: whoever recorded or asked does not also reverse or approve."""


class AlreadyReversed(Exception):
    """The receipt was reversed before."""


class MoneyMovedOn(Exception):
    """A part of the receipt was moved to another account or refunded."""


class NotEnoughMoney(Exception):
    """Less of the receipt is free than was asked for; `free` says how much."""

    def __init__(self, free: Rupiah) -> None:
        super().__init__(free)
        self.free = free


ACCOUNTS_OF_RECEIPT = """
WITH family AS (
    SELECT id, account_id FROM contributions_payment WHERE id = %(root)s OR source_id = %(root)s
), bills AS (
    SELECT DISTINCT bill_id FROM contributions_allocation
    WHERE payment_id IN (SELECT id FROM family)
)
SELECT account_id FROM family WHERE account_id IS NOT NULL
UNION
SELECT bill.account_id FROM bills JOIN contributions_bill bill ON bill.id = bills.bill_id
UNION
SELECT payment.account_id FROM bills
JOIN contributions_allocation allocation ON allocation.bill_id = bills.bill_id
JOIN contributions_payment payment ON payment.id = allocation.payment_id
"""


@transaction.atomic
def reverse(*, payment: Payment, reason: str, by: User, at: datetime) -> Payment:
    """Take back a receipt (RECEIVED) that was none: all that it paid is unpaid again.

    A BPU month that it helped to buy loses its money whole and is unsold again; what others gave
    for it falls back to their credit. Raises SamePerson, AlreadyReversed, MoneyMovedOn.
    """
    lock(payment)
    refuse_reversal(payment, by)
    credit.lay_out_work()
    touched = unwind(payment, reason=reason, by=by, at=at)
    row = later(payment, Payment.Kind.REVERSED, -payment.amount, reason=reason, by=by, at=at)
    row.save(force_insert=True)
    credit.touch(touched)
    credit.spend_credit(touched, by=by, at=at)
    finish(at=at)
    return row


def refuse_reversal(payment: Payment, by: User) -> None:
    if payment.kind != Payment.Kind.RECEIVED:
        raise ValueError("a receipt is reversed, not what became of it")
    if payment.by_id == by.pk:
        raise SamePerson
    later_rows = Payment.objects.filter(source=payment)
    if later_rows.filter(kind=Payment.Kind.REVERSED).exists():
        raise AlreadyReversed
    here = later_rows.filter(account=payment.account_id)
    if here.aggregate(sum=Sum("amount"))["sum"] or later_rows.filter(kind="REFUNDED").exists():
        raise MoneyMovedOn


@transaction.atomic
def move(
    *,
    payment: Payment,
    to: Account | None,
    amount: Rupiah | None = None,
    reason: str,
    by: User,
    at: datetime,
) -> list[Payment]:
    """Move money of a receipt from where `payment` put it (suspense too) to the account `to`.

    Without `amount` all of it goes, and what it paid there is unpaid first; an `amount` is taken
    from credit only (NotEnoughMoney). On its new account it pays what it can. `to=None` puts it
    back into suspense. Returns the two MOVED rows.
    """
    if payment.account_id == (to.pk if to else None):
        raise ValueError("money is moved to another account, or its months would be lost")
    lock(payment, to)
    credit.lay_out_work()
    touched = unwind(payment, reason=reason, by=by, at=at) if amount is None else set()
    free = free_of(payment)
    moved = free if amount is None else amount
    if not 0 < moved <= free:
        raise NotEnoughMoney(free)
    out = later(payment, Payment.Kind.MOVED, -moved, reason=reason, by=by, at=at)
    into = later(payment, Payment.Kind.MOVED, moved, reason=reason, by=by, at=at)
    into.account = to
    rows = Payment.objects.bulk_create([out, into])  # one statement: they add up to zero
    touched |= {row.account_id for row in rows if row.account_id}
    credit.touch(touched)
    credit.spend_credit(touched, by=by, at=at)
    finish(at=at)
    return rows


@transaction.atomic
def refund(
    *,
    payment: Payment,
    amount: Rupiah,
    reason: str,
    by: User,
    approved_by: User,
    at: datetime,
) -> Payment:
    """Give back credit of a receipt; raises NotEnoughMoney, and SamePerson without a second one."""
    if by.pk == approved_by.pk:
        raise SamePerson
    lock(payment)
    free = free_of(payment)
    if not 0 < amount <= free:
        raise NotEnoughMoney(free)
    credit.lay_out_work()
    row = later(payment, Payment.Kind.REFUNDED, -amount, reason=reason, by=by, at=at)
    row.approved_by = approved_by
    row.save(force_insert=True)
    credit.touch([row.account_id] if row.account_id else [])
    finish(at=at)
    return row


def lock(payment: Payment, *others: Account | None) -> None:
    """Lock the receipt, and every account whose money or months may change with it."""
    root = root_of(payment)
    lock_receipt(root)
    given = {account.pk for account in others if account}
    lock_reached(lambda: reach(accounts_of(root) | given))


def root_of(payment: Payment) -> int:
    """Return the key of the RECEIVED row that `payment` comes from."""
    return payment.source_id or payment.pk


def accounts_of(root: int) -> set[int]:
    """Return the accounts on which the receipt lay, whose bills it paid, and who paid with it."""
    with connection.cursor() as cursor:
        cursor.execute(ACCOUNTS_OF_RECEIPT, {"root": root})
        return {account for (account,) in cursor.fetchall()}


def unwind(payment: Payment, *, reason: str, by: User, at: datetime) -> set[int]:
    """Take off all bills what this receipt paid from this account; return the touched accounts."""
    release.lay_out_release()
    with connection.cursor() as cursor:
        cursor.execute(
            release.CHOOSE_RECEIPT, {"root": root_of(payment), "account": payment.account_id}
        )
        touched = release.take_off(by=by, at=at)
        cursor.execute(release.EMPTY_MONTHS, {"reason": reason, **release.stamp(by, at)})
    return touched | ({payment.account_id} if payment.account_id else set())


def free_of(payment: Payment) -> Rupiah:
    """Return what of the receipt lies unspent on the account of `payment`, or in suspense."""
    root = root_of(payment)
    family = Payment.objects.filter(Q(pk=root) | Q(source=root), account=payment.account_id)
    spent = Allocation.objects.filter(payment__in=family)
    return total(family) - total(spent)


def total(rows: "Iterable[Payment] | Iterable[Allocation]") -> Rupiah:
    return sum(row.amount for row in rows)


def later(
    payment: Payment, kind: str, amount: Rupiah, *, reason: str, by: User, at: datetime
) -> Payment:
    """Return a later row of the receipt of `payment`, on its account, not yet written."""
    return Payment(
        kind=kind,
        account_id=payment.account_id,
        source_id=root_of(payment),
        code_id=payment.code_id,
        channel=payment.channel,
        external_reference=payment.external_reference,
        amount=amount,
        paid_at=payment.paid_at,
        reason=reason,
        by=by,
        at=at,
        request_id=request_id(),
    )
