"""The contribution month (bulan iuran, BLTH)."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Self

WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}")


@dataclass(frozen=True, order=True)
class Month:
    """A month of a year: the month a contribution is due for."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 12 or not 1 <= self.year <= 9999:
            raise ValueError(f"not a month: {self.year}-{self.number}")

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the month in which `day` lies."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "2026-11"; raise ValueError for anything else."""
        if not WRITTEN.fullmatch(text):
            raise ValueError(f"not a month: {text!r}")
        return cls(int(text[:4]), int(text[5:]))

    def plus(self, months: int) -> Self:
        """Return the month that lies `months` later (earlier when negative)."""
        years, number = divmod(self.year * 12 + self.number - 1 + months, 12)
        return type(self)(years, number + 1)

    def months_since(self, earlier: "Month") -> int:
        """Count the months from `earlier` to this one (negative when it lies later)."""
        return (self.year - earlier.year) * 12 + self.number - earlier.number

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, self.number, self.length)

    @property
    def length(self) -> int:
        """How many days the month has."""
        return monthrange(self.year, self.number)[1]

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"
