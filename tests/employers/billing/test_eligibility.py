"""Who takes part in JP: until pension age, and never with a passport."""

from datetime import date

import pytest

from cilegon_portal.rules.months import Month
from employers.rules.eligibility import has_jp

NOVEMBER = Month(2026, 11)


@pytest.mark.parametrize(
    ("birth_date", "expected"),
    [
        (date(1967, 10, 31), False),
        (date(1967, 11, 1), False),  # 59 on the first day of the month
        (date(1967, 11, 2), True),
        (date(1990, 1, 1), True),
    ],
)
def test_jp_ends_with_the_month_that_begins_at_pension_age(birth_date, expected):
    assert has_jp(NOVEMBER, id_kind="NIK", birth_date=birth_date, pension_age=59) is expected


def test_a_child_of_29_february_is_a_year_older_on_1_march():
    for month, expected in ((Month(2027, 2), True), (Month(2027, 3), False)):
        found = has_jp(month, id_kind="NIK", birth_date=date(1968, 2, 29), pension_age=59)
        assert found is expected


def test_a_foreigner_has_no_jp():
    found = has_jp(NOVEMBER, id_kind="PASSPORT", birth_date=date(1990, 1, 1), pension_age=59)
    assert not found
