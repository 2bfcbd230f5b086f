"""Fill the reference tables from the data files of the repository."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import pghistory
from django.core.management.base import BaseCommand, CommandError

import cilegon_portal
import employers
import participants
from cilegon_portal.contributions.models import DueDateRule, Rate, SizeProgramme
from cilegon_portal.reference.loading import BadRow, Loaded, Table, lines_of, load
from cilegon_portal.reference.models import (
    Holiday,
    Kecamatan,
    Kelurahan,
    MinimumWage,
    Office,
    Setting,
)
from cilegon_portal.reference.national_days import holiday_lines
from cilegon_portal.reference.rules import fault_of
from employers.models import LineOfBusiness
from participants.models import Occupation

REFERENCE = Path(cilegon_portal.__path__[0]) / "reference" / "data"
RATES = Path(cilegon_portal.__path__[0]) / "contributions" / "data"
JOBS = Path(participants.__path__[0]) / "data"
FIRMS = Path(employers.__path__[0]) / "data"
HOLIDAY_YEARS = range(2020, 2028)  # what the package knows by decree, and the arrears may reach


def tables() -> list[Table]:
    """Return what is loaded, parents before children."""
    filled = {day.year for day in Holiday.objects.dates("day", "year")}
    return [
        Table(
            Setting,
            ("key", "valid_from"),
            lines_of(REFERENCE / "settings.csv"),
            lambda row: fault_of(row["key"], row["value"]),
        ),
        Table(Holiday, ("day",), holiday_lines(HOLIDAY_YEARS, but_not=filled)),
        Table(Office, ("valid_from",), lines_of(REFERENCE / "offices.csv")),
        Table(MinimumWage, ("valid_from",), lines_of(REFERENCE / "minimum_wages.csv")),
        Table(Kecamatan, ("code",), lines_of(REFERENCE / "kecamatan.csv")),
        Table(Kelurahan, ("code",), lines_of(REFERENCE / "kelurahan.csv")),
        Table(
            Rate,
            ("programme", "segment", "payer", "selector", "role", "valid_from"),
            lines_of(RATES / "rates.csv"),
        ),
        Table(DueDateRule, ("segment", "valid_from"), lines_of(RATES / "due_dates.csv")),
        Table(
            SizeProgramme,
            ("size", "programme", "valid_from"),
            lines_of(RATES / "size_programmes.csv"),
        ),
        Table(Occupation, ("name",), lines_of(JOBS / "occupations.csv")),
        Table(LineOfBusiness, ("name",), lines_of(FIRMS / "lines_of_business.csv")),
    ]


class Command(BaseCommand):
    """Loads rates, places, holidays, settings, occupations and lines of business; only missing."""

    help = "Fill the reference tables from the data files; rows that stand are left as they are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            with pghistory.context(reason="load_reference"):
                loaded = load(tables())
        except BadRow as problem:
            raise CommandError(str(problem)) from problem
        if options["json"]:
            self.stdout.write(json.dumps(as_json(loaded), ensure_ascii=False))
        elif options["verbosity"]:
            self.tell(loaded)

    def tell(self, loaded: dict[str, Loaded]) -> None:
        for name, result in loaded.items():
            self.stdout.write(f"{name}: {result.written} ditulis, {result.same} sudah ada")
            for left in result.kept:
                self.stdout.write(f"  dibiarkan: {left}")


def as_json(loaded: dict[str, Loaded]) -> dict[str, Any]:
    return {
        "written": sum(result.written for result in loaded.values()),
        "kept": sum(len(result.kept) for result in loaded.values()),
        "tables": {name: vars(result) for name, result in loaded.items()},
    }
