"""Puts our admin site in the place of Django's; the site itself needs all apps to be ready."""

from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    default_site = "cilegon_portal.admin.PortalAdminSite"
