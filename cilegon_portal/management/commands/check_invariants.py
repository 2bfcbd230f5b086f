"""Runs every rule of the ledger, and of the apps above it, as a query; zero rows is the answer."""

import json
from argparse import ArgumentParser
from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.utils.module_loading import module_has_submodule

SHOWN = 20


class Command(BaseCommand):
    help = "Memeriksa semua aturan buku besar; keluar dengan 1 bila ada yang dilanggar."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="jawaban dalam satu objek JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        broken, checked = violations(), len(invariants())
        if options["json"]:
            self.stdout.write(
                json.dumps({"checked": checked, "violations": len(broken), "broken": broken})
            )
        else:
            for name, rows in broken.items():
                self.stdout.write(f"{name}: {rows}")
            self.stdout.write(f"{checked} aturan diperiksa, {len(broken)} dilanggar.")
        if broken:
            raise SystemExit(1)


def invariants() -> dict[str, str]:
    """Return the queries of all apps by name: their module `invariants` holds INVARIANTS."""
    found: dict[str, str] = {}
    for config in apps.get_app_configs():
        if config.module and module_has_submodule(config.module, "invariants"):
            found |= import_module(f"{config.name}.invariants").INVARIANTS
    if not found:
        raise LookupError("no invariants found: nothing would be checked")
    return found


def violations() -> dict[str, list[list[str]]]:
    """Return the first rows that break each broken rule, all read in one snapshot."""
    broken = {}
    with transaction.atomic(), connection.cursor() as cursor:
        if not connection.savepoint_ids:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for name, query in invariants().items():
            cursor.execute(query)
            rows = cursor.fetchmany(SHOWN)
            if rows:
                broken[name] = [[str(value) for value in row] for row in rows]
    return broken
