"""Registrations that disagree with the register, until somebody has seen the identity card."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from cilegon_portal.accounts.access import SignedInRequest, roles_only
from cilegon_portal.dashboard import roles
from participants.actions import matching
from participants.models import RegistrationDraft


@roles_only(*roles.MATCHERS)
@require_safe
def matches(request: SignedInRequest) -> HttpResponse:
    """List the registrations that wait, oldest first."""
    waiting = RegistrationDraft.objects.alive(timezone.now()).filter(needs_office=True)
    drafts = waiting.order_by("changed_at", "pk")[:100]
    return render(request, "dashboard/matches.html", {"drafts": drafts})


@roles_only(*roles.MATCHERS)
@require_http_methods(["GET", "HEAD", "POST"])
def match(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what was typed beside what is on record, and take the answer of the counter."""
    draft = get_object_or_404(RegistrationDraft.objects.alive(timezone.now()), pk=pk)
    try:
        person = matching.person_of(draft)
    except matching.NothingToMatch:
        raise Http404 from None
    if request.POST.get("answer") == "same":
        matching.match_phone(draft=draft, at=timezone.now())
        messages.success(request, "Nomor HP dipasang. Peserta bisa masuk dengan nomor itu.")
        return redirect("dashboard:person", pk=person.pk)
    if request.POST.get("answer") == "other":
        matching.close_match(draft=draft, at=timezone.now())
        messages.success(request, "Permintaan ditutup. Data yang diketik dihapus.")
        return redirect("dashboard:matches")
    return render(
        request,
        "dashboard/match.html",
        {"draft": draft, "staged": draft.given, "person": person},
    )
