"""The data file against the figures typed from the law, and every month's price by both."""

from collections import Counter
from datetime import date
from typing import Any

import pytest

from cilegon_portal.contributions.models import DueDateRule, Rate, SizeProgramme
from cilegon_portal.contributions.rules import (
    FUNDINGS,
    SECTORS,
    Rate as Rule,
    due_date,
    penalty_rate,
    price_bpu_month,
    price_pu_month,
    programmes_of,
)
from cilegon_portal.reference.models import Holiday
from cilegon_portal.rules.money import share_of
from cilegon_portal.rules.months import Month
from tests.contributions import law

pytestmark = pytest.mark.django_db

EVERY_MONTH = [Month(2019, 1).plus(months) for months in range(9 * 12)]  # 2019 to 2027
WAGES = (1, 3_000_000, 8_754_599, 10_042_301, 15_000_000)
PARTS = ("jkk", "jkm", "jht_employer", "jht_worker", "jp_employer", "jp_worker")


def facts(rule: Rule) -> tuple[Any, ...]:
    """Return what a rate says, without its key and without how it cites the law."""
    left_out = {"id", "legal_basis"}
    return tuple(value for name, value in vars(rule).items() if name not in left_out)


def jkp(payer: str, value: int, until: date | None, *, start: date = date(2021, 2, 2)) -> Rule:
    dated = {"valid_from": start, "valid_until": until}
    return law.rate(
        0, "JKP", "PU", payer, "WAGE_PPM", value, role="INTERNAL", ceiling=5_000_000, **dated
    )


def test_the_file_says_what_the_law_says_and_nothing_else():
    changed = date(2025, 2, 7)
    beside = [  # never billed, or no rate at all: typed here because no price comes from them
        jkp("GOVERNMENT", 2_200, None),
        jkp("RECOMPOSITION_JKK", 1_400, None),
        jkp("RECOMPOSITION_JKM", 1_000, changed),
        jkp("TOTAL", 4_600, changed),
        jkp("TOTAL", 3_600, None, start=changed),
        law.rate(0, "PENALTY", "BPU", "PARTICIPANT", "DUE_PPM", 0),
        law.rate(0, "FINE", "PU", "EMPLOYER", "DUE_PPM", 1_000, valid_from=date(2013, 12, 24)),
    ]
    typed = [rate for rate in law.RATES if rate.programme != "JKP"] + beside

    loaded = Rate.objects.order_by("pk").as_rules()

    assert Counter(map(facts, loaded)) == Counter(map(facts, typed))
    assert all(rate.legal_basis for rate in loaded)


def bpu_by_hand(month: Month, band: int, sector: str, *, relief: str) -> tuple[int, int]:
    """Return JKK and JKM from the typed table, by plain arithmetic."""
    _, _, jkk, _ = law.BANDS[band]
    start, end = law.BPU_TRANSPORT if sector == "TRANSPORT" else law.BPU_OTHER
    if relief == "HALF" and start <= month.first_day < end:
        return jkk // 2, 3_400
    if relief == "COVID" and law.COVID[0] <= month.first_day < law.COVID[1]:
        return jkk // 100, 68
    return jkk, 6_800


@pytest.mark.parametrize("sector", sorted(SECTORS))
@pytest.mark.parametrize("relief", ["HALF", "COVID", "NONE"])
def test_the_loaded_rates_price_every_own_account_month(sector, relief):
    rates = Rate.objects.of_segment("BPU").billed().as_rules()
    funding = "SELF" if relief == "HALF" else "APBN"
    met = frozenset({"COVID_ARREARS_PAID"} if relief == "COVID" else ())

    wrong = []
    for month in EVERY_MONTH:
        for band, (income, _, _, jht) in enumerate(law.BANDS):
            price = price_bpu_month(
                month,
                income=income,
                sector=sector,
                with_jht=True,
                funding=funding,
                apbdes_relief=False,
                rates=rates,
                conditions=met,
            )
            expected = (*bpu_by_hand(month, band, sector, relief=relief), jht)
            if (price.jkk, price.jkm, price.jht) != expected or price.assumed:
                wrong.append((str(month), band, price, expected))

    assert wrong == []


@pytest.mark.parametrize("funding", sorted(FUNDINGS))
@pytest.mark.parametrize("apbdes_relief", [True, False])
def test_only_state_money_loses_the_halving(funding, apbdes_relief):
    price = price_bpu_month(
        Month(2026, 11),
        income=1_000_000,
        sector="OTHER",
        with_jht=False,
        funding=funding,
        apbdes_relief=apbdes_relief,
        rates=Rate.objects.of_segment("BPU").billed().as_rules(),
    )

    halved = funding in {"SELF", "DONOR"} or (funding == "APBDES" and apbdes_relief)
    assert price.total == (8_400 if halved else 16_800)


def pu_by_hand(month: Month, wage: int, risk: int, relief: str) -> tuple[int, ...]:
    """Return the six parts from the typed tables, by plain arithmetic."""
    gross, in_covid, halved, _ = law.RISKS[risk]
    day = month.first_day
    covid = relief == "COVID_ARREARS_PAID" and law.COVID[0] <= day < law.COVID[1]
    labour = (
        relief == "LABOUR_INTENSIVE" and law.LABOUR_INTENSIVE[0] <= day < law.LABOUR_INTENSIVE[1]
    )
    jkk = in_covid if covid else halved if labour else gross
    ceiling = max(
        start_and_ceiling for start_and_ceiling in law.CEILINGS if start_and_ceiling[0] <= day
    )[1]
    rates = (jkk, 30 if covid else 3_000, 37_000, 20_000)
    capped = min(wage, ceiling)
    return (*(share_of(wage, r) for r in rates), share_of(capped, 20_000), share_of(capped, 10_000))


@pytest.mark.parametrize("relief", ["", "COVID_ARREARS_PAID", "LABOUR_INTENSIVE"])
def test_the_loaded_rates_price_every_waged_month(relief):
    rates = Rate.objects.of_segment("PU").billed().as_rules()
    met = frozenset({relief} - {""})

    wrong: list[tuple[Any, ...]] = []
    for month in EVERY_MONTH:
        for risk in law.RISKS:
            for wage in WAGES:
                price = price_pu_month(
                    month,
                    wage=wage,
                    risk_group=risk,
                    programmes=frozenset({"JKK", "JKM", "JHT", "JP"}),
                    rates=rates,
                    conditions=met,
                )
                expected = pu_by_hand(month, wage, risk, relief)
                if tuple(getattr(price, part) for part in PARTS) != expected:
                    wrong.append((str(month), risk, wage, price, expected))
                if price.assumed != (month >= Month(2027, 3)):
                    wrong.append((str(month), "assumed", price.assumed))

    assert wrong == []


@pytest.mark.parametrize(
    ("month", "rate"),
    [
        (Month(2020, 7), 20_000),
        (Month(2020, 8), 5_000),
        (Month(2021, 1), 5_000),
        (Month(2021, 2), 20_000),
        (Month(2026, 11), 20_000),
    ],
)
def test_the_loaded_penalty_follows_the_month(month, rate):
    rates = Rate.objects.as_rules()

    assert penalty_rate(month, segment="PU", rates=rates) == rate
    assert penalty_rate(month, segment="BPU", rates=rates) == 0


@pytest.mark.parametrize("size", sorted(law.PROGRAMMES_BY_SIZE))
def test_the_size_of_a_firm_decides_its_programmes(size):
    loaded = SizeProgramme.objects.compulsory().as_rules()

    assert programmes_of(size, Month(2026, 11), loaded) == law.PROGRAMMES_BY_SIZE[size]


@pytest.mark.parametrize(
    ("segment", "month", "due"),
    [
        ("BPU", Month(2026, 11), date(2026, 11, 16)),  # the 15th is a Sunday
        ("BPU", Month(2020, 12), date(2020, 12, 15)),
        ("PU", Month(2026, 2), date(2026, 3, 16)),
        ("PU", Month(2020, 7), date(2020, 8, 18)),  # Saturday, Sunday, Independence Day
        ("PU", Month(2020, 8), date(2020, 9, 30)),
        ("PU", Month(2020, 12), date(2021, 1, 29)),
        ("PU", Month(2021, 1), date(2021, 2, 26)),
        ("PU", Month(2021, 2), date(2021, 3, 15)),
    ],
)
def test_the_loaded_due_dates_follow_the_month(segment, month, due):
    rule = DueDateRule.objects.in_force_on(month.first_day).get(segment=segment)
    holidays = set(Holiday.objects.values_list("day", flat=True))

    assert due_date(month, rule=rule.as_rule(), holidays=holidays) == due


def test_what_no_source_confirms_is_marked():
    uncertain = Rate.objects.filter(is_uncertain=True)

    assert uncertain.filter(measure=Rate.Measure.BAND).count() == 64  # bands 2 to 33, twice
    assert uncertain.filter(condition=Rate.Condition.COVID_ARREARS_PAID).count() == 8
    assert uncertain.filter(programme=Rate.Programme.PENALTY).count() == 1
    assert DueDateRule.objects.filter(is_uncertain=True).count() == 1
