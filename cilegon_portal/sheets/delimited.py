"""The rows of a CSV file: its alphabet, its separator, and what spreadsheets wrap cells in."""

import csv
import io
import itertools
import re
from collections.abc import Iterator
from typing import BinaryIO

from cilegon_portal.sheets.guard import BOMS, CONTROLS
from cilegon_portal.sheets.limits import Limits, SheetRefused
from cilegon_portal.sheets.workbook import FORMULA, Plain

SEPARATORS = ";,\t|"
WRAPPED = re.compile(r'="([^"]*)"')
QUOTED = re.compile(r"'(?=[=+\-@\t0-9])")  # what keeps a spreadsheet from calculating
NOT_TEXT = re.compile(f"[{re.escape(CONTROLS.decode())}]")


def text_of(file: BinaryIO) -> str:
    """Return the file as text: UTF-8, UTF-16 with its mark, or the alphabet of old Windows."""
    file.seek(0)
    content = file.read()
    marked = next((name for mark, name in BOMS.items() if content.startswith(mark)), "")
    for alphabet in (marked,) if marked else ("utf-8", "cp1252"):
        try:
            text = content.decode(alphabet).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
        if not NOT_TEXT.search(text):
            return text
    raise SheetRefused("type")


def separator_of(line: str) -> str:
    """Return the sign that stands most often in the header, outside of quotes."""
    bare = re.sub(r'"[^"]*"', "", line)
    return max(SEPARATORS, key=bare.count)


def rows_of(file: BinaryIO, limits: Limits) -> tuple[int, Iterator[tuple[int, list[Plain]]]]:
    """Return how many rows the file may have, and those that are not blank."""
    text = text_of(file)
    lines = list(io.StringIO(text, newline=""))
    first = next((line for line in lines if line.strip()), "")
    skipped = 0
    if first.startswith("sep=") and len(first.strip()) == 5:  # Excel's own way to name it
        separator, skipped = first[4], lines.index(first) + 1
    else:
        separator = separator_of(first)
    return len(lines) - skipped, rows(itertools.islice(lines, skipped, None), separator, limits)


def rows(lines: Iterator[str], separator: str, limits: Limits) -> Iterator[tuple[int, list[Plain]]]:
    csv.field_size_limit(limits.cell)
    reader = csv.reader(lines, delimiter=separator)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if any(cells) and not "".join(cells).isspace():
                if len(cells) > limits.columns:
                    raise SheetRefused("columns", most=limits.columns)
                yield number, [plain(cell) for cell in cells]
    except csv.Error:
        raise SheetRefused("cell", row=number + 1, most=limits.cell) from None


def plain(cell: str) -> Plain:
    if cell.startswith("="):
        wrapped = WRAPPED.fullmatch(cell)
        return wrapped[1] or None if wrapped else FORMULA
    return QUOTED.sub("", cell, count=1) if cell.startswith("'") else cell or None
