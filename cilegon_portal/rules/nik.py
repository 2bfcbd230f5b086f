"""The NIK (nomor induk kependudukan): 16 digits, PP KK CC DDMMYY SSSS.

It keeps the place of first registration for life, so no place is ever refused; there is no check
digit, and only Dukcapil can say whether a number exists.
"""

import re
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Literal, TypeAlias

Sex: TypeAlias = Literal["P", "L"]  # perempuan, laki-laki
NikFault: TypeAlias = Literal["empty", "chars", "len", "date", "serial"]
NikWarning: TypeAlias = Literal["province"]

LENGTH = 16
SEPARATORS = str.maketrans("", "", ".-")
WOMEN_ADD = 40  # a woman's day of birth is written 41 to 71
OLDEST = 110
LIKELY_AGES = range(17, 101)  # an identity card is issued at 17
DEMO_REGION = "367299"  # no kecamatan 99: no real person can match
PROVINCES = frozenset(
    map(
        str,
        chain(
            range(11, 20), (21,), range(31, 37), range(51, 54), range(61, 66), range(71, 77),
            (81, 82), range(91, 97),
        ),
    )
)  # fmt: skip


class NikError(ValueError):
    """The text is no NIK; `key` names why and `count` says how many characters were typed."""

    def __init__(self, key: NikFault, count: int) -> None:
        super().__init__(key)
        self.key: NikFault = key
        self.count = count


@dataclass(frozen=True)
class Nik:
    """A NIK and what it says about its bearer; a warning never stands in the way."""

    number: str
    birth_date: date
    sex: Sex
    region: str  # province, regency or city, and kecamatan of first registration
    warnings: tuple[NikWarning, ...] = ()


def read_nik(text: str, on: date) -> Nik:
    """Read a NIK as typed on day `on`; spaces, dots and hyphens do not matter.

    Raises NikError. "chars" is asked before "len", so that a letter is not counted as a digit.
    """
    number = "".join(text.split()).translate(SEPARATORS)
    count = len(number)
    if not number:
        raise NikError("empty", count)
    if not re.fullmatch("[0-9]+", number):
        raise NikError("chars", count)
    if count != LENGTH:
        raise NikError("len", count)
    written_day = int(number[6:8])
    is_woman = written_day > WOMEN_ADD
    born = birth_date(
        written_day - WOMEN_ADD if is_woman else written_day,
        month=int(number[8:10]),
        year_in_century=int(number[10:12]),
        on=on,
    )
    if born is None:
        raise NikError("date", count)
    if number.endswith("0000"):
        raise NikError("serial", count)
    return Nik(
        number=number,
        birth_date=born,
        sex="P" if is_woman else "L",
        region=number[:6],
        warnings=() if number[:2] in PROVINCES else ("province",),
    )


def birth_date(day: int, *, month: int, year_in_century: int, on: date) -> date | None:
    """Return the date of birth whose century the NIK leaves out, or None when there is none.

    The age on day `on` is 0 to 110; one from 17 to 100 is preferred, then the younger one.
    """
    this_century = on.year // 100 * 100
    ages = {}
    for century in (this_century, this_century - 100, this_century - 200):
        try:
            born = date(century + year_in_century, month, day)
        except ValueError:
            continue
        age = age_on(born, on)
        if 0 <= age <= OLDEST:
            ages[age] = born
    likely = [age for age in ages if age in LIKELY_AGES]
    return ages[min(likely or ages)] if ages else None


def age_on(birth_date: date, on: date) -> int:
    """Return the age in whole years; negative before birth.

    Who was born on 29 February is a year older on 1 March.
    """
    had_birthday = (on.month, on.day) >= (birth_date.month, birth_date.day)
    return on.year - birth_date.year - (0 if had_birthday else 1)


def mask_nik(number: str) -> str:
    """Return "3672991509850001" as "3672••••••••0001"."""
    return f"{number[:4]}{'•' * 8}{number[-4:]}"
