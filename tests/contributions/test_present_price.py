"""The price in SQL is the price of the rule, for every month, band, sector and funding."""

from datetime import date
from typing import Any, TypeAlias

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings, strategies as st

from cilegon_portal.contributions import rules
from cilegon_portal.contributions.actions.prices import PRESENT_PRICE
from cilegon_portal.contributions.models import Rate
from cilegon_portal.reference.models import Setting
from cilegon_portal.rules.months import Month
from tests.contributions.law import BANDS

pytestmark = pytest.mark.django_db

ASK = f"""
SELECT price.jkk, price.jkm, price.jht, price.total, price.rates
FROM unnest(%(months)s::date[], %(incomes)s::bigint[], %(sectors)s::text[],
            %(fundings)s::text[], %(jht)s::boolean[])
    WITH ORDINALITY AS line (month, income, sector, funding, with_jht, ord)
LEFT JOIN LATERAL ({PRESENT_PRICE}) price ON true
ORDER BY line.ord
"""  # noqa: S608 (constants)

Asked: TypeAlias = tuple[Month, int, str, str, bool]
Price: TypeAlias = tuple[int, int, int, int, frozenset[int]] | None


def by_sql(asked: list[Asked]) -> list[Price]:
    months, incomes, sectors, fundings, jht = zip(*asked, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            ASK,
            {
                "months": [month.first_day for month in months],
                "incomes": list(incomes),
                "sectors": list(sectors),
                "fundings": list(fundings),
                "jht": list(jht),
            },
        )
        return [
            None if row[3] is None else (row[0], row[1], row[2], row[3], frozenset(row[4]))
            for row in cursor.fetchall()
        ]


def by_rule(asked: list[Asked], *, apbdes: bool = False) -> list[Price]:
    rates = Rate.objects.of_segment("BPU").billed().as_rules()
    return [price(one, rates, apbdes=apbdes) for one in asked]


def price(asked: Asked, rates: list[rules.Rate], *, apbdes: bool) -> Price:
    month, income, sector, funding, with_jht = asked
    in_force = [rate for rate in rates if rate.is_in_force_in(month)]
    try:
        found = rules.price_bpu_month(
            month,
            income=income,
            sector=sector,
            with_jht=with_jht,
            funding=funding,
            apbdes_relief=apbdes,
            rates=in_force,
        )
    except rules.NoRate:
        return None
    return (found.jkk, found.jkm, found.jht, found.total, frozenset(found.rate_ids))


def everything(months: list[Month], incomes: list[int]) -> list[Asked]:
    return [
        (month, income, sector, funding, with_jht)
        for month in months
        for income in incomes
        for sector in sorted(rules.SECTORS)
        for funding in sorted(rules.FUNDINGS)
        for with_jht in (False, True)
    ]


def test_every_month_from_2019_to_2027_has_one_price_in_sql_and_in_the_rule():
    months = [Month(2019, 1).plus(number) for number in range(12 * 9)]
    asked = everything(months, [0, 1_099_999, 20_200_000])
    assert by_sql(asked) == by_rule(asked)


def test_every_band_has_one_price_in_sql_and_in_the_rule():
    months = [Month(2020, 9), Month(2026, 3), Month(2026, 11), Month(2027, 2)]
    incomes = [edge for start, *_ in BANDS for edge in (max(0, start - 1), start)]
    asked = everything(months, incomes)
    assert by_sql(asked) == by_rule(asked)


def test_the_setting_of_village_money_is_read_for_its_month():
    november = everything([Month(2026, 11)], [1_000_000])
    assert by_sql(november) == by_rule(november)
    Setting.objects.filter(key="APBDES_RELIEF").update(value="yes")
    assert by_sql(november) == by_rule(november, apbdes=True)


def test_a_month_before_the_law_has_no_price():
    assert by_sql(everything([Month(2014, 1)], [0])) == [None] * 20


@settings(
    max_examples=60,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_whatever_rows_the_law_gets_both_read_them_alike(data):
    Rate.objects.filter(segment="BPU").delete()
    rows = data.draw(st.lists(rate_rows(), max_size=12))
    for number, row in enumerate(rows):
        if row["role"] == "RELIEF" and row["selector"] == "":
            row["payer"] = "PARTICIPANT"
        save_unless_it_overlaps(row, number)
    asked = data.draw(
        st.lists(
            st.tuples(
                st.sampled_from([Month(2030, 1).plus(number) for number in range(4)]),
                st.integers(0, 5_000),
                st.sampled_from(sorted(rules.SECTORS)),
                st.sampled_from(sorted(rules.FUNDINGS)),
                st.booleans(),
            ),
            min_size=1,
            max_size=10,
        )
    )
    assert by_sql(asked) == by_rule(asked)


def save_unless_it_overlaps(row: dict[str, Any], number: int) -> None:
    same = Rate.objects.filter(
        **{key: row[key] for key in ("programme", "segment", "payer", "selector", "role")}
    )
    end = row["valid_until"] or date.max
    if any(
        rate.valid_from < end and row["valid_from"] < (rate.valid_until or date.max)
        for rate in same
    ):
        return
    Rate.objects.create(**row, legal_basis=f"PP {number}")


@st.composite
def rate_rows(draw) -> dict[str, Any]:
    role = draw(st.sampled_from(["BASE", "BASE", "RELIEF"]))
    measure = draw(
        st.sampled_from(["FLAT", "WAGE_PPM", "BAND"] if role == "BASE" else ["FLAT", "NORMAL_PPM"])
    )
    start = draw(st.sampled_from([0, 1_000, 2_500])) if measure == "BAND" else None
    first = draw(st.sampled_from([date(2029, 1, 1), date(2030, 2, 1), date(2030, 1, 15)]))
    return {
        "programme": draw(st.sampled_from(["JKK", "JKM", "JHT"])),
        "segment": "BPU",
        "payer": "PARTICIPANT",
        "selector": str(start)
        if measure == "BAND"
        else draw(st.sampled_from(["", "TRANSPORT", "OTHER"])),
        "role": role,
        "condition": draw(st.sampled_from(["NOT_STATE_FUNDED", "COVID_ARREARS_PAID"]))
        if role == "RELIEF"
        else "",
        "measure": measure,
        "value": draw(st.integers(0, 1_200_000 if measure != "FLAT" else 9_000)),
        "income_from": start,
        "basis": start,
        "ceiling": draw(st.sampled_from([None, 3_000])) if measure == "WAGE_PPM" else None,
        "valid_from": first,
        "valid_until": draw(st.sampled_from([None, date(2030, 3, 1), date(2030, 4, 2)])),
    }
