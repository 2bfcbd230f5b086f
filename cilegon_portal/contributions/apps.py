from django.apps import AppConfig


class ContributionsConfig(AppConfig):
    name = "cilegon_portal.contributions"
    label = "contributions"
    verbose_name = "Tarif dan buku besar"
