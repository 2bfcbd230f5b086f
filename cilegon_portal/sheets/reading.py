"""The rows of a stranger's file. The parser runs in a child process and may die there.

Jobs and commands read; a page never does.
"""

import gc
import json
import logging
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from cilegon_portal.sheets.limits import Limits, SheetRefused

ROOT = Path(__file__).resolve().parent.parent.parent
MOST_AT_ONCE = 1 << 20
CHILD = ["-m", "cilegon_portal.sheets.child"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Formula:
    """A cell that calculates. What it came to is nobody's answer."""

    def __str__(self) -> str:
        return "(rumus)"


FORMULA = Formula()

Cell: TypeAlias = str | int | float | bool | date | datetime | Formula | None
Row: TypeAlias = tuple[int, list[Cell]]
Source: TypeAlias = Path | int | BinaryIO


@dataclass(frozen=True)
class Sheet:
    """A header and the rows below it, each with its number in the file."""

    header: list[str]
    header_row: int
    rows: list[Row]


def read(source: Source, *, limits: Limits) -> Sheet:
    """Return the first visible sheet of a workbook, or the rows of a CSV; raise SheetRefused."""
    with stream(source, limits=limits) as sheet:
        with unswept():
            rows = [row for chunk in sheet for row in chunk]
        return Sheet(header=sheet.header, header_row=sheet.header_row, rows=rows)


@contextmanager
def unswept() -> Iterator[None]:
    """Look for no cycles meanwhile: a hundred thousand new rows would be looked through often."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Stream:
    """A sheet whose rows come in chunks; a refusal may come after some of them."""

    def __init__(self, answers: Iterator[Any]) -> None:
        self.answers = answers
        first = next(answers)
        self.header = [text_of(cell).strip() for cell in first["header"]]
        self.header_row: int = first["number"]
        self.total: int = first["total"]

    def __iter__(self) -> Iterator[list[Row]]:
        width = len(self.header)
        for chunk in self.answers:
            yield [(number, unpacked(cells, width)) for number, cells in chunk]


@contextmanager
def stream(source: Source, *, limits: Limits) -> Iterator[Stream]:
    """Open a file for reading in chunks; the child process ends with the block."""
    with descriptor(source) as number, child(number, limits) as process:
        yield Stream(answers_of(process, limits))


@contextmanager
def descriptor(source: Source) -> Iterator[int]:
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield file.fileno()
    else:
        yield source if isinstance(source, int) else source.fileno()


@contextmanager
def child(number: int, limits: Limits) -> Iterator[subprocess.Popen[bytes]]:
    """Start the reader with nothing but the file: no environment, so no keys."""
    process = subprocess.Popen(  # noqa: S603 (our own module)
        [sys.executable, "-P", "-s", "-B", *CHILD, told(limits)],
        stdin=number,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )
    try:
        yield process
    finally:
        process.kill()
        if process.stdout:
            process.stdout.close()
        process.wait()


def told(limits: Limits) -> str:
    return json.dumps(asdict(limits))


def answers_of(process: subprocess.Popen[bytes], limits: Limits) -> Iterator[Any]:
    """Yield the child's header and chunks; raise what it refused, or why it ended."""
    source = frames(process, limits.wall_seconds)
    for frame in source:
        answer = json.loads(frame)
        if isinstance(answer, dict) and "refused" in answer:
            raise SheetRefused(answer["refused"], **answer["told"])
        if isinstance(answer, dict) and "end" in answer:
            return
        yield answer
    raise ended(process)


def ended(process: subprocess.Popen[bytes]) -> SheetRefused:
    """Return why a child without a last word ended: by a limit, or by a fault in the file."""
    code = process.wait()
    logger.warning("the reader of a sheet ended by itself", extra={"code": code})
    return SheetRefused("bomb" if code < 0 else "broken")


def frames(process: subprocess.Popen[bytes], seconds: int) -> Iterator[bytes]:
    """Yield what the child answers; only the time spent waiting for it counts."""
    waiting = bytearray()
    left = float(seconds)
    pipe = process.stdout.fileno() if process.stdout else -1
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while True:
            began = time.monotonic()
            if not selector.select(left):
                raise SheetRefused("slow")
            left = max(0.0, left - (time.monotonic() - began))
            piece = os.read(pipe, MOST_AT_ONCE)
            if not piece:
                return
            waiting += piece
            while (frame := taken(waiting)) is not None:
                yield frame


def taken(waiting: bytearray) -> bytes | None:
    """Take the first whole frame off `waiting`."""
    end = 4 + int.from_bytes(waiting[:4], "big")
    if len(waiting) < max(5, end):
        return None
    frame = bytes(waiting[4:end])
    del waiting[:end]
    return frame


def unpacked(cells: list[Any], width: int) -> list[Cell]:
    row: list[Cell] = [cell if type(cell) is not list else tagged(cell) for cell in cells]
    if len(row) < width:
        row += [None] * (width - len(row))
    return row


def tagged(cell: list[str]) -> Cell:
    """Return what JSON does not know: a list of one text is a date, an empty one a formula."""
    if not cell:
        return FORMULA
    return date.fromisoformat(cell[0]) if len(cell[0]) == 10 else datetime.fromisoformat(cell[0])


def text_of(cell: Any) -> str:
    if cell is None:
        return ""
    return str(tagged(cell) if isinstance(cell, list) else cell)
