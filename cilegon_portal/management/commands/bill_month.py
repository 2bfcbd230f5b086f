"""Bills a month of every active firm: its approved report, or an estimate where it said nothing."""

import json
from argparse import ArgumentParser
from typing import Any

import pghistory
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count, Sum
from django.utils import timezone

from cilegon_portal.contributions.rules import NoRate
from cilegon_portal.rules.months import Month
from cilegon_portal.templatetags.portal import grouped, month_name, rupiah
from employers.actions.estimating import estimate_month
from employers.models import WageReport


class Command(BaseCommand):
    help = "Menagih satu bulan iuran semua badan usaha aktif; diulang tidak menulis apa-apa."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", help="bulan iuran, misalnya 2026-10")
        parser.add_argument("--json", action="store_true", help="jawaban dalam satu objek JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        month = read_month(options["month"])
        answer = bill(month)
        if options["json"]:
            self.stdout.write(json.dumps(answer))
        else:
            self.stdout.write(
                f"{month_name(month)}: {grouped(answer['firms'])} badan usaha, "
                f"{grouped(answer['workers'])} pekerja, {rupiah(answer['total'])}; "
                f"{grouped(answer['estimated'])} perkiraan baru, "
                f"{grouped(answer['written'])} baris ditulis."
            )


def bill(month: Month) -> dict[str, Any]:
    """Estimate what nobody reported; return what stands for the month, and what was written."""
    try:
        with pghistory.context(reason=f"bill_month {month}"):
            billed = estimate_month(month=month, at=timezone.now())
    except NoRate as missing:
        raise CommandError(
            f"Belum ada tarif {missing.programme} untuk {month_name(missing.month)}."
        ) from None
    standing = WageReport.objects.standing().of_month(month)
    sums = standing.aggregate(firms=Count("pk"), workers=Sum("workers"), total=Sum("total"))
    return {
        "month": str(month),
        "firms": sums["firms"],
        "workers": sums["workers"] or 0,
        "total": sums["total"] or 0,
        "estimated": billed.firms,
        "written": billed.written,
    }


def read_month(text: str) -> Month:
    try:
        month = Month.parse(text)
    except ValueError:
        raise CommandError(
            f"{text} bukan bulan; tulis tahun dan bulan, misalnya 2026-10."
        ) from None
    if month > Month.of(timezone.localdate()):
        raise CommandError(f"{month_name(month)} belum mulai; tagih sesudah bulan itu mulai.")
    return month
