"""PU bills: a month is charged as a debt, and corrected by a row that says by how much."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date, datetime

from django.db import connection, transaction

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.actions import credit, release
from cilegon_portal.contributions.actions.closing import finish
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

    Raises MonthIsBought for a BPU bill; the database refuses a part below nothing.
    """
    if bill.account.kind == Account.Kind.BPU:
        raise MonthIsBought
    lock_reached(lambda: reach({bill.account_id} | payers_of(bill)))
    credit.lay_out_work()
    release.lay_out_release()
    state = Bill.objects.with_sums().get(pk=bill.pk)
    touched = {bill.account_id}
    surplus = state.allocated - (state.charged + change.total)
    if surplus > 0:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO surplus VALUES (%s, %s)", [bill.pk, surplus])
            cursor.execute(release.CHOOSE_SURPLUS)
        touched |= release.take_off(by=by, at=at)
    charge = Charge(bill=bill, kind=Charge.Kind.CORRECTION, **change.as_columns())
    write(charge, reason_code=reason_code, reason=reason, by=by, at=at)
    write_rates(charge, rates)
    release.lay_back(by=by, at=at)
    credit.touch(touched)
    credit.spend_credit(touched, by=by, at=at)
    finish(at=at)
    return charge


def payers_of(bill: Bill) -> set[int]:
    """Return the accounts whose money lies, or lay, on `bill`."""
    return set(Allocation.objects.filter(bill=bill).values_list("payment__account_id", flat=True))


def write(charge: Charge, *, reason_code: str, reason: str, by: User | None, at: datetime) -> None:
    charge.reason_code, charge.reason, charge.by, charge.at = reason_code, reason, by, at
    charge.request_id = request_id()
    charge.save(force_insert=True)


def write_rates(charge: Charge, rates: Iterable[int]) -> None:
    ChargeRate.objects.bulk_create(ChargeRate(charge=charge, rate_id=rate) for rate in set(rates))
