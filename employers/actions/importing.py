"""The office imports a firm's month from a file: read, judged, approved and billed in one go."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.actions.locks import lock_accounts
from cilegon_portal.rules.months import Month
from cilegon_portal.sheets import LARGE
from employers.actions.approving import FirmIsNotActive, approve
from employers.actions.comparing import value_of
from employers.actions.drafts import Purpose, Source, State, begin, lock_firm
from employers.actions.reading import read_file
from employers.models import DraftRow, Employer, Employment, ReportDraft, WageReport
from employers.rules.rows import sentence_of

REASON = "Diimpor oleh kantor"


class RowsRefused(Exception):
    """Rows of the file cannot be taken; `errors` names each cell, its value and the remedy."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(f"{len(errors)} kesalahan")
        self.errors = errors


@dataclass(frozen=True)
class Imported:
    """What an import wrote; nothing when the same file was imported before."""

    report: WageReport
    rows: int = 0
    joined: int = 0
    left: int = 0
    changed: int = 0

    @property
    def already(self) -> bool:
        return self.rows == 0


@transaction.atomic
def import_roster(
    *,
    employer: Employer,
    month: Month,
    file: BinaryIO,
    sha256: bytes,
    by: User | None,
    at: datetime,
) -> Imported:
    """Report `month` from an open file, in the place of what was reported before.

    Whom the file no longer names left with the month before. Raises RowsRefused, what the reader
    and `approve` raise; then nothing is written.
    """
    if employer.account_id is None:
        raise FirmIsNotActive
    lock_accounts([employer.account_id])
    lock_firm(employer)
    standing = employer.reports.standing().of_month(month).first()
    if standing and standing.file_hash and bytes(standing.file_hash) == sha256:
        return Imported(standing)
    is_first = standing is None or standing.is_estimate
    draft = begin(
        employer=employer,
        month=month,
        purpose=Purpose.REGULAR if is_first else Purpose.REPLACEMENT,
        source=Source.COMMAND,
        state=State.READING,
        by=by,
        at=at,
        file_hash=sha256,
    )
    read_file(draft, file, limits=LARGE, at=at)
    draft.refresh_from_db()
    errors = list(errors_of(draft))
    if errors:
        raise RowsRefused(errors)
    answer_all(draft)
    counts = count(draft)
    return Imported(approve(draft=draft, by=by, at=at), **counts)


def errors_of(draft: ReportDraft) -> Iterator[dict[str, Any]]:
    """Yield each fault of each row, by the row's number."""
    for row in DraftRow.objects.filter(draft=draft).faulty().in_order():
        for fault in row.faults:
            yield {
                "row": row.number,
                "column": fault["column"],
                "value": hidden(value_of(row, fault["column"]), fault["column"]),
                "key": fault["key"],
                "sentence": sentence_of(fault, row.number),
            }


def hidden(value: str, column: str) -> str:
    """Return the value for a terminal or a log: of an id, its ends only."""
    if column not in {"nik", "paspor"} or len(value) <= 8:
        return value
    return f"{value[:4]}{'•' * (len(value) - 8)}{value[-4:]}"


def answer_all(draft: ReportDraft) -> None:
    """Answer for the firm what a page would ask: the file is its word."""
    rows = DraftRow.objects.filter(draft=draft)
    rows.warned().update(reason=REASON)
    last_day = Value(draft.month.plus(-1).last_day)
    rows.unanswered().update(
        ended_on=Greatest(last_day, F("started_on")), cause=Employment.Cause.OTHER
    )


def count(draft: ReportDraft) -> dict[str, int]:
    rows = DraftRow.objects.filter(draft=draft)
    listed = rows.listed()
    return {
        "rows": draft.rows_total,
        "joined": rows.joining().count(),
        "left": rows.absent().count(),
        "changed": listed.filter(last_wage__isnull=False).exclude(wage=F("last_wage")).count(),
    }
