"""The admin site: reference data to edit, the ledger to read."""

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig


class PortalAdminSite(AdminSite):
    """Django's admin under our own name."""

    site_header = "Data acuan – Portal Cilegon"
    site_title = "Data acuan"
    index_title = "Data acuan dan buku besar"


class PortalAdminConfig(AdminConfig):
    default_site = "cilegon_portal.admin_site.PortalAdminSite"
