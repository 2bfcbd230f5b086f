"""The addresses of the employer's door: registration and people, wage reports, bills."""

from django.urls import include, path

from employers.urls import billing, registration, reporting

app_name = "employers"

urlpatterns = [
    path(
        "perusahaan/",
        include([*registration.patterns, *reporting.patterns, *billing.patterns]),
    ),
]
