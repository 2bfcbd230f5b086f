"""W1: a month of half a million workers in ten thousand firms, beside lean SQL and Django.

Months pass: each way bills the next one, which is copied from the month before, whoever billed it.
The peers bill a part of the firms, and their time is extrapolated (x). Firms may be named:
`python -m tests.bench.w1 1000`; the goals are those of 10 000.
"""

import gc
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from tests.bench import payroll, place

FIRMS = 10_000
IN_BULK, ROW_BY_ROW = 500, 20  # firms that a peer bills
LESS, MORE = 2_000, 20_000  # firms: 100 000 workers and a million
WAYS = ("portal", "lean SQL", "bulk_create (x)", "save() loop (x)")


def timed(way: Callable[[], Any]) -> float:
    gc.collect()
    began = time.perf_counter()
    way()
    return time.perf_counter() - began


class Calendar:
    """The months as they pass, and what each needs to be billed."""

    def __init__(self) -> None:
        from cilegon_portal.rules.months import Month

        self.month = Month(2024, 12)

    def pass_month(self) -> None:
        self.month = self.month.plus(1)

    @property
    def at(self) -> Any:
        """A day before all of them: nothing is late, so there are no penalties to write."""
        from datetime import UTC, datetime

        return datetime(2025, 1, 2, 3, tzinfo=UTC)

    def known(self) -> dict[str, Any]:
        from cilegon_portal.contributions.models import Rate
        from employers.actions.pricing import due_date_of, pension_age_in

        first = self.month.first_day
        jp = Rate.objects.in_force_on(first).filter(programme="JP", payer="WORKER", segment="PU")
        return {
            "month": first,
            "due_on": due_date_of(self.month),
            "born_after": first.replace(year=first.year - pension_age_in(self.month)),
            "cap": jp.get().ceiling,
            "at": self.at,
        }


def bill(way: str, calendar: Calendar) -> float:
    """Let the active firms be billed for the month in one way; return the seconds."""
    from django.core.management import call_command

    from employers.actions.estimating import estimate_month
    from tests.bench import billing_orm, billing_sql

    month, at, known = calendar.month, calendar.at, calendar.known()
    ways: dict[str, Callable[[], Any]] = {
        "portal": lambda: estimate_month(month=month, at=at),
        "lean SQL": lambda: billing_sql.bill(known),
        "bulk_create (x)": lambda: billing_orm.bill_in_bulk(month, known["due_on"], at),
        "save() loop (x)": lambda: billing_orm.bill_row_by_row(month, known["due_on"], at),
        "rerun": lambda: call_command("bill_month", str(month), verbosity=0, stdout=Silent()),
    }
    return timed(ways[way])


class Silent:
    def write(self, _text: str) -> None: ...


def measure(firms: int, calendar: Calendar) -> dict[str, list[float]]:
    """Let each way bill whole months of its share of the firms, in turn; the first one is left out.

    The firms of the peers are others than those of the portal and of the lean SQL, which share.
    """
    taken: dict[str, list[float]] = {}
    shares = {
        "portal": (1, firms),
        "lean SQL": (1, firms),
        "bulk_create (x)": (firms + 1, firms + IN_BULK),
        "save() loop (x)": (firms + IN_BULK + 1, firms + IN_BULK + ROW_BY_ROW),
    }
    first = calendar.month
    for way, (low, high) in shares.items():
        if way in {"bulk_create (x)", "save() loop (x)"}:
            payroll.only(low, high)
            calendar.month = first
            seconds = []
            for _ in range(place.RUNS if way.startswith("bulk") else 3):
                calendar.pass_month()
                seconds.append(bill(way, calendar) * firms / (high - low + 1))
            taken[way] = seconds
    payroll.only(1, firms)
    payroll.settle()
    calendar.month = first
    for run in range(place.RUNS + 1):
        for way in ("portal", "lean SQL"):
            calendar.pass_month()
            once = bill(way, calendar)
            taken.setdefault(way, [])
            taken[way] += [once] if run else []
    return taken


def wrong_cells(month: Any) -> tuple[int, int]:
    """Compare every amount of the month's standing lines with the pure rule: (cells, wrong)."""
    from employers.models import Employment, Terms, WageLine
    from tests.bench.billing_orm import NAMES, Prices

    prices = Prices(month)
    terms = {it.employer_id: it for it in Terms.objects.in_force_in(month)}
    programmes = {firm: prices.programmes(it) for firm, it in terms.items()}
    born = dict(Employment.objects.values_list("person_id", "reported_birth_date"))
    lines = (
        WageLine.objects.standing()
        .of_month(month)
        .order_by("pk")
        .values_list("report__employer", "person", "person__id_kind", "wage", *NAMES)
    )
    cells = wrong = 0
    for firm, person, kind, wage, *amounts in lines.iterator(chunk_size=50_000):
        price = prices.of(wage, terms[firm], programmes[firm], kind, born[person])
        cells += len(NAMES)
        pairs = zip(NAMES, amounts, strict=True)
        wrong += sum(getattr(price, name) != amount for name, amount in pairs)
    return cells, wrong


def linear(calendar: Calendar, most: int) -> float:
    """Return how much more a million workers cost than a hundred thousand."""
    found: dict[int, list[float]] = {LESS: [], most: []}
    for _ in range(3):
        calendar.pass_month()
        payroll.only(1, LESS)
        found[LESS].append(bill("portal", calendar))
        calendar.pass_month()
        payroll.only(1, most)
        found[most].append(bill("portal", calendar))
    place.say("seconds, 100k and 1M workers", *(f"{median(it):.2f}" for it in found.values()))
    return median(found[most]) / median(found[LESS])


def run(firms: int) -> bool:
    from django.utils import timezone

    from cilegon_portal.management.commands.check_invariants import violations

    is_whole = firms == FIRMS
    total = MORE if is_whole else firms
    payroll.found(total + IN_BULK + ROW_BY_ROW, at=timezone.now())
    calendar = Calendar()
    taken = measure(firms, calendar)
    place.say(
        f"{firms * payroll.WORKERS_A_FIRM:,} workers, s", "median", "least", "most", "us each"
    )
    for way in WAYS:
        values = taken[way]
        each = median(values) / firms / payroll.WORKERS_A_FIRM * 1e6
        place.say(way, *(f"{it:.2f}" for it in (median(values), min(values), max(values), each)))
    calendar.pass_month()
    bill("portal", calendar)
    again = bill("rerun", calendar)
    cells, wrong = wrong_cells(calendar.month)
    place.say("rerun of the month, s", f"{again:.2f}", f"{again / median(taken['portal']):.2f}x")
    place.say("cells against the pure rule", f"{cells:,}", f"{wrong} wrong")
    ours = median(taken["portal"])
    pairs = zip(taken["portal"], taken["lean SQL"], strict=True)
    verdicts = [
        place.judged("portal / lean SQL", median(a / b for a, b in pairs), goal=2.0, most=True),
        place.judged("bulk_create / portal", median(taken["bulk_create (x)"]) / ours, goal=25),
        place.judged("save() loop / portal", median(taken["save() loop (x)"]) / ours, goal=1_000),
        place.judged("wrong cells", wrong, goal=0, most=True),
    ]
    if is_whole:
        verdicts.append(
            place.judged("100k -> 1M, times", linear(calendar, MORE), goal=11, most=True)
        )
    broken = violations()
    place.say("broken rules after it", len(broken), *broken)
    return all(verdicts) and not broken


def main() -> int:
    firms = int(sys.argv[1]) if len(sys.argv) > 1 else FIRMS
    place.set_up()
    try:
        return 0 if run(firms) else 1
    finally:
        place.tear_down()


if __name__ == "__main__":
    sys.exit(main())
