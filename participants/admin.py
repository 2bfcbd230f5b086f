"""Django admin page of the occupations that the registration offers."""

from django.contrib import admin

from participants.models import Occupation


@admin.register(Occupation)
class OccupationAdmin(admin.ModelAdmin[Occupation]):
    list_display = ("name", "group", "sector", "is_priced_by_office", "is_offered")
    list_filter = ("sector", "is_priced_by_office", "is_offered", "group")
    search_fields = ("name", "group")
    search_help_text = "Cari pekerjaan atau kelompok"
    ordering = ("group", "name")
