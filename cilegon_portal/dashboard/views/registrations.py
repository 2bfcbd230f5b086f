"""Registrations of firms that wait for the office, oldest first."""

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from cilegon_portal.accounts.access import SignedInRequest, form_owner, roles_only
from cilegon_portal.accounts.actions import once
from cilegon_portal.dashboard import roles
from cilegon_portal.dashboard.forms.firms import (
    APPROVE,
    RETURN,
    DecisionForm,
    first_terms,
)
from cilegon_portal.dashboard.queries.firms import (
    at_the_desk,
    numbered,
    officer_choices,
    waiting_since,
)
from employers.actions import decisions
from employers.actions.first_workers import first_workers
from employers.models import Employer

REFUSED: dict[type[Exception], str] = {
    decisions.OwnFirm: "Anda pengguna perusahaan ini. Minta rekan lain yang memutuskan",
    decisions.NppTaken: "NPP ini sudah dipakai badan usaha lain",
}
DONE = {
    APPROVE: "Pendaftaran disetujui. Perusahaan sudah bisa melapor.",
    RETURN: "Pendaftaran dikembalikan. Perusahaan membaca alasannya.",
}
REJECTED = "Pendaftaran ditolak. Perusahaan membaca alasannya."


@roles_only(*roles.DECIDERS)
@require_safe
def registrations(request: SignedInRequest) -> HttpResponse:
    """List the registrations that wait, oldest first."""
    waiting = at_the_desk(request.user).waiting().select_related("kelurahan__kecamatan")
    page = Paginator(waiting.order_by("sent_at", "pk"), 50).get_page(request.GET.get("page"))
    rows = waiting_since(page.object_list, on=timezone.localdate())
    return render(request, "dashboard/registrations.html", {"page": page, "rows": rows})


@roles_only(*roles.DECIDERS)
@require_http_methods(["GET", "HEAD", "POST"])
def registration(request: SignedInRequest, reference: str) -> HttpResponse:
    """Show what a firm stated beside what the register knows, and take the decision."""
    firms = at_the_desk(request.user).select_related("line_of_business", "kelurahan__kecamatan")
    firm = get_object_or_404(numbered(firms, reference))
    form = DecisionForm(request.POST or None, officers=officer_choices(), initial=first_terms(firm))
    if form.is_valid():
        try:
            return redirect(decided(request, form, firm))
        except decisions.NotWaiting:
            messages.warning(request, "Pendaftaran ini sudah diputuskan.")
            return redirect("dashboard:firm", reference=reference)
        except tuple(REFUSED) as refusal:
            is_npp = isinstance(refusal, decisions.NppTaken)
            form.add_error("npp" if is_npp else None, REFUSED[type(refusal)])
    context = {
        "firm": firm,
        "listed": first_workers(firm),
        "form": form,
        "like": at_the_desk(request.user).like(firm).by_name()[:10],
        "contacts": firm.contacts.order_by("kind", "pk"),
        "seats": firm.seats.taken().select_related("user").in_order(),
        "decisions": firm.decisions.select_related("by").order_by("-at", "-pk"),
    }
    return render(request, "dashboard/registration.html", context)


def decided(request: SignedInRequest, form: DecisionForm, firm: Employer) -> str:
    """Carry out the decision once, however often the form is sent; return where to go on."""
    answer = form.cleaned_data["answer"]
    act = verdict(request, form, firm)

    def decide() -> str:
        act()
        messages.success(request, DONE.get(answer, REJECTED))
        return reverse("dashboard:registrations")

    return once(request.POST.get("form_id", ""), form_owner(request), timezone.now(), decide)


def verdict(request: SignedInRequest, form: DecisionForm, firm: Employer) -> Callable[[], object]:
    """Return what the chosen answer does."""
    given = form.cleaned_data
    at = timezone.now()
    if given["answer"] == APPROVE:
        return lambda: decisions.approve_firm(
            employer=firm, by=request.user, at=at, **{k: given[k] for k in given if k != "answer"}
        )
    act = decisions.return_firm if given["answer"] == RETURN else decisions.reject_firm
    return lambda: act(employer=firm, reason=given["reason"], by=request.user, at=at)
