"""The worker's door: occupations, enrolments of own-account workers, cards, unfinished forms."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, Q

from cilegon_portal.accounts.models import DESK_ROLES, Role, User
from cilegon_portal.audit import audited
from cilegon_portal.contributions.models import Account, CodeLine
from cilegon_portal.contributions.models.ledger import SECTORS
from cilegon_portal.fields import EncryptedField, MonthField, RupiahField, blind_index
from cilegon_portal.people.models import Person
from participants.answers import Answers, next_step

HELP_ROLES = (Role.SERVICE, Role.OUTREACH)  # who fills in the worker's pages with the worker


class OccupationQuerySet(models.QuerySet["Occupation"]):
    def offered(self) -> Self:
        return self.filter(is_offered=True).order_by("name")


@audited(fields=["name", "sector", "is_priced_by_office", "is_offered"])
class Occupation(models.Model):
    """A line of work of own-account workers; its sector decides the relief of PP 50/2025."""

    name = models.CharField("pekerjaan", max_length=80)
    group = models.CharField("kelompok", max_length=80)
    sector = models.CharField("sektor", max_length=10, choices=SECTORS)
    is_priced_by_office = models.BooleanField(
        "dihitung kantor",
        default=False,
        help_text=(
            "Magang, siswa praktik, honorer: seperti penerima upah, kantor yang menghitung."
        ),
    )
    is_offered = models.BooleanField("ditawarkan", default=True)
    legal_basis = models.CharField("dasar hukum", max_length=300)

    objects = OccupationQuerySet.as_manager()

    class Meta:
        verbose_name = "pekerjaan BPU"
        verbose_name_plural = "pekerjaan BPU"
        constraints = [
            models.UniqueConstraint(
                name="occupation_name_stands_once",
                fields=["name"],
                violation_error_message="Pekerjaan ini sudah ada di daftar.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def visible_to(self, user: User) -> Self:
        """Filter to the people on this user's phone; the desk sees everyone."""
        at_the_desk = User.groups.through.objects.filter(user=user, group__name__in=DESK_ROLES)
        return self.filter(Q(person__user=user) | Exists(at_the_desk))


class Enrolment(models.Model):
    """An own-account worker's place in the scheme, from the request on; unpaid, an applicant."""

    number = models.CharField("nomor peserta", max_length=13)
    person = models.OneToOneField(Person, models.PROTECT, related_name="enrolment")
    account = models.OneToOneField(Account, models.PROTECT, related_name="enrolment")
    occupation = models.ForeignKey(Occupation, models.PROTECT, verbose_name="pekerjaan")
    occupation_note = models.CharField("pekerjaan lain", max_length=80, blank=True)
    income = RupiahField("penghasilan sebulan")
    with_jht = models.BooleanField("dengan JHT", default=False)
    funding = models.CharField(
        "sumber dana", max_length=10, choices=CodeLine.Funding, default=CodeLine.Funding.SELF
    )
    first_month = MonthField("bulan iuran pertama")
    wants_reminders = models.BooleanField("mau diingatkan", default=False)
    registered_at = models.DateTimeField("didaftarkan pada")
    assisted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="dibantu oleh"
    )

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = "pendaftaran"
        verbose_name_plural = "pendaftaran"
        constraints = [
            models.UniqueConstraint(name="enrolment_number_stands_once", fields=["number"]),
            models.CheckConstraint(
                name="enrolment_first_month_is_a_first_day", condition=Q(first_month__day=1)
            ),
            models.CheckConstraint(
                name="enrolment_income_is_not_negative", condition=Q(income__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return self.number


class CardQuerySet(models.QuerySet["Card"]):
    def standing(self) -> Self:
        return self.filter(revoked_at=None)


class Card(models.Model):
    """The public token of a member's card; a renewed card revokes the one before."""

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="cards")
    token = models.CharField(max_length=26)
    made_at = models.DateTimeField("dibuat pada")
    revoked_at = models.DateTimeField("dicabut pada", null=True, blank=True)
    checks = models.PositiveIntegerField("jumlah pemeriksaan", default=0)

    objects = CardQuerySet.as_manager()

    class Meta:
        verbose_name = "kartu"
        verbose_name_plural = "kartu"
        constraints = [
            models.UniqueConstraint(name="card_token_stands_once", fields=["token"]),
            models.UniqueConstraint(
                name="card_stands_once_an_enrolment",
                fields=["enrolment"],
                condition=Q(revoked_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"Kartu {self.pk}"


class RegistrationDraftQuerySet(models.QuerySet["RegistrationDraft"]):
    def alive(self, at: datetime) -> Self:
        return self.filter(expires_at__gt=at)

    def held_by(self, token: str, *, user_key: int | None) -> Self:
        """Filter to the draft of this token; one that staff began opens for that member only."""
        return self.filter(Q(assisted_by=None) | Q(assisted_by=user_key), token=token)

    def resumable_by(self, user: User) -> Self:
        """Filter to the unfinished drafts in which this user's own phone was proven.

        Typed alone it proves nothing: a slip of the finger would show a stranger's answers.
        """
        own = self.unfinished().filter(assisted_by=None).exclude(phone_proven_at=None)
        return own.of_phone(user.phone) if user.phone else own.none()

    def unfinished(self) -> Self:
        return self.filter(finished_at=None)

    def of_phone(self, phone: str) -> Self:
        """Filter to the drafts in which this number (E.164) was typed."""
        return self.filter(phone_index=blind_index("registration.phone", phone))

    def waiting_for_code(self) -> Self:
        """Filter to the drafts whose phone is not proven yet."""
        return self.unfinished().filter(needs_office=False, phone_proven_at=None)

    def waiting_for_office(self) -> Self:
        """Filter to what the counter still has to compare with the papers."""
        return self.unfinished().filter(needs_office=True)

    def newest_first(self) -> Self:
        return self.order_by("-changed_at", "-pk")


class RegistrationDraft(models.Model):
    """Answers given so far on the registration pages, encrypted, kept for seven days."""

    token = models.CharField(max_length=43)
    reference = models.CharField("nomor formulir", max_length=13)
    answers = EncryptedField("jawaban (JSON)")
    phone_index = models.BinaryField("indeks buta HP", max_length=32, default=bytes)
    phone_proven_at = models.DateTimeField("HP dibuktikan pada", null=True, blank=True)
    assisted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    enrolment = models.ForeignKey(
        Enrolment, models.PROTECT, null=True, blank=True, related_name="+"
    )
    needs_office = models.BooleanField("perlu dicocokkan di kantor", default=False)
    made_at = models.DateTimeField("dibuat pada")
    changed_at = models.DateTimeField("diubah pada")
    expires_at = models.DateTimeField("disimpan sampai")
    finished_at = models.DateTimeField("selesai pada", null=True, blank=True)

    objects = RegistrationDraftQuerySet.as_manager()

    class Meta:
        verbose_name = "pendaftaran belum selesai"
        verbose_name_plural = "pendaftaran belum selesai"
        indexes = [models.Index(fields=["phone_index"], name="registration_draft_by_phone")]
        constraints = [
            models.UniqueConstraint(name="registration_draft_token_stands_once", fields=["token"]),
            models.UniqueConstraint(
                name="registration_draft_reference_stands_once", fields=["reference"]
            ),
        ]

    def __str__(self) -> str:
        return f"Draf {self.pk}"

    @property
    def given(self) -> Answers:
        return Answers.from_json(self.answers)

    @property
    def phone_is_proven(self) -> bool:
        return self.phone_proven_at is not None

    @property
    def next_step(self) -> str:
        return next_step(self.given, phone_is_proven=self.phone_is_proven)
