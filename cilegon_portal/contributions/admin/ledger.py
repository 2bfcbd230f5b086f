"""Django admin pages of the ledger: to read only, and without names or numbers of people.

Nobody has a permission to change these tables, and triggers would refuse it; who someone is stays
on the pages of the desk, where looking needs a reason.
"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from cilegon_portal.contributions.models import (
    Account,
    Allocation,
    Bill,
    Charge,
    CodeLine,
    Payment,
    PaymentCode,
    Repricing,
    Rollup,
)
from cilegon_portal.templatetags.portal import rupiah


@admin.register(Account)
class AccountAdmin(admin.ModelAdmin[Account]):
    list_display = ("virtual_account", "kind", "kelurahan", "sector", "received", "credit")
    list_filter = ("kind", "sector")
    list_select_related = ("kelurahan",)
    search_fields = ("virtual_account__exact",)
    search_help_text = "Cari nomor VA (lengkap)"
    ordering = ("-pk",)
    show_full_result_count = False
    exclude = ("name", "phone", "email")
    readonly_fields = ("received", "credit")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        return super().get_queryset(request).with_sums()  # type: ignore[attr-defined, no-any-return]

    @admin.display(description="uang masuk")
    def received(self, account: Any) -> str:
        return rupiah(account.received)

    @admin.display(description="saldo lebih")
    def credit(self, account: Any) -> str:
        return rupiah(account.credit)


@admin.register(Bill)
class BillAdmin(admin.ModelAdmin[Bill]):
    list_display = ("account", "month", "due_on", "charged", "outstanding", "sector")
    list_filter = ("sector",)
    list_select_related = ("account",)
    search_fields = ("account__virtual_account__exact",)
    search_help_text = "Cari nomor VA (lengkap)"
    ordering = ("-pk",)
    show_full_result_count = False
    readonly_fields = ("charged", "outstanding")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Bill]:
        return super().get_queryset(request).with_sums()  # type: ignore[attr-defined, no-any-return]

    @admin.display(description="tagihan")
    def charged(self, bill: Any) -> str:
        return rupiah(bill.charged)

    @admin.display(description="belum dibayar")
    def outstanding(self, bill: Any) -> str:
        return rupiah(bill.outstanding)


@admin.register(Charge)
class ChargeAdmin(admin.ModelAdmin[Charge]):
    list_display = ("bill", "kind", "jkk", "jkm", "jht", "jp", "penalty", "fine", "total", "at")
    list_filter = ("kind",)
    list_select_related = ("bill",)
    search_fields = ("bill__account__virtual_account__exact", "reason_code")
    search_help_text = "Cari nomor VA (lengkap) atau kode alasan"
    ordering = ("-pk",)
    show_full_result_count = False


@admin.register(PaymentCode)
class PaymentCodeAdmin(admin.ModelAdmin[PaymentCode]):
    list_display = ("reference", "account", "amount", "made_at", "expires_at", "closed_because")
    list_filter = ("closed_because",)
    list_select_related = ("account",)
    search_fields = ("reference__exact", "account__virtual_account__exact")
    search_help_text = "Cari kode bayar atau nomor VA (lengkap)"
    ordering = ("-pk",)
    show_full_result_count = False


@admin.register(CodeLine)
class CodeLineAdmin(admin.ModelAdmin[CodeLine]):
    list_display = ("code", "position", "account", "month", "jkk", "jkm", "jht", "due", "total")
    list_filter = ("sector", "funding")
    list_select_related = ("code", "account")
    search_fields = ("code__reference__exact", "account__virtual_account__exact")
    search_help_text = "Cari kode bayar atau nomor VA (lengkap)"
    ordering = ("-pk",)
    show_full_result_count = False
    exclude = ("income",)  # personal financial data: UU 27/2022 Ps. 4


@admin.register(Payment)
class PaymentAdmin(admin.ModelAdmin[Payment]):
    list_display = ("paid_at", "kind", "channel", "external_reference", "account", "amount", "code")
    list_filter = ("kind", "channel", "paid_at")
    list_select_related = ("account", "code")
    search_fields = (
        "external_reference__exact",
        "code__reference__exact",
        "account__virtual_account__exact",
    )
    search_help_text = "Cari nomor referensi, kode bayar atau nomor VA (lengkap)"
    ordering = ("-pk",)
    show_full_result_count = False


@admin.register(Allocation)
class AllocationAdmin(admin.ModelAdmin[Allocation]):
    list_display = ("payment", "bill", "amount", "reverses", "at")
    list_filter = ("at",)
    list_select_related = ("payment", "bill", "reverses")
    search_fields = ("payment__external_reference__exact",)
    search_help_text = "Cari nomor referensi pembayaran (lengkap)"
    ordering = ("-pk",)
    show_full_result_count = False


@admin.register(Repricing)
class RepricingAdmin(admin.ModelAdmin[Repricing]):
    list_display = ("month", "bills", "surplus", "asked_by", "asked_at", "approved_by")
    list_select_related = ("asked_by", "approved_by")
    ordering = ("-pk",)


@admin.register(Rollup)
class RollupAdmin(admin.ModelAdmin[Rollup]):
    list_display = ("cash_month", "month", "segment", "kecamatan", "sector", "officer", "amount")
    list_filter = ("segment", "sector", "kecamatan")
    list_select_related = ("kecamatan", "officer")
    ordering = ("-cash_month", "-month", "pk")
    show_full_result_count = False
