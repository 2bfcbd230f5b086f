"""The code of the counter: for somebody whose message does not come, identity card in hand."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from cilegon_portal.accounts.access import SignedInRequest, roles_only
from cilegon_portal.dashboard import roles
from cilegon_portal.dashboard.forms.counter import CounterCodeForm
from participants.actions.counter import CounterCode, NoCodeNeeded, code_for


@roles_only(*roles.CASHIERS)
@require_http_methods(["GET", "HEAD", "POST"])
def counter_code(request: SignedInRequest) -> HttpResponse:
    """Show six digits once, on the answer to the number; they stand in no address."""
    form = CounterCodeForm(
        request.POST if request.method == "POST" else None,
        initial={"number": request.GET.get("nomor", "")[:20]},
    )
    made: CounterCode | None = None
    if form.is_valid():
        try:
            made = code_for(
                reference=form.cleaned_data["number"], by=request.user, at=timezone.now()
            )
        except NoCodeNeeded:
            form.add_error("number", "Nomor ini tidak sedang menunggu kode. Periksa lagi nomornya")
    return render(request, "dashboard/counter_code.html", {"form": form, "made": made})
