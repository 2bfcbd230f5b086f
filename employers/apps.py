from django.apps import AppConfig
from django.urls import register_converter

from cilegon_portal.paths import MonthInPath


class EmployersConfig(AppConfig):
    name = "employers"

    def ready(self) -> None:
        """Let addresses name a month, before any of them is read."""
        register_converter(MonthInPath, "month")
