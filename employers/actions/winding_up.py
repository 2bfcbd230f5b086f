"""What becomes of a firm's bills when it closes: nothing assumed after its last month stays."""

from datetime import datetime

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.actions.charging import charge_last_penalties
from cilegon_portal.contributions.actions.closing import in_steps
from cilegon_portal.rules.months import Month
from cilegon_portal.templatetags.portal import month_name
from employers.actions.ending import account_of, bill_of, end, withdraw
from employers.actions.pricing import due_date_of
from employers.models import Employer, WageReport


class LaterMonthReported(Exception):
    """The firm itself reported a `month` after the one that is to be its last."""

    def __init__(self, month: Month) -> None:
        super().__init__(str(month))
        self.month = month


def wind_up(*, employer: Employer, last_month: Month, by: User, at: datetime) -> None:
    """Take back the estimates after `last_month`; ask for the penalties of the months until then.

    The caller has locked the account. Money on what is taken back is credit, and pays what is
    owed. Raises LaterMonthReported.
    """
    later = employer.reports.standing().filter(month__gt=last_month.first_day)
    reported = later.exclude(kind=WageReport.Kind.ESTIMATE).newest_first().first()
    if reported:
        raise LaterMonthReported(reported.month)
    with in_steps():
        for estimate in later.newest_first():
            withdraw(
                bill_of(employer, estimate.month),
                code="FIRM_CLOSED",
                reason=f"Perkiraan {month_name(estimate.month)} dibatalkan: badan usaha nonaktif",
                by=by,
                at=at,
            )
            end(estimate, by=by, at=at)
        after = last_month.plus(1)
        charge_last_penalties(
            account=account_of(employer), month=after, due_on=due_date_of(after), by=by, at=at
        )
