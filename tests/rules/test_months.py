"""Months are counted like numbers and written like 2026-11."""

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from cilegon_portal.rules.months import Month

MONTHS = st.builds(Month, st.integers(1900, 2100), st.integers(1, 12))
DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
STEPS = st.integers(-1_000, 1_000)


@given(MONTHS, STEPS)
def test_counting_back_undoes_adding(month, steps):
    assert month.plus(steps).months_since(month) == steps
    assert month.plus(steps).plus(-steps) == month


@given(MONTHS, STEPS, STEPS)
def test_adding_twice_is_adding_the_sum(month, one, other):
    assert month.plus(one).plus(other) == month.plus(one + other)


@given(MONTHS, MONTHS)
def test_months_are_ordered_as_their_first_days(one, other):
    assert (one < other) == (one.first_day < other.first_day)
    assert (one == other) == (hash(one) == hash(other) and one.first_day == other.first_day)


@given(DAYS)
def test_a_day_lies_in_its_month(day):
    month = Month.of(day)

    assert month.first_day <= day <= month.last_day
    assert month.last_day + timedelta(days=1) == month.plus(1).first_day
    assert month.length == (month.last_day - month.first_day).days + 1


@given(MONTHS)
def test_a_month_reads_what_it_writes(month):
    assert Month.parse(str(month)) == month


@pytest.mark.parametrize(
    ("year", "number", "length"), [(2026, 2, 28), (2028, 2, 29), (2026, 11, 30), (2026, 12, 31)]
)
def test_a_month_knows_its_length(year, number, length):
    assert Month(year, number).length == length


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-1", "2026-13", "2026-00", "0000-01", "2026-11-01", " 2026-11", "2026/11",
     "\u0662\u0660\u0662\u0666-11", "2026-11\n"],
)  # fmt: skip
def test_what_is_no_month_is_refused(text):
    with pytest.raises(ValueError, match="not a month"):
        Month.parse(text)


def test_a_month_past_the_calendar_is_refused():
    with pytest.raises(ValueError, match="not a month"):
        Month(9999, 12).plus(1)
