"""From when a firm is billed otherwise: what it would change, then the change."""

from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from cilegon_portal.accounts.access import SignedInRequest, roles_only
from cilegon_portal.contributions.rules import NoRate
from cilegon_portal.dashboard import roles
from cilegon_portal.dashboard.forms.firms import TermsForm, next_terms
from cilegon_portal.dashboard.queries.firms import at_the_desk, numbered
from cilegon_portal.dashboard.views.firm_changes import OWN, press
from cilegon_portal.rules.months import Month
from employers.actions import terms
from employers.actions.decisions import OwnFirm, refuse_own
from employers.models import Employer

MONTHS_AHEAD = 12
REFUSED: dict[type[Exception], str] = {
    OwnFirm: OWN,
    NoRate: "Belum ada tarif untuk salah satu bulan yang dihitung",
}


@roles_only(*roles.CHANGERS)
@require_http_methods(["GET", "HEAD", "POST"])
def change_terms(request: SignedInRequest, reference: str) -> HttpResponse:
    """Show what other terms would change of the bills, then change them."""
    found = get_object_or_404(numbered(at_the_desk(request.user).active(), reference))
    form = form_of(request, found, Month.of(timezone.localdate()))
    effects = None
    if form.is_valid():
        try:
            if "save" in request.POST:
                act = change(request, form, found)
                return redirect(press(request, act, found, "Ketentuan baru disimpan."))
            effects = terms.preview_terms(employer=found, **form.answers())
        except tuple(REFUSED) as refusal:
            form.add_error(None, REFUSED[type(refusal)])
    context = {"firm": found, "form": form, "effects": effects}
    return render(request, "dashboard/firm_terms.html", context)


def form_of(request: SignedInRequest, firm: Employer, month: Month) -> TermsForm:
    """Return the form, filled in with what is in force in `month`."""
    oldest = firm.terms.order_by("valid_from").first()
    return TermsForm(
        request.POST or None,
        first=oldest.valid_from if oldest else month,
        last=month.plus(MONTHS_AHEAD),
        initial=next_terms(terms.terms_in(firm, month), month=month),
    )


def change(request: SignedInRequest, form: TermsForm, firm: Employer) -> Callable[[], object]:
    """Return what gives the firm the terms of the form; raises OwnFirm, NoRate."""

    def act() -> object:
        refuse_own(firm, request.user)
        reason = form.cleaned_data["reason"]
        return terms.change_terms(
            employer=firm, reason=reason, by=request.user, at=timezone.now(), **form.answers()
        )

    return act
