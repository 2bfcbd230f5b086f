"""A thousand random months of firms: every place says the same, to the rupiah."""

import pytest

from tests.employers.bills.rosters import must_agree

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", range(1_000, 2_000))
def test_every_place_says_the_same_of_a_random_month(seed: int) -> None:
    must_agree(seed)
