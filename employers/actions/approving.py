"""A month is approved: what the firm said becomes a report version, and the bill asks for it."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.actions.locks import lock_accounts
from cilegon_portal.rules.months import Month
from employers.actions import tariffs
from employers.actions.comparing import Missing, ready_to_approve, refresh_open_drafts
from employers.actions.issuing import REPORTED, issue
from employers.actions.pricing import FirmIsNotActive, lay_out_tariff, standing_report
from employers.actions.rosters import enrol
from employers.models import Employer, ReportDraft, WageReport

__all__ = [
    "AlreadyApproved",
    "DraftIsClosed",
    "FirmIsNotActive",
    "MonthNotYet",
    "NotAnswered",
    "NotRegistered",
    "ReportHasFaults",
    "approve",
]

WIB = ZoneInfo("Asia/Jakarta")


class ReportHasFaults(Exception):
    """Rows are still to be fixed, or the file is not read yet."""


class NotAnswered(Exception):
    """Something is still to be answered: warnings, or whether somebody left."""

    def __init__(self, missing: Sequence[Missing]) -> None:
        super().__init__(", ".join(it.key for it in missing))
        self.missing = missing


class AlreadyApproved(Exception):
    """The month is reported: the draft was approved, or another one was before it."""


class DraftIsClosed(Exception):
    """The draft was replaced, discarded, or kept too long."""


class MonthNotYet(Exception):
    """The month has not begun."""


class NotRegistered(FirmIsNotActive):
    """The office has not taken the firm in yet."""


PRICE = f"""
INSERT INTO priced
SELECT line.n, line.person_id, line.wage, {tariffs.AMOUNTS}
FROM (
    SELECT billing.n, billing.tariff, roster.person_id, roster.wage,
           roster.id_kind = 'NIK' AND roster.birth_date > billing.born_after AS has_jp
    FROM roster CROSS JOIN billing
    WHERE NOT roster.is_absent
) line
JOIN tariff ON tariff.key = line.tariff
ORDER BY line.person_id
"""  # noqa: S608 (constants)


@transaction.atomic
def approve(*, draft: ReportDraft, by: User | None, at: datetime) -> WageReport:
    """Make `draft` the firm's report of its month, and bill it; credit pays by itself.

    The first report of a month is charged, a later one corrects the bill by the difference. Of two
    who approve at once one comes second: AlreadyApproved. Raises what this module names, and
    rules.NoRate.
    """
    drafts = ReportDraft.objects.select_related("employer")
    account = drafts.get(pk=draft.pk).employer.account_id
    if account is None:
        raise NotRegistered
    lock_accounts([account])
    draft = drafts.select_for_update(of=("self",)).get(pk=draft.pk)
    employer = draft.employer
    check_draft(draft)
    check_firm(employer, draft, at=at)
    lay_out_tariff(employer=employer, month=draft.month, kind=draft.purpose)
    enrol(draft, at=at)
    issue(
        months=[draft.month],
        words=REPORTED,
        priced_by=[PRICE],
        source=draft.source,
        file_hash=bytes(draft.file_hash) if draft.file_hash else None,
        by=by,
        at=at,
    )
    draft.closed_at, draft.closed_because = at, ReportDraft.Closed.APPROVED
    draft.save(update_fields=["closed_at", "closed_because"])
    refresh_open_drafts(employer=employer)
    return employer.reports.standing().of_month(draft.month).get()


def check_draft(draft: ReportDraft) -> None:
    """Raise what keeps the locked draft from being approved."""
    if draft.closed_because == ReportDraft.Closed.APPROVED:
        raise AlreadyApproved
    if draft.closed_at:
        raise DraftIsClosed
    missing = ready_to_approve(draft)
    if any(it.key in {"state", "faulty"} for it in missing):
        raise ReportHasFaults
    if missing:
        raise NotAnswered(missing)


def check_firm(employer: Employer, draft: ReportDraft, *, at: datetime) -> None:
    """Raise what keeps the locked firm from reporting this month."""
    month = draft.month
    if month > Month.of(at.astimezone(WIB).date()):
        raise MonthNotYet
    is_over = employer.last_month is not None and month > employer.last_month
    if not employer.is_registered or is_over:
        raise FirmIsNotActive
    standing = standing_report(employer, month)
    is_first = draft.purpose == ReportDraft.Purpose.REGULAR
    if is_first and standing is not None and not standing.is_estimate:
        raise AlreadyApproved
