"""Fill an empty database with a made-up Cilegon."""

import json
import re
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

import pghistory
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cilegon_portal.accounts.demo import demo_sign_ins
from cilegon_portal.management.demo.filling import CannotFill, Filled, fill
from cilegon_portal.rules.phones import local_phone

STATES = {
    "ACTIVE": "aktif",
    "GRACE": "masa tenggang",
    "ENDED": "berakhir",
    "APPLICANT": "belum dibayar",
}


def scale(text: str) -> str:
    """Read a scale, 1 being the whole branch: 0.02 is 180 people; kept as it was written."""
    if not re.fullmatch(r"\d{1,2}(\.\d{1,4})?", text) or not 0 < float(text) <= 10:
        raise ArgumentTypeError("tulis skala seperti 0.02, lebih dari 0 sampai 10")
    return f"{float(text):g}"


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError("tulis tanggal seperti 2026-11-23") from None


class Command(BaseCommand):
    """Makes people up, from a seed: the same arguments, the same rows."""

    help = "Mark an empty database as a demo and fill it; the same arguments give the same rows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--scale", type=scale, default="0.02", help="1 is the whole branch")
        parser.add_argument("--on", type=day, help="the day the demo stands at; today if left out")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_args: Any, **options: Any) -> None:
        on = day(str(options["on"])) if options["on"] else timezone.localdate()
        try:
            with pghistory.context(reason="demo"):
                filled = fill(scale=scale(str(options["scale"])), on=on, seed=options["seed"])
        except CannotFill as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["json"]:
            self.stdout.write(json.dumps(as_json(filled), ensure_ascii=False))
        elif options["verbosity"]:
            self.tell(filled)

    def tell(self, filled: Filled) -> None:
        for table, count in filled.written.items():
            self.stdout.write(f"{table}: {count} ditulis")
        for line in demo_sign_ins():
            sign_in = line.password or "kode di /demo/pesan/"
            self.stdout.write(f"{line.role.label}: {line.name}, {sign_in}")
        for fate, phone in filled.phones.items():
            self.stdout.write(f"Peserta {STATES[fate]}: {local_phone(phone)}")


def as_json(filled: Filled) -> dict[str, Any]:
    return {
        "written": sum(filled.written.values()),
        "tables": filled.written,
        "phones": {fate: local_phone(phone) for fate, phone in filled.phones.items()},
    }
