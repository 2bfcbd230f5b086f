"""What one cell of a roster says. What cannot be read is a CellFault that names why.

A cell is a text, a number, a day or nothing, as the file holds it. Anything else that a reader
of sheets hands over is a formula: nobody computes those here.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from cilegon_portal.rules.money import Rupiah
from cilegon_portal.rules.nik import LENGTH, WOMEN_ADD, NikError, Sex, read_nik

Cell: TypeAlias = Any  # str | int | float | bool | date | datetime | None, or a formula

LONGEST_NAME = 120
MOST_WAGE: Rupiah = 10_000_000_000
KPJ = re.compile(r"[0-9A-Z]{11}")
PASSPORT = re.compile(r"[A-Z0-9]{5,12}")
SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)
AMOUNT = re.compile(
    r"(?:rp\.?|idr)?\s*(?P<minus>[-(])?\s*(?:rp\.?|idr)?\s*"
    r"(?P<whole>[0-9]+|[0-9]{1,3}(?P<by>[., ])[0-9]{3}(?:(?P=by)[0-9]{3})*)"
    r"(?:[.,]-|(?!(?P=by))[.,](?P<sen>[0-9]{1,2}|[0-9]{4,}))?\)?",
    re.IGNORECASE,
)
SERIAL_ZERO = date(1899, 12, 30)  # day 0 of Excel: it takes 1900 for a leap year
SERIALS = range(10_000, 73_051)  # 18 May 1927 to 31 December 2099
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
NUMBERS = re.compile(
    r"(\d{1,2})\s*[/.\- ]\s*(\d{1,2})\s*[/.\- ]\s*(\d{4})(?: 0{1,2}[:.]00(?:[:.]00)?)?"
)
WORDS = re.compile(r"(\d{1,2})[\s\-]+([a-z]+)\.?[\s\-]+(\d{4})", re.IGNORECASE)
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("januari", "jan", "january"), ("februari", "feb", "pebruari", "peb", "february"),
            ("maret", "mar", "march"), ("april", "apr"), ("mei", "may"), ("juni", "jun", "june"),
            ("juli", "jul", "july"),
            ("agustus", "agu", "agt", "ags", "agust", "aug", "august"),
            ("september", "sep", "sept"), ("oktober", "okt", "oct", "october"),
            ("november", "nov", "nopember", "nop"), ("desember", "des", "dec", "december"),
        ),
        start=1,
    )
    for name in names
}  # fmt: skip
SEXES: dict[str, Sex] = {
    "l": "L", "lk": "L", "laki": "L", "lakilaki": "L", "pria": "L", "m": "L", "male": "L",
    "p": "P", "pr": "P", "perempuan": "P", "wanita": "P", "w": "P", "f": "P", "female": "P",
}  # fmt: skip
CAUSES = {
    "resigned": "RESIGNED", "mengundurkandiri": "RESIGNED", "resign": "RESIGNED",
    "undurdiri": "RESIGNED", "mundur": "RESIGNED", "keluar": "RESIGNED",
    "dismissed": "DISMISSED", "diberhentikanphk": "DISMISSED", "phk": "DISMISSED",
    "diberhentikan": "DISMISSED", "terkenaphk": "DISMISSED",
    "contractended": "CONTRACT_ENDED", "kontrakberakhir": "CONTRACT_ENDED",
    "habiskontrak": "CONTRACT_ENDED", "kontrakhabis": "CONTRACT_ENDED",
    "selesaikontrak": "CONTRACT_ENDED", "kontrakselesai": "CONTRACT_ENDED",
    "retired": "RETIRED", "pensiun": "RETIRED",
    "died": "DIED", "meninggaldunia": "DIED", "meninggal": "DIED", "wafat": "DIED",
    "moved": "MOVED", "pindahkeperusahaanlain": "MOVED", "pindah": "MOVED",
    "pindahperusahaan": "MOVED", "mutasi": "MOVED",
    "other": "OTHER", "lainnya": "OTHER", "lainlain": "OTHER", "lain": "OTHER",
}  # fmt: skip
NO_LETTER = re.compile(r"[\W_0-9]+")


class CellFault(ValueError):
    """A cell that cannot be taken as it stands; `key` names the sentence, `more` its numbers."""

    def __init__(self, key: str, **more: int) -> None:
        super().__init__(key)
        self.key = key
        self.more = more


class Identity(NamedTuple):
    """A NIK and what it says of its bearer."""

    number: str
    birth_date: date
    sex: Sex


def is_empty(cell: Cell) -> bool:
    return cell is None or (type(cell) is str and not cell.strip())


def text_of(cell: Cell) -> str:
    """Return the cell as one line of text; a formula is refused."""
    if type(cell) is str:
        text = " ".join(cell.split())
        if not text.isprintable():
            text = "".join(filter(str.isprintable, text))
        if text[:1] == "=":
            raise CellFault("formula")
        return text
    if cell is None:
        return ""
    if type(cell) not in {int, float, bool, date, datetime}:
        raise CellFault("formula")
    return shown(cell)


def read_nik_cell(cell: Cell, on: date) -> Identity | None:
    """Return whose NIK stands here, None when nothing does.

    A number with a comma or an exponent has lost digits, and so has one that ends in zeros.
    """
    if type(cell) is str and (quick := quickly_read(cell, on)):
        return quick
    if type(cell) is float or (type(cell) is int and cell % 1_000_000 == 0):
        raise CellFault("nik.number")
    number = text_of(cell).lstrip("'")
    if SCIENTIFIC.fullmatch(number):
        raise CellFault("nik.number")
    try:
        nik = read_nik(number, on=on)
    except NikError as fault:
        if fault.key == "empty":
            return None
        more = {"n": fault.count} if fault.key == "len" else {}
        raise CellFault(f"nik.{fault.key}", **more) from None
    return Identity(nik.number, nik.birth_date, nik.sex)


def quickly_read(number: str, on: date) -> Identity | None:
    """Return what 16 plain digits say, by a table of dates; None leaves it to `read_nik`."""
    if len(number) != LENGTH or not (number.isascii() and number.isdigit()):
        return None
    told = told_by(number[6:12], on)
    if told is None or number[12:] == "0000":
        return None
    return Identity(number, told[0], told[1])


@lru_cache(maxsize=65_536)
def told_by(six: str, on: date) -> tuple[date, Sex] | None:
    """Return the birth date and sex that digits 7 to 12 of a NIK tell, None if there are none."""
    try:
        nik = read_nik(f"367299{six}0001", on=on)
    except NikError:
        return None
    return nik.birth_date, nik.sex


def says_same_day(identity: Identity, day: date) -> bool:
    """Tell whether the NIK can mean this day of birth; it leaves the century out."""
    if identity.birth_date == day:
        return True
    told = identity.number[6:12]
    add = WOMEN_ADD if identity.sex == "P" else 0
    return told == f"{day.day + add:02}{day.month:02}{day.year % 100:02}"


def read_passport(cell: Cell) -> str:
    if cell is None:
        return ""
    number = text_of(cell).upper().replace(" ", "").replace("-", "")
    if number and not PASSPORT.fullmatch(number):
        raise CellFault("paspor.form")
    return number


def read_name(cell: Cell) -> str:
    name = text_of(cell)
    if not name:
        raise CellFault("name.empty")
    if len(name) > LONGEST_NAME:
        raise CellFault("name.long")
    if name[0] == "#" or SCIENTIFIC.fullmatch(name) or not any(map(str.isalpha, name)):
        raise CellFault("name.chars")
    return name


def read_date(cell: Cell, key: str) -> date | None:
    """Return the day, None when the cell is empty; `key` names the fault of another form."""
    kind = type(cell)
    if cell is None:
        return None
    day: date | None
    if kind is date:
        day = cell
    elif kind is datetime:
        day = cell.date()
    elif kind is int or kind is float:
        day = by_serial(cell)
    else:
        if is_empty(cell):
            return None
        day = (day_of(cell) if kind is str else None) or day_of(text_of(cell))
    if day is None or day.year < 1800:
        raise CellFault(key)
    return day


def by_serial(number: float) -> date | None:
    """Return the day of an Excel serial number, None when it is no whole day of our times."""
    if number != int(number) or int(number) not in SERIALS:
        return None
    return SERIAL_ZERO + timedelta(days=int(number))


@lru_cache(maxsize=65_536)
def day_of(text: str) -> date | None:
    """Return the day written 27/03/1985, 27-3-1985, 1985-03-27, 27 Maret 1985 or 31133."""
    if text.isascii() and text.isdigit():
        return by_serial(int(text[:9]))
    parts: tuple[int, int, int] | None = None
    if found := NUMBERS.fullmatch(text):
        parts = int(found[3]), int(found[2]), int(found[1])
    elif found := ISO.fullmatch(text):
        parts = int(found[1]), int(found[2]), int(found[3])
    elif found := WORDS.fullmatch(text):
        parts = int(found[3]), MONTHS.get(found[2].casefold(), 0), int(found[1])
    try:
        return date(*parts) if parts else None
    except ValueError:
        return None


def read_sex(cell: Cell) -> str:
    if cell is None:
        return ""
    text = NO_LETTER.sub("", text_of(cell)).casefold()
    if text in SEXES:
        return SEXES[text]
    if is_empty(cell):
        return ""
    raise CellFault("sex")


def read_kpj(cell: Cell) -> str:
    if cell is None:
        return ""
    number = text_of(cell).upper().replace(" ", "").replace("-", "").lstrip("'")
    if number and not KPJ.fullmatch(number):
        raise CellFault("kpj")
    return number


def read_wage(cell: Cell) -> Rupiah | None:
    """Return the wage in whole rupiah, None when the cell is empty."""
    if is_empty(cell):
        return None
    amount = cell if type(cell) is int else amount_of(cell)
    if amount < 0:
        raise CellFault("wage.negative")
    if amount >= MOST_WAGE:
        raise CellFault("wage.most")
    return amount


def amount_of(cell: Cell) -> Rupiah:
    """Return the rupiah of "Rp 5.000.000", "5,000,000", "5000000.00"; below zero with a minus."""
    if type(cell) is float and cell.is_integer():
        return int(cell)
    if type(cell) is str and len(cell) <= 15 and cell.isascii() and cell.isdigit():
        return int(cell)
    found = AMOUNT.fullmatch(text_of(cell))
    if not found:
        raise CellFault("wage.form")
    if (found["sen"] or "").strip("0"):
        raise CellFault("wage.sen")
    amount = int(re.sub("[^0-9]", "", found["whole"])[:18])
    return -amount if found["minus"] else amount


def read_cause(cell: Cell) -> str:
    if cell is None:
        return ""
    text = NO_LETTER.sub("", text_of(cell)).casefold()
    if text in CAUSES:
        return CAUSES[text]
    if is_empty(cell):
        return ""
    raise CellFault("cause")


def read_birth_date(cell: Cell) -> date:
    day = read_date(cell, "dob.real")
    if day is None:
        raise CellFault("dob.empty")
    return day


def read_start(cell: Cell) -> date | None:
    return read_date(cell, "row.date")


def read_end(cell: Cell) -> date | None:
    return read_date(cell, "row.end")


# The cells of a row in the order of `columns.CANONICAL`, after the NIK.
READERS: tuple[tuple[str, Callable[[Cell], object]], ...] = (
    ("paspor", read_passport),
    ("nama", read_name),
    ("tanggal_lahir", read_birth_date),
    ("jenis_kelamin", read_sex),
    ("kpj", read_kpj),
    ("mulai_kerja", read_start),
    ("upah", read_wage),
    ("tanggal_keluar", read_end),
    ("sebab_keluar", read_cause),
)


def shown(cell: Cell) -> str:
    """Return what a person sees in this cell; read again, it means the same."""
    kind = type(cell)
    if cell is None:
        return ""
    if kind is float:
        return float_shown(cell)
    if kind is datetime or kind is date:
        return f"{cell:%d/%m/%Y}"
    if kind is bool:
        return "BENAR" if cell else "SALAH"
    return str(cell)[:200] if kind in {str, int} else "=…"


def float_shown(number: float) -> str:
    """Return a number as Excel shows it here: 3,67E+15; three decimals would look like a dot."""
    if abs(number) >= 1e11:
        return f"{number:.2E}".replace(".", ",")
    if number.is_integer():
        return str(int(number))
    whole, comma, decimals = repr(number).partition(".")
    return whole + comma.replace(".", ",") + (f"{decimals}0" if len(decimals) == 3 else decimals)
