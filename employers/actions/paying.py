"""How a firm pays: one code for everything that it owes up to a month, the oldest first."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.actions import NothingToPay, issue_code
from cilegon_portal.contributions.actions.locks import lock_accounts
from cilegon_portal.contributions.models import Bill, PaymentCode
from cilegon_portal.reference.models import Setting
from cilegon_portal.rules.months import Month
from employers.models import Employer


def code_deadline(at: datetime) -> datetime:
    """Return the moment until which a code of a firm, made at `at`, is good."""
    days = int(Setting.objects.value("PU_CODE_DAYS", on=timezone.localdate(at)))
    return at + timedelta(days=days)


def owed_until(employer: Employer, month: Month) -> list[Bill]:
    """Return what the firm owes for `month` and the months before it, oldest first."""
    bills = Bill.objects.filter(account=employer.account_id, month__lte=month.first_day)
    return list(bills.outstanding().oldest_first())


def code_for(employer: Employer, bills: list[Bill], *, at: datetime) -> PaymentCode | None:
    """Return the open code that asks for exactly these bills, as they stand now."""
    code = PaymentCode.objects.open().filter(account=employer.account_id).first()
    if code is None or not code.is_payable(at):
        return None
    asked = set(code.lines.values_list("bill", flat=True))
    owed = sum(bill.outstanding for bill in bills)
    return code if bills and asked >= {bill.pk for bill in bills} and code.amount == owed else None


@transaction.atomic
def ask_to_pay(*, employer: Employer, month: Month, by: User, at: datetime) -> PaymentCode:
    """Give the firm a code for all that it owes up to `month`; the one that stands, if it fits.

    Raises NothingToPay when nothing is owed.
    """
    if employer.account is None:
        raise NothingToPay
    lock_accounts([employer.account.pk])
    bills = owed_until(employer, month)
    standing = code_for(employer, bills, at=at)
    if standing:
        return standing
    return issue_code(
        account=employer.account,
        orders=(),
        bills=bills,
        expires_at=code_deadline(at),
        by=by,
        at=at,
    )
