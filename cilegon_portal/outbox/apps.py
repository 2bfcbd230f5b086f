from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "cilegon_portal.outbox"
    label = "outbox"
