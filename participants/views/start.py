"""The front door: three doors, the price, and help; and the beginning of a registration."""

from datetime import date

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.models import Rate
from cilegon_portal.reference.models import Setting
from cilegon_portal.rules.months import Month
from participants import prices
from participants.actions import registration as actions
from participants.answers import LOWEST_INCOME
from participants.forms import BeginForm
from participants.models import RegistrationDraft
from participants.views.steps import address_of, held_draft, hold, posted, public


@login_not_required
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    return render(request, "participants/start.html", story_of(timezone.localdate()))


def story_of(on: date) -> dict[str, object]:
    """Return what the front pages tell of price and benefits on day `on`."""
    rates = Rate.objects.of_segment("BPU").billed().as_rules()
    rules = Setting.objects.values_on(on)
    month = Month.of(on)
    return {
        "price": prices.stretch(month, rates=rates, sector="OTHER"),
        "transport": prices.stretch(month, rates=rates, sector="TRANSPORT"),
        "work_death": prices.work_death_benefit(LOWEST_INCOME),
        "death": prices.DEATH_BENEFIT,
        "early_death": int(rules["JKM_EARLY_BENEFIT"]),
        "full_after": rules["JKM_FULL_AFTER_MONTHS"],
    }


@login_not_required
@require_safe
def ask_for_help(request: HttpRequest) -> HttpResponse:
    return render(request, "participants/help.html")


@public
def register(request: HttpRequest) -> HttpResponse:
    """Show what it is about; the button begins a new draft."""
    at = timezone.now()
    draft = held_draft(request, at)
    if request.method == "POST":
        return begin(request)
    if draft and draft.assisted_by_id and not draft.given.occupation:
        return redirect(address_of(draft))
    context = story_of(timezone.localdate(at)) | {
        "form": BeginForm(initial={"k": request.GET.get("k", "")[:20]}),
        "draft": draft if draft and not draft.finished_at else None,
        "next_url": address_of(draft) if draft else "",
        "resumable": resumable(request.user) if draft is None else None,
    }
    return render(request, "participants/register.html", context)


def begin(request: HttpRequest) -> HttpResponse:
    """Begin a draft; whoever works here does it at the desk, where roles and TOTP are asked for."""
    if isinstance(request.user, User) and request.user.is_staff:
        return redirect("dashboard:assist")
    form = BeginForm(posted(request))
    code = form.cleaned_data["k"] if form.is_valid() else ""
    draft = actions.begin(at=timezone.now(), campaign_code=code)
    hold(request, draft)
    return redirect(address_of(draft))


def resumable(user: object) -> RegistrationDraft | None:
    """Return the unfinished draft of the phone that `user` signed in with."""
    if not isinstance(user, User):
        return None
    drafts = RegistrationDraft.objects.resumable_by(user).alive(timezone.now())
    return drafts.newest_first().first()


@login_not_required
@require_POST
def resume(request: HttpRequest) -> HttpResponse:
    """Go on with the draft of the phone that was just proven by signing in."""
    draft = resumable(request.user)
    if draft is None:
        return redirect("participants:register")
    hold(request, draft)
    return redirect(address_of(draft))
