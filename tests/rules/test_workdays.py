"""The office works Monday to Friday, less the holidays it is given."""

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from cilegon_portal.rules.workdays import add_workdays, is_workday, workday

FRIDAY = date(2026, 3, 13)
SATURDAY = date(2026, 3, 14)
SUNDAY = date(2026, 3, 15)
MONDAY = date(2026, 3, 16)
TUESDAY = date(2026, 3, 17)
DAYS = st.dates(date(2019, 1, 1), date(2027, 12, 31))
HOLIDAYS = st.frozensets(st.dates(date(2026, 1, 1), date(2026, 2, 28)), max_size=30)


@pytest.mark.parametrize(
    ("day", "works"), [(FRIDAY, True), (SATURDAY, False), (SUNDAY, False), (MONDAY, True)]
)
def test_a_weekend_is_no_working_day(day, works):
    assert is_workday(day, set()) is works


def test_a_holiday_is_no_working_day():
    assert not is_workday(MONDAY, {MONDAY})


@pytest.mark.parametrize(
    ("day", "shift", "holidays", "moved"),
    [
        (FRIDAY, "FORWARD", set(), FRIDAY),
        (FRIDAY, "BACK", set(), FRIDAY),
        (SUNDAY, "FORWARD", set(), MONDAY),
        (SUNDAY, "FORWARD", {MONDAY}, TUESDAY),
        (SUNDAY, "BACK", set(), FRIDAY),
        (SUNDAY, "BACK", {FRIDAY}, date(2026, 3, 12)),
        (date(2026, 1, 1), "BACK", {date(2026, 1, 1)}, date(2025, 12, 31)),
    ],
)
def test_a_day_off_moves_to_the_nearest_working_day(day, shift, holidays, moved):
    assert workday(day, shift=shift, holidays=holidays) == moved


@pytest.mark.parametrize(
    ("count", "holidays", "day"),
    [
        (0, set(), FRIDAY),
        (1, set(), MONDAY),
        (1, {MONDAY}, TUESDAY),
        (10, set(), date(2026, 3, 27)),
    ],
)
def test_working_days_are_counted_from_the_day_after(count, holidays, day):
    assert add_workdays(FRIDAY, count, holidays) == day


def test_working_days_are_not_counted_back():
    with pytest.raises(ValueError, match="counted forward"):
        add_workdays(FRIDAY, -1, set())


@given(DAYS, st.integers(1, 40), HOLIDAYS)
def test_as_many_working_days_lie_between_as_were_counted(day, count, holidays):
    reached = add_workdays(day, count, holidays)

    days = (day + timedelta(days=n) for n in range(1, (reached - day).days + 1))
    assert is_workday(reached, holidays)
    assert sum(is_workday(each, holidays) for each in days) == count
