"""When a month falls due, and what lateness costs an employer."""

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from cilegon_portal.contributions.rules import (
    NoRate,
    due_date,
    months_late,
    penalty_due,
    penalty_rate,
)
from cilegon_portal.rules.months import Month
from cilegon_portal.rules.workdays import is_workday
from tests.contributions.law import COVID_MONTHS, OWN_ACCOUNT, RATES, WAGED

DUE = date(2026, 3, 16)
TWO_PERCENT = 20_000
TEN_MILLION = 10_000_000
MONTHS = [Month(2019, 1).plus(months) for months in range(9 * 12)]


@pytest.mark.parametrize(
    ("month", "rule", "due"),
    [
        (Month(2026, 2), WAGED, date(2026, 3, 16)),  # the 15th is a Sunday
        (Month(2026, 3), WAGED, date(2026, 4, 15)),
        (Month(2026, 12), WAGED, date(2027, 1, 15)),
        (Month(2026, 11), OWN_ACCOUNT, date(2026, 11, 16)),  # the 15th is a Sunday
        (Month(2026, 12), OWN_ACCOUNT, date(2026, 12, 15)),
        (Month(2020, 8), COVID_MONTHS, date(2020, 9, 30)),
        (Month(2020, 9), COVID_MONTHS, date(2020, 10, 30)),
        (Month(2020, 10), COVID_MONTHS, date(2020, 11, 30)),
        (Month(2020, 11), COVID_MONTHS, date(2020, 12, 30)),
        (Month(2020, 12), COVID_MONTHS, date(2021, 1, 29)),  # Saturday: the day before
        (Month(2021, 1), COVID_MONTHS, date(2021, 2, 26)),  # no 30th, the 28th is a Sunday
    ],
)
def test_a_month_is_due_when_its_rule_says(month, rule, due):
    assert due_date(month, rule=rule, holidays=set()) == due


def test_a_holiday_moves_the_due_date_to_the_next_working_day():
    holidays = {date(2026, 4, 15), date(2026, 4, 16), date(2026, 4, 17)}

    assert due_date(Month(2026, 3), rule=WAGED, holidays=holidays) == date(2026, 4, 20)


def test_a_holiday_moved_the_due_date_back_in_the_covid_months():
    holidays = {date(2020, 10, 28), date(2020, 10, 29), date(2020, 10, 30)}

    assert due_date(Month(2020, 9), rule=COVID_MONTHS, holidays=holidays) == date(2020, 10, 27)


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_every_due_date_is_a_working_day_beside_the_day_of_the_rule(month):
    for rule, first, last in ((WAGED, 15, 17), (OWN_ACCOUNT, 15, 17), (COVID_MONTHS, 26, 30)):
        due = due_date(month, rule=rule, holidays=set())

        assert is_workday(due, set())
        assert Month.of(due) == month.plus(rule.month_offset)
        assert first <= due.day <= last


@pytest.mark.parametrize(
    ("paid_on", "months"),
    [
        (date(2026, 2, 1), 0),
        (date(2026, 3, 16), 0),
        (date(2026, 3, 17), 1),
        (date(2026, 4, 15), 1),
        (date(2026, 4, 16), 2),
        (date(2026, 4, 20), 2),
        (date(2026, 5, 15), 2),
        (date(2026, 5, 16), 3),
        (date(2027, 3, 16), 13),
    ],
)
def test_lateness_is_one_month_and_the_whole_months_since(paid_on, months):
    assert months_late(DUE, paid_on=paid_on) == months


def test_one_day_late_counts_as_a_month():
    assert months_late(date(2026, 12, 31), paid_on=date(2027, 1, 1)) == 1


@given(st.dates(date(2015, 1, 1), date(2030, 1, 1)), st.integers(0, 2_000))
def test_a_day_later_is_never_less_late(due, days):
    paid_on = due + timedelta(days=days)
    later = months_late(due, paid_on=paid_on + timedelta(days=1))

    assert 0 <= later - months_late(due, paid_on=paid_on) <= 1


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_the_penalty_of_a_month_is_the_rate_of_that_month(month):
    is_covid = Month(2020, 8) <= month <= Month(2021, 1)

    assert penalty_rate(month, segment="PU", rates=RATES) == (5_000 if is_covid else 20_000)
    assert penalty_rate(month, segment="BPU", rates=RATES) == 0


def test_a_penalty_before_the_law_has_no_rate():
    with pytest.raises(NoRate, match="PENALTY"):
        penalty_rate(Month(2015, 6), segment="PU", rates=RATES)


@pytest.mark.parametrize(
    ("payments", "on", "penalty"),
    [
        ([], date(2026, 3, 16), 0),
        ([], date(2026, 3, 17), 200_000),
        ([], date(2026, 4, 20), 400_000),
        ([(date(2026, 3, 16), TEN_MILLION)], date(2027, 1, 1), 0),
        ([(date(2026, 3, 17), TEN_MILLION)], date(2026, 3, 17), 200_000),
        ([(date(2026, 3, 17), TEN_MILLION)], date(2027, 1, 1), 200_000),
        ([(date(2026, 4, 20), TEN_MILLION)], date(2026, 4, 20), 400_000),
        ([(date(2026, 4, 20), TEN_MILLION)], date(2026, 4, 1), 200_000),  # not paid yet
        # half on 17 March, half on 20 April: one month of the whole, one of the half
        ([(date(2026, 3, 17), 5_000_000)], date(2026, 3, 17), 200_000),
        (
            [(date(2026, 3, 17), 5_000_000), (date(2026, 4, 20), 5_000_000)],
            date(2026, 6, 1),
            300_000,
        ),
        # half in time: only the other half is late
        ([(date(2026, 3, 10), 5_000_000)], date(2026, 4, 20), 200_000),
        # paid in time, taken back in May, paid again in June: late in May and June
        (
            [
                (date(2026, 3, 10), TEN_MILLION),
                (date(2026, 5, 4), -TEN_MILLION),
                (date(2026, 6, 18), TEN_MILLION),
            ],
            date(2026, 6, 18),
            400_000,
        ),
    ],
)
def test_the_penalty_follows_what_was_unpaid(payments, on, penalty):
    assert (
        penalty_due(contribution=TEN_MILLION, due=DUE, payments=payments, on=on, rate=TWO_PERCENT)
        == penalty
    )


def test_the_covid_months_cost_half_a_percent():
    due = due_date(Month(2020, 12), rule=COVID_MONTHS, holidays=set())

    penalty = penalty_due(
        contribution=TEN_MILLION,
        due=due,
        payments=[],
        on=date(2021, 2, 1),
        rate=penalty_rate(Month(2020, 12), segment="PU", rates=RATES),
    )

    assert penalty == 50_000


def test_the_penalty_bears_no_penalty():
    year = penalty_due(
        contribution=TEN_MILLION, due=DUE, payments=[], on=date(2027, 3, 15), rate=TWO_PERCENT
    )

    assert year == 12 * 200_000


def test_more_money_than_the_contribution_is_refused():
    with pytest.raises(ValueError, match="more was paid"):
        penalty_due(contribution=1, due=DUE, payments=[(DUE, 2)], on=DUE, rate=TWO_PERCENT)


def month_by_month(contribution: int, payments: list[tuple[date, int]], on: date) -> int:
    """The same penalty counted day by day: each month that starts charges what is unpaid then."""
    rupiah_months, day = 0, DUE + timedelta(days=1)
    while day <= on:
        if months_late(DUE, paid_on=day) > months_late(DUE, paid_on=day - timedelta(days=1)):
            paid_before = sum(amount for paid_on, amount in payments if paid_on < day)
            rupiah_months += contribution - paid_before
        day += timedelta(days=1)
    return (rupiah_months * TWO_PERCENT + 500_000) // 1_000_000


@given(
    st.lists(
        st.tuples(st.dates(date(2026, 2, 1), date(2026, 12, 31)), st.integers(1, 900_000)),
        max_size=8,
    ),
    st.dates(date(2026, 3, 1), date(2026, 12, 31)),
)
def test_every_started_month_charges_what_was_unpaid_when_it_started(payments, on):
    penalty = penalty_due(
        contribution=TEN_MILLION, due=DUE, payments=payments, on=on, rate=TWO_PERCENT
    )

    assert penalty == month_by_month(TEN_MILLION, payments, on)
