"""Sign-in by phone and code, sign-out, one's own account, and the pages of the demo."""

import base64
import json
from typing import Any
from urllib.parse import urlencode

import structlog
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cilegon_portal.accounts import access, actions, demo
from cilegon_portal.accounts.access import SignedInRequest, demo_only
from cilegon_portal.accounts.forms import PhoneCodeForm, PhoneForm
from cilegon_portal.accounts.models import PhoneCode, User
from cilegon_portal.fields import decrypt, encrypt
from cilegon_portal.outbox.models import Message
from cilegon_portal.rules.phones import mask_phone

logger = structlog.get_logger(__name__)

BY_EMAIL = ("/kantor/", "/admin/", "/akun/", "/perusahaan/")  # pages of those with a password
SESSION_KEY = TICKET = "accounts.sign_in"
TICKET_LIFE = 60 * 60  # seconds
LONGEST_ADDRESS = 200  # no page of ours has a longer one, and the sealed ticket has to hold it
PROVEN_BY_NOBODY = "Nomor HP atau kode tidak cocok. Coba lagi atau minta kode baru"
SHORT_WAIT = 60  # seconds that one waits on the page itself
INBOX_LENGTH = 50


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for the phone number; the answer is the same for every number."""
    address = request.GET.get("next", "")[:LONGEST_ADDRESS]
    if address.startswith(BY_EMAIL):
        return redirect(f"{settings.STAFF_LOGIN_URL}?{urlencode({'next': address})}")
    form = PhoneForm(request.POST or None)
    if form.is_valid():
        entry = {"phone": form.cleaned_data["phone"], "next": address}
        return send_code(request, entry, form.cleaned_data["channel"])
    return render(request, "accounts/sign_in.html", {"form": form})


def send_code(request: HttpRequest, entry: dict[str, str], channel: str) -> HttpResponse:
    """Send a code and go on to its page, which tells a short wait; a long one has its own page."""
    at = timezone.now()
    request.session[SESSION_KEY] = sealed(entry)
    try:
        actions.send_code(
            phone=entry["phone"],
            purpose=PhoneCode.Purpose.SIGN_IN,
            channel=channel,
            at=at,
            ip=access.client_ip(request),
        )
    except actions.TooMany as limit:
        if limit.seconds(at) > SHORT_WAIT:
            code_url = reverse("accounts:sign_in_code")
            return access.too_many(request, limit.until, at, code_url=code_url)
        request.session["sign_in_wait"] = limit.seconds(at)
    return redirect("accounts:sign_in_code")


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """Ask for the six digits, and sign in whoever has them."""
    form = PhoneCodeForm(request.POST or None, initial={"ticket": new_ticket(request)})
    entry = read_ticket(form["ticket"].value())
    if entry is None:
        return redirect("accounts:sign_in")
    if form.is_valid():
        try:
            actions.check_code(
                phone=entry["phone"],
                purpose=PhoneCode.Purpose.SIGN_IN,
                code=form.cleaned_data["code"],
                at=timezone.now(),
                browser=access.form_owner(request),
            )
        except actions.CodeRefused:
            logger.warning("sign_in_refused", method="phone_code")
            form.add_error("code", PROVEN_BY_NOBODY)
        else:
            return enter(request, entry)
    wait = request.session.pop("sign_in_wait", 0)
    page = {"form": form, "phone": entry["phone"], "wait": wait}
    return render(request, "accounts/sign_in_code.html", page)


def enter(request: HttpRequest, entry: dict[str, str]) -> HttpResponse:
    """Sign in the user of a number that was just proven, or say that it has none."""
    user = User.objects.with_phone(entry["phone"])
    if user is None:
        return redirect("accounts:unknown_number")
    logger.info("signed_in", method="phone_code", user_id=user.pk)
    return access.sign_in(request, user, entry["next"])


def new_ticket(request: HttpRequest) -> str:
    """Return the sealed number and page that this browser is signing in with, or nothing.

    It stands in the form, so that a second press still knows them when the first has already
    changed the web session.
    """
    kept = request.session.get(SESSION_KEY)
    return signing.dumps(kept, salt=TICKET) if kept else ""


def read_ticket(ticket: str | None) -> dict[str, str] | None:
    try:
        return opened(signing.loads(ticket or "", salt=TICKET, max_age=TICKET_LIFE))
    except signing.BadSignature:
        return None


def sealed(entry: dict[str, str]) -> str:
    """Return the number and page of a sign-in so that neither is read in a web session."""
    return base64.urlsafe_b64encode(encrypt(json.dumps(entry), place=TICKET)).decode()


def opened(kept: str) -> dict[str, str]:
    entry: dict[str, str] = json.loads(decrypt(base64.urlsafe_b64decode(kept), place=TICKET))
    return entry


@login_not_required
@require_POST
def send_again(request: HttpRequest) -> HttpResponse:
    """Send another code to the same number; the older one stays good."""
    kept = request.session.get(SESSION_KEY)
    channel = request.POST.get("channel", "")
    if kept is None or channel not in (PhoneCode.Channel.SMS, PhoneCode.Channel.WA):
        return redirect("accounts:sign_in")
    return send_code(request, opened(kept), channel)


@login_not_required
@require_GET
def unknown_number(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/unknown_number.html")


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the web session here and in the database, and let the browser forget its copies."""
    logout(request)
    answer = redirect("/")
    answer["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return answer


@require_GET
def my_account(request: SignedInRequest) -> HttpResponse:
    """Show how one signs in, and what can be changed about it."""
    has_totp = Authenticator.objects.filter(
        user=request.user, type=Authenticator.Type.TOTP
    ).exists()
    shown = [
        ("Nama", request.user.name),
        ("Alamat e-mail", request.user.email),
        ("Nomor HP", mask_phone(request.user.phone) if request.user.phone else ""),
    ]
    page = {"has_totp": has_totp, "facts": [(label, value) for label, value in shown if value]}
    return render(request, "accounts/my_account.html", page)


@require_http_methods(["GET", "POST"])
def not_here(request: HttpRequest, **_: Any) -> HttpResponse:
    """Answer what allauth would offer and we do not: taking TOTP off needs two admins."""
    return redirect("mfa_index")


@login_not_required
@demo_only
@never_cache
@require_GET
def demo_codes(request: HttpRequest) -> HttpResponse:
    page = {"codes": list(demo.current_codes(timezone.now())), "password": demo.PASSWORD}
    return render(request, "accounts/demo_codes.html", page)


@login_not_required
@demo_only
@never_cache
@require_GET
def demo_messages(request: HttpRequest) -> HttpResponse:
    return render(
        request, "outbox/inbox.html", {"sent": Message.objects.newest_first()[:INBOX_LENGTH]}
    )
