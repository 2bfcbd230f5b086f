"""The regulations' figures, typed from their text, as the rules read them.

Written apart from the data file on purpose: each is checked against the other.
"""

from datetime import date
from itertools import count
from typing import Any

from cilegon_portal.contributions.rules import DueRule, ProgrammeRule, Rate

START = date(2015, 7, 1)

# Income from, basis, JKK, JHT: PP 44/2015 and PP 46/2015, the annexes.
BANDS = [
    (0, 1_000_000, 10_000, 20_000),
    (1_100_000, 1_200_000, 12_000, 24_000),
    (1_300_000, 1_400_000, 14_000, 28_000),
    (1_500_000, 1_600_000, 16_000, 32_000),
    (1_700_000, 1_800_000, 18_000, 36_000),
    (1_900_000, 2_000_000, 20_000, 40_000),
    (2_100_000, 2_200_000, 22_000, 44_000),
    (2_300_000, 2_400_000, 24_000, 48_000),
    (2_500_000, 2_600_000, 26_000, 52_000),
    (2_700_000, 2_950_000, 29_500, 59_000),
    (3_200_000, 3_450_000, 34_500, 69_000),
    (3_700_000, 3_950_000, 39_500, 79_000),
    (4_200_000, 4_450_000, 44_500, 89_000),
    (4_700_000, 4_950_000, 49_500, 99_000),
    (5_200_000, 5_450_000, 54_500, 109_000),
    (5_700_000, 5_950_000, 59_500, 119_000),
    (6_200_000, 6_450_000, 64_500, 129_000),
    (6_700_000, 6_950_000, 69_500, 139_000),
    (7_200_000, 7_450_000, 74_500, 149_000),
    (7_700_000, 7_950_000, 79_500, 159_000),
    (8_200_000, 8_700_000, 87_000, 174_000),
    (9_200_000, 9_700_000, 97_000, 194_000),
    (10_200_000, 10_700_000, 107_000, 214_000),
    (11_200_000, 11_700_000, 117_000, 234_000),
    (12_200_000, 12_700_000, 127_000, 254_000),
    (13_200_000, 13_700_000, 137_000, 274_000),
    (14_200_000, 14_700_000, 147_000, 294_000),
    (15_200_000, 15_700_000, 157_000, 314_000),
    (16_200_000, 16_700_000, 167_000, 334_000),
    (17_200_000, 17_700_000, 177_000, 354_000),
    (18_200_000, 18_700_000, 187_000, 374_000),
    (19_200_000, 19_700_000, 197_000, 394_000),
    (20_200_000, 20_700_000, 207_000, 414_000),
]

# Risk group: JKK, with PP 49/2020, with PP 7/2025 and 36/2025, net of JKP (parts per million).
RISKS = {
    1: (2_400, 24, 1_200, 1_000),
    2: (5_400, 54, 2_700, 4_000),
    3: (8_900, 89, 4_450, 7_500),
    4: (12_700, 127, 6_350, 11_300),
    5: (17_400, 174, 8_700, 16_000),
}

# From, ceiling, growth that led to it (parts per million): PP 45/2015 Ps. 29.
CEILINGS = [
    (date(2015, 7, 1), 7_000_000, None),
    (date(2016, 3, 1), 7_335_300, 47_900),
    (date(2017, 3, 1), 7_703_500, 50_200),
    (date(2018, 3, 1), 8_094_000, 50_700),
    (date(2019, 3, 1), 8_512_400, 51_700),
    (date(2020, 3, 1), 8_939_700, 50_200),
    (date(2021, 3, 1), 8_754_600, -20_700),
    (date(2022, 3, 1), 9_077_600, 36_900),
    (date(2023, 3, 1), 9_559_600, 53_100),
    (date(2024, 3, 1), 10_042_300, 50_500),
    (date(2025, 3, 1), 10_547_400, 50_300),
    (date(2026, 3, 1), 11_086_300, 51_100),
]
CEILING_KNOWN_UNTIL = date(2027, 3, 1)

COVID = (date(2020, 8, 1), date(2021, 2, 1))  # PP 49/2020
LABOUR_INTENSIVE = (date(2025, 2, 1), date(2026, 2, 1))  # PP 7/2025, PP 36/2025
BPU_TRANSPORT = (date(2026, 1, 1), date(2027, 4, 1))  # PP 50/2025
BPU_OTHER = (date(2026, 4, 1), date(2027, 1, 1))

WAGED = DueRule(day=15, month_offset=1, shift="FORWARD")
OWN_ACCOUNT = DueRule(day=15, month_offset=0, shift="FORWARD")
COVID_MONTHS = DueRule(day=30, month_offset=1, shift="BACK")

PROGRAMMES_BY_SIZE = {  # Perpres 109/2013 Ps. 6
    "MICRO": {"JKK", "JKM"},
    "SMALL": {"JKK", "JKM", "JHT"},
    "MEDIUM": {"JKK", "JKM", "JHT", "JP"},
    "LARGE": {"JKK", "JKM", "JHT", "JP"},
}


class Table:
    """Collects rates and numbers them."""

    def __init__(self) -> None:
        self.rates: list[Rate] = []
        self.ids = count(1)

    def add(
        self, programme: str, segment: str, payer: str, measure: str, value: int, **changed: Any
    ) -> None:
        self.rates.append(
            rate(next(self.ids), programme, segment, payer, measure, value, **changed)
        )


def rate(
    key: int, programme: str, segment: str, payer: str, measure: str, value: int, **changed: Any
) -> Rate:
    row: dict[str, Any] = {
        "selector": "",
        "role": "BASE",
        "condition": "",
        "income_from": None,
        "basis": None,
        "ceiling": None,
        "checked_until": None,
        "valid_from": START,
        "valid_until": None,
        "legal_basis": "typed for the tests",
    }
    return Rate(
        id=key,
        programme=programme,
        segment=segment,
        payer=payer,
        measure=measure,
        value=value,
        **row | changed,
    )


def between(period: tuple[date, date]) -> dict[str, date]:
    return {"valid_from": period[0], "valid_until": period[1]}


def waged(table: Table) -> None:
    covid = {"role": "RELIEF", "condition": "COVID_ARREARS_PAID", **between(COVID)}
    labour = {"role": "RELIEF", "condition": "LABOUR_INTENSIVE", **between(LABOUR_INTENSIVE)}
    net = {"role": "INTERNAL", "valid_from": date(2021, 2, 2)}
    for risk, (gross, in_covid, halved, after_jkp) in RISKS.items():
        risky = {"selector": str(risk)}
        table.add("JKK", "PU", "EMPLOYER", "WAGE_PPM", gross, **risky)
        table.add("JKK", "PU", "EMPLOYER", "WAGE_PPM", in_covid, **risky, **covid)
        table.add("JKK", "PU", "EMPLOYER", "WAGE_PPM", halved, **risky, **labour)
        table.add("JKK", "PU", "EMPLOYER", "WAGE_PPM", after_jkp, **risky, **net)
    table.add("JKM", "PU", "EMPLOYER", "WAGE_PPM", 3_000)
    table.add("JKM", "PU", "EMPLOYER", "WAGE_PPM", 30, **covid)
    table.add("JKM", "PU", "EMPLOYER", "WAGE_PPM", 2_000, **net, valid_until=date(2025, 2, 7))
    table.add("JHT", "PU", "EMPLOYER", "WAGE_PPM", 37_000)
    table.add("JHT", "PU", "WORKER", "WAGE_PPM", 20_000)
    table.add("JKP", "PU", "TOTAL", "WAGE_PPM", 3_600, **net, ceiling=5_000_000)
    ends = [start for start, _, _ in CEILINGS[1:]] + [None]
    for (start, ceiling, _), end in zip(CEILINGS, ends, strict=True):
        dated = {"valid_from": start, "valid_until": end, "ceiling": ceiling}
        dated["checked_until"] = None if end else CEILING_KNOWN_UNTIL
        table.add("JP", "PU", "EMPLOYER", "WAGE_PPM", 20_000, **dated)
        table.add("JP", "PU", "WORKER", "WAGE_PPM", 10_000, **dated)
    table.add("PENALTY", "PU", "EMPLOYER", "DUE_PPM", 20_000, **between((START, COVID[0])))
    table.add("PENALTY", "PU", "EMPLOYER", "DUE_PPM", 5_000, **between(COVID))
    table.add("PENALTY", "PU", "EMPLOYER", "DUE_PPM", 20_000, valid_from=COVID[1])


def own_account(table: Table) -> None:
    for income_from, basis, jkk, jht in BANDS:
        band = {"selector": str(income_from), "income_from": income_from, "basis": basis}
        table.add("JKK", "BPU", "PARTICIPANT", "BAND", jkk, **band)
        table.add("JHT", "BPU", "PARTICIPANT", "BAND", jht, **band)
    table.add("JKM", "BPU", "PARTICIPANT", "FLAT", 6_800)
    covid = {"role": "RELIEF", "condition": "COVID_ARREARS_PAID", **between(COVID)}
    table.add("JKK", "BPU", "PARTICIPANT", "NORMAL_PPM", 10_000, **covid)
    table.add("JKM", "BPU", "PARTICIPANT", "FLAT", 68, **covid)
    for sector, period in (("TRANSPORT", BPU_TRANSPORT), ("OTHER", BPU_OTHER)):
        halved = {"role": "RELIEF", "condition": "NOT_STATE_FUNDED", **between(period)}
        for programme in ("JKK", "JKM"):
            table.add(
                programme, "BPU", "PARTICIPANT", "NORMAL_PPM", 500_000, selector=sector, **halved
            )


def all_rates() -> tuple[Rate, ...]:
    table = Table()
    waged(table)
    own_account(table)
    return tuple(table.rates)


RATES = all_rates()
PROGRAMME_RULES = [
    ProgrammeRule(size, programme, START, None, "Perpres 109/2013 Ps. 6")
    for size, programmes in PROGRAMMES_BY_SIZE.items()
    for programme in sorted(programmes)
]
