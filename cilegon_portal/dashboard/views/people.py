"""Find a person, and everything the desk shows of one."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from cilegon_portal.accounts.access import (
    SignedInRequest,
    request_id,
    roles_of,
    roles_only,
    staff_only,
)
from cilegon_portal.accounts.models import Role, User
from cilegon_portal.dashboard import roles
from cilegon_portal.dashboard.forms.counter import DraftForm, ReasonForm, SearchForm
from cilegon_portal.dashboard.queries import people as queries
from cilegon_portal.people.actions import reveal_nik
from cilegon_portal.people.models import Person
from participants.actions.registration import (
    NotUnfinished,
    continue_assisted,
    start_assisted,
)
from participants.models import RegistrationDraft


@staff_only
@require_safe
def start(request: SignedInRequest) -> HttpResponse:
    """Send each role to the page it starts the day on."""
    held = roles_of(request.user)
    if Role.OFFICER in held:
        return redirect("dashboard:firms")
    if held & set(roles.READERS):
        return redirect("dashboard:people")
    return redirect("admin:index")


@roles_only(*roles.READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: SignedInRequest) -> HttpResponse:
    """Search people; a number is only ever posted, so that it stands in no address and no log."""
    words = request.POST.get("words", request.GET.get("q", ""))
    asked = "words" in request.POST or "q" in request.GET
    form = SearchForm({"words": words} if asked else None)
    search = None
    if form.is_valid():
        if request.method == "POST" and queries.is_name(words):
            return redirect(f"{reverse('dashboard:people')}?{queries.address_of(words)}")
        search = queries.search_people(form.cleaned_data["words"], on=timezone.localdate())
        if len(search.people) == 1 and request.method == "POST":
            return redirect("dashboard:person", pk=search.people[0].pk)
    rows = queries.rows_of(search, at=timezone.now())
    context = {"form": form, "search": search, "rows": rows}
    return render(request, "dashboard/people.html", context)


@roles_only(*roles.READERS)
@require_safe
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(queries.with_enrolment(Person.objects.all()), pk=pk)
    desk = queries.desk_of(found, at=timezone.now())
    held = roles_of(request.user)
    context = {
        "person": found,
        "desk": desk,
        "events": queries.timeline(found, desk),
        "may_receive": bool(held & set(roles.CASHIERS)),
        "may_reveal": bool(held & set(roles.REVEALERS)),
        "may_reverse": bool(held & set(roles.REVERSERS)),
    }
    return render(request, "dashboard/person.html", context)


@roles_only(*roles.REVEALERS)
@require_http_methods(["GET", "HEAD", "POST"])
def reveal(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show one NIK whole, once, on the answer to the reason; nothing of it stays in an address."""
    found = get_object_or_404(Person, pk=pk)
    form = ReasonForm(request.POST or None)
    nik = ""
    if form.is_valid():
        nik = reveal_nik(
            person=found,
            reason=form.cleaned_data["reason"],
            by=request.user,
            at=timezone.now(),
            request_id=request_id(),
        )
    return render(request, "dashboard/reveal.html", {"person": found, "form": form, "nik": nik})


@roles_only(*roles.HELPERS)
@require_http_methods(["GET", "HEAD", "POST"])
def assist(request: SignedInRequest) -> HttpResponse:
    """Start the worker's own registration, or go on with it, with the officer signed in."""
    form = DraftForm(request.POST if "number" in request.POST else None)
    draft = None
    if form.is_valid():
        draft = continued(form, by=request.user)
    elif request.method == "POST" and not form.is_bound:
        draft = start_assisted(by=request.user, at=timezone.now())
    if draft is None:
        return render(request, "dashboard/assist.html", {"form": form})
    request.session["draft"] = draft.token
    return redirect("participants:register")


def continued(form: DraftForm, *, by: User) -> RegistrationDraft | None:
    """Return the draft of the number on the form, now the officer's; or say that there is none."""
    number = form.cleaned_data["number"]
    try:
        return continue_assisted(reference=number, by=by, at=timezone.now())
    except NotUnfinished:
        form.add_error("number", "Tidak ada formulir belum selesai dengan nomor ini")
        return None
