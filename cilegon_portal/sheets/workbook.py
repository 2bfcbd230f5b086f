"""The rows of a checked workbook: which part a sheet lies in, where formulas stand, what cells say.

Runs in the child process only.
"""

import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from io import BytesIO
from math import isfinite
from posixpath import normpath
from xml.parsers import expat  # every declaration is refused before

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from cilegon_portal.sheets.guard import CHUNK, Checked
from cilegon_portal.sheets.limits import MB, Limits, SheetRefused

MOST_DIRECTORY = 2 * MB  # of the workbook's own list of sheets
REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
EXCEL_DIGITS = 10**15  # from here on Excel has written a zero for the last digit
EXACT = 2**53  # from here on a float skips whole numbers
FORMULA: list[str] = []  # how a formula travels: a date is a list of one text

Plain = str | int | float | bool | date | None | list[str]
OnStart = Callable[[str, dict[str, str]], object]


def local(name: str) -> str:
    return name.rpartition(":")[2]


def walk(copy: zipfile.ZipFile, name: str, on_start: OnStart) -> None:
    """Call `on_start` with every element of the part and its attributes."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = on_start
    try:
        with copy.open(name) as part:
            while chunk := part.read(CHUNK):
                parser.Parse(chunk, False)  # noqa: FBT003 (positional only)
        parser.Parse(b"", True)  # noqa: FBT003
    except (expat.ExpatError, KeyError):
        raise SheetRefused("broken") from None


def parts_of_sheets(copy: zipfile.ZipFile) -> dict[str, str]:
    """Return the part in which each sheet lies, by the sheet's name."""
    sheets: list[dict[str, str]] = []
    targets: dict[str, str] = {}

    def on_start(name: str, values: dict[str, str]) -> None:
        if local(name) == "sheet":
            sheets.append({local(key): value for key, value in values.items()})
        elif local(name) == "Relationship":
            targets[values.get("Id", "")] = values.get("Target", "")

    for directory in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
        if directory in copy.namelist() and copy.getinfo(directory).file_size > MOST_DIRECTORY:
            raise SheetRefused("bomb")
        walk(copy, directory, on_start)
    found = {sheet.get("name", ""): place_of(targets, sheet) for sheet in sheets}
    if len(found) < len(sheets):
        raise SheetRefused("broken")
    return found


def place_of(targets: Mapping[str, str], sheet: Mapping[str, str]) -> str:
    target = targets.get(sheet.get("id", ""), "")
    return normpath(target.lstrip("/") if target.startswith("/") else f"xl/{target}")


def formulas_of(copy: zipfile.ZipFile, part: str) -> dict[int, set[int]]:
    """Return where formulas stand: the columns by row, both counted from 0."""
    found: dict[int, set[int]] = defaultdict(set)
    row = column = -1

    def on_start(name: str, values: dict[str, str]) -> None:
        nonlocal row, column
        match local(name):
            case "row":
                row = int(values["r"]) - 1 if values.get("r", "").isdecimal() else row + 1
                column = -1
            case "c":
                given = REFERENCE.fullmatch(values.get("r", ""))
                column = column_of(given[1]) if given else column + 1
                row = int(given[2]) - 1 if given else row
            case "f":
                found[row].add(column)

    walk(copy, part, on_start)
    return found


def column_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def rows_of(checked: Checked, limits: Limits) -> tuple[int, Iterator[tuple[int, list[Plain]]]]:
    """Return how many rows the first visible sheet may have, and those that are not blank."""
    try:
        sheet = first_sheet(checked.packed)
    except (CalamineError, ValueError, OSError):
        raise SheetRefused("broken") from None
    if sheet is None or sheet.start is None or sheet.end is None:
        raise SheetRefused("empty")
    if sheet.end[1] - sheet.start[1] >= limits.columns:
        raise SheetRefused("columns", most=limits.columns)
    formulas: Mapping[int, set[int]] = {}
    if checked.parts_with_formulas:
        with zipfile.ZipFile(checked.packed) as copy:
            part = parts_of_sheets(copy).get(sheet.name)
            if part is None:
                raise SheetRefused("broken")
            formulas = formulas_of(copy, part)
    return sheet.end[0] - sheet.start[0] + 1, rows(sheet, formulas, limits)


def first_sheet(packed: BytesIO) -> CalamineSheet | None:
    workbook = CalamineWorkbook.from_filelike(packed)
    for sheet in workbook.sheets_metadata:
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible:
            return workbook.get_sheet_by_name(sheet.name)
    return None


def rows(
    sheet: CalamineSheet, formulas: Mapping[int, set[int]], limits: Limits
) -> Iterator[tuple[int, list[Plain]]]:
    most, number = limits.cell, 0
    first, last = (sheet.start or (0, 0))[1], (sheet.end or (0, 0))[1]
    for number, cells in enumerate(sheet.iter_rows(), 1):
        row: list[Plain] = [
            cell if type(cell) is str and 0 < len(cell) <= most else plain(cell, number, limits)
            for cell in cells
        ]
        for column in formulas.get(number - 1, ()):
            if first <= column <= last:
                row[column - first] = FORMULA
        if row[0] is not None or not is_blank(row):
            yield number, row
    # What calculates and was never calculated is no cell to the parser.
    for below in sorted(found for found in formulas if found >= number):
        row = [FORMULA if at in formulas[below] else None for at in range(first, last + 1)]
        if not is_blank(row):
            yield below + 1, row


def is_blank(row: list[Plain]) -> bool:
    return all(cell is None or (type(cell) is str and cell.isspace()) for cell in row)


def plain(cell: object, number: int, limits: Limits) -> Plain:
    """Return a cell of the parser as we hand it on: never an empty text, whole numbers as int."""
    if isinstance(cell, float):
        return whole(cell)
    if cell == "":
        return None
    if isinstance(cell, bool | int | datetime | date):
        return cell
    text = str(cell)
    if len(text) > limits.cell:
        raise SheetRefused("cell", row=number, most=limits.cell)
    return text


def whole(number: float) -> int | float | str:
    """Return a whole number as int, unless it may have lost digits: Excel keeps fifteen."""
    if not isfinite(number):
        return str(number)
    if not number.is_integer() or abs(number) >= EXACT:
        return number
    exact = int(number)
    return number if abs(exact) >= EXCEL_DIGITS and exact % 10 == 0 else exact
