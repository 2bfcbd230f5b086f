"""Who is who: one row a human being."""

from typing import Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from cilegon_portal.accounts.models import User
from cilegon_portal.audit import audited
from cilegon_portal.fields import EncryptedField, blind_index


class PersonQuerySet(models.QuerySet["Person"]):
    def with_nik(self, nik: str) -> Self:
        """Filter to the person with this NIK (16 digits), by the blind index."""
        return self.filter(id_kind=Person.IdKind.NIK, id_index=blind_index("person.id", nik))


@audited(
    fields=["id_kind", "id_index", "user", "phone_proven_by"],
    quiet=["id_number", "family_card"],
)
class Person(models.Model):
    """A human being, known by a NIK or passport number: encrypted, looked up by its blind index."""

    class IdKind(models.TextChoices):
        NIK = "NIK", "NIK"
        PASSPORT = "PASSPORT", "Paspor"

    class Sex(models.TextChoices):
        FEMALE = "P", "Perempuan"
        MALE = "L", "Laki-laki"

    class ProvenBy(models.TextChoices):
        WORKER = "WORKER", "Pekerja sendiri"
        COUNTER = "COUNTER", "Loket kantor"

    id_kind = models.CharField("jenis identitas", max_length=10, choices=IdKind, default=IdKind.NIK)
    id_number = EncryptedField("nomor identitas")
    id_index = models.BinaryField("indeks buta", max_length=32)
    family_card = EncryptedField("nomor kartu keluarga", null=True, blank=True)
    name = models.CharField("nama seperti di KTP", max_length=120)
    birth_date = models.DateField("tanggal lahir")
    sex = models.CharField("jenis kelamin", max_length=1, choices=Sex)
    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="people", verbose_name="pengguna"
    )
    phone_proven_by = models.CharField(
        "HP dibuktikan oleh", max_length=10, choices=ProvenBy, blank=True
    )
    registered_at = models.DateTimeField("dicatat pada")

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = "orang"
        verbose_name_plural = "orang"
        constraints = [
            models.UniqueConstraint(
                name="person_id_stands_once",
                fields=["id_kind", "id_index"],
                violation_error_message="Nomor identitas ini sudah tercatat.",
            ),
            models.CheckConstraint(
                name="person_phone_is_proven_for_a_user",
                condition=Q(user=None) | ~Q(phone_proven_by=""),
            ),
        ]
        indexes = [
            GinIndex(OpClass(Lower("name"), name="gin_trgm_ops"), name="person_name_trigram"),
        ]

    def __str__(self) -> str:
        return f"Orang {self.pk}"
