"""A month being prepared: what was read from a file or typed, before anybody approves it."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from cilegon_portal.accounts.models import User
from cilegon_portal.audit import audited
from cilegon_portal.fields import EncryptedField, MonthField, RupiahField, blind_index
from cilegon_portal.people.models import Person
from cilegon_portal.rules.months import Month
from employers.models.employment import Employment
from employers.models.firm import Employer
from employers.models.report import WageReport


class ReportDraftQuerySet(models.QuerySet["ReportDraft"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def closed(self) -> Self:
        return self.filter(closed_at__isnull=False)

    def of_month(self, month: Month) -> Self:
        return self.filter(month=month.first_day)

    def expired_at(self, at: datetime) -> Self:
        """Filter to the open drafts kept long enough; what the office is looking at stays."""
        found = self.open().filter(expires_at__lte=at)
        return found.exclude(employer__state=Employer.State.SENT)


@audited(
    fields=["employer", "month", "purpose", "source", "state", "closed_at", "closed_because"],
    quiet=["rows_total", "rows_read"],
)
class ReportDraft(models.Model):
    """A firm's month in preparation; one is open a firm and month, kept for thirty days."""

    class Purpose(models.TextChoices):
        REGULAR = "REGULAR", "Laporan upah"
        SUPPLEMENT = "SUPPLEMENT", "Laporan susulan"
        REPLACEMENT = "REPLACEMENT", "Laporan pengganti"

    class State(models.TextChoices):
        READING = "READING", "Sedang diperiksa"
        REFUSED = "REFUSED", "File tidak bisa dibaca"
        READY = "READY", "Sudah diperiksa"

    class Closed(models.TextChoices):
        APPROVED = "APPROVED", "Disetujui"
        REPLACED = "REPLACED", "Diganti unggahan baru"
        DISCARDED = "DISCARDED", "Dibuang"
        EXPIRED = "EXPIRED", "Lewat waktu"

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="drafts", db_index=False)
    month = MonthField("bulan iuran")
    purpose = models.CharField("untuk", max_length=12, choices=Purpose, default=Purpose.REGULAR)
    source = models.CharField("cara", max_length=10, choices=WageReport.Source)
    state = models.CharField("keadaan", max_length=10, choices=State)
    stored_name = models.CharField("nama simpan", max_length=43, blank=True)
    file_hash = models.BinaryField("SHA-256 file", max_length=32, null=True, blank=True)
    rows_total = models.PositiveIntegerField("baris", default=0)
    rows_read = models.PositiveIntegerField("baris dibaca", default=0)
    faulty = models.PositiveIntegerField("perlu diperbaiki", default=0)
    warned = models.PositiveIntegerField("peringatan", default=0)
    fault = models.CharField("sebab ditolak", max_length=200, blank=True)
    columns = models.JSONField("kolom file", default=list, blank=True)
    made_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="disiapkan oleh"
    )
    made_at = models.DateTimeField("dibuat pada")
    read_at = models.DateTimeField("selesai diperiksa pada", null=True, blank=True)
    expires_at = models.DateTimeField("disimpan sampai")
    closed_at = models.DateTimeField("ditutup pada", null=True, blank=True)
    closed_because = models.CharField("sebab ditutup", max_length=10, choices=Closed, blank=True)

    objects = ReportDraftQuerySet.as_manager()

    class Meta:
        verbose_name = "draf laporan upah"
        verbose_name_plural = "draf laporan upah"
        constraints = [
            models.UniqueConstraint(
                name="report_draft_is_open_once_a_month",
                fields=["employer", "month"],
                condition=Q(closed_at=None),
            ),
            models.CheckConstraint(
                name="report_draft_month_is_a_first_day", condition=Q(month__day=1)
            ),
            models.CheckConstraint(
                name="report_draft_closing_is_whole",
                condition=Q(closed_at=None, closed_because="")
                | Q(closed_at__isnull=False) & ~Q(closed_because=""),
            ),
            models.CheckConstraint(
                name="report_draft_refused_says_why",
                condition=Q(state="REFUSED") & ~Q(fault="") | ~Q(state="REFUSED") & Q(fault=""),
            ),
            models.CheckConstraint(
                name="report_draft_with_faults_is_not_approved",
                condition=~Q(closed_because="APPROVED") | Q(faulty=0, state="READY"),
                violation_error_message=(
                    "Masih ada baris yang perlu diperbaiki. Perbaiki dulu sebelum menyetujui"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employer_id} {self.month}"


class DraftRowQuerySet(models.QuerySet["DraftRow"]):
    def listed(self) -> Self:
        """Filter to the workers of the file or the screen, without those it no longer names."""
        return self.filter(is_absent=False)

    def absent(self) -> Self:
        """Filter to the workers of last month whom the file no longer names: proposed leavers."""
        return self.filter(is_absent=True)

    def faulty(self) -> Self:
        return self.exclude(faults=[])

    def warned(self) -> Self:
        """Filter to the rows whose warnings nobody has answered yet."""
        return self.listed().exclude(warnings=[]).filter(reason="")

    def joining(self) -> Self:
        return self.listed().filter(is_new=True)

    def unanswered(self) -> Self:
        """Filter to the missing workers of whom nobody has said yet whether they left."""
        return self.absent().filter(ended_on=None)

    def named(self, words: str) -> Self:
        """Filter to the rows whose name has every one of `words`, or whose id is `words`."""
        digits = "".join(words.split())
        named = Q()
        for word in words.split():
            named &= Q(name__icontains=word)
        return self.filter(named | Q(id_index=blind_index("person.id", digits))) if words else self

    def in_order(self) -> Self:
        return self.order_by("number")


class DraftRow(models.Model):
    """One worker of a month in preparation. Nobody's record changes before it is approved."""

    draft = models.ForeignKey(ReportDraft, models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField("baris")  # of the file, the header being row 1
    is_absent = models.BooleanField("tidak disebut lagi", default=False)
    id_kind = models.CharField("jenis identitas", max_length=10, choices=Person.IdKind)
    id_number = EncryptedField("nomor identitas", null=True, blank=True)
    id_index = models.BinaryField("indeks buta", max_length=32, null=True, blank=True)
    name = models.CharField("nama", max_length=120, blank=True)
    birth_date = models.DateField("tanggal lahir", null=True, blank=True)
    sex = models.CharField("jenis kelamin", max_length=1, choices=Person.Sex, blank=True)
    kpj = models.CharField("KPJ", max_length=11, blank=True)
    started_on = models.DateField("mulai bekerja", null=True, blank=True)
    is_new = models.BooleanField("pekerja baru", default=False)
    wage = RupiahField("upah", null=True, blank=True)
    last_wage = RupiahField("upah bulan lalu", null=True, blank=True)
    ended_on = models.DateField("hari kerja terakhir", null=True, blank=True)
    cause = models.CharField("sebab berhenti", max_length=20, choices=Employment.Cause, blank=True)
    faults = models.JSONField("kesalahan", default=list, blank=True)
    warnings = models.JSONField("peringatan", default=list, blank=True)
    reason = models.CharField("alasan", max_length=300, blank=True)
    raw = EncryptedField("isi baris (JSON)", null=True, blank=True)

    objects = DraftRowQuerySet.as_manager()

    class Meta:
        verbose_name = "baris draf"
        verbose_name_plural = "baris draf"
        constraints = [
            models.UniqueConstraint(
                name="draft_row_number_stands_once", fields=["draft", "number"]
            ),
            models.CheckConstraint(
                name="draft_row_without_faults_is_whole",
                condition=~Q(faults=[])
                | Q(
                    id_number__isnull=False,
                    id_index__isnull=False,
                    birth_date__isnull=False,
                    started_on__isnull=False,
                    wage__gte=0,
                )
                & ~Q(name=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draft_id}/{self.number}"
