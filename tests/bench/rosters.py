"""Firms whose rosters change from month to month, and the spreadsheets that say so."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

from tests.bench import place

HEADER = (
    "NIK", "Nama Lengkap", "Tempat Lahir", "Tanggal Lahir", "Jenis Kelamin", "Alamat", "Kode Pos",
    "KPJ", "Tanggal Masuk Kerja", "Upah",
)  # fmt: skip
JOIN, LEAVE, CHANGE, BAD = 0.02, 0.02, 0.10, 0.005
SIZE, RISK_GROUP = "LARGE", 3
FIRST_BIRTHDAY = date(1972, 1, 1)
BIRTHDAYS = 12_000
STARTED_ON = date(2019, 4, 1)


@dataclass(frozen=True)
class Hand:
    """One worker as the firm's spreadsheet names him; number `key` of all that a bench makes."""

    key: int
    started_on: date
    wage: int

    @property
    def birth_date(self) -> date:
        return FIRST_BIRTHDAY + timedelta(days=self.key % BIRTHDAYS)

    @property
    def nik(self) -> str:
        """Return an impossible NIK, of another region than the demo's."""
        return f"367298{self.birth_date:%d%m%y}{self.key // BIRTHDAYS + 1:04}"

    @property
    def name(self) -> str:
        return f"Pekerja Uji {self.key:07}"

    def cells(self) -> list[str | int]:
        return [
            self.nik, self.name, "Cilegon", f"{self.birth_date:%d-%m-%Y}", "L",
            "Jalan Contoh No. 1", "42400", "", f"{self.started_on:%d-%m-%Y}", self.wage,
        ]  # fmt: skip


@dataclass
class Crew:
    """A firm and who works there this month; `pass_month` lets people join, leave and earn."""

    name: str
    size: int
    first_key: int
    month: Any  # the Month that was reported last
    hands: list[Hand] = field(default_factory=list)
    employer: Any = None
    approver: Any = None

    def __post_init__(self) -> None:
        self.dice = random.Random(f"{place.SEED}/{self.size}")  # noqa: S311 (alike in every crew)
        self.hands = [self.hand(STARTED_ON) for _ in range(self.size)]

    def hand(self, started_on: date) -> Hand:
        self.first_key += 1
        return Hand(self.first_key, started_on, 6_000_000 + 1_000 * self.dice.randrange(9_000))

    def pass_month(self) -> None:
        """Go on to the next month: 2 % leave, as many join, 10 % earn 5 % more."""
        self.month = self.month.plus(1)
        stay = [hand for hand in self.hands if self.dice.random() >= LEAVE]
        changed = [
            replace(hand, wage=hand.wage // 1_000 * 1_050) if self.dice.random() < CHANGE else hand
            for hand in stay
        ]
        joined = [self.hand(self.month.first_day) for _ in range(round(self.size * JOIN))]
        self.hands = changed + joined

    def write(self, path: Path, *, bad: bool = False) -> list[int]:
        """Write this month's spreadsheet; with `bad`, spoil half a percent. Return their rows."""
        dice = random.Random(f"{place.SEED}/{self.month}/bad")  # noqa: S311
        spoilt = []
        with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
            sheet = book.add_worksheet("Upah")
            sheet.write_row(0, 0, HEADER)
            for number, hand in enumerate(self.hands, start=1):
                cells = hand.cells()
                if bad and dice.random() < BAD:
                    cells = spoil(cells, dice)
                    spoilt.append(number + 1)  # as the spreadsheet counts: the header is row 1
                sheet.write_row(number, 0, cells)
        return spoilt


def spoil(cells: Sequence[str | int], dice: random.Random) -> list[str | int]:
    """Return a row that nobody can take: a short NIK, a day that is none, a wage in words."""
    column, value = dice.choice([(0, "36729812"), (3, "31-02-1980"), (9, "lima juta")])
    return [value if number == column else cell for number, cell in enumerate(cells)]


def keys(start: int, sizes: Sequence[int], months: int) -> Iterator[int]:
    """Yield where each crew's numbers begin, with room for all who join."""
    for size in sizes:
        yield start
        start += size + round(size * JOIN) * (months + 1) + 1
