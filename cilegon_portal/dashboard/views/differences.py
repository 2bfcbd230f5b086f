"""Workers whom a firm reported otherwise than the register knows them."""

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
from cilegon_portal.dashboard.forms.firms import SettleForm
from cilegon_portal.dashboard.queries.firms import differing
from employers.actions.differences import AlreadySettled, settle
from employers.models import Employment


@roles_only(*roles.DECIDERS)
@require_safe
def differences(request: SignedInRequest) -> HttpResponse:
    """List the differences that nobody has settled, oldest first; of one firm if it is named."""
    rows = differing(request.user, of=request.GET.get("perusahaan", ""))
    page = Paginator(rows.order_by("pk"), 50).get_page(request.GET.get("page"))
    return render(request, "dashboard/differences.html", {"page": page})


@roles_only(*roles.DECIDERS)
@require_http_methods(["GET", "HEAD", "POST"])
def difference(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show both records side by side, and note how the difference was settled."""
    found = get_object_or_404(differing(request.user), pk=pk)
    form = SettleForm(request.POST or None)
    if form.is_valid():
        try:
            return redirect(settled(request, form, found))
        except AlreadySettled:
            messages.warning(request, "Perbedaan ini sudah diselesaikan.")
            return redirect("dashboard:differences")
    return render(request, "dashboard/difference.html", {"employment": found, "form": form})


def settled(request: SignedInRequest, form: SettleForm, found: Employment) -> str:
    """Settle the difference once, however often the form is sent; return the list."""

    def act() -> str:
        note = form.settled_note()
        settle(employment=found, note=note, by=request.user, at=timezone.now())
        messages.success(request, "Perbedaan dicatat selesai.")
        return reverse("dashboard:differences")

    return once(request.POST.get("form_id", ""), form_owner(request), timezone.now(), act)
