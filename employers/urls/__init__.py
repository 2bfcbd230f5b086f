"""The addresses of the employer's door: registration and people, wage reports, bills."""

from django.urls import include, path, register_converter

from cilegon_portal.paths import MonthInPath
from employers.urls import billing, registration, reporting

register_converter(MonthInPath, "month")

app_name = "employers"

urlpatterns = [
    path(
        "perusahaan/",
        include([*registration.patterns, *reporting.patterns, *billing.patterns]),
    ),
]
