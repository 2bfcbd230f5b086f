"""Preview, bill, page, workers, PDF, CSV, XLSX and ledger: one figure, to the rupiah."""

import pytest

from tests.employers.bills.rosters import must_agree

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def stopped_clock(clock):
    """Let the pages stand at `at`."""


@pytest.mark.parametrize("seed", range(40))
def test_every_place_says_the_same_of_a_random_month(seed):
    must_agree(seed)
