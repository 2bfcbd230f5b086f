"""A firm's file becomes a draft: read in a child process, judged, written, all or nothing."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.db import connections, transaction

from cilegon_portal import sheets
from cilegon_portal.fields import blind_index
from cilegon_portal.outbox.actions import send as put_out
from cilegon_portal.outbox.models import Message
from cilegon_portal.sheets import Limits, SheetRefused, uploads
from cilegon_portal.templatetags.portal import grouped, month_name
from employers.actions.drafts import be_ready, waiting, write_missing
from employers.actions.last_month import LastMonth
from employers.actions.row_writing import RowWriter, writing
from employers.models import Employer, ReportDraft, WageReport
from employers.rules.cells import Cell, by_serial, is_empty, shown
from employers.rules.columns import (
    CANONICAL,
    Columns,
    MissingColumn,
    TwiceColumn,
    match_columns,
)
from employers.rules.rows import Row, compare, read_row

DATES = {"tanggal_lahir", "mulai_kerja", "tanggal_keluar"}
TOLD_EVERY = 4_000  # rows
LOST = "File ini sudah tidak tersimpan. Unggah lagi"

Tell = Callable[[int, int], None]  # rows read, rows in all


class Overtaken(Exception):
    """The draft was replaced or thrown away while its file was read."""


def limits_of(employer: Employer) -> Limits:
    return sheets.LARGE if employer.may_upload_large else sheets.WEB


def read_upload(*, draft_key: int, at: datetime) -> None:
    """Read the file of a draft that waits for it; safe to run twice, and after a crash.

    What cannot be read leaves the draft REFUSED with a sentence. The maker is told either way.
    """
    drafts = ReportDraft.objects.open().filter(state=ReportDraft.State.READING)
    draft = drafts.select_related("employer", "made_by").filter(pk=draft_key).first()
    if draft is None or not draft.stored_name:
        return
    stored = draft.stored_name
    try:
        with uploads.opened(stored) as file, progress_of(draft) as tell:
            read_file(draft, file, limits=limits_of(draft.employer), at=at, tell=tell)
    except (SheetRefused, MissingColumn, TwiceColumn) as refusal:
        refuse(draft, refusal.sentence, at=at)
    except uploads.NotKept:
        refuse(draft, LOST, at=at)
    except Overtaken:
        pass
    uploads.forget(stored)


@contextmanager
def progress_of(draft: ReportDraft) -> Iterator[Tell]:
    """Give a way to say how far the reading is, beside the transaction that it happens in."""
    aside = connections.create_connection("default")

    def tell(rows: int, total: int) -> None:
        with aside.cursor() as cursor:
            cursor.execute(
                "UPDATE employers_reportdraft SET rows_read = %s, rows_total = %s WHERE id = %s",
                [rows, max(rows, total), draft.pk],
            )

    try:
        with aside.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")
        yield tell
    finally:
        aside.close()


def tell_nobody(_rows: int, _total: int) -> None:
    """Stand in for `tell` where nobody waits."""


@transaction.atomic
def read_file(
    draft: ReportDraft, file: Any, *, limits: Limits, at: datetime, tell: Tell = tell_nobody
) -> None:
    """Fill `draft` from an open file; nothing of it stays when anything is refused."""
    here = LastMonth(draft.employer, draft.month)
    with sheets.stream(file, limits=limits) as sheet:
        columns = match_columns(sheet.header)
        reading = Reading(here, columns)
        with writing(draft.pk, number=sheet.header_row) as rows:
            reading.copy(sheet, rows, tell)
    if not rows.rows:
        raise SheetRefused("empty")
    locked = waiting(draft.pk)
    if locked is None:
        raise Overtaken
    write_the_rest(locked, reading, rows)
    locked.columns = [list(pair) for pair in columns.in_file_order()]
    be_ready(locked, rows, at=at)
    if locked.source == WageReport.Source.UPLOAD:
        tell_maker(locked, ready_text(locked), at=at)


class Reading:
    """The rows of one file, in order; remembers which worker stood in which row."""

    def __init__(self, here: LastMonth, columns: Columns) -> None:
        self.here = here
        self.frame = here.frame(has_starts="mulai_kerja" in columns)
        self.known = here.known()
        self.rows_of: dict[bytes, int] = {}
        # A column that the file has not is the empty cell put behind each row.
        self.pick = itemgetter(*(columns.positions.get(name, -1) for name in CANONICAL))

    def copy(self, sheet: sheets.Stream, rows: RowWriter, tell: Tell) -> None:
        told = 0
        tell(0, sheet.total)
        for chunk in sheet:
            for number, cells in chunk:
                cells.append(None)
                self.take(self.pick(cells), number, rows)
            if rows.rows - told >= TOLD_EVERY:
                told = rows.rows
                tell(told, sheet.total)

    def take(self, cells: Sequence[Cell], number: int, rows: RowWriter) -> None:
        if cells[0] is None and all(map(is_empty, cells)):
            return  # a note beside the table
        row = read_row(cells, self.frame)
        index = None
        if row.id_number is not None:
            index = blind_index("person.id", row.id_number)
            note_twin(row, self.rows_of.setdefault(index, number), number)
        compare(row, self.known.get(index) if index else None, self.frame)
        raw = raw_of(cells) if row.faults or row.warnings else None
        rows.write(row, index, number=number, raw=raw)


def note_twin(row: Row, first: int, number: int) -> None:
    if first != number:
        column = "paspor" if row.id_kind == "PASSPORT" else "nik"
        row.refuse(f"row.{column}.dup", column, q=first)


def raw_of(cells: Sequence[Cell]) -> dict[str, str]:
    """Return the cells of a row as its sender sees them, those that hold something."""
    return {
        name: shown(cell) for name, cell in zip(CANONICAL, cells, strict=True) if not is_empty(cell)
    }


def as_day(cell: Cell) -> Cell:
    """Return the day that a bare serial number means: nobody reads 31133 as one."""
    return (by_serial(cell) or cell) if type(cell) is int else cell


def write_the_rest(draft: ReportDraft, reading: Reading, rows: RowWriter) -> None:
    """Write whom the file does not name: missing, or for a supplement those already reported."""
    named = set(reading.rows_of)
    if draft.purpose == ReportDraft.Purpose.SUPPLEMENT:
        named |= add_reported(draft, reading.here, named, rows)
    missing = set(reading.known) - named
    write_missing(draft, reading.here, missing, number=rows.number)


def add_reported(
    draft: ReportDraft, here: LastMonth, named: set[bytes], rows: RowWriter
) -> set[bytes]:
    """Write the workers of the standing report but those named, and return who they are."""
    report = draft.employer.reports.standing().of_month(draft.month).first()
    reported = here.reported_in(report) if report else iter(())
    added = set()
    with writing(draft.pk, number=rows.number) as more:
        for row, index in reported:
            if index not in named:
                more.append(row, index)
                added.add(index)
    rows.number = more.number
    return added


@transaction.atomic
def refuse(draft: ReportDraft, sentence: str, *, at: datetime) -> None:
    """Say on the draft why its file is not read."""
    locked = waiting(draft.pk)
    if locked is None:
        return
    locked.state = ReportDraft.State.REFUSED
    locked.fault = sentence
    locked.stored_name = ""
    locked.read_at = at
    locked.save()
    tell_maker(locked, f"{sentence}.", at=at)


def ready_text(draft: ReportDraft) -> str:
    if draft.faulty:
        return (
            f"{grouped(draft.faulty)} dari {grouped(draft.rows_total)} baris perlu diperbaiki. "
            "Perbaiki dulu sebelum menyetujui."
        )
    step = "Periksa lalu setujui" if draft.employer.is_registered else "Lanjutkan pendaftaran"
    return f"Semua {grouped(draft.rows_total)} baris siap. {step}."


def tell_maker(draft: ReportDraft, text: str, *, at: datetime) -> None:
    """Send who uploaded the file what came of it, and where to go on."""
    if draft.made_by is None or not draft.made_by.email:
        return
    path = f"/perusahaan/{draft.employer.reference}/upah/{draft.month}/hasil/"
    put_out(
        channel=Message.Channel.EMAIL,
        to=draft.made_by.email,
        subject=f"File upah {month_name(draft.month)} sudah diperiksa",
        text=f"{text}\n\n{settings.SITE_URL}{path}",
        dedupe_key=f"roster-read-{draft.pk}",
        purpose=Message.Purpose.CASE,
        at=at,
    )
