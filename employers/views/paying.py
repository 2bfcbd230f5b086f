"""Paying a firm's bill: what is asked, the code and VA number, and whether the money came."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from cilegon_portal.accounts.access import demo_only, form_owner
from cilegon_portal.accounts.actions import once
from cilegon_portal.contributions.actions import Money, NothingToPay, post_payments
from cilegon_portal.contributions.models import Payment
from cilegon_portal.reference.models import Setting
from cilegon_portal.rules.months import Month
from cilegon_portal.templatetags.portal import month_name
from employers import bill_words as words
from employers.actions.paying import ask_to_pay, code_for, owed_until
from employers.models import Employer
from employers.models.explained import BillExplained
from employers.views.bills import bill_or_404
from employers.views.guard import FirmRequest, firm_page


@firm_page()
def pay(request: FirmRequest, firm: Employer, month: Month) -> HttpResponse:
    found, now = bill_or_404(firm, month), timezone.now()
    address = reverse("employers:bill_pay", args=[firm.reference, month])

    def ask() -> str:
        ask_to_pay(employer=firm, month=month, by=request.user, at=now)
        return address

    if request.method == "POST":
        try:
            return redirect(once(request.POST.get("form_id", ""), form_owner(request), now, ask))
        except NothingToPay:
            messages.info(request, "Tidak ada yang harus dibayar sampai bulan ini.")
            return redirect("employers:bill", firm.reference, month)
    return render(request, "employers/bill_pay.html", {"firm": firm} | asked_for(found, at=now))


def asked_for(found: BillExplained, *, at: datetime) -> dict[str, Any]:
    """Return what the page of paying says: what is owed, and the code that asks for it."""
    number = found.bill.account.virtual_account
    owed = owed_until(found.employer, found.bill.month)
    in_parts = Setting.objects.value("PAY_IN_PARTS", on=timezone.localdate(at))
    return {
        "found": found,
        "bill": found.bill,
        "account_number": number,
        "virtual_account": words.va_words(number),
        "lines": [(month_name(row.month), row.outstanding) for row in owed],
        "owed": sum(row.outstanding for row in owed),
        "code": code_for(found.employer, owed, at=at),
        "in_parts": in_parts == "yes",
        "words": words,
    }


@demo_only
@firm_page(methods=("POST",))
def pay_in_demo(request: FirmRequest, firm: Employer, month: Month) -> HttpResponse:
    """Let the money arrive as a bank would bring it: in demo mode only."""
    now = timezone.now()

    def bring() -> str:
        code = code_for(firm, owed_until(firm, month), at=now)
        if code:
            money = Money(
                channel=Payment.Channel.DEMO,
                external_reference=f"DEMO-{code.reference}-{code.payments.count()}",
                amount=code.amount,
                paid_at=now,
                code=code.reference,
            )
            post_payments(moneys=[money], by=request.user, at=now)
        return reverse("employers:bill_pay", args=[firm.reference, month])

    return redirect(once(request.POST.get("form_id", ""), form_owner(request), now, bring))
