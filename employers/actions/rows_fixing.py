"""Single rows of a month in preparation: corrected, added, taken out, explained."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from cilegon_portal.accounts.models import User
from cilegon_portal.fields import blind_index
from employers.actions.comparing import cells_of, last_number
from employers.actions.drafts import opened, write_missing
from employers.actions.last_month import LastMonth
from employers.models import DraftRow, ReportDraft
from employers.rules.cells import is_empty
from employers.rules.columns import CANONICAL
from employers.rules.rows import SENTENCES, WARNINGS, Frame, Row, compare, read_row

READ = (
    "is_absent", "id_kind", "id_number", "id_index", "name", "birth_date", "sex", "kpj",
    "started_on", "is_new", "wage", "last_wage", "ended_on", "cause", "faults", "warnings",
)  # fmt: skip
TWINS = {"row.nik.dup", "row.paspor.dup"}


class EndDoesNotFit(ValueError):
    """A last day of work after the month, or before the first one; `sentence` tells which."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key

    @property
    def sentence(self) -> str:
        return SENTENCES[self.key].capitalize()


@dataclass
class Judged:
    """A row of the draft, and what its cells were read as."""

    stored: DraftRow
    cells: Mapping[str, str]
    read: Row
    index: bytes | None


@transaction.atomic
def fix_row(
    *, draft: ReportDraft, number: int, answers: Mapping[str, str], by: User, at: datetime
) -> DraftRow:
    """Put `answers` (canonical column → text) into one row and judge it anew.

    Raises DraftRow.DoesNotExist when the row was taken out.
    """
    fixed = fix_rows(draft=draft, answers={number: answers}, by=by, at=at)
    if not fixed:
        raise DraftRow.DoesNotExist
    return fixed[0]


@transaction.atomic
def fix_rows(
    *, draft: ReportDraft, answers: Mapping[int, Mapping[str, str]], by: User, at: datetime
) -> list[DraftRow]:
    """Put answers into rows, by their numbers, and judge them anew; what is not named stays."""
    locked = opened(draft)
    rows = DraftRow.objects.filter(draft=locked, number__in=answers).in_order()
    given = [(row, {**cells_of(row), **answers[row.number]}) for row in rows.select_for_update()]
    return rejudge(locked, given)


@transaction.atomic
def add_row(*, draft: ReportDraft, answers: Mapping[str, str], by: User, at: datetime) -> DraftRow:
    """Add a worker to the month, under the number after the last one."""
    locked = opened(draft)
    row = DraftRow(draft=locked, number=last_number(locked) + 1)
    return rejudge(locked, [(row, answers)])[0]


def rejudge(
    draft: ReportDraft, given: Iterable[tuple[DraftRow, Mapping[str, str]]]
) -> list[DraftRow]:
    """Read these rows again, settle who stands twice or is missing, and count anew."""
    here = LastMonth(draft.employer, draft.month)
    frames = {is_typed: frame_of(draft, here, is_typed=is_typed) for is_typed in (True, False)}
    judged = [read(row, cells, frames[row._state.adding]) for row, cells in given]
    found = [index_of(each.stored) for each in judged] + [each.index for each in judged]
    touched = {index for index in found if index}
    known = here.known(*touched) if touched else {}
    for each in judged:
        compare(each.read, known.get(each.index or b""), frames[each.stored._state.adding])
        take_over(each)
    write(each.stored for each in judged)
    settle_twins(draft, touched)
    settle_missing(draft, here, touched & set(known))
    recount(draft)
    numbers = [each.stored.number for each in judged]
    return list(DraftRow.objects.filter(draft=draft, number__in=numbers).in_order())


def write(rows: Iterable[DraftRow]) -> None:
    new: list[DraftRow] = []
    old: list[DraftRow] = []
    for row in rows:
        (new if row._state.adding else old).append(row)
    DraftRow.objects.bulk_create(new)
    DraftRow.objects.bulk_update(old, [*READ, "reason", "raw"], batch_size=500)


def index_of(row: DraftRow) -> bytes | None:
    return bytes(row.id_index) if row.id_index else None


def frame_of(draft: ReportDraft, here: LastMonth, *, is_typed: bool) -> Frame:
    """Return what a row is judged by: one typed on screen answers to our form, not to the file."""
    has_starts = any(name == "mulai_kerja" for name, _ in draft.columns)
    return here.frame(has_starts=is_typed or not draft.columns or has_starts)


def read(row: DraftRow, cells: Mapping[str, str], frame: Frame) -> Judged:
    found = read_row([cells.get(name) for name in CANONICAL], frame)
    index = blind_index("person.id", found.id_number) if found.id_number else None
    return Judged(row, cells, found, index)


def take_over(judged: Judged) -> None:
    """Write what was read into the row; a reason holds while the same warnings stand."""
    row, found = judged.stored, judged.read
    if row.warnings != found.warnings:
        row.reason = ""
    for name in READ:
        if name != "id_index":
            setattr(row, name, getattr(found, name))
    row.id_index = judged.index
    raw = {name: text for name, text in judged.cells.items() if not is_empty(text)}
    row.raw = json.dumps(raw) if found.faults or found.warnings else None


def settle_twins(draft: ReportDraft, ids: Iterable[bytes]) -> None:
    """Give each later row of one worker its fault, and take it from a row that stands alone.

    A missing worker of whom nobody said anything gives way to a row that names him.
    """
    rows: dict[bytes, list[DraftRow]] = {}
    for row in DraftRow.objects.filter(draft=draft, id_index__in=list(ids)).in_order():
        rows.setdefault(index_of(row) or b"", []).append(row)
    for twins in rows.values():
        idle = [row for row in twins if row.is_absent and row.ended_on is None]
        named = [row for row in twins if row not in idle]
        if named:
            DraftRow.objects.filter(pk__in=[row.pk for row in idle]).delete()
            settle_among(named)


def settle_among(rows: list[DraftRow]) -> None:
    first, *later = rows
    for row in rows:
        faults = [fault for fault in row.faults if fault["key"] not in TWINS]
        if row in later:
            column = "nik" if row.id_kind == "NIK" else "paspor"
            faults.append({"key": f"row.{column}.dup", "column": column, "q": first.number})
        if faults != row.faults:
            row.faults = faults
            row.raw = json.dumps(cells_of(row)) if faults else row.raw
            row.save(update_fields=["faults", "raw"])


def settle_missing(draft: ReportDraft, here: LastMonth, ids: Iterable[bytes]) -> None:
    """Note as missing who works here, of these ids, and stands in no row any more."""
    wanted = set(ids)
    standing = DraftRow.objects.filter(draft=draft, id_index__in=list(wanted)).only("id_index")
    gone = wanted - {index_of(row) for row in standing}
    if gone:
        write_missing(draft, here, gone, number=last_number(draft))


def recount(draft: ReportDraft) -> None:
    """Count the faulty and the warned rows of a locked draft, and those that are listed."""
    counts = DraftRow.objects.filter(draft=draft).aggregate(
        faulty=Count("pk", filter=~Q(faults=[])),
        warned=Count("pk", filter=~Q(warnings=[]) & Q(reason="", is_absent=False)),
        listed=Count("pk", filter=Q(is_absent=False)),
    )
    draft.faulty, draft.warned = counts["faulty"], counts["warned"]
    draft.rows_total = draft.rows_read = counts["listed"]
    draft.save(update_fields=["faulty", "warned", "rows_total", "rows_read"])


@transaction.atomic
def remove_row(
    *,
    draft: ReportDraft,
    number: int,
    by: User,
    at: datetime,
    ended_on: date | None = None,
    cause: str = "",
) -> None:
    """Take a row out: a joiner's is gone, who works here becomes missing.

    With a last day of work the missing worker is answered at once.
    """
    locked = opened(draft)
    row = DraftRow.objects.select_for_update().get(draft=locked, number=number)
    index = index_of(row)
    row.delete()
    if index:
        here = LastMonth(locked.employer, locked.month)
        settle_twins(locked, {index})
        settle_missing(locked, here, set(here.known(index)))
    if index and ended_on:
        left = DraftRow.objects.filter(draft=locked, id_index=index).unanswered()
        answer(locked, left.in_order(), ended_on=ended_on, cause=cause)
    recount(locked)


@transaction.atomic
def give_reason(
    *, draft: ReportDraft, number: int, reason: str, by: User, at: datetime
) -> DraftRow:
    """Answer the warnings of one row."""
    locked = opened(draft)
    row = DraftRow.objects.get(draft=locked, number=number)
    row.reason = reason
    row.save(update_fields=["reason"])
    recount(locked)
    return row


@transaction.atomic
def give_reasons(
    *, draft: ReportDraft, keys: Collection[str], reason: str, by: User, at: datetime
) -> int:
    """Answer all rows whose warnings are of these kinds alone; return how many."""
    locked = opened(draft)
    rows = DraftRow.objects.filter(draft=locked).warned()
    for other in WARNINGS - set(keys):
        rows = rows.exclude(warnings__contains=[{"key": other}])
    answered = rows.update(reason=reason)
    recount(locked)
    return answered


@transaction.atomic
def answer_absent(
    *,
    draft: ReportDraft,
    number: int,
    stays: bool,
    by: User,
    at: datetime,
    ended_on: date | None = None,
    cause: str = "",
) -> DraftRow:
    """Say of a missing worker that he stays, with last month's wage, or when and why he left."""
    locked = opened(draft)
    rows = DraftRow.objects.filter(draft=locked, number=number).absent()
    row = rows.select_for_update().get()
    if stays:
        cells = cells_of(row)
        for column in ("tanggal_keluar", "sebab_keluar"):
            cells.pop(column, None)
        if row.last_wage is None:
            cells.pop("upah", None)
        return rejudge(locked, [(row, cells)])[0]
    answer(locked, rows.in_order(), ended_on=ended_on, cause=cause)
    row.refresh_from_db()
    return row


@transaction.atomic
def answer_absents(
    *, draft: ReportDraft, ended_on: date, cause: str, by: User | None, at: datetime
) -> int:
    """Say of all missing workers of whom nobody said anything that they left then."""
    locked = opened(draft)
    return answer(
        locked, DraftRow.objects.filter(draft=locked).unanswered(), ended_on=ended_on, cause=cause
    )


def answer(draft: ReportDraft, rows: Any, *, ended_on: date | None, cause: str) -> int:
    """Write the last day and its cause; raise EndDoesNotFit."""
    if ended_on is None:
        raise EndDoesNotFit("row.end.empty")
    if not cause:
        raise EndDoesNotFit("cause.empty")
    if ended_on > draft.month.last_day:
        raise EndDoesNotFit("row.end.late")
    if rows.filter(started_on__gt=ended_on).exists():
        raise EndDoesNotFit("row.end.early")
    return int(rows.order_by().update(ended_on=ended_on, cause=cause))
