"""The process that opens a stranger's file: it is given the file and its limits, and no secrets.

It answers on its standard output: each answer is its length in four bytes, then JSON. The first one
tells the header, then come rows, the last one is {"end": …} or {"refused": …}. A limit ends it
without a last answer.
"""

import gc
import json
import resource
import sys
from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any, BinaryIO

from cilegon_portal.sheets.limits import Limits, SheetRefused

CHUNK_ROWS = 2_000
SPACES = {number: " " for number in range(32) if chr(number) not in "\t\n\r"}
CPU_GRACE = 5  # seconds between the signal and the end


def limit_myself(limits: Limits) -> None:
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        hard = most + CPU_GRACE if kind == resource.RLIMIT_CPU else most
        resource.setrlimit(kind, (most, hard))


def tagged(value: object) -> str:
    """Return a date as JSON; nothing else comes here."""
    if isinstance(value, date):
        return [value.isoformat()]  # type: ignore[return-value]
    raise TypeError(type(value).__name__)


class Answers:
    """Standard output, and how much went through it: no more than the file may unpack to."""

    def __init__(self, limits: Limits) -> None:
        self.left = limits.unpacked_bytes
        self.encoder = json.JSONEncoder(
            ensure_ascii=False, check_circular=False, separators=(",", ":"), default=tagged
        )

    def send(self, answer: Any) -> None:
        text = self.encoder.encode(answer)
        if "\\u00" in text and isinstance(answer, list):
            text = self.encoder.encode([(number, cleaned(row)) for number, row in answer])
        content = text.encode("utf-8", "replace")
        self.left -= len(content)
        if self.left < 0:
            raise SheetRefused("bomb")
        sys.stdout.buffer.write(len(content).to_bytes(4, "big") + content)
        sys.stdout.buffer.flush()


def cleaned(row: list[Any]) -> list[Any]:
    """Return the cells with a space for each control character; no database keeps a NUL."""
    return [cell.translate(SPACES) if isinstance(cell, str) else cell for cell in row]


def answer(file: BinaryIO, limits: Limits, answers: Answers) -> None:
    """Send the header, then the rows; raise SheetRefused as soon as something is too much."""
    total, rows = opened(file, limits)
    number, header = next(rows, (0, []))
    answers.send({"number": number, "header": cleaned(header), "total": max(0, total - 1)})
    sent = 0
    while chunk := list(islice(rows, CHUNK_ROWS)):
        sent += len(chunk)
        if sent > limits.rows:
            raise SheetRefused("rows", most=limits.rows)
        answers.send(chunk)
    if not sent:
        raise SheetRefused("empty")
    answers.send({"end": sent})


def opened(file: BinaryIO, limits: Limits) -> tuple[int, Iterator[tuple[int, list[Any]]]]:
    from cilegon_portal.sheets import delimited, guard, workbook

    if file.seek(0, 2) > limits.file_bytes:
        raise SheetRefused("size", mb=limits.file_bytes // (1024 * 1024))
    if guard.kind_of(file) == "csv":
        return delimited.rows_of(file, limits)
    return workbook.rows_of(guard.checked_workbook(file, limits), limits)


def main() -> None:
    limits = Limits(**json.loads(sys.argv[1]))
    limit_myself(limits)
    gc.disable()  # rows are no cycles, and looking for some costs a quarter of the time
    answers = Answers(limits)
    try:
        answer(sys.stdin.buffer, limits, answers)
    except SheetRefused as refused:
        answers.left = limits.unpacked_bytes
        answers.send({"refused": refused.key, "told": refused.told})
    except MemoryError:
        answers.left = limits.unpacked_bytes
        answers.send({"refused": "bomb", "told": {}})


if __name__ == "__main__":
    main()
