"""Where an own-account worker stands, and which months are for sale."""

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from cilegon_portal.rules.months import Month
from participants.rules import (
    Admission,
    BpuState,
    bpu_state,
    covered_until,
    first_due_date,
    first_month,
    grace_months_for_sale,
    may_register,
    months_on_offer,
)

AUGUST = Month(2026, 8)
NOVEMBER = Month(2026, 11)
TODAY = date(2026, 11, 23)
COVERED = st.frozensets(
    st.builds(Month(2025, 1).plus, st.integers(0, 35)),
    max_size=20,
)
DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))


def run(first: Month, how_many: int) -> set[Month]:
    return {first.plus(months) for months in range(how_many)}


@pytest.mark.parametrize(
    ("covered", "on", "state"),
    [
        (set(), TODAY, BpuState.UNPAID),
        ({NOVEMBER.plus(1)}, TODAY, BpuState.COMING),
        ({NOVEMBER}, date(2026, 11, 1), BpuState.ACTIVE),
        ({NOVEMBER}, date(2026, 11, 30), BpuState.ACTIVE),
        ({AUGUST}, date(2026, 8, 31), BpuState.ACTIVE),
        ({AUGUST}, date(2026, 9, 1), BpuState.GRACE),
        ({AUGUST}, date(2026, 11, 30), BpuState.GRACE),  # three months unpaid
        ({AUGUST}, date(2026, 12, 1), BpuState.ENDED),  # more than three
        ({AUGUST, NOVEMBER}, TODAY, BpuState.ACTIVE),  # a gap ends nothing by itself
        ({Month(2025, 1), NOVEMBER}, TODAY, BpuState.ACTIVE),  # back without the old months
        ({Month(2025, 1), NOVEMBER.plus(1)}, TODAY, BpuState.ENDED),
    ],
)
def test_a_state_follows_from_the_months_bought(covered, on, state):
    assert bpu_state(covered, on) is state


def test_the_length_of_grace_is_a_setting():
    assert bpu_state({AUGUST}, date(2026, 12, 1), grace_months=4) is BpuState.GRACE
    assert bpu_state({AUGUST}, date(2026, 9, 1), grace_months=0) is BpuState.ENDED


def test_a_state_reads_as_people_say_it():
    assert [str(state) for state in BpuState] == [
        "Belum dibayar", "Belum mulai", "Aktif", "Masa tenggang", "Berakhir",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("covered", "on", "until"),
    [
        (set(), TODAY, None),
        ({NOVEMBER.plus(1)}, TODAY, None),
        ({NOVEMBER}, TODAY, date(2026, 11, 30)),
        (run(NOVEMBER, 4), TODAY, date(2027, 2, 28)),
        (run(AUGUST, 12), TODAY, date(2027, 7, 31)),
        ({NOVEMBER, NOVEMBER.plus(2)}, TODAY, date(2026, 11, 30)),
        ({AUGUST}, TODAY, date(2026, 8, 31)),
        ({AUGUST, NOVEMBER.plus(1)}, TODAY, date(2026, 8, 31)),
    ],
)
def test_cover_runs_to_the_end_of_its_last_unbroken_month(covered, on, until):
    assert covered_until(covered, on) == until


@pytest.mark.parametrize(
    ("covered", "on", "for_sale"),
    [
        (set(), TODAY, []),
        ({NOVEMBER}, TODAY, []),
        ({NOVEMBER.plus(1)}, TODAY, []),
        ({AUGUST}, date(2026, 8, 31), []),
        ({AUGUST}, date(2026, 9, 1), []),
        ({AUGUST}, date(2026, 10, 5), [Month(2026, 9)]),
        ({AUGUST}, TODAY, [Month(2026, 9), Month(2026, 10)]),
        ({AUGUST}, date(2026, 12, 1), []),  # ended: the old months are not asked for
        ({AUGUST, NOVEMBER}, TODAY, [Month(2026, 9), Month(2026, 10)]),
        ({AUGUST, NOVEMBER}, date(2026, 12, 1), []),
        ({AUGUST, Month(2026, 9), NOVEMBER}, TODAY, [Month(2026, 10)]),
        ({AUGUST, Month(2026, 10)}, TODAY, [Month(2026, 9)]),
    ],
)
def test_missed_months_are_for_sale_while_their_grace_runs(covered, on, for_sale):
    assert grace_months_for_sale(covered, on) == for_sale


@given(COVERED, DAYS)
def test_what_is_for_sale_was_missed_after_cover_and_not_long_ago(covered, on):
    for_sale = grace_months_for_sale(covered, on)

    this_month = Month.of(on)
    assert for_sale == sorted(for_sale)
    assert covered.isdisjoint(for_sale)
    assert all(1 <= this_month.months_since(month) <= 2 for month in for_sale)
    assert all(min(covered) < month for month in for_sale)


@given(COVERED, DAYS)
def test_in_grace_the_missed_months_are_all_for_sale_and_once_ended_none(covered, on):
    state = bpu_state(covered, on)
    for_sale = grace_months_for_sale(covered, on)

    until = covered_until(covered, on)
    if state is BpuState.GRACE:
        assert until is not None
        missed = Month.of(on).months_since(Month.of(until)) - 1
        assert for_sale[len(for_sale) - missed :] == [
            Month.of(until).plus(months) for months in range(1, missed + 1)
        ]
    if state in {BpuState.ENDED, BpuState.UNPAID, BpuState.COMING}:
        assert for_sale == []


@given(COVERED, DAYS)
def test_active_means_covered_today(covered, on):
    until = covered_until(covered, on)

    assert (bpu_state(covered, on) is BpuState.ACTIVE) == (Month.of(on) in covered)
    assert (bpu_state(covered, on) is BpuState.ACTIVE) == (until is not None and until >= on)


@given(COVERED, st.integers(0, 12))
def test_months_on_offer_are_the_next_ones_without_cover(covered, how_many):
    offered = months_on_offer(AUGUST, how_many=how_many, covered_months=covered)

    assert len(offered) == how_many
    assert covered.isdisjoint(offered)
    if offered:
        assert offered[0] >= AUGUST
        between = run(AUGUST, offered[-1].months_since(AUGUST) + 1)
        assert between - covered == set(offered)


def test_months_on_offer_skip_what_is_covered():
    offered = months_on_offer(NOVEMBER, how_many=3, covered_months={NOVEMBER, Month(2027, 1)})

    assert offered == [Month(2026, 12), Month(2027, 2), Month(2027, 3)]


@pytest.mark.parametrize(("rule", "month"), [("SAME", Month(2026, 12)), ("NEXT", Month(2027, 1))])
def test_the_first_month_is_the_same_or_the_next(rule, month):
    assert first_month(date(2026, 12, 31), rule) == month


@pytest.mark.parametrize(
    ("expires", "due"),
    [(date(2026, 11, 30), date(2026, 11, 30)), (date(2026, 11, 10), date(2026, 11, 16))],
)
def test_the_first_bill_is_due_when_its_code_expires_or_later(expires, due):
    assert first_due_date(date(2026, 11, 16), code_expires_on=expires) == due


@pytest.mark.parametrize(
    ("birth_date", "admission"),
    [
        (date(2011, 11, 24), Admission.TOO_YOUNG),  # 15 tomorrow
        (date(2011, 11, 23), Admission.WARN),  # 15 today
        (date(2008, 11, 24), Admission.WARN),  # 18 tomorrow
        (date(2008, 11, 23), Admission.OPEN),  # 18 today
        (date(1961, 11, 24), Admission.OPEN),  # 65 tomorrow
        (date(1961, 11, 23), Admission.TOO_OLD),  # 65 today
        (TODAY + timedelta(days=1), Admission.TOO_YOUNG),
    ],
)
def test_who_may_enrol_depends_on_age(birth_date, admission):
    assert may_register(birth_date, TODAY, min_age=18, warn_age=15, max_age=65) is admission
