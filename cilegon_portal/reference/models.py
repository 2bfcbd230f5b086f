"""What the office looks up: settings, holidays, its own address, minimum wages, places."""

from datetime import date
from typing import Any, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import IntegrityError, models
from django.db.models import F, Func, Q
from django.db.models.functions import Least

from cilegon_portal.audit import audited
from cilegon_portal.fields import RupiahField

OVERLAP = "Tanggal berlaku bertumpuk dengan baris lain. Akhiri dulu baris yang lama."
CHECK_VIOLATION = "23514"  # PostgreSQL's number for it


class DateRange(Func):
    """`daterange(valid_from, valid_until)`: the upper end is exclusive, null means still.

    An end before the beginning makes an empty range: another constraint tells of that, and
    PostgreSQL would raise an error before it could.
    """

    function = "DATERANGE"
    output_field = DateRangeField()

    def __init__(self, start: str, end: str, **extra: Any) -> None:
        super().__init__(Least(start, end), end, **extra)


def no_two_on_one_day(name: str, *kind: str) -> ExclusionConstraint:
    """Return the constraint that refuses two rows of one `kind` (columns) on the same day."""
    return ExclusionConstraint(
        name=name,
        expressions=[
            *[(F(column), RangeOperators.EQUAL) for column in kind],
            (DateRange("valid_from", "valid_until"), RangeOperators.OVERLAPS),
        ],
        violation_error_message=OVERLAP,
    )


def ends_after_it_begins(name: str) -> models.CheckConstraint:
    """Return the constraint that refuses an end on or before the beginning."""
    return models.CheckConstraint(
        name=name,
        condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")),
        violation_error_message="Tanggal berakhir harus sesudah tanggal mulai.",
    )


def in_force_on(day: date) -> Q:
    """Return the condition of a dated row that is in force on `day`."""
    return Q(valid_from__lte=day) & (Q(valid_until=None) | Q(valid_until__gt=day))


def sentence_of(refusal: IntegrityError, model: type[models.Model]) -> str:
    """Return what the constraint, or the trigger, that refused a row of `model` tells a clerk."""
    diagnosis = getattr(refusal.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None)
    for constraint in model._meta.constraints:
        if constraint.name == name:
            return str(constraint.violation_error_message)
    if name and getattr(diagnosis, "sqlstate", None) == CHECK_VIOLATION:
        return str(diagnosis.message_primary)  # type: ignore[union-attr] # a sentence of our trigger
    return "Basis data menolak baris ini."


class UnknownSetting(LookupError):
    """No value of this setting is in force on the day asked for."""


class SettingQuerySet(models.QuerySet["Setting"]):
    def value(self, key: str, *, on: date) -> str:
        """Return the value of `key` on day `on`; raise UnknownSetting before its first one.

        A value that was ended without a successor holds on: a page must not stand still for it.
        """
        found = self.newest_on(on).filter(key=key).values_list("value", flat=True)
        if not found:
            raise UnknownSetting(key)
        return str(found[0])

    def values_on(self, day: date) -> dict[str, str]:
        """Return the value of every setting on `day`, by key; an ended one holds on."""
        return dict(self.newest_on(day).values_list("key", "value"))

    def newest_on(self, day: date) -> Self:
        """Filter to the newest row of each key that had begun on `day`."""
        return self.filter(valid_from__lte=day).order_by("key", "-valid_from").distinct("key")


@audited(fields=["key", "value", "valid_from", "valid_until"])
class Setting(models.Model):
    """A rule of the office that may change: one value, from a day, until a day."""

    key = models.CharField("kunci", max_length=40)
    value = models.CharField("nilai", max_length=200)
    meaning = models.CharField("arti", max_length=300)
    valid_from = models.DateField("berlaku mulai")
    valid_until = models.DateField("berlaku sampai sebelum", null=True, blank=True)
    legal_basis = models.CharField("dasar hukum", max_length=300)
    is_uncertain = models.BooleanField("belum pasti", default=False)

    objects = SettingQuerySet.as_manager()

    class Meta:
        verbose_name = "pengaturan"
        verbose_name_plural = "pengaturan"
        constraints = [
            no_two_on_one_day("setting_has_one_value_on_a_day", "key"),
            ends_after_it_begins("setting_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return f"{self.key} = {self.value}"


@audited(fields=["day", "kind"])
class Holiday(models.Model):
    """A weekday on which the office does not work: a national holiday or collective leave."""

    class Kind(models.TextChoices):
        NATIONAL = "NATIONAL", "Hari libur nasional"
        COLLECTIVE_LEAVE = "COLLECTIVE_LEAVE", "Cuti bersama"

    day = models.DateField("tanggal")
    name = models.CharField("nama", max_length=120)
    kind = models.CharField("jenis", max_length=20, choices=Kind)
    legal_basis = models.CharField("dasar hukum", max_length=300)
    is_uncertain = models.BooleanField("perkiraan", default=False)

    class Meta:
        verbose_name = "hari libur"
        verbose_name_plural = "hari libur"
        constraints = [
            models.UniqueConstraint(
                name="holiday_stands_once",
                fields=["day"],
                violation_error_message="Tanggal ini sudah ada di daftar hari libur.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day:%d-%m-%Y} {self.name}"


class OfficeQuerySet(models.QuerySet["Office"]):
    def in_force_on(self, day: date) -> Self:
        return self.filter(in_force_on(day))


@audited(fields=["valid_from", "valid_until"])
class Office(models.Model):
    """The branch office as it is called and found from a day on; what is unknown is empty."""

    name = models.CharField("nama kantor", max_length=120)
    head_title = models.CharField("jabatan pimpinan", max_length=120)
    address = models.CharField("alamat", max_length=300, blank=True)
    phone = models.CharField("telepon", max_length=30, blank=True)
    hours = models.CharField("jam layanan", max_length=200, blank=True)
    valid_from = models.DateField("berlaku mulai")
    valid_until = models.DateField("berlaku sampai sebelum", null=True, blank=True)
    legal_basis = models.CharField("dasar", max_length=300)

    objects = OfficeQuerySet.as_manager()

    class Meta:
        verbose_name = "kantor"
        verbose_name_plural = "kantor"
        constraints = [
            no_two_on_one_day("office_is_one_on_a_day"),
            ends_after_it_begins("office_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return self.name


@audited(fields=["amount", "sen", "valid_from", "valid_until"])
class MinimumWage(models.Model):
    """The city's minimum wage (UMK) from a day on: whole rupiah, the decree's sen beside it."""

    amount = RupiahField("upah minimum (rupiah utuh)")
    sen = models.PositiveSmallIntegerField("sen menurut keputusan", default=0)
    valid_from = models.DateField("berlaku mulai")
    valid_until = models.DateField("berlaku sampai sebelum", null=True, blank=True)
    legal_basis = models.CharField("dasar hukum", max_length=300)
    is_uncertain = models.BooleanField("belum pasti", default=False)

    class Meta:
        verbose_name = "upah minimum kota"
        verbose_name_plural = "upah minimum kota"
        constraints = [
            no_two_on_one_day("minimum_wage_is_one_on_a_day"),
            ends_after_it_begins("minimum_wage_ends_after_it_begins"),
            models.CheckConstraint(
                name="minimum_wage_is_positive",
                condition=Q(amount__gt=0) & Q(sen__lt=100),
                violation_error_message="Upah minimum harus lebih dari nol, sen 0 sampai 99.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.valid_from:%Y}: {self.amount}"


@audited(fields=["code"])
class Kecamatan(models.Model):
    """A district of Kota Cilegon, by its Ministry of Home Affairs code."""

    code = models.CharField("kode Kemendagri", max_length=8)
    name = models.CharField("nama", max_length=60)
    also_known_as = models.CharField("ejaan lain", max_length=120, blank=True)
    legal_basis = models.CharField("sumber", max_length=300)

    class Meta:
        verbose_name = "kecamatan"
        verbose_name_plural = "kecamatan"
        constraints = [
            models.UniqueConstraint(
                name="kecamatan_code_stands_once",
                fields=["code"],
                violation_error_message="Kode ini sudah ada di daftar.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


@audited(fields=["code", "kecamatan"])
class Kelurahan(models.Model):
    """A ward of a kecamatan, by its Ministry of Home Affairs code."""

    kecamatan = models.ForeignKey(Kecamatan, models.PROTECT, related_name="kelurahan")
    code = models.CharField("kode Kemendagri", max_length=13)
    name = models.CharField("nama", max_length=60)
    also_known_as = models.CharField("ejaan lain", max_length=120, blank=True)
    legal_basis = models.CharField("sumber", max_length=300)

    class Meta:
        verbose_name = "kelurahan"
        verbose_name_plural = "kelurahan"
        constraints = [
            models.UniqueConstraint(
                name="kelurahan_code_stands_once",
                fields=["code"],
                violation_error_message="Kode ini sudah ada di daftar.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
