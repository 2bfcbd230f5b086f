"""Money at the counter: a payment that was handed over, and its undoing."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from cilegon_portal.accounts.access import SignedInRequest, form_owner, roles_only
from cilegon_portal.accounts.actions import once
from cilegon_portal.contributions import actions as ledger
from cilegon_portal.contributions.models import Payment, PaymentCode, Repricing
from cilegon_portal.dashboard import roles
from cilegon_portal.dashboard.forms.counter import CounterPaymentForm, ReasonForm, RepricingForm
from cilegon_portal.dashboard.queries import people as queries
from participants.models import Enrolment

CANNOT_REVERSE: dict[type[Exception], str] = {
    ledger.SamePerson: "Pembayaran dibatalkan oleh orang lain, bukan yang mencatatnya",
    ledger.AlreadyReversed: "Pembayaran ini sudah dibatalkan",
    ledger.MoneyMovedOn: "Uang ini sudah dipindahkan atau dikembalikan, jadi tidak bisa dibatalkan",
}
CANNOT_REPRICE: dict[type[Exception], str] = {
    ledger.NothingToReprice: "Tidak ada bulan yang dibeli di atas harga sekarang",
    ledger.RepricingWaits: "Bulan ini sudah diusulkan dan menunggu persetujuan",
    ledger.SamePerson: "Hitung ulang disetujui oleh orang lain, bukan pengusulnya",
    ledger.AlreadyApproved: "Usulan ini sudah disetujui",
}


@roles_only(*roles.CASHIERS)
@require_http_methods(["GET", "HEAD", "POST"])
def receive(request: SignedInRequest, pk: int) -> HttpResponse:
    """Record money that was handed over for the open payment code of a person."""
    enrolment = get_object_or_404(Enrolment.objects.select_related("account", "person"), person=pk)
    code = PaymentCode.objects.filter(account=enrolment.account, closed_at=None).first()
    form = CounterPaymentForm(
        request.POST or None, initial={"amount": code.amount if code else None}
    )
    if form.is_valid():
        money = ledger.Money(
            channel=form.cleaned_data["channel"],
            external_reference=form.cleaned_data["reference"],
            amount=form.cleaned_data["amount"],
            paid_at=timezone.now(),
            code=code.reference if code else "",
            virtual_account=enrolment.account.virtual_account,
        )
        return post_at_counter(request, form, money, back_to=reverse("dashboard:person", args=[pk]))
    context = {"form": form, "enrolment": enrolment, "code": code}
    return render(request, "dashboard/receive.html", context)


def post_at_counter(
    request: SignedInRequest, form: CounterPaymentForm, money: ledger.Money, *, back_to: str
) -> HttpResponse:
    """Post `money` once, however often the form is sent; a known reference is told, not posted."""
    news: list[bool] = []

    def post() -> str:
        posted = ledger.post_payments(moneys=[money], by=request.user, at=timezone.now())
        news.append(posted[0].is_new)
        return back_to

    address = once(request.POST.get("form_id", ""), form_owner(request), timezone.now(), post)
    if news == [False]:
        messages.warning(request, "Nomor bukti ini sudah pernah dicatat; uangnya dihitung sekali.")
    else:
        messages.success(request, "Pembayaran dicatat.")
    return redirect(address)


@roles_only(*roles.REVERSERS)
@require_http_methods(["GET", "HEAD", "POST"])
def reverse_payment(request: SignedInRequest, pk: int) -> HttpResponse:
    """Undo a payment with a reason; never by the person who recorded it."""
    payment = get_object_or_404(Payment.objects.received().select_related("by"), pk=pk)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            ledger.reverse(
                payment=payment,
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=timezone.now(),
            )
        except tuple(CANNOT_REVERSE) as refusal:
            form.add_error(None, CANNOT_REVERSE[type(refusal)])
        else:
            messages.success(request, "Pembayaran dibatalkan.")
            return redirect(address_behind(payment))
    context = {
        "form": form,
        "payment": payment,
        "months": queries.months_bought_with(payment),
        "back": address_behind(payment),
    }
    return render(request, "dashboard/reverse_payment.html", context)


def address_behind(payment: Payment) -> str:
    """Return the page of the person whose account holds `payment`, else the search."""
    enrolment = Enrolment.objects.filter(account=payment.account_id).first()
    if enrolment is None:
        return reverse("dashboard:people")
    return reverse("dashboard:person", args=[enrolment.person_id])


@roles_only(*roles.HEADS)
@require_http_methods(["GET", "HEAD", "POST"])
def repricings(request: SignedInRequest) -> HttpResponse:
    """Show which months wait to be priced anew, and propose one."""
    form = RepricingForm(request.POST or None)
    if form.is_valid():
        month = form.cleaned_data["month"]
        try:
            ledger.propose_repricing(month=month, by=request.user, at=timezone.now())
        except tuple(CANNOT_REPRICE) as refusal:
            form.add_error("month", CANNOT_REPRICE[type(refusal)])
        else:
            messages.success(request, "Usulan dicatat. Orang lain harus menyetujuinya.")
            return redirect("dashboard:repricings")
    rows = Repricing.objects.select_related("asked_by", "approved_by").order_by("-asked_at", "-pk")
    return render(request, "dashboard/repricings.html", {"form": form, "rows": rows[:50]})


@roles_only(*roles.HEADS)
@require_http_methods(["GET", "HEAD", "POST"])
def approve_repricing(request: SignedInRequest, pk: int) -> HttpResponse:
    """Carry out a proposal of somebody else, after its effect was read again."""
    repricing = get_object_or_404(Repricing.objects.select_related("asked_by"), pk=pk)
    if request.method != "POST":
        preview = ledger.preview_repricing(month=repricing.month)
        context = {"repricing": repricing, "preview": preview}
        return render(request, "dashboard/approve_repricing.html", context)
    try:
        ledger.approve_repricing(repricing=repricing, by=request.user, at=timezone.now())
    except tuple(CANNOT_REPRICE) as refusal:
        messages.error(request, CANNOT_REPRICE[type(refusal)])
    else:
        messages.success(request, "Bulan ini sudah dihitung ulang.")
    return redirect("dashboard:repricings")
