"""National holidays and collective leave, as the `holidays` package lists them for Indonesia."""

import re
from collections.abc import Container, Iterable

import holidays

from cilegon_portal.reference.loading import Line

GUESSED = " (perkiraan)"  # the package's mark of a day that follows from the moon


def holiday_lines(years: Iterable[int], *, but_not: Container[int]) -> list[Line]:
    """Return the days off of `years`, without the years that the office has filled already."""
    wanted = [year for year in years if year not in but_not]
    days = holidays.country_holidays(
        "ID", years=wanted, categories=("public", "government"), language="id"
    )
    return [line_of(day.isoformat(), days[day]) for day in sorted(days) if day.year in wanted]


def line_of(day: str, title: str) -> Line:
    name = title.replace("Pegangti", "Pengganti")  # a slip of the pen in the package
    kind = "COLLECTIVE_LEAVE" if "Cuti Bersama" in name else "NATIONAL"
    year = day[:4]
    law = f"SKB 3 Menteri tentang hari libur nasional dan cuti bersama tahun {year}"
    if re.search("Pemilihan", name):
        law = f"Keputusan Presiden tentang hari pemungutan suara tahun {year}"
    return Line(
        f"hari libur {day}",
        {
            "day": day,
            "name": name.replace(GUESSED, ""),
            "kind": kind,
            "legal_basis": law,
            "is_uncertain": "yes" if GUESSED in name else "no",
        },
    )
