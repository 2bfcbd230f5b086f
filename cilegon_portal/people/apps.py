from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "cilegon_portal.people"
    label = "people"
