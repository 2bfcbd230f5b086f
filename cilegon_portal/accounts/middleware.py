"""What holds for every request: how long a sign-in lasts, who may keep a copy, who is the actor."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from pghistory.middleware import HistoryMiddleware

from cilegon_portal.accounts.access import client_ip, request_id, roles_of
from cilegon_portal.fields import blind_index

Answer = Callable[[HttpRequest], HttpResponse]

# (without any request, since the sign-in)
STAFF_LIMITS = (timedelta(minutes=15), timedelta(hours=12))
MEMBER_LIMITS = (timedelta(minutes=30), timedelta(hours=24))
NOTED_EVERY = timedelta(seconds=60)  # the last request is written down at most once a minute
BEGAN, SEEN = "signed_in_at", "seen_at"


class SessionLimitMiddleware:
    """Signs out whoever was idle or signed in for too long; the page is found again by `next`."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = timezone.now()
            if is_over(request, now):
                logout(request)
            else:
                note_request(request, now)
        return self.get_response(request)


def is_over(request: HttpRequest, now: datetime) -> bool:
    """Tell whether the sign-in of this web session has run out at `now`."""
    idle, whole = STAFF_LIMITS if request.user.is_staff else MEMBER_LIMITS
    began = moment(request.session.get(BEGAN)) or now
    seen = moment(request.session.get(SEEN)) or now
    return now - seen > idle or now - began > whole


def note_request(request: HttpRequest, now: datetime) -> None:
    if BEGAN not in request.session:
        request.session[BEGAN] = now.isoformat()
    seen = moment(request.session.get(SEEN))
    if seen is None or now - seen > NOTED_EVERY:
        request.session[SEEN] = now.isoformat()


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


class PrivatePagesMiddleware:
    """Lets nobody keep a copy of a page that somebody signed in has seen."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        was_signed_in = request.user.is_authenticated
        answer = self.get_response(request)
        if was_signed_in or request.user.is_authenticated:
            patch_cache_control(answer, no_store=True, private=True)
        return answer


class AuditContextMiddleware(HistoryMiddleware):
    """Gives the trail its context: the actor, the roles, a mark of the address, the request."""

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return keys only: no address, no phone, no path that may carry a token."""
        user = request.user
        return {
            "user": user.pk if user.is_authenticated else None,
            "roles": sorted(roles_of(user)),
            "ip": blind_index("audit.ip", client_ip(request)).hex()[:16],
            "request_id": request_id(),
        }
