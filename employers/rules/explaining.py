"""Why a wage line costs what it costs: base times rate, and the row of the law that says so."""

from collections.abc import Iterable
from dataclasses import dataclass

from cilegon_portal.contributions.rules import Rate
from cilegon_portal.rules.money import Rupiah

# The six amounts of a wage line: which programme each belongs to, and who bears it.
COLUMNS = {
    "jkk": ("JKK", "EMPLOYER"),
    "jkm": ("JKM", "EMPLOYER"),
    "jht_employer": ("JHT", "EMPLOYER"),
    "jht_worker": ("JHT", "WORKER"),
    "jp_employer": ("JP", "EMPLOYER"),
    "jp_worker": ("JP", "WORKER"),
}

USUAL_WAGE: Rupiah = 5_000_000  # by which one relief is told from another


@dataclass(frozen=True)
class Tariff:
    """The row by which one column of a bill is computed, and the normal row that it relieves."""

    rate: Rate
    normal: Rate | None = None  # None: the rate is the normal one

    def amount(self, wage: Rupiah) -> Rupiah:
        """Return what the row makes of `wage`."""
        return self.rate.amount(wage, normal=self.normal.amount(wage) if self.normal else 0)

    def base(self, wage: Rupiah) -> Rupiah:
        """Return what the share is taken of: the wage, its part under the ceiling, the normal."""
        if self.rate.measure == "NORMAL_PPM" and self.normal:
            return self.normal.amount(wage)
        return wage if self.rate.ceiling is None else min(wage, self.rate.ceiling)

    @property
    def rates(self) -> tuple[Rate, ...]:
        """The rows that this column rests on, the normal one first."""
        return (self.normal, self.rate) if self.normal else (self.rate,)


@dataclass(frozen=True)
class Step:
    """One amount of a wage line, explained; without a tariff it is nothing, or not explained."""

    column: str
    programme: str
    payer: str
    wage: Rupiah
    amount: Rupiah
    tariff: Tariff | None
    is_taken: bool  # the firm takes part in the programme

    @property
    def base(self) -> Rupiah:
        return self.tariff.base(self.wage) if self.tariff else 0

    @property
    def is_capped(self) -> bool:
        """Tell whether the wage lies above the ceiling of the programme."""
        ceiling = self.tariff.rate.ceiling if self.tariff else None
        return ceiling is not None and self.wage > ceiling

    @property
    def is_exempt(self) -> bool:
        """Tell whether the firm takes part, but not for this worker."""
        return self.is_taken and self.tariff is None and self.amount == 0


def tariffs_of(rates: Iterable[Rate]) -> dict[str, Tariff]:
    """Return by column how it is computed by these rows, those that priced one firm's month.

    Of several reliefs the lowest counts, as in the price.
    """
    known = list(rates)
    found = {}
    for column, (programme, payer) in COLUMNS.items():
        rows = [rate for rate in known if (rate.programme, rate.payer) == (programme, payer)]
        normal = next((rate for rate in rows if rate.role == "BASE"), None)
        if normal is not None:
            reliefs = [Tariff(rate, normal) for rate in rows if rate.role == "RELIEF"]
            found[column] = min([Tariff(normal), *reliefs], key=usual_amount)
    return found


def usual_amount(tariff: Tariff) -> Rupiah:
    return tariff.amount(USUAL_WAGE)


def explain(
    column: str, *, wage: Rupiah, amount: Rupiah, tariffs: dict[str, Tariff], is_taken: bool
) -> Step:
    """Return why `amount` is what this column of a line with `wage` costs."""
    programme, payer = COLUMNS[column]
    tariff = tariffs.get(column) if is_taken else None
    if tariff and tariff.normal and tariff.normal.amount(wage) == amount:
        tariff = Tariff(tariff.normal)  # the relief makes no difference to so small a wage
    if tariff and tariff.amount(wage) != amount:
        tariff = None
    return Step(column, programme, payer, wage, amount, tariff, is_taken)
