"""Every address of the portal. Each app names its own; here they are joined."""

from django.contrib import admin
from django.urls import path

from cilegon_portal.health import health

urlpatterns = [
    path("sehat", health, name="health"),
    path("admin/", admin.site.urls),
]
