"""One firm at the desk."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cilegon_portal.accounts.access import SignedInRequest, roles_of, roles_only
from cilegon_portal.dashboard import roles
from cilegon_portal.dashboard.queries import firm as queries
from cilegon_portal.dashboard.queries.firms import TONES, numbered
from employers.models import Employer


@roles_only(*roles.READERS)
@require_safe
def firm(request: SignedInRequest, reference: str) -> HttpResponse:
    found = get_object_or_404(numbered(queries.firm_at_the_desk(request.user), reference))
    every_month = request.GET.get("bulan") == "semua"
    desk = queries.desk_of_firm(found, on=timezone.localdate(), every_month=every_month)
    kind = request.GET.get("jenis", "")
    kind = kind if kind in queries.KINDS else ""
    held = roles_of(request.user)
    context = {
        "firm": found,
        "tone": TONES[Employer.State(found.state)],
        "desk": desk,
        "events": queries.timeline(found, desk, kind=kind),
        "kind": kind,
        "kinds": queries.KINDS.items(),
        "may_call": bool(held & set(roles.CALLERS)),
        "may_change": bool(held & set(roles.CHANGERS)),
        "may_decide": bool(held & set(roles.DECIDERS)),
    }
    return render(request, "dashboard/firm.html", context)
