"""Paying: how, with which code, and what it brought (J1 steps 10-12)."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from cilegon_portal.accounts.access import SignedInRequest, demo_only, form_owner, roles_only
from cilegon_portal.accounts.actions import once
from cilegon_portal.accounts.models import DESK_ROLES, Role
from cilegon_portal.contributions.actions import Money, post_payments
from cilegon_portal.contributions.models import Account, Payment, PaymentCode
from cilegon_portal.documents import qr_svg
from cilegon_portal.reference.models import Setting
from cilegon_portal.rules.reference import read_reference
from cilegon_portal.templatetags.portal import date_id, month_name, rupiah, time_id
from participants.actions import membership as actions
from participants.models import HELP_ROLES, Enrolment

members_and_desk = roles_only(Role.WORKER, *DESK_ROLES)
members_and_helpers = roles_only(Role.WORKER, *HELP_ROLES)


@dataclass(frozen=True)
class Way:
    """One way to pay: its name, what it asks for, and three steps."""

    key: str
    name: str
    hint: str
    icon: str
    steps: tuple[str, str, str]


WAYS = {
    way.key: way
    for way in (
        Way(
            "QRIS",
            "QRIS",
            "Di loket atau agen, bayar dengan aplikasi bank atau dompet digital",
            "phone",
            (
                "Datang ke loket atau agen, lalu tunjukkan kode ini.",
                "Pindai QRIS yang mereka tampilkan dengan aplikasi Anda.",
                "Cocokkan jumlahnya, lalu bayar. Simpan buktinya.",
            ),
        ),
        Way(
            "VA",
            "Transfer virtual account",
            "Dari ATM, m-banking, atau teller bank",
            "building",
            (
                "Pilih menu transfer ke virtual account, atau datang ke teller.",
                "Masukkan nomor virtual account di atas.",
                "Cocokkan nama dan jumlahnya, lalu bayar. Simpan buktinya.",
            ),
        ),
        Way(
            "GERAI",
            "Indomaret, Alfamart, atau agen",
            "Bayar tunai di kasir",
            "wallet",
            (
                "Datang ke kasir, sebut: bayar iuran BPJS Ketenagakerjaan.",
                "Tunjukkan kode bayar ini.",
                "Cocokkan jumlahnya, lalu bayar. Simpan struknya.",
            ),
        ),
    )
}


def on_site(request: HttpRequest, path: str) -> str:
    """Return the public address of `path`, for what is read somewhere else."""
    return f"{settings.SITE_URL}{path}" if settings.SITE_URL else request.build_absolute_uri(path)


def ways_on() -> list[Way]:
    """Return the ways to pay that the branch has switched on today, in its order."""
    switched_on = Setting.objects.value("PAY_CHANNELS", on=timezone.localdate())
    return [WAYS[key] for key in switched_on.replace(" ", "").split(",") if key in WAYS]


def code_or_404(request: SignedInRequest, reference: str) -> tuple[Enrolment, PaymentCode]:
    """Return the code and the enrolment it is for; 404 for a stranger, as for no code at all."""
    code = get_object_or_404(
        PaymentCode.objects.select_related("account"), reference=read_reference(reference) or ""
    )
    enrolment = get_object_or_404(
        Enrolment.objects.visible_to(request.user).select_related("person__user"),
        account=code.account_id,
    )
    return enrolment, code


def is_settled(code: PaymentCode) -> bool:
    """Tell whether there is nothing left to pay with this code: paid, or money came too late."""
    if code.closed_because == PaymentCode.Closed.PAID:
        return True
    return code.closed_at is not None and code.payments.received().exists()


@members_and_desk
@require_safe
def choose_way(request: SignedInRequest, reference: str) -> HttpResponse:
    enrolment, code = code_or_404(request, reference)
    if is_settled(code):
        return redirect("participants:paid", code.reference)
    ways = ways_on()
    if not code.is_payable(timezone.now()) or len(ways) == 1:
        return redirect("participants:code", code.reference)
    return render(
        request,
        "participants/pay_way.html",
        {"code": code, "due": actions.due_of(code), "enrolment": enrolment, "ways": ways},
    )


@members_and_desk
@require_safe
def show_code(request: SignedInRequest, reference: str) -> HttpResponse:
    enrolment, code = code_or_404(request, reference)
    if is_settled(code):
        return redirect("participants:paid", code.reference)
    if not code.is_payable(timezone.now()):
        return render(
            request, "participants/pay_expired.html", {"code": code, "enrolment": enrolment}
        )
    ways = ways_on()
    way = next((way for way in ways if way.key == request.GET.get("cara")), ways[0])
    due = actions.due_of(code)
    return render(
        request,
        "participants/pay_code.html",
        {
            "code": code,
            "way": way,
            "has_ways": len(ways) > 1,
            "due": due,
            "lines": [(month_name(line.month), line.total) for line in due.lines],
            "qr": qr_svg(code.reference, title=f"Kode QR berisi kode bayar {code.reference}"),
            "has_phone": bool(code.account.phone),
        },
    )


@members_and_helpers
@require_POST
def send_code(request: SignedInRequest, reference: str) -> HttpResponse:
    _, code = code_or_404(request, reference)
    if not code.account.phone:
        raise Http404
    address = reverse("participants:code", args=[code.reference])
    actions.send_payment_code(
        code=code,
        to=code.account.phone,
        text=(
            f"Kode bayar iuran BPJS Ketenagakerjaan: {code.reference}. Jumlah "
            f"{rupiah(actions.due_of(code).amount)}. Bayar paling lambat "
            f"{date_id(code.expires_at)}, {time_id(code.expires_at)}. {on_site(request, address)}"
        ),
        at=timezone.now(),
    )
    messages.success(request, "Kode bayar kami kirim ke HP Anda lewat SMS.")
    way = WAYS.get(request.POST.get("cara", ""))
    return redirect(f"{address}?cara={way.key}" if way else address)


@members_and_desk
@require_safe
def paid(request: SignedInRequest, reference: str) -> HttpResponse:
    enrolment, code = code_or_404(request, reference)
    if not is_settled(code):
        return redirect("participants:code", code.reference)
    account = Account.objects.with_sums().get(pk=code.account_id)
    return render(
        request,
        "participants/pay_done.html",
        {
            "payment": actions.payment_of(code),
            "membership": actions.membership_of(enrolment, at=timezone.now()),
            "credit": account.credit,
            "was_late": code.closed_because != PaymentCode.Closed.PAID,
        },
    )


@demo_only
@members_and_helpers
@require_POST
def pay_in_demo(request: SignedInRequest, reference: str) -> HttpResponse:
    """Let the money arrive as a bank would bring it: in demo mode only."""
    _, code = code_or_404(request, reference)
    now = timezone.now()

    def pay() -> str:
        if is_settled(code):
            return reverse("participants:paid", args=[code.reference])
        money = Money(
            channel=Payment.Channel.DEMO,
            external_reference=f"DEMO-{code.reference}",
            amount=actions.due_of(code).amount,
            paid_at=now,
            code=code.reference,
        )
        post_payments(moneys=[money], by=request.user, at=now)
        return reverse("participants:paid", args=[code.reference])

    return redirect(once(request.POST.get("form_id", ""), form_owner(request), now, pay))
