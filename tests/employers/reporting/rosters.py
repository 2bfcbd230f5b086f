"""Files as firms keep them: good rows, rows with planted defects, and how each is put right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

from django.utils import timezone
from openpyxl import Workbook

from cilegon_portal.accounts.models import User
from cilegon_portal.rules.months import Month
from cilegon_portal.sheets import WEB, uploads
from employers.actions import approving, drafts, reading, rows_fixing
from employers.models import Employer, ReportDraft, WageReport
from tests import make

TITLES = (
    "NIK",
    "No Paspor",
    "Nama Lengkap",
    "Tgl Lahir",
    "Jenis Kelamin",
    "KPJ",
    "Tgl Mulai Kerja",
    "Upah",
    "Tgl Keluar",
    "Sebab Keluar",
)
COLUMNS = (
    "nik",
    "paspor",
    "nama",
    "tanggal_lahir",
    "jenis_kelamin",
    "kpj",
    "mulai_kerja",
    "upah",
    "tanggal_keluar",
    "sebab_keluar",
)
FIRST_NAMES = ("Asep", "Bayu", "Cecep", "Dedi", "Eman", "Fajar", "Gilang", "Hasan", "Iwan", "Joko")
LAST_NAMES = ("Permana", "Saputra", "Hidayat", "Maulana", "Firmansyah", "Nugraha", "Setiawan")
WAGE = 7_000_000  # above every minimum wage of Cilegon so far


@dataclass(frozen=True)
class Defect:
    """What is wrong in one cell of the file, and what somebody types to put it right."""

    row: int
    column: str
    wrong: object
    right: str


def worker(number: int, *, month: Month, wage: int = WAGE) -> list[object]:
    """Return the cells of one worker who began before `month`."""
    born = date(1980, 1, 1) + timedelta(days=number * 11 % 9_000)
    name = f"{FIRST_NAMES[number % 10]} {LAST_NAMES[number % 7]}"
    return [
        make.nik(born=born),
        None,
        name,
        born,
        "L",
        None,
        month.plus(-1).first_day,
        wage + number * 1_000,
        None,
        None,
    ]


def workers(count: int, *, month: Month) -> list[list[object]]:
    return [worker(number, month=month) for number in range(count)]


def workbook(rows: Sequence[Sequence[object]], titles: Sequence[str] = TITLES) -> bytes:
    """Return an XLSX file with a header in row 1."""
    book = Workbook()
    sheet = book.active
    sheet.append(list(titles))
    for row in rows:
        sheet.append(list(row))
    for (cell,) in sheet.iter_rows(min_row=2, max_col=1):
        cell.number_format = "@"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def defects_of(rows: Sequence[Sequence[object]], *, month: Month) -> list[Defect]:
    """Return thirty defects, one a row, each in another cell or of another kind."""
    late, early = month.plus(1).first_day, date(1901, 5, 1)
    in_month = month.first_day + timedelta(days=14)
    nik = [str(row[0]) for row in rows]
    planted: list[tuple[str, object, str]] = [
        ("nik", nik[0][:15], ""),
        ("nik", f"{nik[1][:4]}O{nik[1][5:]}", ""),
        ("nik", f"{nik[2][:6]}320199{nik[2][12:]}", ""),
        ("nik", None, ""),
        ("nik", 3.67e15 + 0.5, ""),
        ("nik", f"{nik[5][:12]}0000", ""),
        ("nik", "3,67E+15", ""),
        ("nama", None, ""),
        ("nama", "12345", ""),
        ("nama", "B" * 130, ""),
        ("tanggal_lahir", "31/02/1990", ""),
        ("tanggal_lahir", None, ""),
        ("tanggal_lahir", late.replace(year=late.year + 4), ""),
        ("tanggal_lahir", early, ""),
        ("jenis_kelamin", "X", ""),
        ("kpj", "123", "12345678901"),
        ("mulai_kerja", "kemarin", ""),
        ("mulai_kerja", None, ""),
        ("mulai_kerja", late, ""),
        ("mulai_kerja", date(1970, 3, 4), ""),
        ("upah", None, ""),
        ("upah", "tujuh juta", ""),
        ("upah", -7_000_000, ""),
        ("upah", 25_000_000_000, ""),
        ("upah", "=7000000+1", ""),
        ("upah", 7_000_000.75, ""),
        ("tanggal_keluar", "besok", written(in_month)),
        ("tanggal_keluar", late, written(in_month)),
        ("sebab_keluar", "bosan", "RESIGNED"),
        ("sebab_keluar", None, "CONTRACT_ENDED"),
    ]
    found = []
    for index, (column, wrong, right) in enumerate(planted):
        at = index * (len(rows) // len(planted))
        good = rows[at][COLUMNS.index(column)]
        found.append(Defect(at + 2, column, wrong, right or typed(good)))
    return found


def typed(cell: object) -> str:
    """Return a cell as somebody types it."""
    return written(cell) if isinstance(cell, date) else str(cell)


def written(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def planted(rows: Sequence[list[object]], defects: Sequence[Defect], *, month: Month) -> None:
    """Put the defects in their cells; who has a last day has a cause too, and the reverse."""
    in_month = month.first_day + timedelta(days=14)
    for defect in defects:
        row = rows[defect.row - 2]
        if defect.column == "tanggal_keluar":
            row[COLUMNS.index("sebab_keluar")] = "Mengundurkan diri"
        if defect.column == "sebab_keluar":
            row[COLUMNS.index("tanggal_keluar")] = in_month
        row[COLUMNS.index(defect.column)] = defect.wrong


def approver_of(firm: Employer) -> User:
    """Return whoever has approved for `firm` the longest."""
    user: Any = firm.seats.taken().filter(role="APPROVER").order_by("pk")[0].user
    assert isinstance(user, User)
    return user


def prepared(
    firm: Employer,
    month: Month,
    rows: Sequence[Sequence[object]],
    *,
    by: User,
    purpose: str = "REGULAR",
    at: datetime | None = None,
) -> ReportDraft:
    """Upload `rows` for `month` and have them read; return the draft."""
    at = at or timezone.now()
    kept = uploads.keep_bytes(workbook(rows), limits=WEB)
    taken: Any = drafts.start_upload(
        employer=firm, month=month, purpose=purpose, kept=kept, by=by, at=at
    )
    reading.read_upload(draft_key=taken.draft.pk, at=at)
    taken.draft.refresh_from_db()
    draft: ReportDraft = taken.draft
    return draft


def reported(
    firm: Employer, month: Month, rows: Sequence[Sequence[object]], *, by: User
) -> WageReport:
    """Report `month` with these rows and approve it."""
    draft = prepared(firm, month, rows, by=by)
    assert draft.faulty == 0, list(draft.rows.faulty().values_list("number", "faults")[:5])
    rows_fixing.answer_absents(
        draft=draft,
        ended_on=month.plus(-1).last_day,
        cause="RESIGNED",
        by=by,
        at=timezone.now(),
    )
    return approving.approve(draft=draft, by=by, at=timezone.now())
