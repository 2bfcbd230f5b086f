"""The price in SQL is the price of the rule: every part, month, size, risk group and relief."""

from datetime import date
from itertools import product
from typing import Any, NamedTuple

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings, strategies as st

from cilegon_portal.contributions import rules
from cilegon_portal.contributions.models import Rate, SizeProgramme
from cilegon_portal.rules.months import Month
from employers.actions import tariffs
from employers.actions.pricing import fill_tariff, pension_age_in
from employers.rules.eligibility import has_jp

pytestmark = pytest.mark.django_db


class Asked(NamedTuple):
    month: Month
    size: str
    risk_group: int
    with_jht: bool = False
    with_jp: bool = False
    is_labour_intensive: bool = False
    had_no_covid_arrears: bool = False
    id_kind: str = "NIK"
    birth_date: date = date(1985, 2, 3)
    wage: int = 7_777_777


LAY_OUT = """
INSERT INTO billing
    (n, month, tariff, size, risk_group, with_jht, with_jp, is_labour_intensive,
     had_no_covid_arrears, born_after)
SELECT it.n, it.month,
       concat_ws('/', it.month, it.size, it.risk, it.jht, it.jp, it.labour, it.covid),
       it.size, it.risk, it.jht, it.jp, it.labour, it.covid,
       (it.month - make_interval(years => it.age))::date
FROM unnest(%s::bigint[], %s::date[], %s::text[], %s::int[], %s::boolean[], %s::boolean[],
            %s::boolean[], %s::boolean[], %s::int[])
    AS it (n, month, size, risk, jht, jp, labour, covid, age)
"""

PRICE = f"""
SELECT {tariffs.AMOUNTS}
FROM (
    SELECT it.n, it.wage, it.kind = 'NIK' AND it.born > billing.born_after AS has_jp,
           billing.tariff
    FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::date[]) AS it (n, wage, kind, born)
    JOIN billing ON billing.n = it.n
) line
JOIN tariff ON tariff.key = line.tariff
ORDER BY line.n
"""  # noqa: S608 (constants)


def by_sql(asked: list[Asked]) -> list[tuple[int, ...]]:
    columns = list(zip(*asked, strict=True))
    months, terms, (kinds, born, wages) = columns[0], columns[1:7], columns[7:]
    numbers = list(range(len(asked)))
    ages = {month: pension_age_in(month) for month in set(months)}
    with connection.cursor() as cursor:
        cursor.execute(tariffs.WORK_TABLES)
        cursor.execute(
            LAY_OUT,
            [
                numbers,
                [month.first_day for month in months],
                *map(list, terms),
                [ages[month] for month in months],
            ],
        )
        fill_tariff()
        cursor.execute(PRICE, [numbers, list(wages), list(kinds), list(born)])
        return list(cursor.fetchall())


def by_rule(asked: list[Asked]) -> list[tuple[int, ...]]:
    rates = Rate.objects.of_segment("PU").as_rules()
    duties = SizeProgramme.objects.compulsory().as_rules()
    ages = {it.month: pension_age_in(it.month) for it in asked}
    in_force = {month: [rate for rate in rates if rate.is_in_force_in(month)] for month in ages}
    return [price(it, in_force[it.month], duties, ages[it.month]) for it in asked]


def price(
    it: Asked, rates: list[rules.Rate], duties: list[rules.ProgrammeRule], pension_age: int
) -> tuple[int, ...]:
    programmes = set(rules.programmes_of(it.size, it.month, duties))
    programmes |= {"JHT"} if it.with_jht else set()
    programmes |= {"JP"} if it.with_jp else set()
    if not has_jp(it.month, id_kind=it.id_kind, birth_date=it.birth_date, pension_age=pension_age):
        programmes -= {"JP"}
    met = {rules.LABOUR_INTENSIVE} if it.is_labour_intensive else set()
    met |= {rules.COVID_ARREARS_PAID} if it.had_no_covid_arrears else set()
    found = rules.price_pu_month(
        it.month,
        wage=it.wage,
        risk_group=it.risk_group,
        programmes=frozenset(programmes),
        rates=rates,
        conditions=frozenset(met),
    )
    return tuple(getattr(found, name) for name in tariffs.NAMES)


def test_every_month_and_kind_of_firm_has_one_price_in_sql_and_in_the_rule():
    months = [Month(2015, 7).plus(number) for number in range(12 * 12)]
    kinds: list[Any] = list(product(sorted(rules.SIZES), rules.RISK_GROUPS, *[(False, True)] * 4))
    wages = [0, 1, 2_499_999, 5_067_381, 10_042_301, 11_086_300, 250_000_000]
    asked = [
        Asked(month, *kinds[(13 * index + step) % len(kinds)])._replace(wage=wage)
        for index, month in enumerate(months)
        for step, wage in enumerate(wages)
    ]
    asked += [
        Asked(month, *kind)
        for month in (Month(2020, 9), Month(2025, 3), Month(2026, 11))
        for kind in kinds
    ]
    assert by_sql(asked) == by_rule(asked)


def test_jp_is_left_out_for_a_passport_and_from_pension_age_on():
    born = [date(1967, 10, 31), date(1967, 11, 1), date(1967, 11, 2), date(1968, 2, 29)]
    asked = [
        Asked(month, "LARGE", 5, id_kind=kind, birth_date=day, wage=6_000_000)
        for month in (Month(2024, 12), Month(2026, 11), Month(2027, 2), Month(2027, 3))
        for kind in ("NIK", "PASSPORT")
        for day in born
    ]
    found = by_sql(asked)
    assert found == by_rule(asked)
    jp = {it: amounts[4] for it, amounts in zip(asked, found, strict=True)}
    assert {amount for it, amount in jp.items() if it.id_kind == "PASSPORT"} == {0}
    november = [amount for it, amount in jp.items() if it[0] == Month(2026, 11)]
    assert november == [0, 0, 120_000, 120_000, 0, 0, 0, 0]


def test_the_office_example_of_a_large_firm_comes_out():
    march = Asked(Month(2026, 3), "LARGE", 1, wage=15_000_000)
    assert by_sql([march]) == [(36_000, 45_000, 555_000, 300_000, 221_726, 110_863)]


def test_a_month_without_a_rate_is_refused_and_named():
    Rate.objects.filter(segment="PU", programme="JKM").delete()
    asked = Asked(Month(2026, 3), "MICRO", 1)
    with pytest.raises(rules.NoRate, match="no rate of JKM in force in 2026-03"):
        by_sql([asked])


def test_a_band_is_refused_for_wages_because_no_law_has_one():
    Rate.objects.filter(segment="PU", programme="JKM", role="BASE").delete()
    Rate.objects.create(
        programme="JKM", segment="PU", payer="EMPLOYER", selector="0", measure="BAND", value=1,
        income_from=0, basis=0, valid_from=date(2020, 1, 1), legal_basis="PP 1",
    )  # fmt: skip
    asked = Asked(Month(2026, 3), "MICRO", 1)
    with pytest.raises(rules.NoRate):
        by_sql([asked])


MEASURES = st.sampled_from(["WAGE_PPM", "FLAT", "NORMAL_PPM"])


@settings(
    max_examples=60,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_whatever_rows_the_law_gets_both_read_them_alike(data):
    Rate.objects.filter(segment="PU").delete()
    for _, programme, payer in tariffs.PARTS:
        save_unless_it_overlaps(base_of(programme, payer, data.draw(MEASURES)), 99)
    for number, row in enumerate(data.draw(st.lists(rate_rows(), max_size=14))):
        save_unless_it_overlaps(row, number)
    asked = data.draw(st.lists(questions(), min_size=1, max_size=12))
    assert by_sql(asked) == by_rule(asked)


def base_of(programme: str, payer: str, measure: str) -> dict[str, Any]:
    return {
        "programme": programme, "segment": "PU", "payer": payer, "selector": "", "role": "BASE",
        "condition": "", "measure": measure, "value": 12_345, "ceiling": None,
        "valid_from": date(2020, 1, 1), "valid_until": None,
    }  # fmt: skip


def save_unless_it_overlaps(row: dict[str, Any], number: int) -> None:
    same = Rate.objects.filter(
        **{key: row[key] for key in ("programme", "segment", "payer", "selector", "role")}
    )
    end = row["valid_until"] or date.max
    if not any(
        rate.valid_from < end and row["valid_from"] < (rate.valid_until or date.max)
        for rate in same
    ):
        Rate.objects.create(**row, legal_basis=f"PP {number}")


@st.composite
def rate_rows(draw) -> dict[str, Any]:
    _, programme, payer = draw(st.sampled_from(tariffs.PARTS))
    role = draw(st.sampled_from(["BASE", "RELIEF", "RELIEF", "INTERNAL"]))
    measure = draw(MEASURES)
    conditions = ["LABOUR_INTENSIVE", "COVID_ARREARS_PAID", "NOT_STATE_FUNDED"]
    return {
        "programme": programme,
        "segment": "PU",
        "payer": payer,
        "selector": draw(st.sampled_from(["", "1", "2"])),
        "role": role,
        "condition": draw(st.sampled_from(conditions)) if role == "RELIEF" else "",
        "measure": measure,
        "value": draw(st.integers(0, 9_000 if measure == "FLAT" else 1_200_000)),
        "ceiling": draw(st.sampled_from([None, 3_000])) if measure == "WAGE_PPM" else None,
        "valid_from": draw(
            st.sampled_from([date(2029, 1, 1), date(2030, 2, 1), date(2030, 1, 15)])
        ),
        "valid_until": draw(st.sampled_from([None, date(2030, 3, 1), date(2030, 4, 2)])),
    }


@st.composite
def questions(draw) -> Asked:
    chosen: Any = [draw(st.booleans()) for _ in range(4)]
    return Asked._make(
        [
            draw(st.sampled_from([Month(2030, 1).plus(number) for number in range(4)])),
            draw(st.sampled_from(sorted(rules.SIZES))),
            draw(st.sampled_from([1, 2, 3])),
            *chosen,
            draw(st.sampled_from(["NIK", "PASSPORT"])),
            draw(st.sampled_from([date(1990, 1, 1), date(1970, 2, 1), date(1970, 3, 2)])),
            draw(st.integers(0, 50_000)),
        ]
    )
