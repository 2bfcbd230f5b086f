"""A firm takes its report back, until it is paid or due, to say the month anew."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.actions.corrections import Parts, correct
from cilegon_portal.contributions.actions.locks import lock_accounts
from cilegon_portal.contributions.models import Bill
from cilegon_portal.rules.months import Month
from cilegon_portal.templatetags.portal import month_name
from employers.actions.drafts import prepare_from_report
from employers.actions.pricing import due_date_of
from employers.models import Employer, ReportDraft, WageReport

WIB = ZoneInfo("Asia/Jakarta")


class NotStanding(Exception):
    """The report has ended already, or the office assumed it: there is nothing to take back."""


class TooLate(Exception):
    """The month is paid or its due date is over: a replacement report changes it now."""


@transaction.atomic
def unfinalise(*, report: WageReport, by: User, at: datetime) -> ReportDraft:
    """Take back what was approved: the bill asks for nothing, and the month is a draft again.

    Money that lay on the bill is credit, and pays the month when it is approved anew. Raises
    NotStanding, TooLate.
    """
    employer = Employer.objects.get(pk=report.employer_id)
    lock_accounts([account_of(employer)])
    report = WageReport.objects.get(pk=report.pk)
    if report.ended_at or report.is_estimate:
        raise NotStanding
    if not may_unfinalise(report, on=at.astimezone(WIB).date()):
        raise TooLate
    withdraw(
        bill_of(employer, report.month),
        code="REPORT_WITHDRAWN",
        reason=f"Laporan upah {month_name(report.month)} dibatalkan untuk diperbaiki",
        by=by,
        at=at,
    )
    end(report, by=by, at=at)
    return prepare_from_report(report=report, purpose=ReportDraft.Purpose.REGULAR, by=by, at=at)


def may_unfinalise(report: WageReport, *, on: date) -> bool:
    """Tell whether a firm may still take `report` back on day `on`: not paid, not past due."""
    if report.ended_at or report.is_estimate:
        return False
    bill = bill_of(report.employer, report.month)
    if bill is None:
        return on <= due_date_of(report.month)
    is_paid = bill.contribution > 0 and bill.allocated >= bill.contribution
    return on <= bill.due_on and not is_paid


def account_of(employer: Employer) -> int:
    """Return the key of the firm's account; only a firm that was never active has none."""
    if employer.account_id is None:
        raise LookupError(f"firm {employer.pk} has no account")
    return employer.account_id


def bill_of(employer: Employer, month: Month) -> Bill | None:
    bills = Bill.objects.with_programmes().select_related("account")
    return bills.filter(account=employer.account_id, month=month.first_day).order_by("pk").first()


def end(report: WageReport, *, by: User, at: datetime) -> None:
    """Let `report` stand no more, with nothing in its place."""
    report.ended_at, report.ended_by = at, by
    report.ended_because = WageReport.Ended.WITHDRAWN
    report.save(update_fields=["ended_at", "ended_by", "ended_because"])


def withdraw(bill: Bill | None, *, code: str, reason: str, by: User, at: datetime) -> None:
    """Let `bill` ask for no contribution any more."""
    if bill is None or not bill.contribution:
        return
    amounts = {name: -getattr(bill, name) for name in ("jkk", "jkm", "jht", "jp")}
    correct(
        bill=bill,
        change=Parts(**amounts),
        reason_code=code,
        reason=reason,
        by=by,
        at=at,
    )
