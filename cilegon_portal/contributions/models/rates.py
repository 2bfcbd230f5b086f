"""What a month costs: dated rows, each with its article of law."""

from datetime import date
from typing import Self

from django.db import connection, models
from django.db.models import Q

from cilegon_portal.audit import audited
from cilegon_portal.contributions import rules
from cilegon_portal.fields import RupiahField
from cilegon_portal.reference.models import (
    ends_after_it_begins,
    in_force_on,
    no_two_on_one_day,
)
from cilegon_portal.rules.money import Rupiah
from cilegon_portal.rules.months import Month


class RateQuerySet(models.QuerySet["Rate"]):
    def in_force_on(self, day: date) -> Self:
        return self.filter(in_force_on(day))

    def of_segment(self, segment: str) -> Self:
        return self.filter(segment=segment)

    def billed(self) -> Self:
        """Leave out the rates that only split what is billed (JKP), which no one pays on top."""
        return self.exclude(role=Rate.Role.INTERNAL)

    def up_to_income(self, income: Rupiah) -> Self:
        """Leave out the bands above `income`, which cannot be anybody's with that much or less."""
        return self.exclude(income_from__gt=income)

    def as_rules(self) -> list[rules.Rate]:
        """Return the rates as plain values, in one light query: every price begins with it."""
        rows = self.order_by("pk").values(*rules.Rate.__dataclass_fields__)
        return [rules.Rate(**row) for row in rows]


@audited(
    fields=[
        "programme",
        "segment",
        "payer",
        "selector",
        "role",
        "measure",
        "value",
        "valid_from",
        "valid_until",
    ]
)
class Rate(models.Model):
    """One price of the law: a programme, for a segment and payer, from a day, with its article."""

    class Programme(models.TextChoices):
        JKK = "JKK", "JKK – jaminan kecelakaan kerja"
        JKM = "JKM", "JKM – jaminan kematian"
        JHT = "JHT", "JHT – jaminan hari tua"
        JP = "JP", "JP – jaminan pensiun"
        JKP = "JKP", "JKP – jaminan kehilangan pekerjaan (di dalam JKK)"
        PENALTY = "PENALTY", "Denda keterlambatan"
        FINE = "FINE", "Denda administratif"

    class Segment(models.TextChoices):
        PU = "PU", "Penerima upah"
        BPU = "BPU", "Bukan penerima upah"

    class Payer(models.TextChoices):
        EMPLOYER = "EMPLOYER", "Pemberi kerja"
        WORKER = "WORKER", "Pekerja"
        PARTICIPANT = "PARTICIPANT", "Peserta"
        GOVERNMENT = "GOVERNMENT", "Pemerintah"
        RECOMPOSITION_JKK = "RECOMPOSITION_JKK", "Rekomposisi dari JKK"
        RECOMPOSITION_JKM = "RECOMPOSITION_JKM", "Rekomposisi dari JKM"
        TOTAL = "TOTAL", "Jumlah"

    class Role(models.TextChoices):
        BASE = "BASE", "Tarif dasar"
        RELIEF = "RELIEF", "Keringanan"
        INTERNAL = "INTERNAL", "Pembagian internal (tidak ditagih)"

    class Condition(models.TextChoices):
        COVID_ARREARS_PAID = "COVID_ARREARS_PAID", "Lunas sampai Juli 2020 (PP 49/2020)"
        LABOUR_INTENSIVE = "LABOUR_INTENSIVE", "Industri padat karya (PP 7/2025, PP 36/2025)"
        NOT_STATE_FUNDED = "NOT_STATE_FUNDED", "Tidak dibayar APBN/APBD (PP 50/2025)"

    class Measure(models.TextChoices):
        WAGE_PPM = "WAGE_PPM", "Bagian dari upah (per sejuta)"
        FLAT = "FLAT", "Rupiah sebulan"
        BAND = "BAND", "Rupiah sebulan per golongan penghasilan"
        NORMAL_PPM = "NORMAL_PPM", "Bagian dari iuran normal (per sejuta)"
        DUE_PPM = "DUE_PPM", "Bagian dari iuran terutang sebulan terlambat (per sejuta)"

    programme = models.CharField("program", max_length=10, choices=Programme)
    segment = models.CharField("segmen", max_length=5, choices=Segment)
    payer = models.CharField("pembayar", max_length=20, choices=Payer)
    selector = models.CharField(
        "pemilih",
        max_length=20,
        blank=True,
        help_text="Risiko 1–5, sektor TRANSPORT/OTHER, atau batas bawah golongan penghasilan.",
    )
    role = models.CharField("peran", max_length=10, choices=Role, default=Role.BASE)
    condition = models.CharField("syarat", max_length=30, choices=Condition, blank=True)
    measure = models.CharField("ukuran", max_length=12, choices=Measure)
    value = models.BigIntegerField(
        "nilai", help_text="Rupiah, atau bagian per sejuta (0,24% = 2.400)."
    )
    income_from = RupiahField("penghasilan mulai", null=True, blank=True)
    basis = RupiahField("dasar penetapan", null=True, blank=True)
    ceiling = RupiahField("batas upah", null=True, blank=True)
    checked_until = models.DateField(
        "batas upah diketahui sampai sebelum",
        null=True,
        blank=True,
        help_text="Bulan sesudahnya dihitung dengan batas ini dan ditandai perkiraan.",
    )
    valid_from = models.DateField("berlaku mulai")
    valid_until = models.DateField("berlaku sampai sebelum", null=True, blank=True)
    legal_basis = models.CharField("dasar hukum", max_length=300)
    is_uncertain = models.BooleanField("belum pasti", default=False)

    objects = RateQuerySet.as_manager()

    class Meta:
        verbose_name = "tarif"
        verbose_name_plural = "tarif"
        constraints = [
            no_two_on_one_day(
                "rate_is_one_of_its_kind_on_a_day",
                "programme",
                "segment",
                "payer",
                "selector",
                "role",
            ),
            ends_after_it_begins("rate_ends_after_it_begins"),
            models.CheckConstraint(
                name="rate_is_not_negative",
                condition=Q(value__gte=0),
                violation_error_message="Nilai tarif harus nol atau lebih.",
            ),
            models.CheckConstraint(
                name="rate_relief_names_its_condition",
                condition=Q(role="RELIEF") & ~Q(condition="") | ~Q(role="RELIEF") & Q(condition=""),
                violation_error_message="Keringanan harus punya syarat; tarif lain tidak.",
            ),
            models.CheckConstraint(
                name="rate_band_names_its_income",
                condition=Q(measure="BAND", income_from__isnull=False, basis__isnull=False)
                | ~Q(measure="BAND") & Q(income_from=None, basis=None),
                violation_error_message="Tarif golongan harus punya batas penghasilan dan dasar.",
            ),
            models.CheckConstraint(
                name="rate_cites_the_law",
                condition=~Q(legal_basis=""),
                violation_error_message="Isi dasar hukum tarif ini.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme} {self.segment} {self.selector} {self.valid_from:%d-%m-%Y}"

    def last_used_month(self) -> Month | None:
        """Return the last month that this rate has priced; then it is locked up to that month."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT rate_last_used_month(%s)", [self.pk])
            (day,) = cursor.fetchone()
        return Month.of(day) if day else None


class DueDateRuleQuerySet(models.QuerySet["DueDateRule"]):
    def in_force_on(self, day: date) -> Self:
        return self.filter(in_force_on(day))


@audited(fields=["segment", "day", "month_offset", "shift", "valid_from", "valid_until"])
class DueDateRule(models.Model):
    """When the contribution of a month falls due, by segment and contribution month."""

    class Shift(models.TextChoices):
        FORWARD = "FORWARD", "Hari kerja sesudahnya"
        BACK = "BACK", "Hari kerja sebelumnya"

    segment = models.CharField("segmen", max_length=5, choices=Rate.Segment)
    day = models.PositiveSmallIntegerField("tanggal")
    month_offset = models.PositiveSmallIntegerField("selisih bulan", help_text="0: bulan itu juga.")
    shift = models.CharField("jika libur", max_length=10, choices=Shift)
    valid_from = models.DateField("berlaku mulai bulan iuran")
    valid_until = models.DateField("sampai sebelum bulan iuran", null=True, blank=True)
    legal_basis = models.CharField("dasar hukum", max_length=300)
    is_uncertain = models.BooleanField("belum pasti", default=False)

    objects = DueDateRuleQuerySet.as_manager()

    class Meta:
        verbose_name = "aturan jatuh tempo"
        verbose_name_plural = "aturan jatuh tempo"
        constraints = [
            no_two_on_one_day("due_date_rule_is_one_on_a_day", "segment"),
            ends_after_it_begins("due_date_rule_ends_after_it_begins"),
            models.CheckConstraint(
                name="due_date_rule_names_a_day",
                condition=Q(day__gte=1, day__lte=31, month_offset__lte=2),
                violation_error_message="Tanggal 1 sampai 31, selisih bulan 0 sampai 2.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.segment}: tanggal {self.day}"

    def as_rule(self) -> rules.DueRule:
        return rules.DueRule(
            day=self.day,
            month_offset=self.month_offset,
            shift="BACK" if self.shift == self.Shift.BACK else "FORWARD",
        )


class SizeProgrammeQuerySet(models.QuerySet["SizeProgramme"]):
    def in_force_on(self, day: date) -> Self:
        return self.filter(in_force_on(day))

    def compulsory(self) -> Self:
        return self.filter(is_compulsory=True)

    def as_rules(self) -> list[rules.ProgrammeRule]:
        return [row.as_rule() for row in self.order_by("pk")]


@audited(fields=["size", "programme", "is_compulsory", "valid_from", "valid_until"])
class SizeProgramme(models.Model):
    """A programme that a firm of a size must take part in, or may, from a day on."""

    class Size(models.TextChoices):
        MICRO = "MICRO", "Mikro"
        SMALL = "SMALL", "Kecil"
        MEDIUM = "MEDIUM", "Menengah"
        LARGE = "LARGE", "Besar"

    size = models.CharField("skala usaha", max_length=10, choices=Size)
    programme = models.CharField("program", max_length=10, choices=Rate.Programme)
    is_compulsory = models.BooleanField("harus diikuti")
    valid_from = models.DateField("berlaku mulai")
    valid_until = models.DateField("berlaku sampai sebelum", null=True, blank=True)
    legal_basis = models.CharField("dasar hukum", max_length=300)

    objects = SizeProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = "program menurut skala usaha"
        verbose_name_plural = "program menurut skala usaha"
        constraints = [
            no_two_on_one_day("size_programme_is_one_on_a_day", "size", "programme"),
            ends_after_it_begins("size_programme_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return f"{self.size} {self.programme}"

    def as_rule(self) -> rules.ProgrammeRule:
        return rules.ProgrammeRule(
            size=self.size,
            programme=self.programme,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            legal_basis=self.legal_basis,
        )
