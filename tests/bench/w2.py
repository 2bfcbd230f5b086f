"""W2: a firm's spreadsheet inside half a million other workers, until the month is billed.

Each way has a firm of its own and lets the same months pass: 2 % join, 2 % leave, 10 % earn more.
Sizes may be named (`python -m tests.bench.w2 2000`); the goals are those of 10 000 and 100 000.
"""

import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import datetime
from io import StringIO
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench import peers, place
from tests.bench.firms import add_others, open_firm
from tests.bench.rosters import Crew, keys

OTHERS = int(os.environ.get("W2_OTHERS", "500000"))
SIZES = (10_000, 100_000)
ROW_BY_ROW_UP_TO = 10_000  # past that, django-import-export takes minutes a run
Way = Callable[[Crew, Path, datetime], list[int]]


def portal(crew: Crew, path: Path, at: datetime) -> list[int]:
    """Take the sheet as the office's command does: a child reads it, a draft, then approval."""
    from django.core.management import CommandError, call_command

    out = StringIO()
    asked = ["--employer", crew.employer.reference, "--month", str(crew.month), "--json"]
    try:
        call_command("import_roster", str(path), *asked, "--by", crew.approver.email, stdout=out)
    except (CommandError, SystemExit):
        told = json.loads(out.getvalue())
        return sorted({fault["row"] for fault in told["errors"]})
    return []


def ways(size: int) -> dict[str, Way]:
    from tests.bench import roster_orm, roster_sql

    found: dict[str, Way] = {
        "portal": portal,
        "lean SQL": lambda crew, path, at: roster_sql.take(crew, path, at=at),
        "Django bulk": lambda crew, path, at: roster_orm.take(crew, path, at=at),
    }
    if size <= ROW_BY_ROW_UP_TO:
        rows = importlib.import_module("tests.bench.roster_rows")
        found["django-import-export"] = lambda crew, path, at: rows.take(crew, path, at=at)
    return found


def timed(way: Way, crew: Crew, path: Path, at: datetime) -> tuple[float, list[int]]:
    began = time.perf_counter()
    refused = way(crew, path, at)
    return time.perf_counter() - began, refused


def measure(size: int, crews: dict[str, Crew], folder: Path) -> dict[str, list[float]]:
    """Let the months pass; return the seconds of each way, the first month left out."""
    from django.utils import timezone

    taken: dict[str, list[float]] = {name: [] for name in crews}
    refusing: dict[str, list[float]] = {name: [] for name in crews}
    found = ways(size)
    for run in range(place.RUNS + 1):
        for name, crew in crews.items():
            crew.pass_month()
            path = folder / f"{size}.xlsx"
            planted = crew.write(path, bad=True)
            seconds, refused = timed(found[name], crew, path, timezone.now())
            check(f"{name}: bad rows", refused, planted)
            refusing[name] += [seconds] if run else []
            crew.write(path)
            seconds, refused = timed(found[name], crew, path, timezone.now())
            check(f"{name}: good rows", refused, [])
            taken[name] += [seconds] if run else []
    place.say(f"{size} rows, s", "median", "least", "most", "bad rows told")
    for name, values in taken.items():
        shown = (median(values), min(values), max(values), median(refusing[name]))
        place.say(name, *(f"{it:.2f}" for it in shown))
    return taken


def check(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise SystemExit(f"{what}: {str(found)[:200]} instead of {str(expected)[:200]}")


def compare(crews: dict[str, Crew]) -> None:
    """Check that every way wrote the same reports, and that the right people are at work."""
    from employers.models import Employment, WageLine, WageReport

    written = {
        name: list(
            WageReport.objects.standing()
            .filter(employer=crew.employer)
            .order_by("month")
            .values_list("month", "workers", "wages", "total", "charge__total")
        )
        for name, crew in crews.items()
    }
    for name, crew in crews.items():
        check(f"{name}: reports", written[name], written["lean SQL"])
        lines = WageLine.objects.filter(report__employer=crew.employer)
        check(f"{name}: lines", lines.count(), sum(row[1] for row in written[name]))
        at_work = Employment.objects.standing().filter(employer=crew.employer)
        check(f"{name}: at work", at_work.count(), len(crew.hands))


def prepare(sizes: list[int]) -> dict[int, dict[str, Crew]]:
    from django.db import connection
    from django.utils import timezone

    from cilegon_portal.rules.months import Month

    at = timezone.now()
    began = time.perf_counter()
    add_others(OTHERS, at=at)
    first = Month.of(timezone.localdate()).plus(-place.RUNS - 2)
    names = {size: list(ways(size)) for size in sizes}
    starts = keys(0, [size for size in sizes for _ in names[size]], place.RUNS + 1)
    crews = {
        size: {name: Crew(f"{name} {size}", size, next(starts), first) for name in names[size]}
        for size in sizes
    }
    for group in crews.values():
        for crew in group.values():
            open_firm(crew, at=at)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    place.say(
        f"seed {place.SEED}, {OTHERS} others, prepared in {time.perf_counter() - began:.0f} s"
    )
    return crews


def run(sizes: list[int]) -> bool:
    verdicts = []
    crews = prepare(sizes)
    with TemporaryDirectory() as folder:
        for size in sizes:
            taken = measure(size, crews[size], Path(folder))
            compare(crews[size])

            def ratio(over: str, under: str, taken: dict[str, list[float]] = taken) -> float:
                return median(a / b for a, b in zip(taken[over], taken[under], strict=True))

            verdicts += [
                place.judged(
                    "portal over lean SQL", ratio("portal", "lean SQL"), goal=2.5, most=True
                ),
                place.judged("Django bulk over portal", ratio("Django bulk", "portal"), goal=6),
            ]
            if "django-import-export" in taken:
                slower = ratio("django-import-export", "portal")
                verdicts.append(place.judged("django-import-export over portal", slower, goal=40))
    return all(verdicts)


def main() -> int:
    peers.install()
    place.set_up()
    try:
        return 0 if run([int(size) for size in sys.argv[1:]] or list(SIZES)) else 1
    finally:
        place.tear_down()


if __name__ == "__main__":
    sys.exit(main())
