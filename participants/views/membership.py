"""The member's own pages: home, renewal, terms, history (J1, renewal and states L2)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from cilegon_portal.accounts.access import SignedInRequest, form_owner, worker_only
from cilegon_portal.accounts.actions import once
from cilegon_portal.contributions.models import Account, Rate
from cilegon_portal.rules.months import Month
from cilegon_portal.rules.reference import read_reference
from cilegon_portal.templatetags.portal import rupiah
from participants import prices
from participants.actions import history as ledger, membership as actions
from participants.member_forms import RenewForm, TermsForm
from participants.models import Enrolment, RegistrationDraft
from participants.views.payment import members_and_desk, members_and_helpers


def membership_or_404(request: SignedInRequest, number: str) -> actions.Membership:
    """Return the membership with this number; 404 for a stranger, as for no number at all."""
    enrolment = get_object_or_404(
        Enrolment.objects.visible_to(request.user), number=read_reference(number) or ""
    )
    return actions.membership_of(enrolment, at=timezone.now())


@worker_only
@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    mine = Enrolment.objects.filter(person__user=request.user)
    drafts = RegistrationDraft.objects.resumable_by(request.user).alive(now)
    return render(
        request,
        "participants/member_home.html",
        {"memberships": actions.memberships(mine, at=now), "has_draft": drafts.exists()},
    )


@members_and_helpers
@require_http_methods(["GET", "HEAD", "POST"])
def renew(request: SignedInRequest, number: str) -> HttpResponse:
    now = timezone.now()
    membership = membership_or_404(request, number)
    if membership.is_new and not actions.is_admitted(membership):
        context = {"enrolment": membership.enrolment, "max_age": actions.max_age(now)}
        return render(request, "participants/member_too_old.html", context)
    form = RenewForm(request.POST or None, on_offer=actions.on_offer(membership))

    def order() -> str:
        code = actions.order_months(
            enrolment=membership.enrolment,
            missed=form.cleaned_data.get("missed", ()),
            how_many=form.cleaned_data["how_many"],
            by=request.user,
            at=now,
        )
        return reverse("participants:code", args=[code.reference])

    if form.is_valid():
        try:
            return redirect(once(request.POST.get("form_id", ""), form_owner(request), now, order))
        except actions.NotOnOffer:
            messages.warning(request, "Bulan itu baru saja dibeli. Pilih lagi dari daftar ini.")
            return redirect("participants:renew", number)
    return render(
        request,
        "participants/member_renew.html",
        {"membership": membership, "form": form, "terms": terms_of(membership.enrolment)},
    )


def terms_of(enrolment: Enrolment) -> list[tuple[str, str, str]]:
    """Return the rows (what, value, where to change it) of what the price goes by."""
    change = reverse("participants:terms", args=[enrolment.number])
    jht = "Ya" if enrolment.with_jht else "Tidak"
    return [
        ("Pekerjaan", enrolment.occupation_note or enrolment.occupation.name, change),
        ("Dasar penghasilan", f"{rupiah(enrolment.income)} sebulan", change),
        ("Tabungan hari tua (JHT)", jht, change),
        ("Pengingat lewat SMS", "Ya" if enrolment.wants_reminders else "Tidak", change),
    ]


@members_and_helpers
@require_http_methods(["GET", "HEAD", "POST"])
def change_terms(request: SignedInRequest, number: str) -> HttpResponse:
    membership = membership_or_404(request, number)
    enrolment = membership.enrolment
    rates = Rate.objects.of_segment("BPU").billed().as_rules()
    bands = prices.bands(Month.of(membership.on), rates=rates)
    occupations = {row.pk: row for row in actions.occupations_for(enrolment)}
    form = TermsForm(
        request.POST or None,
        occupations=occupations.values(),
        bands=bands,
        initial={
            "occupation": enrolment.occupation_id,
            "income": actions.band_of(enrolment.income, bands).basis,
            "with_jht": enrolment.with_jht,
            "wants_reminders": enrolment.wants_reminders,
        },
    )
    if form.is_valid():
        actions.change_terms(
            enrolment=enrolment,
            occupation=occupations[form.cleaned_data["occupation"]],
            income=form.cleaned_data["income"],
            with_jht=form.cleaned_data["with_jht"],
            wants_reminders=form.cleaned_data["wants_reminders"],
        )
        messages.success(request, "Perubahan tersimpan. Berlaku untuk kode bayar berikutnya.")
        return redirect("participants:renew", enrolment.number)
    return render(
        request, "participants/member_terms.html", {"membership": membership, "form": form}
    )


@members_and_desk
@require_safe
def history(request: SignedInRequest, number: str) -> HttpResponse:
    membership = membership_or_404(request, number)
    account = Account.objects.with_sums().get(pk=membership.enrolment.account_id)
    return render(
        request,
        "participants/member_history.html",
        {
            "membership": membership,
            "credit": account.credit,
            "payments": ledger.payments_of(account),
            "months": ledger.bought_months(account),
        },
    )
