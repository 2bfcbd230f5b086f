"""Broken files without end: good ones, bitten at random, on the outside and within their parts."""

import io
import logging
import random
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import openpyxl
from hypothesis import strategies as st

from cilegon_portal.sheets import WEB, SheetRefused, read
from tests.sheets import evil

LIMITS = replace(WEB, cpu_seconds=20, wall_seconds=30)
WIDE = tuple(f"Kolom {number}" for number in range(30))
STRANGE = (
    b"",
    b"\0",
    b"<",
    b'"',
    b"&#0;",
    b"]]>",
    b"\xff\xfe",
    b"\x80",
    b"=1+1",
    b"<f>1</f>",
    b'r="A1048577"',
    b'r="ZZZ0"',
    b'r="99999999999"',
    b't="s"',
    b't="b"',
    b't="d"',
    b's="9999"',
    b"-1",
    b"1e999",
    b"NaN",
    b"99999999999999999999",
    b"-99999",
    b'<!DOCTYPE x [<!ENTITY a "b">]>',
    b"&a;",
    b"PK\x03\x04",
)


def seeds() -> list[bytes]:
    """Return twenty good files, of every kind that we read."""
    shared = evil.parts(
        evil.sheet_xml().replace("</sheetData>", '<row><c t="s"><v>0</v></c></row></sheetData>')
    ) | {"xl/sharedStrings.xml": "<sst><si><t>Siti</t></si></sst>"}
    rows = (evil.HEADER, *evil.ROWS * 20)
    text = evil.good_csv(rows).decode()
    return [
        evil.good_xlsx(),
        evil.good_xlsx(rows),
        evil.good_xlsx((WIDE, WIDE)),
        evil.container(shared),
        evil.container(shared, method=zipfile.ZIP_STORED),
        evil.container(evil.parts(), method=zipfile.ZIP_STORED),
        *(written(number) for number in range(6)),
        evil.good_csv(),
        evil.good_csv(rows),
        evil.good_csv(rows, separator=","),
        evil.good_csv(rows, separator="\t"),
        text.encode("utf-8-sig"),
        text.encode("utf-16"),
        text.replace("Siti", "Zoë").encode("cp1252"),
        text.replace("Siti", '"Siti; ""S"""').encode(),
    ]


def written(number: int) -> bytes:
    """Return what openpyxl writes: styles, dates, formulas, errors, hidden sheets."""
    book = openpyxl.Workbook()
    page = book.active
    page.append(evil.HEADER)
    for value in (
        1,
        1.5,
        "=A1",
        date(1985, 3, 27),
        datetime.fromisoformat("2026-01-01 08:00"),
        True,
        "#N/A",
    ):
        page.append([str(number), "Siti", value])
    if number % 2:
        page.merge_cells("A2:B3")
        book.create_sheet("Contoh").append(["x"])
    if number % 3 == 0:
        page["A1"].number_format = "@"
        page.column_dimensions["A"].width = 30
        book.create_sheet("Rahasia", 0).sheet_state = "hidden"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def bitten(content: bytes, dice: random.Random) -> bytes:
    """Return `content` with one to six bites: changed, cut, doubled, moved, or strange bytes."""
    found = bytearray(content)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(found) + 1)
        length = dice.choice((1, 1, 2, 8, 64, 1_000))
        match dice.randrange(5):
            case 0:
                found[at : at + length] = dice.randbytes(min(length, len(found) - at))
            case 1:
                del found[at : at + length]
            case 2:
                found[at:at] = found[at : at + length] * dice.choice((1, 2, 50))
            case 3:
                found[at : at + dice.choice((0, length))] = dice.choice(STRANGE)
            case _:
                found[at:at] = found[: dice.randrange(len(found) + 1)][-length:]
    return bytes(found)


def bitten_within(content: bytes, dice: random.Random) -> bytes:
    """Return a sound container in which one part is bitten."""
    with zipfile.ZipFile(io.BytesIO(content)) as container:
        parts: dict[str, str | bytes] = {
            name: container.read(name) for name in container.namelist()
        }
    name = dice.choice([*parts, *(name for name in parts if "sheet" in name)])
    part = parts[name]
    parts[name] = bitten(part.encode() if isinstance(part, str) else part, dice)
    return evil.container(parts)


def mutated(seed: bytes, number: int) -> bytes:
    dice = random.Random(number)  # noqa: S311 (the number names the file)
    within = seed.startswith(b"PK") and dice.random() < 0.7
    return bitten_within(seed, dice) if within else bitten(seed, dice)


def files() -> st.SearchStrategy[bytes]:
    numbers = st.integers(min_value=0, max_value=2**32)
    return st.builds(mutated, st.sampled_from(seeds()), numbers)


@contextmanager
def ends() -> Iterator[list[int]]:
    """Give the exit codes of children that ended without a last word."""
    found: list[int] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(vars(record)["code"])

    logger, listener = logging.getLogger("cilegon_portal.sheets.reading"), Listener()
    logger.addHandler(listener)
    try:
        yield found
    finally:
        logger.removeHandler(listener)


def outcome(content: bytes, path: Path) -> str:
    """Read the file: return "read", the key of its refusal, or what must not be."""
    path.write_bytes(content)
    with ends() as codes:
        try:
            read(path, limits=LIMITS)
        except SheetRefused as refused:
            answer = refused.key
        else:
            answer = "read"
    return f"the child ended with {codes[0]}" if any(code > 0 for code in codes) else answer


def is_fine(answer: str) -> bool:
    return answer != "slow" and not answer.startswith("the child")
