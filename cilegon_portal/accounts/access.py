"""Who may open a page: the decorators of the views, and what a request says about its sender."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, TypeAlias
from urllib.parse import urlencode

import structlog
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.utils import perform_login
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from cilegon_portal.accounts.actions import is_demo_database
from cilegon_portal.accounts.models import STAFF_ROLES, Role, User

View: TypeAlias = Callable[..., HttpResponseBase]  # a download may be streamed
ANONYMOUS = frozenset({Role.ANONYMOUS})
REQUEST_ID = re.compile(r"[0-9A-Za-z-]{1,40}")


class SignedInRequest(HttpRequest):
    """A request of somebody who has signed in: what a guarded view gets."""

    user: User


def roles_of(user: User | AnonymousUser) -> frozenset[Role]:
    """Return the roles of `user`, read once a request: a change counts from the next one on."""
    if not isinstance(user, User):
        return ANONYMOUS
    if not hasattr(user, "_roles"):
        names = user.groups.values_list("name", flat=True)
        user._roles = frozenset(Role(name) for name in names if name in Role.values)  # type: ignore[attr-defined]
    roles: frozenset[Role] = user._roles  # type: ignore[attr-defined]
    return roles


def roles_only(*roles: Role) -> Callable[[View], View]:
    """Return the decorator of a page for any of these roles; staff must have passed their TOTP."""
    allowed = frozenset(roles)

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if allowed <= STAFF_ROLES:
                refuse_other_hosts(request)
            return way_in(request, allowed) or view(request, *args, **kwargs)

        guarded.allowed_roles = allowed  # type: ignore[attr-defined]
        if allowed <= STAFF_ROLES:
            guarded.login_url = settings.STAFF_LOGIN_URL  # type: ignore[attr-defined]
        return guarded

    return decorate


def way_in(request: HttpRequest, allowed: frozenset[Role]) -> HttpResponse | None:
    """Return the page to go to first, or None when the sender may pass; raise PermissionDenied."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    roles = roles_of(request.user)
    request.roles = roles  # type: ignore[attr-defined]
    if not roles & allowed:
        raise PermissionDenied
    if roles & STAFF_ROLES:
        return second_factor_first(request)
    return None


staff_only = roles_only(*STAFF_ROLES)
worker_only = roles_only(Role.WORKER)


def refuse_other_hosts(request: HttpRequest) -> None:
    """Hide staff pages from every host but STAFF_HOST, where that setting names one."""
    if settings.STAFF_HOST and request.get_host() != settings.STAFF_HOST:
        raise Http404


def second_factor_first(request: HttpRequest) -> HttpResponse | None:
    """Return the page to set TOTP up, or to give its code, unless this session has passed it."""
    if has_passed_second_factor(request):
        return None
    has_totp = Authenticator.objects.filter(
        user_id=request.user.pk, type=Authenticator.Type.TOTP
    ).exists()
    page = reverse("mfa_reauthenticate" if has_totp else "mfa_activate_totp")
    return redirect(f"{page}?{urlencode({'next': request.get_full_path()})}")


def has_passed_second_factor(request: HttpRequest) -> bool:
    """Tell whether a TOTP or recovery code was given in this web session."""
    if not isinstance(request.user, User):
        return False
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)


def demo_only(view: View) -> View:
    """Decorate a page that exists in demo mode only, on a database marked as demo: else 404."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not (settings.DEMO and is_demo_database()):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def sign_in(request: HttpRequest, user: User, address: str = "") -> HttpResponse:
    """Sign `user` in by allauth, which lists the web session, and go on to `address` of our own."""
    safe = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    answer: HttpResponse = perform_login(request, user, redirect_url=address if safe else None)
    return answer


def client_ip(request: HttpRequest) -> str:
    """Return the sender's address; forwarded headers count only from proxies we trust."""
    ip: str = get_adapter().get_client_ip(request)
    return ip


def request_id() -> str:
    """Return the id under which this request is logged, for the rows that it writes."""
    bound = str(structlog.contextvars.get_contextvars().get("request_id", ""))
    return bound if REQUEST_ID.fullmatch(bound) else ""


def form_owner(request: HttpRequest) -> str:
    """Return who sends a form, for `once`: the same at a second press, even over a sign-in."""
    if isinstance(request.user, User):
        return f"user:{request.user.pk}"
    return f"browser:{request.COOKIES.get(settings.SESSION_COOKIE_NAME, '')}"


def too_many(
    request: HttpRequest, until: datetime, at: datetime, *, code_url: str = ""
) -> HttpResponse:
    """Return the page of a reached limit: when it may be tried again, and the way to the office.

    `code_url`: where a code is typed that came before, or that the office made.
    """
    context = {"retry_at": until, "code_url": code_url}
    answer = render(request, "429.html", context, status=429)
    answer["Retry-After"] = str(max(1, int((until - at).total_seconds())))
    return answer
