"""Shares are exact, rounded half up once, and never taken of what is negative."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given, strategies as st

from cilegon_portal.rules.money import WHOLE, share_of

AMOUNTS = st.integers(0, 10**15)
RATES = st.integers(0, 2 * WHOLE)


@pytest.mark.parametrize(
    ("amount", "rate", "share"),
    [
        (15_000_000, 2_400, 36_000),
        (15_000_000, 3_000, 45_000),
        (15_000_000, 4_450, 66_750),
        (1_000_000, 89, 89),
        (11_086_300, 10_000, 110_863),
        (50, 10_000, 1),  # exactly half a rupiah goes up
        (49, 10_000, 0),
        (1, 499_999, 0),
        (1, 500_000, 1),
        (0, WHOLE, 0),
    ],
)
def test_a_share_is_rounded_half_up(amount, rate, share):
    assert share_of(amount, rate) == share


@given(AMOUNTS, RATES)
def test_a_share_is_what_exact_fractions_say(amount, rate):
    assert share_of(amount, rate) == floor(Fraction(amount * rate, WHOLE) + Fraction(1, 2))


@given(AMOUNTS, AMOUNTS, RATES)
def test_a_larger_amount_has_no_smaller_share(one, other, rate):
    assert share_of(min(one, other), rate) <= share_of(max(one, other), rate)


@pytest.mark.parametrize(("amount", "rate"), [(-1, 10_000), (1, -10_000)])
def test_a_negative_share_is_refused(amount, rate):
    with pytest.raises(ValueError, match="change the sign"):
        share_of(amount, rate)
