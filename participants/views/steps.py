"""What the registration pages share: the draft in the web session, and which page may be shown."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, TypeAlias

from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cilegon_portal.accounts.access import client_ip, has_passed_second_factor, roles_of
from cilegon_portal.accounts.actions import CODE_LIFE, count_attempt
from cilegon_portal.accounts.models import User
from participants.actions.registration import DRAFT_LIFE
from participants.answers import STEPS, is_open, next_step
from participants.models import HELP_ROLES, RegistrationDraft

SESSION_KEY = "draft"
TICKET = "participants.registration"
NIKS_OF_ONE_SESSION = (10, timedelta(hours=1))  # R4
NIKS_OF_ONE_IP = (600, timedelta(hours=1))  # a market or a carrier shares an address

Page: TypeAlias = Callable[[HttpRequest, RegistrationDraft], HttpResponse]
View: TypeAlias = Callable[[HttpRequest], HttpResponse]


def hold(request: HttpRequest, draft: RegistrationDraft) -> None:
    """Keep the draft's token in this web session, for as long as the draft lives."""
    request.session[SESSION_KEY] = draft.token
    request.session.set_expiry(DRAFT_LIFE)


def held_draft(request: HttpRequest, at: datetime) -> RegistrationDraft | None:
    """Return the draft of this web session, if it still lives."""
    token = str(request.session.get(SESSION_KEY, ""))
    if not token:
        return None
    held = RegistrationDraft.objects.held_by(token, user_key=helper_key(request))
    return held.alive(at).select_related("enrolment__account").first()


def helper_key(request: HttpRequest) -> int | None:
    """Return the key of a member of staff who may help now: with the role, and past the TOTP."""
    user = request.user
    if not (isinstance(user, User) and user.is_staff and roles_of(user) & set(HELP_ROLES)):
        return None
    return user.pk if has_passed_second_factor(request) else None


def new_ticket(draft: RegistrationDraft) -> str:
    """Return the sealed key of this draft, for the form of the code page.

    A second press still knows its draft by it when the first has signed in and changed the session.
    """
    return signing.dumps(draft.pk, salt=TICKET)


def ticketed_draft(request: HttpRequest, at: datetime) -> RegistrationDraft | None:
    """Return the draft whose ticket came with the form."""
    ticket = request.POST.get("ticket", "")
    try:
        key = signing.loads(ticket, salt=TICKET, max_age=int(CODE_LIFE.total_seconds()))
    except signing.BadSignature:
        return None
    return RegistrationDraft.objects.alive(at).filter(pk=key, assisted_by=None).first()


def public(view: View) -> View:
    """Decorate a page for everybody that no shared phone shall keep a copy of."""
    methods = require_http_methods(["GET", "HEAD", "POST"])
    guarded: View = login_not_required(never_cache(methods(view)))
    return guarded


def step(name: str) -> Callable[[Page], View]:
    """Return the decorator of one question: who comes too early goes to the first missing one."""

    def decorate(view: Page) -> View:
        @public
        @wraps(view)
        def guarded(request: HttpRequest) -> HttpResponse:
            at = timezone.now()
            draft = held_draft(request, at)
            if draft is None and name == "code":
                draft = ticketed_draft(request, at)
                return view(request, draft) if draft else redirect("participants:register")
            if draft is None:
                return redirect("participants:register")
            if not (is_open_to(draft, name) or is_pressed_again(request, draft, name)):
                return redirect(address_of(draft))
            return view(request, draft)

        return guarded

    return decorate


def is_open_to(draft: RegistrationDraft, name: str) -> bool:
    """Tell whether the page of this step may be shown."""
    if draft.finished_at or draft.needs_office:
        return False
    return is_open(name, draft.given, phone_is_proven=draft.phone_is_proven)


def is_pressed_again(request: HttpRequest, draft: RegistrationDraft, name: str) -> bool:
    """Tell whether the last button is pressed once more: it is answered like the first time."""
    return name == "check" and request.method == "POST" and draft.enrolment_id is not None


def address_of(draft: RegistrationDraft) -> str:
    """Return the page on which this draft goes on."""
    if draft.finished_at:
        return reverse("participants:register_sent")
    if draft.needs_office:
        return reverse("participants:register_office")
    return address_of_step(next_step(draft.given, phone_is_proven=draft.phone_is_proven))


def address_of_step(name: str) -> str:
    return reverse(f"participants:register_{name}")


def posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def ask(
    request: HttpRequest,
    draft: RegistrationDraft,
    name: str,
    form: BaseForm,
    *,
    template: str = "",
    **more: Any,
) -> HttpResponse:
    """Show the page of step `name`: its number, the way back, the way to go on later."""
    context = {
        "form": form,
        "draft": draft,
        "step": STEPS.index(name) + 1,
        "steps": len(STEPS),
        "back_url": address_before(name, draft),
        "later_url": reverse("participants:register_later"),
    }
    return render(request, f"participants/register_{template or name}.html", context | more)


def address_before(name: str, draft: RegistrationDraft) -> str:
    """Return where "Kembali" leads: to the check page while an answer is changed there."""
    if name != "check" and draft.next_step == "check":
        return address_of_step("check")
    before = [step for step in STEPS[: STEPS.index(name)] if step != "code"]
    return address_of_step(before[-1]) if before else reverse("participants:register")


def count_nik(request: HttpRequest, at: datetime) -> None:
    """Count one NIK that was typed; raise TooMany past R4."""
    for key, (limit, window) in (
        (f"nik-session:{request.session.session_key}", NIKS_OF_ONE_SESSION),
        (f"nik-ip:{client_ip(request)}", NIKS_OF_ONE_IP),
    ):
        count_attempt(key, limit=limit, window=window, at=at)
