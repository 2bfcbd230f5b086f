"""From when a firm is billed otherwise: what it would change, then the change."""

from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from cilegon_portal.accounts.access import SignedInRequest, roles_only
from cilegon_portal.dashboard import roles
from cilegon_portal.dashboard.forms.firms import TermsForm, next_terms
from cilegon_portal.dashboard.queries.firms import at_the_desk
from cilegon_portal.dashboard.views.firm_changes import press
from cilegon_portal.rules.months import Month
from employers.actions import terms
from employers.models import Employer


@roles_only(*roles.CHANGERS)
@require_http_methods(["GET", "HEAD", "POST"])
def change_terms(request: SignedInRequest, reference: str) -> HttpResponse:
    """Show what other terms would change of the bills, then change them."""
    found = get_object_or_404(at_the_desk(request.user).active(), reference=reference)
    month = Month.of(timezone.localdate())
    form = TermsForm(
        request.POST or None,
        initial=next_terms(terms.terms_in(found, month), month=month),
    )
    effects = None
    if form.is_valid():
        if "save" in request.POST:
            return redirect(
                press(request, changed(request, form, found), found, "Ketentuan baru disimpan.")
            )
        effects = terms.preview_terms(employer=found, **form.answers())
    context = {"firm": found, "form": form, "effects": effects}
    return render(request, "dashboard/firm_terms.html", context)


def changed(request: SignedInRequest, form: TermsForm, firm: Employer) -> Callable[[], object]:
    return lambda: terms.change_terms(
        employer=firm,
        reason=form.cleaned_data["reason"],
        by=request.user,
        at=timezone.now(),
        **form.answers(),
    )
