"""What the law says a month costs, line by line: own-account workers and wage earners."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, strategies as st

from cilegon_portal.contributions.rules import (
    FUNDINGS,
    SECTORS,
    BpuPrice,
    NoRate,
    PricedByOffice,
    ProgrammeRule,
    PuPrice,
    Tariff,
    is_not_state_funded,
    jp_ceiling_next,
    last_covered_day,
    price_bpu_month,
    price_pu_month,
    programmes_of,
)
from cilegon_portal.rules.months import Month
from tests.contributions.law import (
    BANDS,
    CEILINGS,
    PROGRAMME_RULES,
    PROGRAMMES_BY_SIZE,
    RATES,
    RISKS,
    rate,
)

NOVEMBER = Month(2026, 11)
EVERY_MONTH = [Month(2019, 1).plus(months) for months in range(9 * 12)]  # 2019 to 2027
ALL_PROGRAMMES = frozenset({"JKK", "JKM", "JHT", "JP"})
COVID_FROM, COVID_TO = Month(2020, 8), Month(2021, 1)
LABOUR_FROM, LABOUR_TO = Month(2025, 2), Month(2026, 1)
HALVED = {
    "TRANSPORT": (Month(2026, 1), Month(2027, 3)),
    "OTHER": (Month(2026, 4), Month(2026, 12)),
}


def bpu(month: Month = NOVEMBER, **changed: Any) -> BpuPrice:
    asked: dict[str, Any] = {
        "income": 1_000_000,
        "sector": "OTHER",
        "with_jht": False,
        "funding": "SELF",
        "apbdes_relief": False,
        "rates": RATES,
    }
    return price_bpu_month(month, **asked | changed)


def pu(month: Month = NOVEMBER, **changed: Any) -> PuPrice:
    asked: dict[str, Any] = {
        "wage": 15_000_000,
        "risk_group": 1,
        "programmes": ALL_PROGRAMMES,
        "rates": RATES,
    }
    return price_pu_month(month, **asked | changed)


def amounts(price: BpuPrice) -> tuple[int, int, int]:
    return price.jkk, price.jkm, price.jht


# Own-account workers


@pytest.mark.parametrize(("income", "basis", "jkk", "jht"), BANDS)
def test_a_band_costs_one_and_two_percent_of_its_basis(income, basis, jkk, jht):
    assert amounts(bpu(Month(2022, 2), income=income, with_jht=True)) == (jkk, 6_800, jht)
    assert (jkk * 100, jht * 50) == (basis, basis)


@pytest.mark.parametrize(("income", "basis", "jkk", "jht"), BANDS)
def test_the_relief_halves_jkk_and_jkm_and_leaves_jht(income, basis, jkk, jht):
    assert amounts(bpu(income=income, with_jht=True)) == (jkk // 2, 3_400, jht)


@pytest.mark.parametrize("band", range(len(BANDS)))
def test_a_band_reaches_to_just_under_the_next_one(band):
    _, _, jkk, jht = BANDS[band]
    upper = BANDS[band + 1][0] - 1 if band + 1 < len(BANDS) else 10**12

    assert amounts(bpu(Month(2022, 2), income=upper, with_jht=True)) == (jkk, 6_800, jht)


def test_the_gap_in_the_annexe_belongs_to_the_band_below():
    assert bpu(Month(2022, 2), income=1_099_001).jkk == 10_000
    assert bpu(Month(2022, 2), income=1_099_999).jkk == 10_000


@pytest.mark.parametrize(
    ("month", "with_jht", "total"),
    [
        (Month(2022, 2), False, 16_800),
        (Month(2022, 2), True, 36_800),
        (NOVEMBER, False, 8_400),
        (NOVEMBER, True, 28_400),
    ],
)
def test_a_fisherman_pays_what_the_law_says(month, with_jht, total):
    assert bpu(month, with_jht=with_jht).total == total


def test_a_prepaid_year_is_the_sum_of_its_months():
    months = [NOVEMBER.plus(months) for months in range(12)]

    assert sum(bpu(month).total for month in months) == 184_800
    assert [bpu(month).total for month in months] == [8_400] * 2 + [16_800] * 10


@pytest.mark.parametrize("month", EVERY_MONTH, ids=str)
@pytest.mark.parametrize("sector", sorted(SECTORS))
@pytest.mark.parametrize("funding", sorted(FUNDINGS))
def test_every_month_has_its_price_by_sector_and_funding(month, sector, funding):
    first, last = HALVED[sector]
    is_halved = first <= month <= last and funding in {"SELF", "DONOR"}

    price = bpu(month, sector=sector, funding=funding, with_jht=True)

    assert amounts(price) == ((5_000, 3_400, 20_000) if is_halved else (10_000, 6_800, 20_000))
    assert not price.assumed


@pytest.mark.parametrize("month", EVERY_MONTH, ids=str)
def test_the_covid_months_cost_a_hundredth_for_who_paid_before(month):
    price = bpu(month, funding="APBD", with_jht=True, conditions=frozenset({"COVID_ARREARS_PAID"}))

    is_covid = COVID_FROM <= month <= COVID_TO
    assert amounts(price) == ((100, 68, 20_000) if is_covid else (10_000, 6_800, 20_000))


@pytest.mark.parametrize(("income", "basis", "jkk", "jht"), BANDS)
def test_every_band_costs_a_hundredth_in_the_covid_months(income, basis, jkk, jht):
    price = bpu(COVID_FROM, income=income, conditions=frozenset({"COVID_ARREARS_PAID"}))

    assert amounts(price) == (jkk // 100, 68, 0)


@pytest.mark.parametrize(
    ("funding", "apbdes_relief", "total"),
    [
        ("SELF", False, 8_400),
        ("DONOR", False, 8_400),
        ("APBD", True, 16_800),
        ("APBN", True, 16_800),
        ("APBDES", False, 16_800),
        ("APBDES", True, 8_400),
    ],
)
def test_the_state_pays_the_full_price(funding, apbdes_relief, total):
    assert bpu(funding=funding, apbdes_relief=apbdes_relief).total == total


def test_claiming_not_to_be_state_funded_does_not_help():
    price = bpu(funding="APBD", conditions=frozenset({"NOT_STATE_FUNDED"}))

    assert price.total == 16_800


def test_a_price_names_the_rates_it_comes_from():
    by_id = {each.id: each for each in RATES}

    used = [by_id[key] for key in bpu(with_jht=True).rate_ids]

    assert [(each.programme, each.role) for each in used] == [
        ("JKK", "BASE"), ("JKK", "RELIEF"), ("JKM", "BASE"), ("JKM", "RELIEF"), ("JHT", "BASE"),
    ]  # fmt: skip


def test_of_two_reliefs_the_lower_counts_and_none_raises_a_price():
    relief = {"role": "RELIEF", "condition": "COVID_ARREARS_PAID"}
    rates = [
        *RATES,
        rate(900, "JKM", "BPU", "PARTICIPANT", "FLAT", 9_000, **relief),
        rate(901, "JKM", "BPU", "PARTICIPANT", "FLAT", 5_000, **relief),
        rate(902, "JKM", "BPU", "PARTICIPANT", "FLAT", 4_000, **relief),
        rate(903, "JKM", "BPU", "PARTICIPANT", "FLAT", 4_500, **relief),
    ]

    price = bpu(Month(2022, 2), rates=rates, conditions=frozenset({"COVID_ARREARS_PAID"}))

    assert price.jkm == 4_000
    assert {900, 901, 903}.isdisjoint(price.rate_ids)


def test_a_relief_that_is_not_known_for_sure_makes_the_price_assumed():
    unsure = rate(
        900, "JKM", "BPU", "PARTICIPANT", "FLAT", 1, role="RELIEF", condition="NOT_STATE_FUNDED",
        checked_until=NOVEMBER.first_day,
    )  # fmt: skip

    assert bpu(rates=[*RATES, unsure]).assumed
    assert not bpu(NOVEMBER.plus(-1), rates=[*RATES, unsure]).assumed


@pytest.mark.parametrize("sub_group", ["EMPLOYER", "APPRENTICE", "HONORARY", "TRAINEE", "PRISONER"])
def test_those_who_are_priced_like_wages_go_to_the_office(sub_group):
    with pytest.raises(PricedByOffice) as refused:
        bpu(sub_group=sub_group)
    assert refused.value.sub_group == sub_group


def test_a_month_before_the_law_has_no_price():
    with pytest.raises(NoRate, match="JKK in force in 2015-06") as refused:
        bpu(Month(2015, 6))
    assert (refused.value.programme, refused.value.month) == ("JKK", Month(2015, 6))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"income": -1}, "not negative"),
        ({"sector": "FISHING"}, "unknown sector"),
        ({"funding": "CSR"}, "unknown funding"),
        ({"conditions": frozenset({"KIND"})}, "unknown condition"),
        ({"sub_group": "FRIEND"}, "unknown sub-group"),
    ],
)
def test_an_own_account_question_that_means_nothing_is_refused(wrong, told):
    with pytest.raises(ValueError, match=told):
        bpu(**wrong)


def test_what_counts_as_state_money():
    assert {f for f in FUNDINGS if is_not_state_funded(f, apbdes_relief=False)} == {"SELF", "DONOR"}


@given(st.integers(0, 10**10), st.sampled_from(EVERY_MONTH), st.sampled_from(sorted(SECTORS)))
def test_jht_is_always_twice_the_normal_jkk(income, month, sector):
    price = bpu(month, income=income, sector=sector, funding="APBN", with_jht=True)

    assert price.jht == 2 * price.jkk
    assert price.total == price.jkk + price.jkm + price.jht


# Wage earners


def test_the_large_firm_of_the_worked_example():
    assert pu(Month(2026, 3)) == PuPrice(
        jkk=36_000,
        jkm=45_000,
        jht_employer=555_000,
        jht_worker=300_000,
        jp_employer=221_726,
        jp_worker=110_863,
        rate_ids=pu(Month(2026, 3)).rate_ids,
    )
    assert pu(Month(2026, 3)).employer_total == 857_726
    assert pu(Month(2026, 3)).worker_total == 410_863
    assert pu(Month(2026, 3)).total == 1_268_589


def test_the_micro_firm_of_the_worked_example():
    price = pu(wage=3_000_000, risk_group=2, programmes=frozenset({"JKK", "JKM"}))

    assert (price.jkk, price.jkm) == (16_200, 9_000)
    assert (price.employer_total, price.worker_total, price.total) == (25_200, 0, 25_200)


@pytest.mark.parametrize("month", EVERY_MONTH, ids=str)
@pytest.mark.parametrize("risk_group", RISKS)
def test_jkk_and_jkm_are_billed_gross_in_every_month(month, risk_group):
    price = pu(month, wage=1_000_000, risk_group=risk_group)

    assert (price.jkk, price.jkm) == (RISKS[risk_group][0], 3_000)
    assert (price.jht_employer, price.jht_worker) == (37_000, 20_000)


@pytest.mark.parametrize("month", EVERY_MONTH, ids=str)
@pytest.mark.parametrize("risk_group", RISKS)
def test_a_relief_counts_in_its_months_for_who_meets_its_condition(month, risk_group):
    gross, in_covid, halved, _ = RISKS[risk_group]
    is_covid = COVID_FROM <= month <= COVID_TO
    is_labour = LABOUR_FROM <= month <= LABOUR_TO
    covid = pu(
        month, wage=10**6, risk_group=risk_group, conditions=frozenset({"COVID_ARREARS_PAID"})
    )
    labour = pu(
        month, wage=10**6, risk_group=risk_group, conditions=frozenset({"LABOUR_INTENSIVE"})
    )

    assert (covid.jkk, covid.jkm) == ((in_covid, 30) if is_covid else (gross, 3_000))
    assert (labour.jkk, labour.jkm) == (halved if is_labour else gross, 3_000)
    assert (covid.jht_employer, covid.jp_worker) == (37_000, 10_000)
    assert (labour.jht_worker, labour.jp_employer) == (20_000, 20_000)


@pytest.mark.parametrize("month", EVERY_MONTH, ids=str)
def test_jp_counts_the_wage_up_to_the_ceiling_of_the_month(month):
    ceiling = [ceiling for start, ceiling, _ in CEILINGS if start <= month.first_day][-1]

    price = pu(month, wage=ceiling * 2)

    assert (price.jp_employer, price.jp_worker) == (
        (ceiling * 2 + 50) // 100,
        (ceiling + 50) // 100,
    )
    assert pu(month, wage=ceiling).jp_employer == price.jp_employer
    assert pu(month, wage=ceiling - 100).jp_employer == price.jp_employer - 2


@pytest.mark.parametrize("month", EVERY_MONTH, ids=str)
def test_a_ceiling_beyond_what_is_known_is_assumed(month):
    assert pu(month).assumed is (month >= Month(2027, 3))
    assert pu(month, programmes=ALL_PROGRAMMES - {"JP"}).assumed is False


@pytest.mark.parametrize("programme", sorted(ALL_PROGRAMMES))
def test_a_programme_that_is_not_taken_costs_nothing(programme):
    price = pu(programmes=frozenset({programme}))

    costs = {
        "JKK": price.jkk,
        "JKM": price.jkm,
        "JHT": price.jht_employer + price.jht_worker,
        "JP": price.jp_employer + price.jp_worker,
    }
    assert {name for name, cost in costs.items() if cost} == {programme}
    assert price.total == costs[programme]


def test_internal_rates_are_never_part_of_a_price():
    internal = {each.id for each in RATES if each.role == "INTERNAL"}

    assert internal
    assert all(internal.isdisjoint(pu(month).rate_ids) for month in EVERY_MONTH)


@given(st.integers(0, 10**9), st.sampled_from(sorted(RISKS)), st.sampled_from(EVERY_MONTH))
def test_a_price_is_the_sum_of_its_parts(wage, risk_group, month):
    price = pu(month, wage=wage, risk_group=risk_group)

    assert price.total == price.employer_total + price.worker_total
    assert price.jp_employer <= 2 * (price.jp_worker + 1)
    assert min(price.jkk, price.jkm, price.jht_worker, price.jp_worker) >= 0


def test_a_waged_month_before_the_law_has_no_price():
    with pytest.raises(NoRate, match="JKK"):
        pu(Month(2015, 6))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"wage": -1}, "not negative"),
        ({"risk_group": 0}, "unknown risk group"),
        ({"risk_group": 6}, "unknown risk group"),
        ({"programmes": frozenset({"JKP"})}, "unknown programme"),
        ({"conditions": frozenset({"KIND"})}, "unknown condition"),
    ],
)
def test_a_waged_question_that_means_nothing_is_refused(wrong, told):
    with pytest.raises(ValueError, match=told):
        pu(**wrong)


def test_a_band_without_a_lower_bound_fits_nobody():
    broken = [rate(1, "JKK", "BPU", "PARTICIPANT", "BAND", 10_000)]
    tariff = Tariff.of(NOVEMBER, segment="BPU", met=frozenset(), rates=broken)

    with pytest.raises(NoRate):
        tariff.base("JKK", "PARTICIPANT", selector="OTHER", income=1_000_000)


# Firm size, ceiling, cover


@pytest.mark.parametrize(("size", "programmes"), PROGRAMMES_BY_SIZE.items())
def test_the_size_of_a_firm_says_what_is_compulsory(size, programmes):
    assert programmes_of(size, NOVEMBER, PROGRAMME_RULES) == programmes


def test_what_is_compulsory_is_read_by_month():
    rules = [
        ProgrammeRule("MICRO", "JKK", date(2015, 7, 1), None, "law"),
        ProgrammeRule("MICRO", "JKM", date(2015, 7, 1), date(2026, 11, 1), "law"),
        ProgrammeRule("MICRO", "JHT", date(2026, 12, 1), None, "law"),
    ]

    assert programmes_of("MICRO", Month(2026, 10), rules) == {"JKK", "JKM"}
    assert programmes_of("MICRO", Month(2026, 11), rules) == {"JKK"}
    assert programmes_of("MICRO", Month(2026, 12), rules) == {"JKK", "JHT"}


def test_an_unknown_size_is_refused():
    with pytest.raises(ValueError, match="unknown size"):
        programmes_of("HUGE", NOVEMBER, PROGRAMME_RULES)


@pytest.mark.parametrize("step", range(1, len(CEILINGS)), ids=lambda step: str(CEILINGS[step][0]))
def test_each_ceiling_follows_from_the_one_before(step):
    assert jp_ceiling_next(CEILINGS[step - 1][1], CEILINGS[step][2]) == CEILINGS[step][1]


@given(st.integers(10**6, 10**8), st.integers(-100_000, 200_000))
def test_a_ceiling_is_cut_to_a_hundred_rupiah(prior, growth):
    ceiling = jp_ceiling_next(prior, growth)

    exact = prior * (1_000_000 + growth)
    assert ceiling % 100 == 0
    assert ceiling * 1_000_000 <= exact < (ceiling + 100) * 1_000_000


def test_a_month_covers_to_its_last_day():
    assert last_covered_day(Month(2028, 2)) == date(2028, 2, 29)
