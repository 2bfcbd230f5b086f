"""The door of the firms: what it offers, one's own firms, and the first page of each."""

from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from cilegon_portal.accounts.access import SignedInRequest, form_owner, too_many
from cilegon_portal.accounts.actions import TooMany, count_attempt, once
from cilegon_portal.accounts.models import SecondFactor, User
from cilegon_portal.contributions.models import Account, Bill
from cilegon_portal.rules.money import Rupiah
from employers.actions import registration
from employers.actions.months import FirmMonth, months_of, oldest_unreported
from employers.models import Employer
from employers.views.guard import READ, FirmRequest, firm_page

MONTHS_SHOWN = 6
FIRMS_OF_ONE_USER = (20, timedelta(days=1))


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD"])
def start(request: HttpRequest) -> HttpResponse:
    """Lead somebody with one firm to it, with several to a list; tell all others what is here."""
    if not isinstance(request.user, User):
        return render(request, "employers/start.html", {"firms": [], "may_begin": False})
    firms = list(Employer.objects.of_seats(request.user).by_name())
    if len(firms) == 1 and "semua" not in request.GET:
        return redirect("employers:home", firms[0].reference)
    page = {"firms": firms, "may_begin": may_begin(request.user)}
    return render(request, "employers/start.html", page)


def may_begin(user: User) -> bool:
    """Tell whether `user` may register a firm: somebody with a proven address, not of the staff."""
    return bool(user.email) and not user.is_staff


@never_cache
def new(request: SignedInRequest) -> HttpResponse:
    """Begin the registration of another firm."""
    if not may_begin(request.user):
        raise PermissionDenied
    return begin_another(request)


@require_POST
def begin_another(request: SignedInRequest) -> HttpResponse:
    at = timezone.now()
    limit, window = FIRMS_OF_ONE_USER

    def do() -> str:
        count_attempt(f"new-firm:{request.user.pk}", limit=limit, window=window, at=at)
        employer = registration.start_firm(by=request.user, at=at)
        return reverse("employers:tasks", args=[employer.reference])

    try:
        return redirect(once(request.POST.get("form_id", ""), form_owner(request), at, do))
    except TooMany as wait:
        return too_many(request, wait.until, at)


@firm_page(methods=READ)
def home(request: FirmRequest, firm: Employer) -> HttpResponse:
    """Show what comes next: the month to report, what is owed, who is here."""
    if not firm.is_registered:
        page = "tasks" if firm.state == Employer.State.DRAFT else "status"
        return redirect(f"employers:{page}", firm.reference)
    months = months_of(firm, on=timezone.localdate())
    following = oldest_unreported(months)
    context = {
        "firm": firm,
        "months": months[:MONTHS_SHOWN],
        "next_month": following,
        "days_left": following.days_left(timezone.localdate()) if following else 0,
        "may_repeat": may_repeat(firm, months, following),
        "owed": owed_by(firm),
        "credit": credit_of(firm),
        "needs_totp": request.seat.is_approver and not has_totp(request.user),
        "last": next((row for row in months if row.report), None),
    }
    return render(request, "employers/home.html", context)


def has_totp(user: User) -> bool:
    return bool(SecondFactor.objects.filter(user=user, type=SecondFactor.Type.TOTP).exists())


def may_repeat(firm: Employer, months: list[FirmMonth], following: FirmMonth | None) -> bool:
    """Tell whether the month to report may be one press: like the last one before it."""
    if following is None or following.draft or firm.state != Employer.State.ACTIVE:
        return False
    return any(row.report and row.month < following.month for row in months)


def credit_of(firm: Employer) -> Rupiah:
    """Return the money of `firm` that no bill has taken yet."""
    credit: Rupiah = Account.objects.with_sums().get(employer=firm).credit
    return credit


def owed_by(firm: Employer) -> Rupiah:
    """Return what `firm` has not paid yet of all its bills."""
    open_bills = Bill.objects.filter(account=firm.account_id).outstanding()
    owed: Rupiah = open_bills.aggregate(sum=Sum("outstanding"))["sum"] or 0
    return owed
