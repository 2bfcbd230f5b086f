"""The admin site: reference data to edit, the ledger to read, for two roles with their TOTP."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver

from cilegon_portal.accounts.access import has_passed_second_factor, roles_of, roles_only
from cilegon_portal.accounts.models import Role, User

KEEPERS = frozenset({Role.ADMIN, Role.AUDITOR})
REFERENCE = frozenset(
    {
        "reference.setting",
        "reference.holiday",
        "reference.office",
        "reference.minimumwage",
        "reference.kecamatan",
        "reference.kelurahan",
        "contributions.rate",
        "contributions.duedaterule",
        "contributions.sizeprogramme",
        "participants.occupation",
        "employers.lineofbusiness",
    }
)
# Others remember these rows by their key, and every page needs a setting: they end, or are hidden.
KEPT = frozenset(
    {
        "reference.setting",
        "reference.kecamatan",
        "reference.kelurahan",
        "participants.occupation",
        "employers.lineofbusiness",
    }
)
LEDGER = frozenset(
    {
        "contributions.account",
        "contributions.bill",
        "contributions.charge",
        "contributions.paymentcode",
        "contributions.codeline",
        "contributions.payment",
        "contributions.allocation",
        "contributions.repricing",
        "contributions.rollup",
    }
)
WITH_PAGES_OF_OUR_OWN = {"login", "logout", "password_change", "password_change_done"}


class PortalAdminSite(AdminSite):
    """Django's admin behind the staff's own sign-in, for the admin and the auditor."""

    site_header = "Data acuan"
    site_title = "Data acuan Portal Cilegon"
    index_title = "Data acuan dan buku besar"
    site_url = "/kantor/"
    enable_nav_sidebar = False  # a list of ten tables needs no second list of them

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(roles_of(request.user) & KEEPERS) and has_passed_second_factor(request)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002 (Django's)
        return roles_only(*KEEPERS)(super().admin_view(view, cacheable))

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Leave out sign-in, sign-out and passwords: the staff has pages of its own for them."""
        addresses = [
            address
            for address in super().get_urls()
            if getattr(address, "name", None) not in WITH_PAGES_OF_OUR_OWN
        ]
        for page in pages_in(addresses):
            page.callback.login_url = settings.STAFF_LOGIN_URL  # type: ignore[attr-defined]
            page.callback.allowed_roles = KEEPERS  # type: ignore[attr-defined]
        return addresses


def pages_in(addresses: Iterable[URLResolver | URLPattern]) -> Iterator[URLPattern]:
    for address in addresses:
        if isinstance(address, URLPattern):
            yield address
        else:
            yield from pages_in(address.url_patterns)


class RolePermissions(BaseBackend):
    """What a role may do on Django's admin: two roles look, one of them changes reference data."""

    def get_group_permissions(self, user_obj: User | AnonymousUser, obj: Any = None) -> set[str]:
        roles = roles_of(user_obj) if user_obj.is_active else frozenset[Role]()
        granted = permissions("view", REFERENCE | LEDGER) if roles & KEEPERS else set()
        if Role.ADMIN in roles:
            granted |= permissions("add", REFERENCE) | permissions("change", REFERENCE)
            granted |= permissions("delete", REFERENCE - KEPT)
        return granted

    def has_module_perms(self, user_obj: User | AnonymousUser, app_label: str) -> bool:
        return any(
            name.startswith(f"{app_label}.") for name in self.get_group_permissions(user_obj)
        )


def permissions(verb: str, models: frozenset[str]) -> set[str]:
    """Return Django's name of a permission on each model: "reference.view_setting"."""
    return {name.replace(".", f".{verb}_") for name in models}
