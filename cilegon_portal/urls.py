"""Every address of the portal. Each app names its own; here they are joined."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from cilegon_portal.health import health

handler500 = "cilegon_portal.faults.server_error"

urlpatterns = [
    path("sehat", health, name="health"),
    path("admin/", admin.site.urls),
    path("", include("cilegon_portal.accounts.urls")),
    path("", include("cilegon_portal.accounts.allauth_urls")),
    path("demo/", include("cilegon_portal.accounts.demo_urls")),
    path("kantor/", include("cilegon_portal.dashboard.urls")),
    path("", include("employers.urls")),
    path("", include("participants.urls")),
]

if settings.DEBUG:
    urlpatterns.append(path("gaya/", include("cilegon_portal.styleguide")))
