"""The people of a firm: who is here, inviting others, ending a seat."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from cilegon_portal.accounts.access import form_owner, too_many
from cilegon_portal.accounts.actions import TooMany, count_attempt, once
from cilegon_portal.accounts.models import Role
from employers.actions import team as actions
from employers.forms.team import InviteForm
from employers.models import Employer
from employers.views.guard import READ, FirmRequest, firm_page

INVITATIONS = (20, timedelta(days=1))  # of one firm, and of one person in all firms together
SEATED = "Orang ini sudah menjadi pengguna perusahaan ini"
LAST = "Tunjuk penyetuju lain dulu. Perusahaan selalu perlu satu penyetuju."


@firm_page(methods=READ)
def team(request: FirmRequest, firm: Employer) -> HttpResponse:
    at = timezone.now()
    context = {
        "firm": firm,
        "seats": firm.seats.taken().select_related("user").in_order(),
        "invitations": firm.seats.open_at(at).in_order(),
        "may_change": request.seat.is_approver,
    }
    return render(request, "employers/team.html", context)


@firm_page(Role.APPROVER)
def invite(request: FirmRequest, firm: Employer) -> HttpResponse:
    form = InviteForm(request.POST or None, initial={"role": Role.REPORTER.value})
    if form.is_valid():
        try:
            return invite_once(request, firm, form)
        except actions.AlreadySeated:
            form.add_error("email", SEATED)
        except TooMany as wait:
            return too_many(request, wait.until, timezone.now())
    return render(request, "employers/team_invite.html", {"firm": firm, "form": form})


def invite_once(request: FirmRequest, firm: Employer, form: InviteForm) -> HttpResponse:
    """Send the invitation, once for one form; raises AlreadySeated, TooMany."""
    at = timezone.now()
    email, role = form.cleaned_data["email"], form.cleaned_data["role"]
    limit, window = INVITATIONS

    def do() -> str:
        for key in (f"invite:{firm.pk}", f"invite-by:{request.user.pk}"):
            count_attempt(key, limit=limit, window=window, at=at)
        actions.invite(employer=firm, email=email, role=role, by=request.user, at=at)
        messages.success(request, f"Undangan dikirim ke {email}.")
        return reverse("employers:team", args=[firm.reference])

    return redirect(once(request.POST.get("form_id", ""), form_owner(request), at, do))


@firm_page(Role.APPROVER)
def end_seat(request: FirmRequest, firm: Employer, pk: int) -> HttpResponse:
    """End a seat or an invitation, after a page that says what it means."""
    seat = get_object_or_404(firm.seats.select_related("user"), pk=pk)
    back = reverse("employers:team", args=[firm.reference])
    if request.method != "POST":
        context = {"firm": firm, "seat": seat, "back": back, "is_own": seat == request.seat}
        return render(request, "employers/team_end.html", context)
    at = timezone.now()

    def do() -> str:
        actions.end_seat(seat=seat, by=request.user, at=at)
        messages.success(request, "Akses diakhiri." if seat.user else "Undangan dibatalkan.")
        return reverse("employers:start") if seat == request.seat else back

    try:
        return redirect(once(request.POST.get("form_id", ""), form_owner(request), at, do))
    except actions.LastApprover:
        messages.warning(request, LAST)
        return redirect(back)
