from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "cilegon_portal.dashboard"
    label = "dashboard"
