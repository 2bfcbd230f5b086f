"""Who signs in: users, their roles, phone codes, and the small tables that keep limits exact."""

import secrets
from datetime import datetime
from typing import ClassVar, Self

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    PermissionsMixin,
)
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from cilegon_portal.audit import append_only, audited

MAX_TRIES = 5


def new_username() -> str:
    """Return a technical name of 128 random bits: it says nothing about its owner."""
    return secrets.token_urlsafe(22)


class Role(models.TextChoices):
    """What a person may do here; a Django group carries the value as its name."""

    ANONYMOUS = "ANONYMOUS", "Belum masuk"
    WORKER = "WORKER", "Peserta"
    REPORTER = "REPORTER", "Pelapor"
    APPROVER = "APPROVER", "Penyetuju"
    PARTNER = "PARTNER", "Mitra"
    VOLUNTEER = "VOLUNTEER", "Relawan"
    SERVICE = "SERVICE", "Petugas layanan"
    OFFICER = "OFFICER", "Account officer"
    INSPECTOR = "INSPECTOR", "Pemeriksa"
    OUTREACH = "OUTREACH", "Penyuluh"
    HEAD_OF_SECTION = "HEAD_OF_SECTION", "Kepala bidang"
    HEAD_OF_BRANCH = "HEAD_OF_BRANCH", "Kepala cabang"
    AUDITOR = "AUDITOR", "Auditor"
    ADMIN = "ADMIN", "Admin sistem"


STAFF_ROLES = frozenset(
    {
        Role.SERVICE,
        Role.OFFICER,
        Role.INSPECTOR,
        Role.OUTREACH,
        Role.HEAD_OF_SECTION,
        Role.HEAD_OF_BRANCH,
        Role.AUDITOR,
        Role.ADMIN,
    }
)


# Who of the staff sees members and firms: not the admin of the system, who sees nobody's data.
DESK_ROLES = (
    Role.SERVICE,
    Role.OFFICER,
    Role.INSPECTOR,
    Role.OUTREACH,
    Role.HEAD_OF_SECTION,
    Role.HEAD_OF_BRANCH,
    Role.AUDITOR,
)


class UserManager(BaseUserManager["User"]):
    """The manager that Django's sign-in asks for; users are made by actions, not here."""

    def with_phone(self, phone: str) -> "User | None":
        """Return who signs in with this phone (E.164), if anybody does."""
        return self.filter(phone=phone).first() if phone else None


@audited(fields=["is_active", "is_staff", "is_superuser"], quiet=["last_login"])
class User(AbstractBaseUser, PermissionsMixin):
    """Someone who signs in: a phone or an e-mail address that its owner has proven."""

    username = models.CharField("nama teknis", max_length=40, unique=True, default=new_username)
    email = models.EmailField("alamat e-mail", unique=True, null=True, blank=True)
    phone = models.CharField("nomor HP", max_length=16, unique=True, null=True, blank=True)
    name = models.CharField("nama", max_length=120, blank=True)
    is_active = models.BooleanField("aktif", default=True)
    is_staff = models.BooleanField("petugas kantor", default=False)
    joined_at = models.DateTimeField("terdaftar sejak")

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "pengguna"
        verbose_name_plural = "pengguna"
        constraints = [
            models.CheckConstraint(
                name="user_has_a_phone_or_an_email",
                condition=Q(email__isnull=False) | Q(phone__isnull=False),
                violation_error_message="Isi nomor HP atau alamat e-mail, paling sedikit satu.",
            ),
            models.CheckConstraint(
                name="user_email_is_lower_case",
                condition=Q(email=None) | Q(email=Lower("email")),
                violation_error_message="Tulis alamat e-mail dengan huruf kecil.",
            ),
            models.CheckConstraint(
                name="user_phone_is_e164",
                condition=Q(phone=None) | Q(phone__regex=r"^\+[1-9][0-9]{7,14}$"),
                violation_error_message=("Nomor HP harus diawali 08 atau +62 dan 10–13 angka."),
            ),
        ]

    def __str__(self) -> str:
        return f"Pengguna {self.pk}"


@audited(fields=["user", "group"], app_label="accounts")
class Membership(User.groups.through):  # type: ignore[name-defined,misc]
    """That a user has a role: the row between a user and a group."""

    class Meta:
        proxy = True
        app_label = "accounts"
        verbose_name = "keanggotaan peran"
        verbose_name_plural = "keanggotaan peran"


@audited(fields=["user", "type"], quiet=["data", "last_used_at"], app_label="accounts")
class SecondFactor(Authenticator):  # type: ignore[misc]
    """A user's authenticator app or set of recovery codes."""

    class Meta:
        proxy = True
        app_label = "accounts"
        verbose_name = "faktor kedua"
        verbose_name_plural = "faktor kedua"


class PhoneCodeQuerySet(models.QuerySet["PhoneCode"]):
    def sent_to(self, phone: str) -> Self:
        """Filter to the codes sent to `phone`; one made at the counter was not sent."""
        return self.filter(phone=phone).exclude(channel=PhoneCode.Channel.COUNTER)

    def usable_at(self, at: datetime) -> Self:
        """Filter to the codes that would still be taken at `at`."""
        return self.filter(used_at=None, expires_at__gt=at, tries__lt=MAX_TRIES)


class PhoneCode(models.Model):
    """Six digits that went to one phone for one purpose; only their HMAC is kept."""

    class Purpose(models.TextChoices):
        REGISTER = "REGISTER", "Pendaftaran"
        SIGN_IN = "SIGN_IN", "Masuk"
        RENEW = "RENEW", "Perpanjangan"
        PRIVACY = "PRIVACY", "Data saya"
        CHANGE_PHONE = "CHANGE_PHONE", "Ganti nomor HP"

    class Channel(models.TextChoices):
        SMS = "SMS", "SMS"
        WA = "WA", "WhatsApp"
        COUNTER = "COUNTER", "Loket kantor"

    phone = models.CharField("nomor HP", max_length=16)
    code_hash = models.BinaryField("HMAC kode", max_length=32)
    purpose = models.CharField("keperluan", max_length=20, choices=Purpose)
    draft = models.CharField("draf", max_length=64, blank=True)
    channel = models.CharField("lewat", max_length=10, choices=Channel)
    made_at = models.DateTimeField("dibuat pada")
    expires_at = models.DateTimeField("berlaku sampai")
    tries = models.PositiveSmallIntegerField("percobaan", default=0)
    used_at = models.DateTimeField("dipakai pada", null=True, blank=True)
    used_by_hash = models.BinaryField("HMAC peramban", max_length=32, null=True, blank=True)
    made_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="dibuat oleh",
        related_name="+",
    )

    objects = PhoneCodeQuerySet.as_manager()

    class Meta:
        verbose_name = "kode HP"
        verbose_name_plural = "kode HP"
        indexes = [models.Index(fields=["phone", "made_at"], name="phone_code_by_phone")]
        constraints = [
            models.CheckConstraint(
                name="phone_code_has_five_tries", condition=Q(tries__lte=MAX_TRIES)
            ),
            models.CheckConstraint(
                name="phone_code_expires_after_it_is_made",
                condition=Q(expires_at__gt=F("made_at")),
            ),
            models.CheckConstraint(
                name="phone_code_of_the_counter_has_a_maker",
                condition=Q(channel="COUNTER", made_by__isnull=False)
                | (~Q(channel="COUNTER") & Q(made_by=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"Kode {self.pk}"


class SubmittedForm(models.Model):
    """A form that was sent and done: whoever sends it again gets the same answer."""

    form_id = models.CharField("nomor formulir", max_length=64)
    owner_hash = models.BinaryField("HMAC pengirim", max_length=32)
    result = models.CharField("alamat hasil", max_length=2000)  # with the filters of a list
    at = models.DateTimeField("dikirim pada")

    class Meta:
        verbose_name = "formulir terkirim"
        verbose_name_plural = "formulir terkirim"
        constraints = [
            models.UniqueConstraint(
                name="submitted_form_is_done_once", fields=["form_id", "owner_hash"]
            )
        ]

    def __str__(self) -> str:
        return f"Formulir {self.pk}"


class Attempt(models.Model):
    """How often one thing was tried in one window of time; the count that a limit looks at."""

    key_hash = models.BinaryField("HMAC kunci", max_length=32)
    window_start = models.DateTimeField("awal jendela")
    count = models.PositiveIntegerField("banyaknya")

    class Meta:
        verbose_name = "percobaan"
        verbose_name_plural = "percobaan"
        constraints = [
            models.UniqueConstraint(
                name="attempt_counts_once_a_window", fields=["key_hash", "window_start"]
            )
        ]

    def __str__(self) -> str:
        return f"Percobaan {self.pk}"


class FailedSignIn(models.Model):
    """Wrong passwords in a row for one sign-in name, known or not, and when it may try again."""

    key_hash = models.BinaryField("HMAC nama masuk", max_length=32, unique=True)
    failures = models.PositiveIntegerField("banyaknya")
    wait_until = models.DateTimeField("boleh coba lagi pada")

    class Meta:
        verbose_name = "kata sandi salah"
        verbose_name_plural = "kata sandi salah"

    def __str__(self) -> str:
        return f"Kata sandi salah {self.pk}"


class Reveal(models.Model):
    """That a member of staff looked at a masked personal value, and why. Never changed."""

    class What(models.TextChoices):
        NIK = "NIK", "NIK"
        PHONE = "PHONE", "Nomor HP"
        FAMILY_CARD = "FAMILY_CARD", "Nomor kartu keluarga"
        WAGE = "WAGE", "Upah"
        HEIR = "HEIR", "Ahli waris"

    by = models.ForeignKey(User, models.PROTECT, verbose_name="oleh", related_name="+")
    person_key = models.BigIntegerField("nomor orang", db_index=True)
    what = models.CharField("yang dilihat", max_length=20, choices=What)
    reason = models.CharField("alasan", max_length=300)
    at = models.DateTimeField("pada")
    request_id = models.CharField("nomor permintaan", max_length=40, blank=True)

    class Meta:
        verbose_name = "pembukaan data"
        verbose_name_plural = "pembukaan data"
        triggers = append_only()
        constraints = [
            models.CheckConstraint(
                name="reveal_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message="Isi alasan melihat data ini.",
            )
        ]

    def __str__(self) -> str:
        return f"Pembukaan data {self.pk}"


class DemoMark(models.Model):
    """The single row that marks this database as a demo; without it no demo page exists."""

    marked_at = models.DateTimeField("ditandai pada")

    class Meta:
        verbose_name = "tanda demo"
        verbose_name_plural = "tanda demo"
        constraints = [models.CheckConstraint(name="demo_mark_is_a_single_row", condition=Q(pk=1))]

    def __str__(self) -> str:
        return "Basis data demo"
