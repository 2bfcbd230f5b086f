"""Django admin pages of the prices of the law; a rate that priced a month is locked."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from cilegon_portal.contributions.models import DueDateRule, Rate, SizeProgramme
from cilegon_portal.reference.admin import last_day
from cilegon_portal.reference.models import sentence_of
from cilegon_portal.templatetags.portal import month_name, percent, rupiah

OPEN_WHEN_USED = ("valid_until", "checked_until", "legal_basis", "is_uncertain")
LOCKED = "Tarif ini sudah dipakai untuk menghitung iuran. Hanya tanggal akhirnya yang bisa diubah."


class RateForm(forms.ModelForm[Rate]):
    """Refuses an end before the last month that a rate has priced."""

    class Meta:
        model = Rate
        fields = (
            "programme",
            "segment",
            "payer",
            "selector",
            "role",
            "condition",
            "measure",
            "value",
            "income_from",
            "basis",
            "ceiling",
            "checked_until",
            "valid_from",
            "valid_until",
            "legal_basis",
            "is_uncertain",
        )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        used = self.instance.last_used_month()
        until = cleaned.get("valid_until")
        if used and until and until <= used.first_day:
            self.add_error(
                "valid_until",
                f"Tarif ini dipakai sampai {month_name(used)}. Isi tanggal sesudah bulan itu.",
            )
        return cleaned


@admin.register(Rate)
class RateAdmin(admin.ModelAdmin[Rate]):
    form = RateForm
    list_display = (
        "kind",
        "selector",
        "payer",
        "role",
        "worth",
        "valid_from",
        "ends",
        "legal_basis",
        "is_uncertain",
    )
    list_filter = ("programme", "segment", "role", "condition", "payer", "is_uncertain")
    search_fields = ("programme", "selector", "legal_basis")
    search_help_text = "Cari program, pemilih atau dasar hukum"
    ordering = ("segment", "programme", "payer", "role", "income_from", "selector", "-valid_from")
    fieldsets = (
        (None, {"fields": ("programme", "segment", "payer", "selector", "role", "condition")}),
        ("Nilai", {"fields": ("measure", "value", "income_from", "basis", "ceiling")}),
        (
            "Masa berlaku dan dasar hukum",
            {
                "fields": (
                    "valid_from",
                    "valid_until",
                    "checked_until",
                    "legal_basis",
                    "is_uncertain",
                )
            },
        ),
    )

    list_per_page = 50

    @admin.display(description="program", ordering="programme")
    def kind(self, rate: Rate) -> str:
        names = {"PENALTY": "Denda", "FINE": "Denda administratif"}
        return f"{names.get(rate.programme, rate.programme)} {rate.segment}"

    @admin.display(description="nilai", ordering="value")
    def worth(self, rate: Rate) -> str:
        if rate.measure in {Rate.Measure.FLAT, Rate.Measure.BAND}:
            return rupiah(rate.value)
        return percent(rate.value)

    @admin.display(description="berlaku sampai", ordering="valid_until")
    def ends(self, rate: Rate) -> str:
        return last_day(rate.valid_until)

    def get_readonly_fields(self, request: HttpRequest, obj: Rate | None = None) -> tuple[str, ...]:
        if obj is None or obj.last_used_month() is None:
            return ()
        return tuple(name for name in RateForm.Meta.fields if name not in OPEN_WHEN_USED)

    def has_delete_permission(self, request: HttpRequest, obj: Rate | None = None) -> bool:
        is_free = obj is None or obj.last_used_month() is None
        return is_free and super().has_delete_permission(request, obj)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if kwargs.get("change") and self.get_readonly_fields(request, kwargs.get("obj")):
            messages.info(request, LOCKED)
        return super().render_change_form(request, context, *args, **kwargs)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = super().changeform_view
        return unless_refused(request, lambda: answer(request, *args, **kwargs))

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = super().delete_view
        return unless_refused(request, lambda: answer(request, *args, **kwargs))

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = super().changelist_view
        return unless_refused(request, lambda: answer(request, *args, **kwargs))


def unless_refused(request: HttpRequest, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """Return the answer; where the database refuses what a form let pass, say so and come back."""
    try:
        return answer()
    except IntegrityError as refusal:
        messages.error(request, sentence_of(refusal, Rate))
        return redirect(request.get_full_path())


@admin.register(DueDateRule)
class DueDateRuleAdmin(admin.ModelAdmin[DueDateRule]):
    list_display = (
        "segment",
        "day",
        "month_offset",
        "shift",
        "valid_from",
        "ends",
        "legal_basis",
        "is_uncertain",
    )
    list_filter = ("segment", "is_uncertain")
    search_fields = ("legal_basis",)
    search_help_text = "Cari dasar hukum"
    ordering = ("segment", "-valid_from")

    @admin.display(description="berlaku sampai", ordering="valid_until")
    def ends(self, rule: DueDateRule) -> str:
        return last_day(rule.valid_until)


@admin.register(SizeProgramme)
class SizeProgrammeAdmin(admin.ModelAdmin[SizeProgramme]):
    list_display = ("size", "programme", "is_compulsory", "valid_from", "ends", "legal_basis")
    list_filter = ("size", "programme", "is_compulsory")
    search_fields = ("legal_basis",)
    search_help_text = "Cari dasar hukum"
    ordering = ("size", "programme", "-valid_from")

    @admin.display(description="berlaku sampai", ordering="valid_until")
    def ends(self, row: SizeProgramme) -> str:
        return last_day(row.valid_until)
