"""From an e-mail address to the first page of a registration."""

from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cilegon_portal.accounts.access import client_ip, form_owner, sign_in, too_many
from cilegon_portal.accounts.actions import TooMany, count_attempt, once
from cilegon_portal.accounts.models import User
from employers.actions import registration, team
from employers.actions.team import LinkIsDead
from employers.forms.registration import PasswordForm, SignUpForm
from employers.forms.team import AcceptForm
from employers.models import SignUp

ASKS_OF_ONE_IP = (60, timedelta(hours=1))
MAILS_TO_ONE_ADDRESS = (3, timedelta(days=1))


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Ask who registers; the answer is the same for every address."""
    form = SignUpForm(request.POST or None)
    if not form.is_valid():
        return render(request, "employers/sign_up.html", {"form": form})
    at = timezone.now()
    limit, window = ASKS_OF_ONE_IP
    try:
        count_attempt(f"sign-up-ip:{client_ip(request)}", limit=limit, window=window, at=at)
    except TooMany as wait:
        return too_many(request, wait.until, at)
    sent = reverse("employers:sign_up_sent")

    def do() -> str:
        send_link(form.cleaned_data["email"], form.cleaned_data["name"])
        return sent

    return redirect(once(request.POST.get("form_id", ""), form_owner(request), at, do))


def send_link(email: str, name: str) -> None:
    """Send the letter, unless this address got enough of them today."""
    at = timezone.now()
    limit, window = MAILS_TO_ONE_ADDRESS
    try:
        count_attempt(f"sign-up:{email}", limit=limit, window=window, at=at)
    except TooMany:
        return
    registration.ask(email=email, name=name, at=at)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD"])
def sent(request: HttpRequest) -> HttpResponse:
    return render(request, "employers/sign_up_sent.html")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for a password, and open the registration to the owner of the address."""
    asked = SignUp.objects.filter(token_hash=registration.hash_of(token)).first()
    if asked is None:
        return dead_link(request)
    form = PasswordForm(request.POST or None)
    if not form.is_valid():
        if not asked.is_usable_at(timezone.now()):
            return dead_link(request)
        return render(request, "employers/begin.html", {"form": form, "email": asked.email})
    try:
        address = begin_once(request, token, form.cleaned_data["password1"])
    except LinkIsDead:
        return dead_link(request)
    except registration.HasAccount:
        return redirect(f"{reverse('account_login')}?next={reverse('employers:start')}")
    return sign_in(request, User.objects.get(email=asked.email), address)


def begin_once(request: HttpRequest, token: str, password: str) -> str:
    """Begin the registration, once for one form; return the address of its tasks."""
    at = timezone.now()

    def do() -> str:
        employer = registration.begin(token=token, password=password, at=at)
        return reverse("employers:tasks", args=[employer.reference])

    return once(request.POST.get("form_id", ""), holder(request, token), at, do)


def holder(request: HttpRequest, token: str) -> str:
    """Return who sends the form of this link: no form of another page stands in for it."""
    return f"{form_owner(request)}|{registration.hash_of(token).hex()}"


def dead_link(request: HttpRequest) -> HttpResponse:
    """Answer a link that was used, is too old or never was: nobody learns which."""
    return render(request, "employers/link_dead.html", status=404)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Let an invited person in: with a new account, or signed in with the one of the address."""
    seat = team.seat_of(token)
    if seat is None:
        return dead_link(request)
    owner = User.objects.filter(email=seat.email).first()
    form = AcceptForm(request.POST or None) if owner is None else None
    if request.method == "POST" and (form is None or form.is_valid()):
        return take_seat(request, token, form.cleaned_data if form else {})
    if not seat.is_open_at(timezone.now()):
        return dead_link(request)
    context = {
        "form": form,
        "seat": seat,
        "owner": owner,
        "is_owner": owner is not None and owner == request.user,
        "sign_in_url": f"{reverse('account_login')}?next={request.path}",
    }
    return render(request, "employers/accept.html", context)


def take_seat(request: HttpRequest, token: str, given: dict[str, str]) -> HttpResponse:
    """Take the seat, once for one form, and sign a new person in."""
    at = timezone.now()
    user = request.user if isinstance(request.user, User) else None
    name, password = given.get("name", ""), given.get("password1", "")

    def do() -> str:
        seat = team.accept(token=token, user=user, name=name, password=password, at=at)
        return reverse("employers:home", args=[seat.employer.reference])

    try:
        address = once(request.POST.get("form_id", ""), holder(request, token), at, do)
    except LinkIsDead:
        return dead_link(request)
    except (team.SignInFirst, team.IsStaff):
        return redirect(request.path)
    except team.AlreadySeated:
        return redirect("employers:start")
    seat = team.seat_of(token)
    if seat is None or seat.user is None or seat.user == request.user:
        return redirect(address)
    return sign_in(request, seat.user, address)
