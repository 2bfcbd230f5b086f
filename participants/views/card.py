"""The member's card, its copies as PDF and PNG, receipts, and the public check of a card."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from csp.constants import NONE
from csp.decorators import csp_replace
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cilegon_portal import documents
from cilegon_portal.accounts.access import (
    SignedInRequest,
    client_ip,
    form_owner,
    too_many,
    worker_only,
)
from cilegon_portal.accounts.actions import TooMany, count_attempt, once
from cilegon_portal.contributions.models import Payment
from cilegon_portal.rules.names import mask_name
from cilegon_portal.templatetags.portal import date_id
from participants.actions import cards, history, membership as actions
from participants.models import Card, Enrolment
from participants.views.membership import membership_or_404
from participants.views.payment import members_and_desk, members_and_helpers, on_site

CHECKS_OF_ONE_IP = (30, timedelta(minutes=1))  # R5
DOCUMENTS_OF_ONE_USER = ((10, timedelta(minutes=1)), (100, timedelta(days=1)))  # R6


def attachment(content: bytes, *, name: str, content_type: str) -> HttpResponse:
    """Return a file that is saved, not shown, and never kept on the way."""
    answer = HttpResponse(content, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


# A file of ours that a browser shows after all runs and fetches nothing (ASVS 3.2.1).
sandboxed = csp_replace({"default-src": [NONE], "sandbox": []})


def limited(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate what makes a document: 10 a minute and 100 a day for one user (R6)."""

    def counted(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        now = timezone.now()
        try:
            for limit, window in DOCUMENTS_OF_ONE_USER:
                key = f"document:{window.total_seconds():.0f}:{request.user.pk}"
                count_attempt(key, limit=limit, window=window, at=now)
        except TooMany as reached:
            return too_many(request, reached.until, now)
        return view(request, *args, **kwargs)

    return counted


def member_with_card_or_404(request: SignedInRequest, number: str) -> actions.Membership:
    """Return a membership that something was paid for: before that there is no card."""
    membership = membership_or_404(request, number)
    if membership.is_new:
        raise Http404
    return membership


@worker_only
@require_safe
def my_card(request: SignedInRequest) -> HttpResponse:
    mine = Enrolment.objects.filter(person__user=request.user)
    found = actions.memberships(mine, at=timezone.now())
    if len(found) == 1 and found[0].is_active:
        return redirect("participants:card", found[0].enrolment.number)
    return redirect("participants:home")


@members_and_desk
@never_cache
@require_safe
def show_card(request: SignedInRequest, number: str) -> HttpResponse:
    membership = membership_or_404(request, number)
    if membership.is_new:
        return render(request, "participants/card_none.html", {"membership": membership})
    card = cards.card_of(enrolment=membership.enrolment, at=timezone.now())
    address = on_site(request, reverse("participants:check", args=[card.token]))
    return render(
        request,
        "participants/card_show.html",
        {
            "membership": membership,
            "card": card,
            "qr": documents.qr_svg(address, title="Kode QR untuk memeriksa kartu"),
        },
    )


def card_data(request: SignedInRequest, membership: actions.Membership) -> dict[str, Any]:
    """Return what the card says, for its sources in typst."""
    now = timezone.now()
    card = cards.card_of(enrolment=membership.enrolment, at=now)
    return {
        "name": membership.enrolment.person.name,
        "number": membership.enrolment.number,
        "status": membership.status,
        "is_active": membership.is_active,
        "until": date_id(membership.until),
        "programmes": membership.programmes,
        "checked": date_id(now),
        "qr": documents.qr_code(on_site(request, reverse("participants:check", args=[card.token]))),
    }


@sandboxed
@members_and_desk
@never_cache
@require_safe
@limited
def card_pdf(request: SignedInRequest, number: str) -> HttpResponse:
    membership = member_with_card_or_404(request, number)
    content = documents.pdf("card", card_data(request, membership))
    name = f"kartu-{membership.enrolment.number}.pdf"
    return attachment(content, name=name, content_type="application/pdf")


@sandboxed
@members_and_desk
@never_cache
@require_safe
@limited
def card_png(request: SignedInRequest, number: str) -> HttpResponse:
    membership = member_with_card_or_404(request, number)
    content = documents.png("card", card_data(request, membership))
    name = f"kartu-{membership.enrolment.number}.png"
    return attachment(content, name=name, content_type="image/png")


@members_and_helpers
@require_POST
def renew_card(request: SignedInRequest, number: str) -> HttpResponse:
    membership = member_with_card_or_404(request, number)
    now = timezone.now()

    def renew() -> str:
        cards.renew_card(enrolment=membership.enrolment, at=now)
        return reverse("participants:card", args=[membership.enrolment.number])

    address = once(request.POST.get("form_id", ""), form_owner(request), now, renew)
    messages.success(request, "Kode QR kartu sudah diganti. Kode yang lama tidak berlaku lagi.")
    return redirect(address)


@sandboxed
@members_and_desk
@never_cache
@require_safe
@limited
def receipt(request: SignedInRequest, pk: int) -> HttpResponse:
    payment = get_object_or_404(
        Payment.objects.received().select_related("code", "by"),
        pk=pk,
        account__enrolment__in=Enrolment.objects.visible_to(request.user),
    )
    enrolment = Enrolment.objects.select_related("person").get(account=payment.account_id)
    said = history.receipt(
        payment, name=enrolment.person.name, number=enrolment.number, at=timezone.now()
    )
    said["qr"] = documents.qr_code(on_site(request, reverse("participants:receipt", args=[pk])))
    content = documents.pdf("receipt", said)
    name = f"kwitansi-{said['number']}.pdf"
    return attachment(content, name=name, content_type="application/pdf")


@login_not_required
@require_safe
@never_cache
def check(request: HttpRequest, token: str) -> HttpResponse:
    """Say whether a card is good, to anyone who holds it, and nothing else about its owner."""
    now = timezone.now()
    limit, window = CHECKS_OF_ONE_IP
    try:
        count_attempt(f"check-ip:{client_ip(request)}", limit=limit, window=window, at=now)
    except TooMany as reached:
        return too_many(request, reached.until, now)
    card = Card.objects.standing().filter(token=token).first() if cards.is_token(token) else None
    if card is None:
        answer = render(request, "participants/check_unknown.html", status=404)
    else:
        cards.count_check(card=card)
        enrolment = Enrolment.objects.get(pk=card.enrolment_id)
        membership = actions.membership_of(enrolment, at=now)
        name = mask_name(membership.enrolment.person.name)
        said = {"membership": membership, "name": name, "checked_at": now}
        answer = render(request, "participants/check.html", said)
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer
