"""What a row of a roster says of one worker's month: what is wrong, and what looks wrong.

A fault keeps a month from being approved; a warning asks for a look and a reason. Neither
depends on anything but the file and what the firm itself reported before: an id that stands
elsewhere in the register is judged like one that stands nowhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, TypeAlias

from cilegon_portal.rules.money import Rupiah
from cilegon_portal.rules.months import Month
from cilegon_portal.rules.nik import OLDEST, age_on
from employers.rules.cells import (
    READERS,
    Cell,
    CellFault,
    Identity,
    read_nik_cell,
    says_same_day,
)
from employers.rules.columns import TITLES

Fault: TypeAlias = dict[str, Any]  # {"key", "column", and the numbers of its sentence}

CHANGE_PERCENT = 20  # a wage that moves by more asks for a look
TYPO: range = range(1_000, 100_000)  # rupiah a month that were surely meant in thousands

SENTENCES = {
    "nik.empty": "isi NIK, 16 angka di KTP pekerja",
    "nik.len": "NIK harus 16 angka. Di sini ada {n} angka",
    "nik.chars": "NIK hanya berisi angka",
    "nik.date": "angka ke-7 sampai ke-12 pada NIK harus tanggal lahir. Periksa lagi KTP",
    "nik.serial": "empat angka terakhir NIK harus lebih dari 0000. Periksa lagi KTP",
    "nik.number": "Excel memotong NIK ini. Ubah kolom NIK menjadi Teks, lalu ketik ulang",
    "nik.dobwarn": "tanggal lahir berbeda dengan NIK. Benarkan, atau beri alasan",
    "row.nik.dup": "NIK ini sudah ada di baris {q}",
    "row.paspor.dup": "nomor paspor ini sudah ada di baris {q}",
    "paspor.form": "nomor paspor harus 5–12 huruf atau angka",
    "name.empty": "isi nama lengkap seperti di KTP",
    "name.long": "nama harus paling banyak 120 huruf",
    "name.chars": "nama harus berisi huruf",
    "dob.empty": "isi tanggal lahir",
    "dob.real": "tanggal lahir harus seperti 27/03/1985",
    "dob.late": "tanggal lahir harus sebelum bulan laporan",
    "dob.old": "tanggal lahir lebih dari 110 tahun lalu. Periksa lagi KTP",
    "sex": "jenis kelamin harus L atau P",
    "sex.empty": "isi jenis kelamin, L atau P",
    "kpj": "KPJ harus 11 huruf atau angka",
    "row.date": "tanggal masuk kerja harus seperti 27/03/2025",
    "row.date.empty": "isi tanggal masuk kerja",
    "row.date.late": "tanggal masuk kerja harus paling lambat akhir bulan laporan",
    "row.date.born": "tanggal masuk kerja harus sesudah tanggal lahir",
    "row.end": "tanggal keluar harus seperti 27/03/2025",
    "row.end.empty": "isi tanggal keluar, atau kosongkan sebab keluar",
    "row.end.early": "tanggal keluar harus sesudah tanggal masuk kerja",
    "row.end.late": "tanggal keluar harus paling lambat akhir bulan laporan",
    "cause": "sebab keluar harus salah satu pilihan di contoh",
    "cause.empty": "isi sebab keluar, misalnya mengundurkan diri",
    "wage.empty": "isi upah sebulan",
    "wage.form": "upah harus angka rupiah, misalnya 5.500.000",
    "wage.sen": "upah harus rupiah utuh, tanpa sen",
    "wage.negative": "upah harus Rp0 atau lebih",
    "wage.most": "upah harus di bawah Rp10.000.000.000",
    "formula.number": "isi angka, bukan rumus",
    "formula.date": "isi tanggal, bukan rumus",
    "formula.text": "isi teks, bukan rumus",
    "row.wage.low": "upah Rp{x} di bawah upah minimum Rp{y}. Benarkan atau beri alasan",
    "row.wage.typo": "upah {x}. Maksud Anda Rp{y}?",
    "row.wage.change": "upah berubah {p}% dari bulan lalu, Rp{y}. Benarkan atau beri alasan",
}
WARNINGS = frozenset({"nik.dobwarn", "row.wage.low", "row.wage.typo", "row.wage.change"})
FORMULAS = {"nik": "number", "upah": "number", "paspor": "text", "nama": "text", "kpj": "text",
            "jenis_kelamin": "text", "sebab_keluar": "text"}  # fmt: skip


@dataclass(frozen=True)
class Frame:
    """What all rows of one month are judged by."""

    month: Month
    first_day: date
    last_day: date
    minimum_wage: Rupiah | None = None
    minimum_is_new: bool = False  # another one than in the month compared with
    has_starts: bool = True  # the file has a column for the first day of work

    @classmethod
    def of(cls, month: Month, **more: Any) -> "Frame":
        return cls(month, month.first_day, month.last_day, **more)


class Known(NamedTuple):
    """What the firm itself reported of this worker before."""

    started_on: date
    wage: Rupiah | None = None  # in the last month reported


class Row:
    """One worker's month as it was read; what could not be read is empty and has a fault."""

    __slots__ = (
        "birth_date", "cause", "ended_on", "faults", "id_kind", "id_number", "is_absent", "is_new",
        "kpj", "last_wage", "name", "sex", "started_on", "wage", "warnings",
    )  # fmt: skip

    def __init__(self) -> None:
        self.id_kind = "NIK"
        self.id_number: str | None = None
        self.name = ""
        self.birth_date: date | None = None
        self.sex = ""
        self.kpj = ""
        self.started_on: date | None = None
        self.wage: Rupiah | None = None
        self.ended_on: date | None = None
        self.cause = ""
        self.is_absent = False
        self.is_new = False
        self.last_wage: Rupiah | None = None
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []

    def refuse(self, key: str, column: str, **more: int) -> None:
        self.faults.append({"key": key, "column": column, **more})

    def warn(self, key: str, column: str, **more: int) -> None:
        self.warnings.append({"key": key, "column": column, **more})

    def is_wrong_at(self, *columns: str) -> bool:
        return any(fault["column"] in columns for fault in self.faults)


def read_row(cells: Sequence[Cell], frame: Frame) -> Row:
    """Read the cells of a worker, in the order of `columns.CANONICAL`."""
    row = Row()
    nik = take(row, cells[0], frame)
    values: list[Any] = []
    for (column, reader), cell in zip(READERS, cells[1:], strict=True):
        try:
            values.append(reader(cell))
        except CellFault as fault:
            note(row, column, fault)
            values.append(EMPTY[column])
    passport, row.name, row.birth_date, row.sex, row.kpj, *rest = values
    row.started_on, row.wage, row.ended_on, row.cause = rest
    identify(row, nik, passport)
    if row.birth_date:
        look_at_birth(row, row.birth_date, nik, frame)
    if row.started_on:
        look_at_start(row, row.started_on, frame)
    if row.ended_on or row.cause:
        look_at_end(row, frame)
    if row.wage is None:
        look_at_no_wage(row)
    return row


EMPTY: dict[str, Any] = {
    "paspor": "",
    "nama": "",
    "tanggal_lahir": None,
    "jenis_kelamin": "",
    "kpj": "",
    "mulai_kerja": None,
    "upah": None,
    "tanggal_keluar": None,
    "sebab_keluar": "",
}


def take(row: Row, cell: Cell, frame: Frame) -> Identity | None:
    try:
        return read_nik_cell(cell, frame.last_day)
    except CellFault as fault:
        note(row, "nik", fault)
        return None


def note(row: Row, column: str, fault: CellFault) -> None:
    key = fault.key
    if key == "formula":
        key = f"formula.{FORMULAS.get(column, 'date')}"
    row.refuse(key, column, **fault.more)


def identify(row: Row, nik: Identity | None, passport: str) -> None:
    """Settle who this is: a NIK goes before a passport."""
    if nik:
        row.id_number = nik.number
        row.sex = row.sex or nik.sex
        return
    if row.is_wrong_at("nik"):
        return
    if passport:
        row.id_kind = "PASSPORT"
        row.id_number = passport
        if not row.sex and not row.is_wrong_at("jenis_kelamin"):
            row.refuse("sex.empty", "jenis_kelamin")
    elif not row.is_wrong_at("paspor"):
        row.refuse("nik.empty", "nik")


def look_at_birth(row: Row, born: date, nik: Identity | None, frame: Frame) -> None:
    if born > frame.last_day:
        row.refuse("dob.late", "tanggal_lahir")
    elif age_on(born, frame.last_day) > OLDEST:
        row.refuse("dob.old", "tanggal_lahir")
    elif nik and nik.birth_date != born and not says_same_day(nik, born):
        row.warn("nik.dobwarn", "tanggal_lahir")


def look_at_start(row: Row, started_on: date, frame: Frame) -> None:
    if started_on > frame.last_day:
        row.refuse("row.date.late", "mulai_kerja")
    elif row.birth_date and started_on <= row.birth_date and not row.is_wrong_at("tanggal_lahir"):
        row.refuse("row.date.born", "mulai_kerja")


def look_at_end(row: Row, frame: Frame) -> None:
    """Ask for both the last day and its cause; who left before the month is absent from it."""
    if row.ended_on is None:
        if not row.is_wrong_at("tanggal_keluar"):
            row.refuse("row.end.empty", "tanggal_keluar")
        return
    if row.ended_on > frame.last_day:
        row.refuse("row.end.late", "tanggal_keluar")
    if not row.cause and not row.is_wrong_at("sebab_keluar"):
        row.refuse("cause.empty", "sebab_keluar")
    row.is_absent = row.ended_on < frame.first_day


def look_at_no_wage(row: Row) -> None:
    if row.is_wrong_at("upah"):
        return
    if row.is_absent:
        row.wage = 0
    else:
        row.refuse("wage.empty", "upah")


def compare(row: Row, known: Known | None, frame: Frame) -> None:
    """Set `row` beside what the firm reported of this worker before, if it did."""
    if known:
        row.started_on = None if row.is_wrong_at("mulai_kerja") else known.started_on
        row.last_wage = known.wage
    else:
        row.is_new = not row.is_absent
        if row.started_on is None:
            begin(row, frame)
    if row.ended_on and row.started_on and row.ended_on < row.started_on:
        row.refuse("row.end.early", "tanggal_keluar")
    if row.wage is not None and not row.is_absent:
        look_at_wage(row, row.wage, frame)


def begin(row: Row, frame: Frame) -> None:
    """Give a joiner the first day of the month when the file has no column for the day."""
    if row.is_absent:
        row.started_on = row.ended_on
    elif not frame.has_starts:
        row.started_on = frame.first_day
    elif not row.is_wrong_at("mulai_kerja"):
        row.refuse("row.date.empty", "mulai_kerja")


def look_at_wage(row: Row, wage: Rupiah, frame: Frame) -> None:
    """Warn of a wage in thousands, below the minimum wage, or far from last month's.

    Who already earned this below the same minimum wage last month was explained then.
    """
    if wage in TYPO:
        row.warn("row.wage.typo", "upah", x=wage, y=wage * 1_000)
        return
    is_old = wage == row.last_wage and not frame.minimum_is_new
    if frame.minimum_wage is not None and wage < frame.minimum_wage and not is_old:
        row.warn("row.wage.low", "upah", x=wage, y=frame.minimum_wage)
    if row.last_wage and has_jumped(wage, row.last_wage):
        percent = (wage - row.last_wage) * 100 // row.last_wage
        row.warn("row.wage.change", "upah", p=percent, y=row.last_wage)


def has_jumped(wage: Rupiah, last_wage: Rupiah) -> bool:
    """Tell whether a wage moved by more than a fifth."""
    return abs(wage - last_wage) * 100 > last_wage * CHANGE_PERCENT


def sentence_of(fault: Fault, number: int) -> str:
    """Return what a person reads: which row, and what to do."""
    shown = {name: dotted(value) for name, value in fault.items() if type(value) is int}
    return f"Baris {number}: {SENTENCES[fault['key']].format(**shown)}"


def column_of(fault: Fault) -> str:
    """Return how the column of this fault is called on screen."""
    return TITLES[fault["column"]]


def dotted(number: int) -> str:
    return f"{number:,}".replace(",", ".")
