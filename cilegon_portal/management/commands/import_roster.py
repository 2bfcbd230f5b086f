"""Report a firm's month from its spreadsheet: the reader of the upload page, larger limits."""

import hashlib
import json
import sys
from argparse import ArgumentParser
from io import BufferedReader
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.rules import NoRate
from cilegon_portal.rules.months import Month
from cilegon_portal.rules.reference import read_reference
from cilegon_portal.sheets import LARGE, SheetRefused
from cilegon_portal.sheets.limits import too_large
from employers.actions import approving, importing
from employers.actions.importing import Imported, RowsRefused, import_roster
from employers.models import Employer
from employers.rules.columns import MissingColumn, TwiceColumn
from employers.rules.rows import dotted

REFUSALS: dict[type[Exception], str] = {
    approving.FirmIsNotActive: "Badan usaha ini tidak aktif pada bulan itu",
    approving.MonthNotYet: "Bulan ini belum dimulai",
    approving.AlreadyApproved: "Bulan ini sudah dilaporkan",
    NoRate: "Tarif iuran bulan ini belum dimuat",
}


class Refused(Exception):
    """The month is not imported; the text says why, `errors` which cells."""

    def __init__(self, text: str, errors: list[dict[str, Any]] | None = None) -> None:
        super().__init__(text)
        self.errors = errors or []


class Command(BaseCommand):
    """Imports one file: all of it, or nothing and exit 1. The same file again writes nothing."""

    help = "Report a month of a firm from an XLSX or CSV file, approve it and bill it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--employer", required=True, help="NPP, or the portal's CLG-number")
        parser.add_argument("--month", required=True, help="YYYY-MM")
        parser.add_argument("--by", default="", help="e-mail of who answers for it")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            done = self.run(options)
        except Refused as refusal:
            self.tell_refusal(refusal, is_json=options["json"])
            sys.exit(1)
        told = outcome(done)
        text = json.dumps(told) if options["json"] else words(told)
        self.stdout.write(text)

    def run(self, options: dict[str, Any]) -> Imported:
        employer, month = find_employer(options["employer"]), read_month(options["month"])
        by = find_user(options["by"]) if options["by"] else None
        try:
            with options["file"].open("rb") as file:
                return import_file(employer, month, file, by)
        except OSError as error:
            raise CommandError(f"File tidak bisa dibuka: {options['file']}") from error

    def tell_refusal(self, refusal: Refused, *, is_json: bool) -> None:
        if is_json:
            told = {"error": str(refusal), "errors": refusal.errors}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        for error in refusal.errors:
            self.stderr.write(f"{error['sentence']} [{error['column']}: {error['value']}]")
        self.stderr.write(str(refusal))


def find_employer(name: str) -> Employer:
    known = Employer.objects.exclude(account=None)
    reference = read_reference(name)
    firms = known.filter(reference=reference) if reference else known.filter(npp=npp_of(name))
    employer = firms.first()
    if employer is None:
        raise CommandError(f"Tidak ada badan usaha terdaftar dengan nomor {name}.")
    return employer


def npp_of(name: str) -> str:
    return "".join(name.split()).upper() or "-"


def read_month(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError:
        raise CommandError("Tulis bulan seperti 2026-10.") from None


def find_user(email: str) -> User:
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        raise CommandError(f"Tidak ada pengguna dengan e-mail {email}.")
    return user


def import_file(
    employer: Employer, month: Month, file: BufferedReader, by: User | None
) -> Imported:
    """Import an open file; raise Refused with everything that is wrong in it."""
    try:
        if Path(file.name).stat().st_size > LARGE.file_bytes:
            raise too_large(LARGE)
        sha256 = hashlib.file_digest(file, "sha256").digest()
        file.seek(0)
        return import_roster(
            employer=employer, month=month, file=file, sha256=sha256, by=by, at=timezone.now()
        )
    except (SheetRefused, MissingColumn, TwiceColumn) as refusal:
        raise Refused(refusal.sentence) from None
    except RowsRefused as refusal:
        rows = len({error["row"] for error in refusal.errors})
        text = f"Masih ada {dotted(rows)} baris yang perlu diperbaiki. Tidak ada yang dicatat"
        raise Refused(text, refusal.errors) from None
    except tuple(REFUSALS) as refusal:
        raise Refused(REFUSALS[type(refusal)]) from None


def outcome(done: importing.Imported) -> dict[str, Any]:
    report = done.report
    return {
        "rows": done.rows,
        "joined": done.joined,
        "left": done.left,
        "changed": done.changed,
        "workers": report.workers,
        "total": report.total,
        "report": report.pk,
        "month": str(report.month),
        "version": report.version,
        "already": done.already,
    }


def words(told: dict[str, Any]) -> str:
    if told["already"]:
        return "File ini sudah diimpor. Tidak ada yang berubah."
    return (
        f"{dotted(told['rows'])} baris, {dotted(told['workers'])} pekerja, "
        f"{dotted(told['joined'])} masuk, {dotted(told['left'])} keluar. "
        f"Tagihan Rp{dotted(told['total'])}."
    )
