"""Files that a firm fills in or corrects: the template, and its own rows with what is wrong."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from cilegon_portal.rules.nik import DEMO_REGION
from cilegon_portal.sheets import writing
from cilegon_portal.sheets.writing import Column, Kind, SheetOut
from employers.actions.comparing import cells_of
from employers.models import DraftRow, Employment, ReportDraft
from employers.rules.columns import TITLES
from employers.rules.rows import Fault, sentence_of

FAULTS = "Kesalahan"
DATA = "Data upah"
KINDS: dict[str, Kind] = {
    "nik": "id", "paspor": "id", "kpj": "id", "upah": "money", "tanggal_lahir": "date",
    "mulai_kerja": "date", "tanggal_keluar": "date",
}  # fmt: skip
WIDTHS = {"nama": 30, "nik": 20, "sebab_keluar": 24, "mulai_kerja": 20}
# Nobody is registered under this region, so nobody is reported by mistake.
EXAMPLES: tuple[dict[str, Any], ...] = (
    {
        "nik": f"{DEMO_REGION}1509850001",
        "nama": "Budi Contoh",
        "tanggal_lahir": date(1985, 9, 15),
        "jenis_kelamin": "L",
        "kpj": "18023456789",
        "mulai_kerja": date(2020, 1, 6),
        "upah": 5_750_000,
    },
    {
        "nik": f"{DEMO_REGION}6703900002",
        "nama": "Siti Contoh",
        "tanggal_lahir": date(1990, 3, 27),
        "jenis_kelamin": "P",
        "mulai_kerja": date(2019, 7, 1),
        "upah": 6_100_000,
        "tanggal_keluar": date(2026, 10, 30),
        "sebab_keluar": Employment.Cause.RESIGNED.label,
    },
    {
        "paspor": "A1234567",
        "nama": "John Contoh",
        "tanggal_lahir": date(1979, 12, 1),
        "jenis_kelamin": "L",
        "mulai_kerja": date(2024, 2, 1),
        "upah": 25_000_000,
    },
)


def column(name: str, title: str = "") -> Column:
    return Column(title or TITLES[name], KINDS.get(name, "text"), WIDTHS.get(name, 16))


def template_xlsx() -> bytes:
    """Return an empty table with the right columns, and a filled one on a second sheet."""
    columns = [column(name) for name in TITLES]
    filled = [[example.get(name) for name in TITLES] for example in EXAMPLES]
    return writing.xlsx([SheetOut(DATA, columns, []), SheetOut("Contoh", columns, filled)])


def template_csv() -> Iterator[bytes]:
    return writing.csv(list(TITLES.values()), [])


def fixes_xlsx(draft: ReportDraft) -> bytes:
    """Return the rows of a draft in the firm's own columns; red is what keeps it from approval."""
    rows = list(rows_of(draft))
    columns = columns_of(draft, rows)
    names = [name for name, _ in columns]
    places = {row.number: place for place, row in enumerate(rows, start=2)}
    red = {
        (at, names.index(fault["column"])) for at, row in enumerate(rows) for fault in row.faults
    }
    table = [[*(value(row, name) for name in names), what_is_wrong(row, places)] for row in rows]
    titles = [*(column(*each) for each in columns), Column(FAULTS, "text", 60)]
    return writing.xlsx([SheetOut(DATA, titles, table, red)])


def rows_of(draft: ReportDraft) -> Iterator[DraftRow]:
    """Yield the rows that a file can say again: missing workers are those it does not name."""
    tells_ends = any(name == "tanggal_keluar" for name, _ in draft.columns)
    for row in DraftRow.objects.filter(draft=draft).in_order().iterator(chunk_size=2_000):
        if not row.is_absent or (tells_ends and row.ended_on):
            yield row


def columns_of(draft: ReportDraft, rows: list[DraftRow]) -> list[tuple[str, str]]:
    """Return the file's own columns, and behind them those that something is missing in."""
    columns = [(name, title) for name, title in draft.columns] or list(TITLES.items())
    held = {name for name, _ in columns}
    asked = {fault["column"] for row in rows for fault in row.faults}
    return columns + [(name, TITLES[name]) for name in TITLES if name in asked - held]


def value(row: DraftRow, name: str) -> Any:
    """Return what was understood of a cell, else what was sent."""
    understood = {
        "nik": row.id_number if row.id_kind == "NIK" else None,
        "paspor": row.id_number if row.id_kind == "PASSPORT" else None,
        "tanggal_lahir": row.birth_date,
        "mulai_kerja": row.started_on,
        "tanggal_keluar": row.ended_on,
        "upah": row.wage,
    }
    found = understood.get(name)
    return cells_of(row).get(name) if found is None else found


def what_is_wrong(row: DraftRow, places: dict[int, int]) -> str:
    """Return the remedies of a row; a twin is named by its place in this file."""
    found: list[Fault] = [*row.faults, *([] if row.reason else row.warnings)]
    moved = [
        fault | {"q": places.get(fault["q"], fault["q"])} if "q" in fault else fault
        for fault in found
    ]
    sentences = [sentence_of(fault, row.number).partition(": ")[2] for fault in moved]
    return ". ".join(sentence[:1].upper() + sentence[1:] for sentence in sentences)
