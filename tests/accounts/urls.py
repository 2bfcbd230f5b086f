"""The portal's addresses and three guarded pages to try the guards on."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from cilegon_portal.accounts.access import roles_only, staff_only, worker_only
from cilegon_portal.accounts.models import Role


def page(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("isi halaman")


urlpatterns = [
    path("kantor/coba/", staff_only(page)),
    path("kantor/admin/", roles_only(Role.ADMIN)(page)),
    path("peserta/", worker_only(page)),
    path("", include("cilegon_portal.urls")),
]
