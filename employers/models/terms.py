"""Under which terms a firm is billed, from a month on."""

from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from cilegon_portal.accounts.models import User
from cilegon_portal.audit import audited
from cilegon_portal.contributions import rules
from cilegon_portal.contributions.models import SizeProgramme
from cilegon_portal.fields import MonthField
from cilegon_portal.reference.models import (
    OVERLAP,
    DateRange,
    ends_after_it_begins,
    in_force_on,
)
from cilegon_portal.rules.months import Month
from employers.models.firm import Employer


class TermsQuerySet(models.QuerySet["Terms"]):
    def standing(self) -> Self:
        """Leave out the terms that a correction took the place of; old reports still name them."""
        return self.filter(replaced_at=None)

    def in_force_in(self, month: Month) -> Self:
        return self.standing().filter(in_force_on(month.first_day))

    def newest_first(self) -> Self:
        return self.order_by("-valid_from")


@audited(
    fields=[
        "employer",
        "valid_from",
        "valid_until",
        "size",
        "risk_group",
        "with_jht",
        "with_jp",
        "replaced_at",
    ]
)
class Terms(models.Model):
    """What a firm's contribution is computed from, from a contribution month until another."""

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="terms", db_index=False)
    valid_from = MonthField("berlaku mulai bulan iuran")
    valid_until = MonthField("sampai sebelum bulan iuran", null=True, blank=True)
    size = models.CharField("skala usaha", max_length=10, choices=SizeProgramme.Size)
    risk_group = models.PositiveSmallIntegerField("kelompok risiko JKK")
    with_jht = models.BooleanField("ikut JHT atas pilihan sendiri", default=False)
    with_jp = models.BooleanField("ikut JP atas pilihan sendiri", default=False)
    is_labour_intensive = models.BooleanField("keringanan JKK padat karya", default=False)
    had_no_covid_arrears = models.BooleanField("keringanan PP 49/2020", default=False)
    reason = models.CharField("alasan", max_length=300)
    by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="oleh"
    )
    at = models.DateTimeField("pada")
    replaced_at = models.DateTimeField("diganti pada", null=True, blank=True)

    objects = TermsQuerySet.as_manager()

    class Meta:
        verbose_name = "ketentuan iuran"
        verbose_name_plural = "ketentuan iuran"
        constraints = [
            ExclusionConstraint(
                name="terms_are_one_a_firm_and_month",
                expressions=[
                    (F("employer"), RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_until"), RangeOperators.OVERLAPS),
                ],
                condition=Q(replaced_at=None),
                violation_error_message=OVERLAP,
            ),
            ends_after_it_begins("terms_end_after_they_begin"),
            models.CheckConstraint(
                name="terms_begin_and_end_on_first_days",
                condition=Q(valid_from__day=1) & (Q(valid_until=None) | Q(valid_until__day=1)),
            ),
            models.CheckConstraint(
                name="terms_risk_group_is_one_to_five",
                condition=Q(risk_group__gte=1, risk_group__lte=5),
                violation_error_message="Kelompok risiko harus 1 sampai 5.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employer_id} {self.valid_from}"

    def programmes(self, compulsory: frozenset[str]) -> frozenset[str]:
        """Return the programmes of this firm: what its size must take, and what it chose."""
        chosen = {"JHT"} if self.with_jht else set()
        return compulsory | chosen | ({"JP"} if self.with_jp else set())

    def conditions(self) -> frozenset[str]:
        """Return the conditions of reliefs that this firm meets."""
        met = {
            rules.LABOUR_INTENSIVE: self.is_labour_intensive,
            rules.COVID_ARREARS_PAID: self.had_no_covid_arrears,
        }
        return frozenset(name for name, is_met in met.items() if is_met)
