"""Messages that leave the house: written in the caller's transaction, sent by a job."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from cilegon_portal.fields import EncryptedField


class MessageQuerySet(models.QuerySet["Message"]):
    def waiting(self) -> Self:
        """Filter to what is neither sent nor given up."""
        return self.filter(sent_at=None, given_up_at=None)

    def due_at(self, at: datetime) -> Self:
        """Filter to what waits and may be tried at `at`."""
        return self.waiting().filter(Q(retry_not_before=None) | Q(retry_not_before__lte=at))

    def newest_first(self) -> Self:
        return self.order_by("-made_at", "-pk")


class Message(models.Model):
    """One text to one phone or address. It is sent at least once; the dedupe key makes it one."""

    class Channel(models.TextChoices):
        SMS = "SMS", "SMS"
        WA = "WA", "WhatsApp"
        EMAIL = "EMAIL", "E-mail"

    class Purpose(models.TextChoices):
        CODE = "CODE", "Kode masuk"
        SECURITY = "SECURITY", "Pemberitahuan keamanan"
        PAYMENT = "PAYMENT", "Kode bayar dan tanda terima"
        CASE = "CASE", "Pemberitahuan kasus"
        REMINDER = "REMINDER", "Pengingat"
        OUTREACH = "OUTREACH", "Sosialisasi"

    channel = models.CharField("lewat", max_length=10, choices=Channel)
    to = models.CharField("tujuan", max_length=254)
    subject = models.CharField("perihal", max_length=200, blank=True)
    text = EncryptedField("isi")
    purpose = models.CharField("keperluan", max_length=20, choices=Purpose)
    dedupe_key = models.CharField("kunci sekali kirim", max_length=120, unique=True)
    made_at = models.DateTimeField("dibuat pada")
    sent_at = models.DateTimeField("terkirim pada", null=True, blank=True)
    tries = models.PositiveSmallIntegerField("percobaan", default=0)
    retry_not_before = models.DateTimeField("coba lagi sesudah", null=True, blank=True)
    given_up_at = models.DateTimeField("menyerah pada", null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = "pesan"
        verbose_name_plural = "pesan"
        indexes = [
            models.Index(
                fields=["retry_not_before"],
                name="message_waiting",
                condition=Q(sent_at=None, given_up_at=None),
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="message_is_sent_or_given_up_not_both",
                condition=Q(sent_at=None) | Q(given_up_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"Pesan {self.pk}"


OPTIONAL_PURPOSES = frozenset({Message.Purpose.REMINDER, Message.Purpose.OUTREACH})


class OptOut(models.Model):
    """Someone who wants no more messages of one optional purpose at this number or address."""

    to = models.CharField("tujuan", max_length=254)
    purpose = models.CharField("keperluan", max_length=20, choices=Message.Purpose)
    at = models.DateTimeField("sejak")

    class Meta:
        verbose_name = "penolakan pesan"
        verbose_name_plural = "penolakan pesan"
        constraints = [
            models.UniqueConstraint(
                name="opt_out_stands_once",
                fields=["to", "purpose"],
                violation_error_message="Penolakan ini sudah tercatat.",
            ),
            models.CheckConstraint(
                name="opt_out_is_of_an_optional_purpose",
                condition=Q(purpose__in=["REMINDER", "OUTREACH"]),
                violation_error_message="Pesan ini selalu dikirim dan tidak bisa ditolak.",
            ),
        ]

    def __str__(self) -> str:
        return f"Penolakan {self.pk}"
