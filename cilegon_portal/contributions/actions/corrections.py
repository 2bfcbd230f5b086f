"""PU bills: a month is charged as a debt, and corrected by a row that says by how much."""

from collections.abc import Collection, Iterable
from dataclasses import astuple, dataclass
from datetime import date, datetime

from django.db import connection, transaction

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.actions import credit, release
from cilegon_portal.contributions.actions.closing import finish, in_steps
from cilegon_portal.contributions.actions.excess import excess_penalties
from cilegon_portal.contributions.actions.locks import (
    lock_accounts,
    lock_reached,
    reach,
    request_id,
)
from cilegon_portal.contributions.models import Account, Allocation, Bill, Charge, ChargeRate
from cilegon_portal.rules.money import Rupiah
from cilegon_portal.rules.months import Month


class AlreadyBilled(Exception):
    """The account has a bill with an amount for this month: correct it."""


class MonthIsBought(Exception):
    """A BPU month is bought, not owed: it is neither charged nor corrected by hand."""


@dataclass(frozen=True)
class Parts:
    """An amount by programme; in a correction each part is the difference, signed."""

    jkk: Rupiah = 0
    jkm: Rupiah = 0
    jht: Rupiah = 0
    jp: Rupiah = 0
    penalty: Rupiah = 0
    fine: Rupiah = 0

    @property
    def total(self) -> Rupiah:
        return sum(astuple(self))

    def as_columns(self) -> dict[str, Rupiah]:
        return dict(self.__dict__)


@transaction.atomic
def charge_month(
    *,
    account: Account,
    month: Month,
    parts: Parts,
    due_on: date,
    reason_code: str,
    reason: str,
    rates: Iterable[int] = (),
    by: User | None,
    at: datetime,
) -> Charge:
    """Write what a PU account owes for `month`; its credit pays what it can, by itself.

    Raises AlreadyBilled when the month has an amount, MonthIsBought for any account but PU.
    """
    if account.kind != Account.Kind.PU:
        raise MonthIsBought
    lock_accounts([account.pk])
    bill, _ = Bill.objects.get_or_create(
        account=account,
        month=month.first_day,
        defaults={
            "month": month,
            "due_on": due_on,
            "kelurahan": account.kelurahan,
            "sector": account.sector,
            "officer": account.officer,
            "campaign_code": account.campaign_code,
            "made_at": at,
        },
    )
    if Bill.objects.with_sums().get(pk=bill.pk).charged:
        raise AlreadyBilled
    charge = Charge(bill=bill, kind=Charge.Kind.CONTRIBUTION, **parts.as_columns())
    write(charge, reason_code=reason_code, reason=reason, by=by, at=at)
    write_rates(charge, rates)
    credit.lay_out_work()
    credit.touch([account.pk])
    credit.spend_credit([account.pk], by=by, at=at)
    finish(at=at)
    return charge


@transaction.atomic
def correct(
    *,
    bill: Bill,
    change: Parts,
    reason_code: str,
    reason: str,
    rates: Iterable[int] = (),
    by: User | None,
    at: datetime,
) -> Charge:
    """Raise or lower a PU bill by `change`; money above the new amount falls back to credit.

    A penalty that was asked for more than was owed is lowered too. Raises MonthIsBought for a BPU
    bill; the database refuses a part below nothing.
    """
    if bill.account.kind == Account.Kind.BPU:
        raise MonthIsBought
    charge = Charge(bill=bill, kind=Charge.Kind.CORRECTION, **change.as_columns())
    charge.reason_code, charge.reason = reason_code, reason
    with in_steps():
        lay_on(charge, change.total, rates=rates, by=by, at=at)
        lower_penalties([bill.account_id], by=by, at=at)
    return charge


def lower_penalties(accounts: Collection[int], *, by: User | None, at: datetime) -> int:
    """Take back penalty that was asked above what lateness cost; return how many charges say so.

    Money that falls back to credit pays other months from the day on which it came, so these may
    have been less late too: it is asked again until nothing is too much.
    """
    written = 0
    while found := list(excess_penalties(accounts, at=at)):
        for excess in found:
            charge = Charge(
                bill=excess.bill,
                kind=Charge.Kind.CORRECTION,
                penalty=-excess.amount,
                for_bill=excess.late,
                reason_code="LATE_LESS",
                reason=excess.reason,
            )
            lay_on(charge, -excess.amount, by=by, at=at)
        written += len(found)
    return written


def lay_on(
    charge: Charge, total: Rupiah, *, rates: Iterable[int] = (), by: User | None, at: datetime
) -> None:
    """Write the correction `charge`, `total` in all; what its bill then has too much is credit."""
    bill = charge.bill
    lock_reached(lambda: reach({bill.account_id} | payers_of(bill)))
    credit.lay_out_work()
    release.lay_out_release()
    state = Bill.objects.with_sums().get(pk=bill.pk)
    touched = {bill.account_id}
    surplus = state.allocated - (state.charged + total)
    if surplus > 0:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO surplus VALUES (%s, %s)", [bill.pk, surplus])
            cursor.execute(release.CHOOSE_SURPLUS)
        touched |= release.take_off(by=by, at=at)
    write(charge, reason_code=charge.reason_code, reason=charge.reason, by=by, at=at)
    write_rates(charge, rates)
    release.lay_back(by=by, at=at)
    credit.touch(touched)
    credit.spend_credit(touched, by=by, at=at)
    finish(at=at)


def payers_of(bill: Bill) -> set[int]:
    """Return the accounts whose money lies, or lay, on `bill`."""
    return set(Allocation.objects.filter(bill=bill).values_list("payment__account_id", flat=True))


def write(charge: Charge, *, reason_code: str, reason: str, by: User | None, at: datetime) -> None:
    charge.reason_code, charge.reason, charge.by, charge.at = reason_code, reason, by, at
    charge.request_id = request_id()
    charge.save(force_insert=True)


def write_rates(charge: Charge, rates: Iterable[int]) -> None:
    ChargeRate.objects.bulk_create(ChargeRate(charge=charge, rate_id=rate) for rate in set(rates))
