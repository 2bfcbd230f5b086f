"""The months of a firm: what was reported, what is being prepared, what is due when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from cilegon_portal.contributions import rules
from cilegon_portal.contributions.models import Bill, DueDateRule
from cilegon_portal.reference.models import Holiday
from cilegon_portal.rules.months import Month
from employers.models import Employer, ReportDraft, WageReport


@dataclass(frozen=True)
class FirmMonth:
    """One month of one firm: the version that counts, the open draft, the bill."""

    firm: Employer
    month: Month
    due_on: date
    report: WageReport | None = None
    draft: ReportDraft | None = None
    bill: Bill | None = None  # read with its sums

    @property
    def is_unreported(self) -> bool:
        return self.report is None

    @property
    def is_estimate(self) -> bool:
        return self.report is not None and self.report.kind == WageReport.Kind.ESTIMATE

    @property
    def is_paid(self) -> bool:
        return self.bill is not None and self.bill.outstanding == 0

    @property
    def is_prepared(self) -> bool:
        """Tell whether nothing is left but to approve the draft, as far as its counts say."""
        draft = self.draft
        if draft is None or draft.state != ReportDraft.State.READY:
            return False
        return draft.rows_total > 0 and not (draft.faulty or draft.warned)

    def days_left(self, on: date) -> int:
        """Count the days until the month is due (negative when it is late)."""
        return (self.due_on - on).days


def months_of(employer: Employer, *, on: date) -> list[FirmMonth]:
    """Return the months that `employer` reports, from its first one to that of `on`, newest first.

    A month is asked for from the firm's first terms on; a closed firm reports until its last month.
    """
    return rows_of(employer, list(reversed(span_of(employer, on=on))))


def month_of(employer: Employer, month: Month, *, on: date) -> FirmMonth | None:
    """Return one month of `employer`; None for one that it never reports."""
    return rows_of(employer, [month])[0] if month in span_of(employer, on=on) else None


def rows_of(employer: Employer, months: Sequence[Month]) -> list[FirmMonth]:
    """Return these months of `employer` with all that is known of them, in the order given."""
    if not months:
        return []
    due = due_dates(months)
    days = [month.first_day for month in months]
    reports = WageReport.objects.standing().filter(employer=employer, month__in=days)
    drafts = ReportDraft.objects.open().filter(employer=employer, month__in=days)
    bills = Bill.objects.filter(account=employer.account_id, month__in=days).with_sums()
    report_of = {row.month: row for row in reports}
    draft_of = {row.month: row for row in drafts}
    bill_of = {row.month: row for row in bills}
    return [
        FirmMonth(
            employer,
            month,
            due[month],
            report_of.get(month),
            draft_of.get(month),
            bill_of.get(month),
        )
        for month in months
    ]


def oldest_unreported(months: Sequence[FirmMonth]) -> FirmMonth | None:
    """Return the month that is to be reported first."""
    return next((row for row in reversed(months) if row.is_unreported), None)


def span_of(employer: Employer, *, on: date) -> list[Month]:
    """Return the months of `employer` up to that of `on`, oldest first.

    Before the office has taken the firm in there is only its first one, whose workers it lists;
    the first month of a registered firm may be prepared before it begins. What lies between a
    closing and a new start is left out.
    """
    if employer.is_being_filled:
        return [employer.first_month] if employer.first_month else []
    terms = list(employer.terms.standing().values_list("valid_from", "valid_until"))
    reported = set(employer.reports.standing().values_list("month", flat=True))
    begins = [begin for begin, _ in terms] + list(reported)
    if not begins:
        return []
    first = min(begins)
    last = max(first, Month.of(on))
    if employer.last_month is not None:
        last = min(last, employer.last_month)
    months = (first.plus(number) for number in range(last.months_since(first) + 1))
    return [month for month in months if month in reported or is_within(month, terms)]


def is_within(month: Month, terms: Iterable[tuple[Month, Month | None]]) -> bool:
    """Tell whether `month` lies in any of these terms: from, until (exclusive, None for still)."""
    return any(begin <= month and (end is None or month < end) for begin, end in terms)


def due_dates(months: Iterable[Month]) -> dict[Month, date]:
    """Return the day on which a firm's contribution of each month is due."""
    months = sorted(months)
    due_rules = list(DueDateRule.objects.filter(segment="PU"))
    span = (months[0].first_day, months[-1].plus(3).last_day)
    holidays = frozenset(Holiday.objects.filter(day__range=span).values_list("day", flat=True))
    return {
        month: rules.due_date(month, rule=rule.as_rule(), holidays=holidays)
        for month in months
        for rule in due_rules
        if rule.valid_from <= month.first_day
        and (rule.valid_until is None or month.first_day < rule.valid_until)
    }
