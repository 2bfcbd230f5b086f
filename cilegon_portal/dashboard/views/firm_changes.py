"""What the office changes about a firm: its state and its limits."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from cilegon_portal.accounts.access import SignedInRequest, form_owner, roles_only
from cilegon_portal.accounts.actions import once
from cilegon_portal.dashboard import roles
from cilegon_portal.dashboard.forms.counter import ReasonForm
from cilegon_portal.dashboard.forms.firms import (
    CloseForm,
    LimitForm,
    ProofForm,
    ReopenForm,
    needed_evidence,
    proof_forms,
)
from cilegon_portal.dashboard.queries.firms import at_the_desk, numbered
from cilegon_portal.rules.months import Month
from cilegon_portal.templatetags.portal import month_name
from employers.actions import decisions
from employers.actions.winding_up import LaterMonthReported
from employers.models import Employer

OWN = "Anda pengguna perusahaan ini. Minta rekan lain yang memutuskan"
REFUSED: dict[type[Exception], str] = {
    decisions.OwnFirm: OWN,
    decisions.NotActive: "Perusahaan ini tidak sedang aktif",
    decisions.NotClosed: "Perusahaan ini tidak sedang nonaktif",
    decisions.NotAfterClosing: "Pilih bulan sesudah bulan iuran terakhir",
}

REPORTED = "Upah {} sudah dilaporkan. Pilih bulan itu atau sesudahnya"


def press(request: SignedInRequest, do: Callable[[], object], firm: Employer, done: str) -> str:
    """Do what the form asks once, however often it is sent; return the firm's page."""
    address = reverse("dashboard:firm", args=[firm.reference])

    def act() -> str:
        do()
        messages.success(request, done)
        return address

    return once(request.POST.get("form_id", ""), form_owner(request), timezone.now(), act)


@roles_only(*roles.CHANGERS)
@require_http_methods(["GET", "HEAD", "POST"])
def close_firm(request: SignedInRequest, reference: str) -> HttpResponse:
    """Close a firm with the evidence that the office asks for."""
    found = get_object_or_404(numbered(at_the_desk(request.user).active(), reference))
    form = CloseForm(request.POST or None)
    proofs = proof_forms(request.POST or None)
    if request.method == "POST" and all([form.is_valid(), *(it.is_valid() for it in proofs)]):
        try:
            done = f"{found.name} dinonaktifkan."
            return redirect(press(request, closed(request, form, proofs, found), found, done))
        except decisions.EvidenceMissing as missing:
            for sentence in missing.sentences:
                form.add_error(None, sentence)
        except LaterMonthReported as later:
            form.add_error("last_month", REPORTED.format(month_name(later.month)))
        except tuple(REFUSED) as refusal:
            form.add_error(None, REFUSED[type(refusal)])
    context = {"firm": found, "form": form, "proofs": proofs, "needed": needed_evidence()}
    return render(request, "dashboard/firm_close.html", context)


def closed(
    request: SignedInRequest, form: CloseForm, proofs: list[ProofForm], firm: Employer
) -> Callable[[], object]:
    given: dict[str, Any] = form.cleaned_data
    evidence = [proof for it in proofs if (proof := it.proof())]
    return lambda: decisions.close_firm(
        employer=firm, evidence=evidence, by=request.user, at=timezone.now(), **given
    )


@roles_only(*roles.CHANGERS)
@require_http_methods(["GET", "HEAD", "POST"])
def reopen_firm(request: SignedInRequest, reference: str) -> HttpResponse:
    """Make a closed firm active again from a month on, with a reason."""
    closed_firms = at_the_desk(request.user).filter(state=Employer.State.CLOSED)
    found = get_object_or_404(numbered(closed_firms, reference))
    this_month = Month.of(timezone.localdate())
    form = ReopenForm(request.POST or None, initial={"first_month": this_month})

    def reopen() -> object:
        return decisions.reopen_firm(
            employer=found, by=request.user, at=timezone.now(), **form.cleaned_data
        )

    return asked_for(request, found, form, reopen, "dashboard/firm_reopen.html")


@roles_only(*roles.CHANGERS)
@require_http_methods(["GET", "HEAD", "POST"])
def upload_limit(request: SignedInRequest, reference: str) -> HttpResponse:
    """Let a firm upload larger files, or no longer."""
    found = get_object_or_404(numbered(at_the_desk(request.user).active(), reference))
    form = LimitForm(request.POST or None, initial={"is_large": found.may_upload_large})

    def limit() -> object:
        return decisions.set_upload_limit(
            employer=found, by=request.user, at=timezone.now(), **form.cleaned_data
        )

    return asked_for(request, found, form, limit, "dashboard/firm_limit.html")


def asked_for(
    request: SignedInRequest,
    firm: Employer,
    form: ReasonForm,
    do: Callable[[], object],
    template: str,
) -> HttpResponse:
    """Show the form of an act on a firm, and do it when it is filled in."""
    if form.is_valid():
        try:
            return redirect(press(request, do, firm, "Perubahan disimpan."))
        except tuple(REFUSED) as refusal:
            form.add_error(None, REFUSED[type(refusal)])
    return render(request, template, {"firm": firm, "form": form})
