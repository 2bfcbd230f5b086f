"""Why a line costs what it costs: base times rate, the ceiling, the relief, the exemption."""

from datetime import date
from typing import Any

import pytest

from cilegon_portal.contributions.rules import Rate
from employers.rules.explaining import COLUMNS, explain, tariffs_of

LATER = date(2026, 1, 1)


def rate(programme, payer="EMPLOYER", *, role="BASE", measure="WAGE_PPM", value=0, **more):
    given: dict[str, Any] = {
        "id": 1,
        "segment": "PU",
        "selector": "",
        "condition": "LABOUR_INTENSIVE" if role == "RELIEF" else "",
        "income_from": None,
        "basis": None,
        "ceiling": None,
        "checked_until": None,
        "valid_from": LATER,
        "valid_until": None,
        "legal_basis": "PP 44/2015",
    }
    return Rate(
        programme=programme, payer=payer, role=role, measure=measure, value=value, **given | more
    )


JKK = rate("JKK", value=8_900)
RELIEF = rate("JKK", role="RELIEF", value=4_450, id=2)
JP = rate("JP", value=20_000, ceiling=11_086_300)


def step(column, wage, amount, *rates, is_taken=True):
    return explain(column, wage=wage, amount=amount, tariffs=tariffs_of(rates), is_taken=is_taken)


def test_an_amount_is_the_share_of_the_wage():
    found = step("jkk", 5_000_000, 44_500, JKK)

    assert (found.base, found.tariff.rate, found.tariff.normal) == (5_000_000, JKK, None)
    assert not found.is_capped


def test_above_the_ceiling_the_share_is_taken_of_the_ceiling():
    found = step("jp_employer", 15_000_000, 221_726, JP)

    assert found.base == 11_086_300
    assert found.is_capped


def test_a_relief_stands_beside_the_normal_rate():
    found = step("jkk", 5_000_000, 22_250, JKK, RELIEF)

    assert (found.tariff.rate, found.tariff.normal) == (RELIEF, JKK)
    assert found.tariff.rates == (JKK, RELIEF)


def test_a_relief_that_is_a_share_of_the_normal_amount_is_taken_of_it():
    half = rate("JKK", role="RELIEF", measure="NORMAL_PPM", value=500_000, id=3)

    found = step("jkk", 5_000_000, 22_250, JKK, half)

    assert found.base == 44_500


def test_of_two_reliefs_the_lowest_explains():
    covid = rate("JKK", role="RELIEF", value=89, id=4)

    assert step("jkk", 5_000_000, 445, JKK, RELIEF, covid).tariff.rate == covid


def test_a_relief_that_makes_no_difference_is_not_named():
    assert step("jkk", 10, 0, JKK, RELIEF).tariff.rate == JKK


def test_a_worker_who_is_exempt_has_no_tariff():
    found = step("jp_employer", 5_000_000, 0, JP)

    assert found.is_exempt
    assert found.tariff is None


def test_a_programme_that_is_not_taken_is_no_exemption():
    assert not step("jp_employer", 5_000_000, 0, is_taken=False).is_exempt


def test_an_amount_that_no_row_makes_is_not_explained_away():
    found = step("jkk", 5_000_000, 44_501, JKK)

    assert found.tariff is None
    assert not found.is_exempt


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_belongs_to_a_programme_that_is_billed(column):
    assert COLUMNS[column][0] in {"JKK", "JKM", "JHT", "JP"}
