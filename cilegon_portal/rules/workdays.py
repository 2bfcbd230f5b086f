"""Working days: Monday to Friday, less national holidays and cuti bersama (collective leave)."""

from collections.abc import Container
from datetime import date, timedelta
from typing import Literal, TypeAlias

Shift: TypeAlias = Literal["FORWARD", "BACK"]

ONE_DAY = timedelta(days=1)
SATURDAY = 5


def is_workday(day: date, holidays: Container[date]) -> bool:
    """Say whether the office works on `day`."""
    return day.weekday() < SATURDAY and day not in holidays


def workday(day: date, *, shift: Shift, holidays: Container[date]) -> date:
    """Return `day`, or the nearest working day after (FORWARD) or before it (BACK)."""
    step = ONE_DAY if shift == "FORWARD" else -ONE_DAY
    while not is_workday(day, holidays):
        day += step
    return day


def add_workdays(day: date, count: int, holidays: Container[date]) -> date:
    """Return the `count`-th working day after `day`; `day` itself is not counted."""
    if count < 0:
        raise ValueError("working days are counted forward")
    for _ in range(count):
        day = workday(day + ONE_DAY, shift="FORWARD", holidays=holidays)
    return day
