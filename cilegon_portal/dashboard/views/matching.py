"""Registrations that disagree with the register, until somebody has seen the identity card."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from cilegon_portal.accounts.access import SignedInRequest, roles_only
from cilegon_portal.dashboard import roles
from participants.actions import matching
from participants.actions.registration import close
from participants.models import RegistrationDraft


@roles_only(*roles.MATCHERS)
@require_safe
def matches(request: SignedInRequest) -> HttpResponse:
    """List the registrations that wait, oldest first."""
    waiting = RegistrationDraft.objects.alive(timezone.now()).waiting_for_office()
    drafts = waiting.order_by("changed_at", "pk")[:100]
    return render(request, "dashboard/matches.html", {"drafts": drafts})


@roles_only(*roles.MATCHERS)
@require_http_methods(["GET", "HEAD", "POST"])
def match(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what was typed beside what is on record, and take the answer of the counter."""
    draft = get_object_or_404(RegistrationDraft.objects.alive(timezone.now()), pk=pk)
    if request.method == "POST" and draft.needs_office:
        return answer(request, draft)
    try:
        person = matching.person_of(draft)
    except matching.NothingToMatch:
        raise Http404 from None
    return render(
        request,
        "dashboard/match.html",
        {"draft": draft, "staged": draft.given, "person": person},
    )


def answer(request: SignedInRequest, draft: RegistrationDraft) -> HttpResponse:
    """Carry out what the counter found; a second press, or a colleague's, hears that it is done."""
    chosen = request.POST.get("answer")
    try:
        if chosen == "same":
            person = matching.match_phone(draft=draft, at=timezone.now())
            messages.success(request, "Nomor HP dipasang. Peserta bisa masuk dengan nomor itu.")
            return redirect("dashboard:person", pk=person.pk)
    except matching.NothingToMatch:
        messages.warning(request, "Permintaan ini sudah dijawab.")
        return redirect("dashboard:matches")
    if chosen == "other":
        close(draft=draft, at=timezone.now())
        messages.success(request, "Permintaan ditutup. Data yang diketik dihapus.")
    return redirect("dashboard:matches")
