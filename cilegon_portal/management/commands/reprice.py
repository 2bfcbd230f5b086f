"""Prices a month anew after the law reached back: preview, proposal, approval by another."""

import json
from argparse import ArgumentParser
from typing import Any

import pghistory
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions import actions
from cilegon_portal.contributions.models import Repricing
from cilegon_portal.rules.months import Month
from cilegon_portal.templatetags.portal import month_name, rupiah

SENTENCES: dict[type[Exception], str] = {
    actions.NothingToReprice: "Tidak ada bulan yang dibayar terlalu mahal; tidak ada yang diubah.",
    actions.RepricingWaits: "Usul untuk bulan ini sudah ada dan menunggu orang kedua.",
    actions.SamePerson: "Hitung ulang disetujui orang lain, bukan pengusulnya.",
}


class Command(BaseCommand):
    help = "Menghitung ulang satu bulan iuran BPU yang sudah dibayar dengan tarif sekarang."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", help="bulan iuran, misalnya 2026-04")
        parser.add_argument("--json", action="store_true", help="jawaban dalam satu objek JSON")
        parser.add_argument("--by", default="", help="e-mail petugas; tanpa ini hanya pratinjau")
        parser.add_argument("--approve", action="store_true", help="setujui usul orang lain")

    def handle(self, *_args: Any, **options: Any) -> None:
        month = read_month(options["month"])
        try:
            answer = self.answer(month, email=options["by"], is_approval=options["approve"])
        except tuple(SENTENCES) as refusal:
            raise CommandError(SENTENCES[type(refusal)]) from None
        if options["json"]:
            self.stdout.write(json.dumps({"month": str(month), **answer}))
        else:
            self.stdout.write(
                f"{month_name(month)}: {answer['bills']} tagihan, "
                f"kelebihan {rupiah(answer['surplus'])} ({answer['state']})."
            )

    def answer(self, month: Month, *, email: str, is_approval: bool) -> dict[str, Any]:
        """Do what was asked; return state PREVIEW, PROPOSED or APPROVED with its figures."""
        if not email:
            if is_approval:
                raise CommandError("Sebutkan siapa yang menyetujui dengan --by E-MAIL.")
            found = actions.preview_repricing(month=month)
            return {"state": "PREVIEW", "bills": found.bills, "surplus": found.amount}
        user = find_user(email)
        with pghistory.context(user=user.pk, reason=f"reprice {month}"):
            if not is_approval:
                row = actions.propose_repricing(month=month, by=user, at=timezone.now())
                return {"state": "PROPOSED", "bills": row.bills, "surplus": row.surplus}
            row = actions.approve_repricing(repricing=waiting(month), by=user, at=timezone.now())
            return {"state": "APPROVED", "bills": row.bills, "surplus": row.surplus}


def read_month(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError:
        raise CommandError(
            f"{text} bukan bulan; tulis tahun dan bulan, misalnya 2026-04."
        ) from None


def find_user(email: str) -> User:
    try:
        return User.objects.get(email__iexact=email, is_active=True)
    except User.DoesNotExist:
        raise CommandError(f"Tidak ada pengguna aktif dengan e-mail {email}.") from None


def waiting(month: Month) -> Repricing:
    try:
        return Repricing.objects.get(month=month.first_day, approved_at=None)
    except Repricing.DoesNotExist:
        raise CommandError(f"Belum ada usul hitung ulang untuk {month_name(month)}.") from None
