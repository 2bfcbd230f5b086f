from django.apps import AppConfig


class ReferenceConfig(AppConfig):
    name = "cilegon_portal.reference"
    label = "reference"
    verbose_name = "Data acuan"
