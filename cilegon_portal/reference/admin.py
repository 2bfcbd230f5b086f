"""Django admin pages of what the office looks up."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from cilegon_portal.reference.models import (
    Holiday,
    Kecamatan,
    Kelurahan,
    MinimumWage,
    Office,
    Setting,
)
from cilegon_portal.reference.rules import fault_of
from cilegon_portal.templatetags.portal import date_id, rupiah


def last_day(until: date | None) -> str:
    """Return the end of a dated row as people say it."""
    return f"sebelum {date_id(until)}" if until else "seterusnya"


class SettingForm(forms.ModelForm[Setting]):
    """Refuses a key that the portal does not read, and a value that it could not."""

    class Meta:
        model = Setting
        fields = (
            "key",
            "value",
            "meaning",
            "valid_from",
            "valid_until",
            "legal_basis",
            "is_uncertain",
        )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if "key" in cleaned and "value" in cleaned:
            fault = fault_of(cleaned["key"], cleaned["value"])
            if fault:
                field, sentence = fault.split(": ", 1)
                self.add_error(field, sentence[0].upper() + sentence[1:])
        return cleaned


@admin.register(Setting)
class SettingAdmin(admin.ModelAdmin[Setting]):
    form = SettingForm
    list_display = ("key", "value", "valid_from", "ends", "is_uncertain", "meaning")
    list_filter = ("is_uncertain", "valid_from")
    search_fields = ("key", "value", "meaning", "legal_basis")
    search_help_text = "Cari kunci, nilai, arti atau dasar hukum"
    ordering = ("key", "-valid_from")

    @admin.display(description="berlaku sampai", ordering="valid_until")
    def ends(self, setting: Setting) -> str:
        return last_day(setting.valid_until)


@admin.register(Holiday)
class HolidayAdmin(admin.ModelAdmin[Holiday]):
    list_display = ("day", "name", "kind", "is_uncertain")
    list_filter = ("kind", "is_uncertain", "day")
    search_fields = ("name", "legal_basis")
    search_help_text = "Cari nama atau dasar hukum"
    date_hierarchy = "day"
    ordering = ("-day",)


@admin.register(Office)
class OfficeAdmin(admin.ModelAdmin[Office]):
    list_display = ("name", "head_title", "phone", "valid_from", "ends")
    list_filter = ("valid_from",)
    search_fields = ("name", "head_title", "address")
    search_help_text = "Cari nama, jabatan atau alamat"
    ordering = ("-valid_from",)

    @admin.display(description="berlaku sampai", ordering="valid_until")
    def ends(self, office: Office) -> str:
        return last_day(office.valid_until)


@admin.register(MinimumWage)
class MinimumWageAdmin(admin.ModelAdmin[MinimumWage]):
    list_display = ("valid_from", "ends", "in_rupiah", "legal_basis", "is_uncertain")
    list_filter = ("is_uncertain",)
    search_fields = ("legal_basis",)
    search_help_text = "Cari dasar hukum"
    ordering = ("-valid_from",)

    @admin.display(description="berlaku sampai", ordering="valid_until")
    def ends(self, wage: MinimumWage) -> str:
        return last_day(wage.valid_until)

    @admin.display(description="upah minimum", ordering="amount")
    def in_rupiah(self, wage: MinimumWage) -> str:
        return f"{rupiah(wage.amount)},{wage.sen:02}"


@admin.register(Kecamatan)
class KecamatanAdmin(admin.ModelAdmin[Kecamatan]):
    list_display = ("code", "name", "also_known_as")
    search_fields = ("code", "name", "also_known_as")
    search_help_text = "Cari kode atau nama"
    ordering = ("code",)


@admin.register(Kelurahan)
class KelurahanAdmin(admin.ModelAdmin[Kelurahan]):
    list_display = ("code", "name", "kecamatan", "also_known_as")
    list_filter = ("kecamatan",)
    list_select_related = ("kecamatan",)
    search_fields = ("code", "name", "also_known_as", "kecamatan__name")
    search_help_text = "Cari kode atau nama"
    ordering = ("code",)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Kelurahan | None = None
    ) -> tuple[str, ...]:
        """Keep the kecamatan of a kelurahan that stands: history is counted by it."""
        return ("kecamatan",) if obj else ()
