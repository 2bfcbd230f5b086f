"""Say what a month costs: one question as an argument, or one a line from standard input."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cilegon_portal.contributions.models import Rate, SizeProgramme
from cilegon_portal.contributions.quotes import Answer, CannotQuote, PriceList, answer
from cilegon_portal.reference.models import Setting


def price_list() -> PriceList:
    """Read all that prices depend on, in three queries."""
    return PriceList(
        rates=Rate.objects.billed().as_rules(),
        programmes=SizeProgramme.objects.compulsory().as_rules(),
        apbdes_relief=[
            (start, end, value == "yes")
            for start, end, value in Setting.objects.filter(key="APBDES_RELIEF").values_list(
                "valid_from", "valid_until", "value"
            )
        ],
    )


class Command(BaseCommand):
    """Prices months for own-account workers (BPU) and wage earners (PU); writes nothing."""

    help = "Print the price of a month as JSON; with --batch, one question a line from stdin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("question", nargs="?", help="one question, a JSON object")
        parser.add_argument("--batch", action="store_true", help="read questions from stdin")
        parser.add_argument("--json", action="store_true", help="print JSON (it always does)")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["batch"] == (options["question"] is not None):
            raise CommandError("Tulis satu pertanyaan JSON, atau --batch untuk membaca stdin.")
        lines = sys.stdin.buffer if options["batch"] else [options["question"].encode()]
        unanswered = 0
        for answered in answers(lines, price_list()):
            unanswered += "error" in answered
            self.stdout.write(json.dumps(answered, ensure_ascii=False))
            self.stdout.flush()
        if unanswered:
            sys.exit(1)


def answers(lines: Iterable[bytes], prices: PriceList) -> Iterator[Answer]:
    """Yield one answer, or one `error`, for each line that is not blank, in order."""
    for line in lines:
        if line.strip():
            try:
                yield answer(read(line), prices)
            except CannotQuote as refusal:
                yield {"error": str(refusal)}


def read(line: bytes) -> object:
    try:
        return json.loads(line, parse_constant=refuse, object_pairs_hook=each_name_once)
    except (ValueError, RecursionError):  # a wrong encoding is a ValueError too
        raise CannotQuote("Baris ini bukan JSON.") from None


def refuse(constant: str) -> None:
    raise ValueError(constant)


def each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise CannotQuote("Satu kolom ditulis dua kali.")
    return found
