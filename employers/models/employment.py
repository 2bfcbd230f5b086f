"""Who works where, from when until when, as the firm reported it."""

from datetime import date
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Greatest

from cilegon_portal.accounts.models import User
from cilegon_portal.audit import audited
from cilegon_portal.people.models import Person
from employers.models.firm import Employer


class Spell(Func):
    """`daterange(started_on, ended_on, '[]')`: both days worked; null means still there."""

    function = "DATERANGE"
    output_field = DateRangeField()

    def __init__(self) -> None:
        super().__init__("started_on", Greatest("started_on", "ended_on"), Value("[]"))


class EmploymentQuerySet(models.QuerySet["Employment"]):
    def standing(self) -> Self:
        return self.filter(ended_on=None)

    def worked_on(self, day: date) -> Self:
        return self.filter(Q(ended_on=None) | Q(ended_on__gte=day), started_on__lte=day)

    def differing(self) -> Self:
        """Filter to what a firm reported otherwise than the person's record, not settled yet."""
        return self.filter(is_different=True, settled_at=None)


@audited(
    fields=["employer", "person", "started_on", "ended_on", "cause", "is_different", "settled_at"],
)
class Employment(models.Model):
    """A spell of work of one person at one firm; what the firm said of the person stays here."""

    class Cause(models.TextChoices):
        RESIGNED = "RESIGNED", "Mengundurkan diri"
        DISMISSED = "DISMISSED", "Diberhentikan (PHK)"
        CONTRACT_ENDED = "CONTRACT_ENDED", "Kontrak berakhir"
        RETIRED = "RETIRED", "Pensiun"
        DIED = "DIED", "Meninggal dunia"
        MOVED = "MOVED", "Pindah ke perusahaan lain"
        OTHER = "OTHER", "Lainnya"

    employer = models.ForeignKey(
        Employer, models.PROTECT, related_name="employments", db_index=False
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="employments")
    reported_name = models.CharField("nama menurut perusahaan", max_length=120)
    reported_birth_date = models.DateField("tanggal lahir menurut perusahaan")
    # Of a passport only: a NIK tells it itself, and the person's record is nobody's business.
    reported_sex = models.CharField(
        "jenis kelamin menurut perusahaan",
        max_length=1,
        choices=Person.Sex,
        blank=True,
        default="",
        db_default="",
    )
    kpj = models.CharField("KPJ", max_length=11, blank=True)
    started_on = models.DateField("mulai bekerja")
    ended_on = models.DateField("hari kerja terakhir", null=True, blank=True)
    cause = models.CharField("sebab berhenti", max_length=20, choices=Cause, blank=True)
    is_different = models.BooleanField("berbeda dengan data orang", default=False)
    settled_at = models.DateTimeField("diselesaikan pada", null=True, blank=True)
    settled_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="oleh"
    )
    settled_note = models.CharField("penyelesaian", max_length=300, blank=True)

    objects = EmploymentQuerySet.as_manager()

    class Meta:
        verbose_name = "hubungan kerja"
        verbose_name_plural = "hubungan kerja"
        constraints = [
            ExclusionConstraint(
                name="employment_spells_do_not_overlap",
                expressions=[
                    (F("employer"), RangeOperators.EQUAL),
                    (F("person"), RangeOperators.EQUAL),
                    (Spell(), RangeOperators.OVERLAPS),
                ],
                violation_error_message="Orang ini sudah bekerja di sini pada tanggal itu.",
            ),
            models.CheckConstraint(
                name="employment_ends_after_it_starts",
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                violation_error_message="Hari kerja terakhir harus sesudah hari mulai bekerja.",
            ),
            models.CheckConstraint(
                name="employment_end_has_a_cause",
                condition=Q(ended_on=None, cause="") | Q(ended_on__isnull=False) & ~Q(cause=""),
                violation_error_message="Pilih sebab berhenti.",
            ),
            models.CheckConstraint(
                name="employment_difference_is_settled_whole",
                condition=Q(settled_at=None, settled_by=None)
                | Q(settled_at__isnull=False, settled_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["employer", "person"],
                name="employment_standing",
                condition=Q(ended_on=None),
            ),
            models.Index(
                fields=["id"],
                name="employment_differing",
                condition=Q(is_different=True, settled_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employer_id}/{self.person_id}"
