"""A month in preparation: begun from a file or from a report, replaced, thrown away, forgotten."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app

from cilegon_portal.accounts.actions import count_attempt
from cilegon_portal.accounts.models import User
from cilegon_portal.rules.months import Month
from cilegon_portal.sheets import uploads
from cilegon_portal.sheets.uploads import Kept
from employers.actions.last_month import LastMonth, report_before
from employers.actions.row_writing import RowWriter, writing
from employers.models import DraftRow, Employer, ReportDraft, WageReport

READ_UPLOAD = "employers.tasks.read_upload"
FILL_DRAFT = "employers.tasks.fill_draft"
KEPT_FOR = timedelta(days=30)
FILES_AN_HOUR = 10
FILES_A_DAY = 50
MEGABYTES_A_DAY = 200
MB = 1024 * 1024
AT_ONCE = 5_000  # workers: more are copied by a job

State = ReportDraft.State
Purpose = ReportDraft.Purpose
Source = WageReport.Source


class NothingToCopy(Exception):
    """The firm has no report of an earlier month."""


class DraftIsClosed(Exception):
    """The month was approved, replaced or thrown away meanwhile, or the office has it now."""


class DraftIsBeingRead(Exception):
    """A job still reads the file."""


@dataclass(frozen=True)
class Upload:
    """What became of a file: a draft that a job reads, or the place where it was seen before."""

    draft: ReportDraft | None
    report: WageReport | None = None
    since: datetime | None = None  # when the same file came first

    @property
    def was_known(self) -> bool:
        return self.since is not None


def start_upload(
    *, employer: Employer, month: Month, purpose: str, kept: Kept, by: User, at: datetime
) -> Upload:
    """Begin a draft from a kept file and enqueue its reading; a file seen before changes nothing.

    Raises accounts' TooMany past the firm's files or megabytes of a time; the file is gone then.
    """
    try:
        count_upload(employer, kept, at=at)
        upload = begin_upload(
            employer=employer, month=month, purpose=purpose, kept=kept, by=by, at=at
        )
    except Exception:
        uploads.forget(kept.name)
        raise
    if upload.was_known:
        uploads.forget(kept.name)
    return upload


def count_upload(employer: Employer, kept: Kept, *, at: datetime) -> None:
    """Count a file and its megabytes against the hour and the day of the firm."""
    hour, day = timedelta(hours=1), timedelta(days=1)
    count_attempt(f"upload.hour:{employer.pk}", limit=FILES_AN_HOUR, window=hour, at=at)
    count_attempt(f"upload.files:{employer.pk}", limit=FILES_A_DAY, window=day, at=at)
    for _ in range(0, kept.size, MB):
        count_attempt(f"upload.size:{employer.pk}", limit=MEGABYTES_A_DAY, window=day, at=at)


@transaction.atomic
def begin_upload(
    *, employer: Employer, month: Month, purpose: str, kept: Kept, by: User, at: datetime
) -> Upload:
    lock_firm(employer)
    known = seen_before(employer, month, purpose=purpose, sha256=kept.sha256)
    if known:
        return known
    draft = begin(
        employer=employer,
        month=month,
        purpose=purpose,
        source=Source.UPLOAD,
        state=State.READING,
        by=by,
        at=at,
        stored_name=kept.name,
        file_hash=kept.sha256,
    )
    enqueue(READ_UPLOAD, draft)
    return Upload(draft)


def seen_before(employer: Employer, month: Month, *, purpose: str, sha256: bytes) -> Upload | None:
    """Return where this file already is: the firm's open draft, or the report that stands."""
    drafts = ReportDraft.objects.open().of_month(month).filter(employer=employer)
    draft = drafts.filter(file_hash=sha256, purpose=purpose).exclude(state=State.REFUSED).first()
    if draft:
        return Upload(draft, since=draft.made_at)
    reports = WageReport.objects.standing().of_month(month).filter(employer=employer)
    report = reports.filter(file_hash=sha256).first()
    return Upload(None, report, since=report.approved_at) if report else None


def lock_firm(employer: Employer) -> None:
    """Let one draft of a firm begin at a time; reports of it may be written meanwhile.

    Raises DraftIsClosed where the registration waits for the office, or was refused.
    """
    found = Employer.objects.select_for_update(no_key=True).get(pk=employer.pk)
    if not (found.is_being_filled or found.is_registered):
        raise DraftIsClosed


def begin(*, employer: Employer, month: Month, at: datetime, **more: Any) -> ReportDraft:
    """Write a new draft in the place of the open one, whose rows and file are forgotten.

    `more`: purpose, source, state, by, and the kept file.
    """
    standing = ReportDraft.objects.open().of_month(month).filter(employer=employer)
    for old in standing.select_for_update():
        close(old, because=ReportDraft.Closed.REPLACED, at=at)
    return ReportDraft.objects.create(
        employer=employer,
        month=month,
        made_by=more.pop("by"),
        made_at=at,
        expires_at=at + KEPT_FOR,
        **more,
    )


def close(draft: ReportDraft, *, because: str, at: datetime) -> None:
    """Close a locked draft that nobody approved, with its rows and its file."""
    draft.rows.all().delete()
    stored, draft.stored_name = draft.stored_name, ""
    draft.closed_at = at
    draft.closed_because = because
    draft.save(update_fields=["stored_name", "closed_at", "closed_because"])
    if stored:
        transaction.on_commit(lambda: uploads.forget(stored))


def enqueue(task: str, draft: ReportDraft, **more: int) -> None:
    """Write the job that fills `draft`; one of a firm runs at a time."""
    job = app.configure_task(task, lock=f"roster-{draft.employer_id}", queue="rosters")
    job.defer(draft_key=draft.pk, **more)


def prepare_same(*, employer: Employer, month: Month, by: User, at: datetime) -> ReportDraft:
    """Begin a month as the last one was; raise NothingToCopy without one."""
    return prepare(employer=employer, month=month, source=Source.SAME, by=by, at=at)


def prepare_screen(*, employer: Employer, month: Month, by: User, at: datetime) -> ReportDraft:
    """Begin a month to be changed on screen: as the last one was, or empty."""
    try:
        return prepare(employer=employer, month=month, source=Source.SCREEN, by=by, at=at)
    except NothingToCopy:
        return begin_on_screen(employer=employer, month=month, by=by, at=at)


@transaction.atomic
def begin_on_screen(*, employer: Employer, month: Month, by: User, at: datetime) -> ReportDraft:
    """Begin a month of a firm that reports for the first time; whoever works there is missing."""
    lock_firm(employer)
    draft = begin(
        employer=employer,
        month=month,
        purpose=Purpose.REGULAR,
        source=Source.SCREEN,
        state=State.READY,
        by=by,
        at=at,
        read_at=at,
    )
    here = LastMonth(employer, month)
    write_missing(draft, here, here.known(), number=1)
    return draft


def prepare(
    *, employer: Employer, month: Month, source: str, by: User, at: datetime
) -> ReportDraft:
    report = report_before(employer, month)
    if report is None:
        raise NothingToCopy
    return copy_report(
        report=report, month=month, purpose=Purpose.REGULAR, source=source, by=by, at=at
    )


def prepare_from_report(
    *, report: WageReport, purpose: str, by: User | None, at: datetime
) -> ReportDraft:
    """Begin a month anew from its own report: to add to it, to replace it, or to take it back."""
    return copy_report(
        report=report, month=report.month, purpose=purpose, source=Source.SCREEN, by=by, at=at
    )


@transaction.atomic
def copy_report(
    *, report: WageReport, month: Month, purpose: str, source: str, by: User | None, at: datetime
) -> ReportDraft:
    """Begin a draft with the workers of `report`: at once, or by a job when they are many."""
    lock_firm(report.employer)
    is_large = report.workers > AT_ONCE
    draft = begin(
        employer=report.employer,
        month=month,
        purpose=purpose,
        source=source,
        state=State.READING,
        by=by,
        at=at,
        rows_total=report.workers,
    )
    if is_large:
        enqueue(FILL_DRAFT, draft, report_key=report.pk)
        return draft
    return fill_from(draft, report, at=at)


@transaction.atomic
def fill_draft(*, draft_key: int, report_key: int, at: datetime) -> None:
    """Copy the workers of a report into a draft that waits for them; safe to run twice."""
    draft = waiting(draft_key)
    if draft:
        fill_from(draft, WageReport.objects.get(pk=report_key), at=at)


def waiting(draft_key: int) -> ReportDraft | None:
    """Lock and return an open draft that still has to be read, None when that is over."""
    drafts = ReportDraft.objects.open().filter(state=State.READING, pk=draft_key)
    return drafts.select_related("employer").select_for_update(of=("self",)).first()


def fill_from(draft: ReportDraft, report: WageReport, *, at: datetime) -> ReportDraft:
    here = LastMonth(draft.employer, draft.month)
    missing = set(here.known())
    reported = here.reported_in(report)
    with writing(draft.pk) as rows:
        for row, index in reported:
            rows.append(row, index)
            missing.discard(index)
    write_missing(draft, here, missing, number=rows.number)
    return be_ready(draft, rows, at=at)


def write_missing(
    draft: ReportDraft, here: LastMonth, ids: Iterable[bytes], *, number: int
) -> None:
    """Write those who work here and are not named, under the numbers after `number`."""
    missing = here.missing(ids)
    with writing(draft.pk, number=number) as absent:
        for row, index in missing:
            absent.append(row, index)


def be_ready(draft: ReportDraft, rows: RowWriter, *, at: datetime) -> ReportDraft:
    """Note on a locked draft what its rows came to."""
    draft.state = State.READY
    draft.rows_total = draft.rows_read = rows.rows
    draft.faulty, draft.warned = rows.faulty, rows.warned
    draft.read_at = at
    draft.stored_name = ""
    draft.save()
    return draft


def opened(draft: ReportDraft) -> ReportDraft:
    """Lock and return a draft that somebody may change; raise DraftIsClosed, DraftIsBeingRead."""
    locked = ReportDraft.objects.select_related("employer").select_for_update(of=("self",))
    found = locked.get(pk=draft.pk)
    if found.closed_at or is_sent(found.employer):
        raise DraftIsClosed
    if found.state != State.READY:
        raise DraftIsBeingRead
    return found


def is_sent(employer: Employer) -> bool:
    """Tell whether a firm without an account yet was sent to the office meanwhile."""
    if employer.account_id:
        return False
    return Employer.objects.waiting().filter(pk=employer.pk).exists()


@transaction.atomic
def discard(*, draft: ReportDraft, by: User, at: datetime) -> None:
    """Throw a draft away; nothing is left of it but that it was there."""
    found = ReportDraft.objects.open().select_for_update().filter(pk=draft.pk).first()
    if found is None or is_sent(draft.employer):
        raise DraftIsClosed
    close(found, because=ReportDraft.Closed.DISCARDED, at=at)


def close_expired_drafts(*, at: datetime) -> int:
    """Close what nobody came back to, forget the rows of closed drafts; return how many closed."""
    keys = list(ReportDraft.objects.expired_at(at).values_list("pk", flat=True))
    for key in keys:
        with transaction.atomic():
            draft = ReportDraft.objects.open().select_for_update().filter(pk=key).first()
            if draft:
                close(draft, because=ReportDraft.Closed.EXPIRED, at=at)
    DraftRow.objects.filter(draft__in=ReportDraft.objects.closed()).delete()
    uploads.forget_older_than(at - KEPT_FOR)
    return len(keys)
