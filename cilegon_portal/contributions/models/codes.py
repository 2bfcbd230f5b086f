"""What a payer is told to pay with, and what the money will buy."""

from datetime import datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, GeneratedField, Q

from cilegon_portal.accounts.models import User
from cilegon_portal.audit import audited
from cilegon_portal.contributions.models.ledger import SECTORS, Account, Bill
from cilegon_portal.fields import MonthField, RupiahField


class PaymentCodeQuerySet(models.QuerySet["PaymentCode"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def newest_first(self) -> Self:
        return self.order_by("-made_at", "-pk")


@audited(fields=["reference", "account", "amount", "expires_at", "closed_at", "closed_because"])
class PaymentCode(models.Model):
    """What a payer is told to pay with: an amount, until a moment. One is open an account."""

    class Closed(models.TextChoices):
        PAID = "PAID", "Terbayar"
        REPLACED = "REPLACED", "Diganti"
        EXPIRED = "EXPIRED", "Lewat waktu"

    reference = models.CharField("kode bayar", max_length=13)
    account = models.ForeignKey(Account, models.PROTECT, related_name="codes", verbose_name="akun")
    amount = RupiahField("jumlah")
    made_at = models.DateTimeField("dibuat pada")
    expires_at = models.DateTimeField("berlaku sampai")
    closed_at = models.DateTimeField("ditutup pada", null=True, blank=True)
    closed_because = models.CharField("alasan tutup", max_length=10, choices=Closed, blank=True)
    by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name="oleh",
    )

    objects = PaymentCodeQuerySet.as_manager()

    class Meta:
        verbose_name = "kode bayar"
        verbose_name_plural = "kode bayar"
        constraints = [
            models.UniqueConstraint(
                name="payment_code_reference_stands_once", fields=["reference"]
            ),
            models.UniqueConstraint(
                name="payment_code_is_open_once_an_account",
                fields=["account"],
                condition=Q(closed_at=None),
            ),
            models.CheckConstraint(
                name="payment_code_closing_is_whole",
                condition=Q(closed_at=None, closed_because="")
                | Q(closed_at__isnull=False) & ~Q(closed_because=""),
            ),
            models.CheckConstraint(
                name="payment_code_amount_is_not_negative", condition=Q(amount__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def is_payable(self, at: datetime) -> bool:
        """Tell whether the code still stands at its printed price at the moment `at`."""
        return self.closed_at is None and at < self.expires_at


class CodeLine(models.Model):
    """One thing a code buys, in order: a member's month at its price (BPU), or a bill (PU)."""

    class Funding(models.TextChoices):
        SELF = "SELF", "Peserta sendiri"
        DONOR = "DONOR", "Donatur"
        APBD = "APBD", "APBD"
        APBDES = "APBDES", "APBDes"
        APBN = "APBN", "APBN"

    code = models.ForeignKey(PaymentCode, models.PROTECT, related_name="lines", db_index=False)
    position = models.PositiveIntegerField("urutan")
    account = models.ForeignKey(Account, models.PROTECT, related_name="code_lines")
    month = MonthField("bulan iuran")
    bill = models.ForeignKey(Bill, models.PROTECT, null=True, blank=True, related_name="code_lines")
    due = RupiahField("tagihan (PU)", default=0)
    jkk = RupiahField("JKK", default=0)
    jkm = RupiahField("JKM", default=0)
    jht = RupiahField("JHT", default=0)
    total = GeneratedField(
        expression=F("due") + F("jkk") + F("jkm") + F("jht"),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )
    due_on = models.DateField("jatuh tempo")
    sector = models.CharField("sektor", max_length=10, choices=SECTORS, blank=True)
    funding = models.CharField("sumber dana", max_length=10, choices=Funding, blank=True)
    income = RupiahField("penghasilan (dasar golongan)", null=True, blank=True)
    with_jht = models.BooleanField("dengan JHT", default=False)
    rates = ArrayField(models.BigIntegerField(), verbose_name="tarif", default=list, blank=True)

    class Meta:
        verbose_name = "isi kode bayar"
        verbose_name_plural = "isi kode bayar"
        constraints = [
            models.UniqueConstraint(
                name="code_line_position_stands_once", fields=["code", "position"]
            ),
            models.UniqueConstraint(
                name="code_line_month_stands_once", fields=["code", "account", "month"]
            ),
            models.CheckConstraint(
                name="code_line_month_is_a_first_day", condition=Q(month__day=1)
            ),
            models.CheckConstraint(
                name="code_line_is_a_month_or_a_bill",
                condition=Q(bill__isnull=False, jkk=0, jkm=0, jht=0, due__gt=0)
                | Q(bill=None, due=0, income__isnull=False) & ~Q(sector="") & ~Q(funding=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code_id}/{self.position} {self.month}"


@audited(fields=["month", "bills", "surplus", "asked_by", "approved_by", "approved_at"])
class Repricing(models.Model):
    """A month priced anew because the law reached back; it counts once a second person agrees."""

    month = MonthField("bulan iuran")
    bills = models.PositiveIntegerField("jumlah tagihan")
    surplus = RupiahField("kelebihan bayar")
    asked_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name="diusulkan oleh"
    )
    asked_at = models.DateTimeField("diusulkan pada")
    approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="disetujui oleh"
    )
    approved_at = models.DateTimeField("disetujui pada", null=True, blank=True)

    class Meta:
        verbose_name = "hitung ulang"
        verbose_name_plural = "hitung ulang"
        constraints = [
            models.CheckConstraint(
                name="repricing_approval_is_whole",
                condition=Q(approved_by=None, approved_at=None)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
            ),
            models.CheckConstraint(
                name="repricing_is_approved_by_another",
                condition=Q(approved_by=None) | ~Q(approved_by=F("asked_by")),
                violation_error_message="Hitung ulang disetujui orang lain, bukan pengusulnya.",
            ),
            models.UniqueConstraint(
                name="repricing_waits_once_a_month", fields=["month"], condition=Q(approved_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month}: {self.surplus}"
