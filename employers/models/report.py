"""Wage reports: what a firm said of one month, version by version, and its lines."""

from typing import Self

from django.db import models
from django.db.models import Exists, F, GeneratedField, OuterRef, Q

from cilegon_portal.accounts.models import User
from cilegon_portal.audit import append_only
from cilegon_portal.contributions.models import Bill, Charge
from cilegon_portal.fields import MonthField, RupiahField
from cilegon_portal.people.models import Person
from cilegon_portal.rules.months import Month
from employers.models.firm import Employer
from employers.models.terms import Terms


class WageReportQuerySet(models.QuerySet["WageReport"]):
    def standing(self) -> Self:
        """Filter to the version that counts of each firm and month."""
        return self.filter(ended_at=None)

    def of_month(self, month: Month) -> Self:
        return self.filter(month=month.first_day)

    def newest_first(self) -> Self:
        return self.order_by("-month", "-version")

    def paid(self) -> Self:
        """Filter to the standing reports whose month is paid: the contribution part, whole."""
        bill = Bill.objects.covering().filter(
            account=OuterRef("employer__account"), month=OuterRef("month")
        )
        return self.standing().filter(Exists(bill))


class WageReport(models.Model):
    """One version of a firm's month: whole, priced and billed. It changes once: when it ends."""

    class Kind(models.TextChoices):
        REGULAR = "REGULAR", "Laporan upah"
        ESTIMATE = "ESTIMATE", "Perkiraan (belum ada laporan)"
        SUPPLEMENT = "SUPPLEMENT", "Laporan susulan"
        REPLACEMENT = "REPLACEMENT", "Laporan pengganti"
        REPRICED = "REPRICED", "Dihitung ulang (ketentuan berubah)"

    class Source(models.TextChoices):
        SAME = "SAME", "Sama seperti bulan lalu"
        SCREEN = "SCREEN", "Diubah di layar"
        UPLOAD = "UPLOAD", "Unggahan file"
        COMMAND = "COMMAND", "Impor oleh kantor"
        OFFICE = "OFFICE", "Dihitung kantor"

    class Ended(models.TextChoices):
        REPLACED = "REPLACED", "Diganti versi baru"
        WITHDRAWN = "WITHDRAWN", "Dibatalkan untuk diperbaiki"

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="reports", db_index=False)
    month = MonthField("bulan iuran")
    version = models.PositiveSmallIntegerField("versi")
    kind = models.CharField("jenis", max_length=12, choices=Kind)
    source = models.CharField("cara", max_length=10, choices=Source)
    terms = models.ForeignKey(Terms, models.PROTECT, related_name="+", db_index=False)
    file_hash = models.BinaryField("SHA-256 file", max_length=32, null=True, blank=True)
    workers = models.PositiveIntegerField("pekerja")
    wages = RupiahField("jumlah upah")
    jkk = RupiahField("JKK")
    jkm = RupiahField("JKM")
    jht_employer = RupiahField("JHT pemberi kerja")
    jht_worker = RupiahField("JHT pekerja")
    jp_employer = RupiahField("JP pemberi kerja")
    jp_worker = RupiahField("JP pekerja")
    total = GeneratedField(
        expression=F("jkk")
        + F("jkm")
        + F("jht_employer")
        + F("jht_worker")
        + F("jp_employer")
        + F("jp_worker"),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )
    charge = models.OneToOneField(
        Charge, models.PROTECT, null=True, blank=True, related_name="wage_report"
    )
    approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="disetujui oleh"
    )
    approved_at = models.DateTimeField("disetujui pada")
    request_id = models.CharField(max_length=64, blank=True)
    ended_at = models.DateTimeField("berakhir pada", null=True, blank=True)
    ended_because = models.CharField("sebab berakhir", max_length=10, choices=Ended, blank=True)
    ended_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="diakhiri oleh"
    )

    objects = WageReportQuerySet.as_manager()

    class Meta:
        verbose_name = "laporan upah"
        verbose_name_plural = "laporan upah"
        constraints = [
            models.UniqueConstraint(
                name="wage_report_version_stands_once", fields=["employer", "month", "version"]
            ),
            models.UniqueConstraint(
                name="wage_report_stands_once_a_month",
                fields=["employer", "month"],
                condition=Q(ended_at=None),
            ),
            models.CheckConstraint(
                name="wage_report_month_is_a_first_day", condition=Q(month__day=1)
            ),
            models.CheckConstraint(
                name="wage_report_ending_is_whole",
                condition=Q(ended_at=None, ended_because="")
                | Q(ended_at__isnull=False) & ~Q(ended_because=""),
            ),
            models.CheckConstraint(
                name="wage_report_of_a_firm_is_approved_by_somebody",
                condition=Q(kind__in=["ESTIMATE", "REPRICED"])
                | Q(source="COMMAND")
                | Q(approved_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employer_id} {self.month} v{self.version}"

    @property
    def is_estimate(self) -> bool:
        """Tell whether the office assumed this month because the firm said nothing."""
        return self.kind == self.Kind.ESTIMATE


class WageLineQuerySet(models.QuerySet["WageLine"]):
    def standing(self) -> Self:
        return self.filter(report__ended_at=None)

    def of_month(self, month: Month) -> Self:
        return self.filter(month=month.first_day)

    def covering(self) -> Self:
        """Filter to the lines that cover somebody: of months whose contribution is paid whole."""
        return self.filter(report__in=WageReport.objects.paid())


class WageLine(models.Model):
    """One worker's month in one report: the wage and the six amounts, written once."""

    # No row-by-row foreign keys: for half a million lines their checks cost more than the lines.
    # A statement trigger asks the same of all lines at once, and neither end is ever deleted.
    report = models.ForeignKey(
        WageReport, models.PROTECT, related_name="lines", db_index=False, db_constraint=False
    )
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="wage_lines", db_constraint=False
    )
    month = MonthField("bulan iuran")
    wage = RupiahField("upah")
    jkk = RupiahField("JKK")
    jkm = RupiahField("JKM")
    jht_employer = RupiahField("JHT pemberi kerja")
    jht_worker = RupiahField("JHT pekerja")
    jp_employer = RupiahField("JP pemberi kerja")
    jp_worker = RupiahField("JP pekerja")

    objects = WageLineQuerySet.as_manager()

    class Meta:
        verbose_name = "baris upah"
        verbose_name_plural = "baris upah"
        triggers = append_only()
        constraints = [
            models.UniqueConstraint(
                name="wage_line_stands_once", fields=["report", "person", "month"]
            ),
            models.CheckConstraint(
                name="wage_line_month_is_a_first_day", condition=Q(month__day=1)
            ),
            models.CheckConstraint(
                name="wage_line_amounts_are_not_negative",
                condition=Q(
                    wage__gte=0,
                    jkk__gte=0,
                    jkm__gte=0,
                    jht_employer__gte=0,
                    jht_worker__gte=0,
                    jp_employer__gte=0,
                    jp_worker__gte=0,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id}/{self.person_id}"

    @property
    def total(self) -> int:
        """All six amounts, in rupiah."""
        return (
            self.jkk
            + self.jkm
            + self.jht_employer
            + self.jht_worker
            + self.jp_employer
            + self.jp_worker
        )
