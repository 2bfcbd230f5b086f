from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "cilegon_portal.accounts"
    label = "accounts"
