"""Spreadsheets out: text stays text, whatever it begins with, and numbers stay numbers.

A cell that begins like a formula is written as the text it is; in a CSV, which has no types, an
apostrophe stands before it.
"""

import csv as csv_writer
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO
from math import isfinite
from typing import BinaryIO, Literal, TypeAlias

import xlsxwriter
from csp.constants import NONE
from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from cilegon_portal.rules.months import Month
from cilegon_portal.sheets.uploads import folder

Kind: TypeAlias = Literal["text", "id", "money", "number", "date", "month"]
Value: TypeAlias = str | int | float | bool | date | datetime | Month | None
Formats: TypeAlias = dict[tuple[Kind, bool], Format]

TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")  # noqa: RUF001
BOM = "\ufeff"
LINES_AT_ONCE = 500
LONGEST = 32_767  # characters of a cell
EXACT = 2**53
NUMBER_FORMATS: dict[Kind, str] = {
    "text": "General",
    "id": "@",
    "money": "#,##0",
    "number": "#,##0.##",
    "date": "dd/mm/yyyy",
    "month": "mmmm yyyy",
}
WIDTHS: dict[Kind, int] = {
    "text": 24,
    "id": 20,
    "money": 16,
    "number": 12,
    "date": 13,
    "month": 17,
}
TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv; charset=utf-8",
    ".pdf": "application/pdf",
}
RED, RED_TEXT, HEADER = "#fbe3e1", "#8a1c13", "#e3efec"


@dataclass(frozen=True)
class Column:
    """A column: its title, and how its cells look. An id is text, also in the cells still empty."""

    title: str
    kind: Kind = "text"
    width: int | None = None


@dataclass(frozen=True)
class SheetOut:
    """One sheet; `red` and `notes` name a cell by its row below the header, from 0, and column."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    red: Container[tuple[int, int]] = ()
    notes: Mapping[tuple[int, int], str] = field(default_factory=dict)


def xlsx(sheets: Sequence[SheetOut]) -> bytes:
    file = BytesIO()
    write_workbook(file, sheets)
    return file.getvalue()


def write_workbook(file: BinaryIO, sheets: Sequence[SheetOut]) -> None:
    """Write the sheets to `file` row by row; the rows are never all in memory."""
    options = {
        "constant_memory": True,
        "tmpdir": str(folder()),
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as workbook:
        header = workbook.add_format({"bold": True, "bg_color": HEADER, "bottom": 1})
        formats: Formats = {
            (kind, is_red): workbook.add_format(look(kind, is_red=is_red))
            for kind in NUMBER_FORMATS
            for is_red in (False, True)
        }
        for sheet in sheets:
            name = re.sub(r"[\[\]:*?/\\]", " ", sheet.name)[:31]
            write_sheet(workbook.add_worksheet(name), sheet, header, formats)


def look(kind: Kind, *, is_red: bool) -> dict[str, str]:
    found = {"num_format": NUMBER_FORMATS[kind]}
    return found | {"bg_color": RED, "font_color": RED_TEXT} if is_red else found


def write_sheet(page: Worksheet, sheet: SheetOut, header: Format, formats: Formats) -> None:
    page.freeze_panes(1, 0)
    page.repeat_rows(0)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    for number, column in enumerate(sheet.columns):
        width = column.width or max(WIDTHS[column.kind], len(column.title) + 2)
        page.set_column(number, number, width, formats[column.kind, False])
        page.write_string(0, number, column.title, header)
    for line, row in enumerate(sheet.rows):
        for number, (column, value) in enumerate(zip(sheet.columns, row, strict=True)):
            is_red = (line, number) in sheet.red
            write_cell(page, (line + 1, number), value, column.kind, formats[column.kind, is_red])
            if note := sheet.notes.get((line, number)):
                page.write_comment(line + 1, number, note, {"x_scale": 2})


def write_cell(
    page: Worksheet, place: tuple[int, int], value: Value, kind: Kind, look: Format
) -> None:
    match value:
        case None | "":
            page.write_blank(*place, None, look)
        case bool():
            page.write_boolean(*place, value, look)
        case int() | float() if kind != "id" and isfinite(value) and abs(value) < EXACT:
            page.write_number(*place, value, look)
        case date() | Month():
            page.write_datetime(*place, moment_of(value), look)
        case _:
            page.write_string(*place, str(value)[:LONGEST], look)


def moment_of(value: date | Month) -> date:
    """Return what Excel keeps: a day, or the hour on our clocks."""
    if isinstance(value, Month):
        return value.first_day
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value).replace(tzinfo=None)
    return value


def csv(
    titles: Sequence[str], rows: Iterable[Sequence[Value]], *, delimiter: str = ";"
) -> Iterator[bytes]:
    """Yield a CSV with quotes as RFC 4180 has them; an Indonesian Excel splits at semicolons."""
    lines = Lines()
    writer = csv_writer.writer(lines, delimiter=delimiter, lineterminator="\r\n")
    lines.write(BOM)
    writer.writerow([safe_text(title) for title in titles])
    for row in rows:
        writer.writerow([written(value) for value in row])
        if len(lines.waiting) >= LINES_AT_ONCE:
            yield lines.take()
    yield lines.take()


class Lines:
    """What a CSV writer has written and nobody has taken yet."""

    def __init__(self) -> None:
        self.waiting: list[str] = []

    def write(self, text: str) -> None:
        self.waiting.append(text)

    def take(self) -> bytes:
        content = "".join(self.waiting).encode()
        self.waiting.clear()
        return content


def written(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "ya" if value else "tidak"
        case datetime():
            return f"{moment_of(value):%Y-%m-%d %H:%M}"
        case int() | float() | date() | Month():
            return str(value)
        case _:
            return safe_text(value)


def safe_text(text: str) -> str:
    """Return `text` so that no spreadsheet calculates with it."""
    return f"'{text}" if text.startswith(TRIGGERS) else text


def download(name: str, content: bytes | Iterable[bytes]) -> HttpResponse | StreamingHttpResponse:
    """Return `content` as a file to be saved: nothing in it runs, and nobody keeps a copy."""
    kind = TYPES[name[name.rindex(".") :]]
    made = HttpResponse if isinstance(content, bytes) else StreamingHttpResponse
    answer = made(content, content_type=kind)
    plain_name = re.sub(r"[^A-Za-z0-9._-]", "-", name)
    answer["Content-Disposition"] = f'attachment; filename="{plain_name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "no-store, private"
    policy = {"default-src": [NONE], "frame-ancestors": [NONE], "sandbox": []}
    answer._csp_config = policy  # type: ignore[union-attr]
    return answer
