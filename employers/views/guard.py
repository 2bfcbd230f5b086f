"""Which firm a page is about: only one in which the sender has a seat, else there is none."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cilegon_portal.accounts.access import SignedInRequest, roles_only
from cilegon_portal.accounts.models import Role
from cilegon_portal.rules.reference import read_reference
from employers.models import Employer, Seat

FIRM_ROLES = (Role.REPORTER, Role.APPROVER)
READ = ("GET", "HEAD")
ASK = (*READ, "POST")

Page: TypeAlias = Callable[..., HttpResponseBase]  # a download may be streamed


class FirmRequest(SignedInRequest):
    """A request of somebody with a seat in the firm that the page is about."""

    seat: Seat


def firm_of(request: SignedInRequest, reference: str, *roles: Role) -> Employer:
    """Return the firm in which the sender has a seat (of one of `roles`); 404 for everybody else.

    The seat is kept as `request.seat`.
    """
    seats = Seat.objects.taken().filter(user=request.user, role__in=roles or FIRM_ROLES)
    seat = get_object_or_404(
        seats.select_related("employer"), employer__reference=read_reference(reference) or ""
    )
    request.seat = seat  # type: ignore[attr-defined]
    return seat.employer


def firm_page(*roles: Role, methods: tuple[str, ...] = ASK) -> Callable[[Page], Page]:
    """Return the decorator of a page of the sender's own firm: `view(request, firm, …)`.

    With `roles` named, the seat itself must be one of them.
    """

    def decorate(view: Page) -> Page:
        @roles_only(*(roles or FIRM_ROLES))
        @never_cache
        @require_http_methods(list(methods))
        @wraps(view)
        def guarded(request: FirmRequest, reference: str, **more: Any) -> HttpResponseBase:
            return view(request, firm_of(request, reference, *roles), **more)

        return guarded

    return decorate
