"""What the registration pages say of money: totals month by month, and what the money buys."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cilegon_portal.contributions.rules import BpuPrice, Rate, price_bpu_month
from cilegon_portal.rules.money import Rupiah
from cilegon_portal.rules.months import Month
from participants.answers import LOWEST_INCOME

LOOK_AHEAD = 36  # months: no relief announced so far lasts longer

DEATH_BENEFIT: Rupiah = 42_000_000  # PP 82/2019: 20 m + 24 times 500.000 + 10 m for the funeral
WORK_DEATH_MONTHS = 48  # PP 82/2019 Lamp. III: 60 % of 80 times the basis
WORK_DEATH_REST: Rupiah = 22_000_000  # ... + 10 m for the funeral + 12 m periodic


@dataclass(frozen=True)
class Offer:
    """Some months in a row, each at its own price."""

    lines: tuple[tuple[Month, BpuPrice], ...]

    @property
    def total(self) -> Rupiah:
        return sum(price.total for _, price in self.lines)

    @property
    def change(self) -> tuple[Month, Rupiah] | None:
        """The first month whose price differs from the month before, and that price."""
        for (_, before), (month, after) in pairwise(self.lines):
            if after.total != before.total:
                return month, after.total
        return None

    @property
    def first(self) -> Month:
        return self.lines[0][0]

    @property
    def last(self) -> Month:
        return self.lines[-1][0]


@dataclass(frozen=True)
class Stretch:
    """How long today's price holds in a sector, and what comes after it (None: no end known)."""

    price: Rupiah
    last: Month | None
    then: Rupiah | None


@dataclass(frozen=True)
class Band:
    """An income band: what somebody who earns this much pays on, and what it buys."""

    income_from: Rupiah
    income_until: Rupiah | None  # exclusive; None: the highest band
    basis: Rupiah

    @property
    def work_death_benefit(self) -> Rupiah:
        return work_death_benefit(self.basis)


def price(
    month: Month, *, rates: Sequence[Rate], sector: str, income: Rupiah, with_jht: bool = False
) -> BpuPrice:
    """Return the price of `month` for somebody who pays from the own pocket."""
    return price_bpu_month(
        month,
        income=income,
        sector=sector,
        with_jht=with_jht,
        funding="SELF",
        apbdes_relief=False,  # asked for village money only, and this is the payer's own
        rates=rates,
    )


def offer(
    first: Month,
    how_many: int,
    *,
    rates: Sequence[Rate],
    sector: str,
    income: Rupiah,
    with_jht: bool = False,
) -> Offer:
    """Return the price of `how_many` months from `first` on."""
    months = [first.plus(number) for number in range(how_many)]
    return Offer(
        tuple(
            (month, price(month, rates=rates, sector=sector, income=income, with_jht=with_jht))
            for month in months
        )
    )


def stretch(first: Month, *, rates: Sequence[Rate], sector: str) -> Stretch:
    """Return how long the lowest price of `first` holds in `sector`."""
    now = price(first, rates=rates, sector=sector, income=LOWEST_INCOME).total
    for number in range(1, LOOK_AHEAD):
        later = price(first.plus(number), rates=rates, sector=sector, income=LOWEST_INCOME).total
        if later != now:
            return Stretch(now, first.plus(number - 1), later)
    return Stretch(now, None, None)


def bands(month: Month, *, rates: Sequence[Rate]) -> list[Band]:
    """Return the income bands in force in `month`, lowest first."""
    rows = sorted(
        (rate.income_from, rate.basis)
        for rate in rates
        if rate.programme == "JKK" and rate.measure == "BAND" and rate.is_in_force_in(month)
        if rate.income_from is not None and rate.basis is not None
    )
    return [
        Band(start, end, basis)
        for (start, basis), end in zip(rows, upper_ends([row[0] for row in rows]), strict=True)
    ]


def upper_ends(starts: Sequence[Rupiah]) -> Iterator[Rupiah | None]:
    yield from starts[1:]
    if starts:
        yield None


def work_death_benefit(basis: Rupiah) -> Rupiah:
    """Return what the heirs of somebody who dies at work get, on this basis."""
    return WORK_DEATH_MONTHS * basis + WORK_DEATH_REST
