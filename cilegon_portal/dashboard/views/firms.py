"""The list of firms: found, filtered, kept under a name."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cilegon_portal import tables
from cilegon_portal.accounts.access import SignedInRequest, form_owner, roles_only
from cilegon_portal.accounts.actions import once
from cilegon_portal.dashboard import actions, roles
from cilegon_portal.dashboard.forms.firms import SaveViewForm
from cilegon_portal.dashboard.models import ChosenColumns, SavedView, SavedViewQuerySet
from cilegon_portal.dashboard.queries import firms as queries

PICKED = {"halaman", "semua"}  # every row of this page, or every row that was found


@roles_only(*roles.READERS)
@require_safe
def firms(request: SignedInRequest) -> HttpResponse:
    """Show the firms that the address asks for."""
    listing = asked(request, request.GET)
    page = listing.page(request.GET.get("page"))
    picked = request.GET.get("pilih", "")
    context = {
        "listing": listing,
        "page": page,
        "lines": listing.lines(list(page.object_list)),
        "views": own_and_shared(request).select_related("owner").by_name(),
        "picked": picked if picked in PICKED else "",
    }
    return render(request, "dashboard/firms.html", context)


def asked(request: SignedInRequest, parameters: QueryDict) -> tables.Listing:
    """Return what `parameters` ask of the list of firms, with the columns this person chose."""
    on = timezone.localdate()
    chosen = ChosenColumns.objects.filter(user=request.user, table=queries.FIRMS)
    return tables.ask(
        queries.firm_table(on),
        parameters,
        queries.listed(request.user, on=on),
        columns=chosen.values_list("names", flat=True).first() or (),
    )


def own_and_shared(request: SignedInRequest) -> SavedViewQuerySet:
    return SavedView.objects.of_table(queries.FIRMS).visible_to(request.user)


@roles_only(*roles.READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def choose_columns(request: SignedInRequest) -> HttpResponse:
    """Ask which columns to show, and remember them for this person."""
    listing = asked(request, request.GET)
    if request.method != "POST":
        return render(request, "dashboard/firm_columns.html", {"listing": listing})
    names = tables.understood_columns(listing.table, request.POST.getlist(tables.COLUMNS_NAME))

    def remember() -> str:
        actions.choose_columns(table=queries.FIRMS, names=names, by=request.user)
        return address_of(listing, without=tables.COLUMNS_NAME)

    return redirect(
        once(request.POST.get("form_id", ""), form_owner(request), timezone.now(), remember)
    )


def address_of(listing: tables.Listing, *, without: str = "") -> str:
    """Return the address of the list with what it was asked, but for one parameter."""
    return reverse("dashboard:firms") + listing.without(without)


@roles_only(*roles.READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def saved_views(request: SignedInRequest) -> HttpResponse:
    """Keep the filters of the address under a name, and show those kept before."""
    listing = asked(request, request.GET)
    form = SaveViewForm(request.POST or None)
    if form.is_valid():
        try:
            return redirect(saved(request, form, listing))
        except actions.TooManyViews:
            form.add_error(None, f"Hapus dulu satu saringan; paling banyak {actions.MOST_VIEWS}")
    context = {
        "form": form,
        "listing": listing,
        "views": own_and_shared(request).filter(owner=request.user).by_name(),
    }
    return render(request, "dashboard/firm_views.html", context)


def saved(request: SignedInRequest, form: SaveViewForm, listing: tables.Listing) -> str:
    """Save the filters once, however often the form is sent; return their address."""

    def save() -> str:
        actions.save_view(
            table=queries.FIRMS,
            name=form.cleaned_data["name"],
            query=listing.address,
            is_shared=form.cleaned_data["is_shared"],
            by=request.user,
            at=timezone.now(),
        )
        messages.success(request, f"Saringan “{form.cleaned_data['name']}” disimpan.")
        return address_of(listing)

    return once(request.POST.get("form_id", ""), form_owner(request), timezone.now(), save)


@roles_only(*roles.READERS)
@require_POST
def forget_view(request: SignedInRequest, pk: int) -> HttpResponse:
    """Forget one's own saved filters; a second press finds them gone."""
    view = get_object_or_404(own_and_shared(request).filter(owner=request.user), pk=pk)
    view.delete()
    messages.success(request, f"Saringan “{view.name}” dihapus.")
    return redirect("dashboard:saved_views")
