"""Files of a firm, and what the portal makes of them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from cilegon_portal.rules.months import Month
from cilegon_portal.sheets import WEB, uploads, writing
from cilegon_portal.sheets.writing import Column, Kind, SheetOut
from employers.actions import drafts, reading
from employers.models import DraftRow, Employer, ReportDraft
from tests import make

HEADER = ("NIK", "Nama", "Tanggal lahir", "Tanggal masuk kerja", "Upah")
KINDS: dict[str, Kind] = {
    "NIK": "id",
    "Tanggal lahir": "date",
    "Tanggal masuk kerja": "date",
    "Upah": "money",
}
OCTOBER = Month(2026, 10)
NOVEMBER = Month(2026, 11)
START = date(2020, 1, 6)
WAGE = 6_000_000


def nik(number: int, *, born: date = date(1985, 9, 15)) -> str:
    return f"367299{born:%d%m%y}{number:04}"


def worker(number: int, **cells: Any) -> list[Any]:
    """Return the cells of the file's worker `number`; `cells` by NIK, Nama, Lahir, Masuk, Upah."""
    given = {
        "nik": nik(number),
        "nama": f"Pekerja {chr(65 + number % 26)}",
        "lahir": date(1985, 9, 15),
        "masuk": START,
        "upah": WAGE,
    }
    return list((given | cells).values())


def workers(*numbers: int) -> list[list[Any]]:
    return [worker(number) for number in numbers]


def xlsx(rows: Sequence[Sequence[Any]], header: Sequence[str] = HEADER) -> bytes:
    columns = [Column(title, KINDS.get(title, "text")) for title in header]
    return writing.xlsx([SheetOut("Data upah", columns, rows)])


def csv(rows: Sequence[Sequence[Any]], header: Sequence[str] = HEADER) -> bytes:
    return b"".join(writing.csv(header, rows))


def kept(content: bytes) -> uploads.Kept:
    return uploads.keep_bytes(content, limits=WEB)


def upload(
    firm: Employer,
    content: bytes,
    *,
    month: Month = OCTOBER,
    purpose: str = "REGULAR",
    at: datetime = make.AT,
) -> drafts.Upload:
    by = firm.seats.taken().get().user
    assert by
    return drafts.start_upload(
        employer=firm, month=month, purpose=purpose, kept=kept(content), by=by, at=at
    )


def begin(firm: Employer, content: bytes, **more: Any) -> ReportDraft:
    """Upload a file that was not seen before, and return the draft that waits for its job."""
    draft = upload(firm, content, **more).draft
    assert draft
    return draft


def draft_of(
    firm: Employer, rows: Sequence[Sequence[Any]], *, header: Sequence[str] = HEADER, **more: Any
) -> ReportDraft:
    """Upload rows and read them."""
    begun = begin(firm, xlsx(rows, header), **more)
    reading.read_upload(draft_key=begun.pk, at=more.get("at", make.AT))
    begun.refresh_from_db()
    return begun


def row(draft: ReportDraft, number: int) -> DraftRow:
    return draft.rows.get(number=number)
