"""Django admin page of the lines of business that a firm chooses from."""

from django.contrib import admin

from employers.models import LineOfBusiness


@admin.register(LineOfBusiness)
class LineOfBusinessAdmin(admin.ModelAdmin[LineOfBusiness]):
    list_display = ("name", "risk_group", "is_labour_intensive", "is_uncertain", "is_offered")
    list_filter = ("risk_group", "is_labour_intensive", "is_uncertain", "is_offered")
    search_fields = ("name",)
    search_help_text = "Cari bidang usaha"
    ordering = ("risk_group", "name")
