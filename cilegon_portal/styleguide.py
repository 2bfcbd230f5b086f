"""`/gaya/`: every component once, with made-up content (only where DEBUG is on)."""

from datetime import date, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import path

from cilegon_portal import tables
from cilegon_portal.accounts.models import User
from cilegon_portal.documents import qr_svg
from cilegon_portal.forms import (
    CodeField,
    DatePartsField,
    Hinted,
    MonthFormField,
    NikField,
    PhoneField,
    RupiahFormField,
)
from cilegon_portal.rules.months import Month

app_name = "styleguide"
ON = date(2026, 11, 23)
MOMENT = datetime(2026, 11, 27, 14, 5, tzinfo=ZoneInfo("Asia/Jakarta"))
MONTHS_PAID = [
    ("1", Hinted("1 bulan", "November 2026", "Rp8.400")),
    ("3", Hinted("3 bulan", "November 2026 sampai Januari 2027", "Rp33.600")),
]
PLACES = [("", "Pilih kecamatan"), ("Kota Cilegon", [("1", "Cibeber"), ("2", "Citangkil")])]


class QuestionForm(forms.Form):
    name = forms.CharField(
        label="Nama lengkap", error_messages={"required": "Isi nama lengkap seperti di KTP"}
    )
    born_on = DatePartsField(label="Tanggal lahir", help_text="Misalnya 27 3 1985", birthday=True)
    nik = NikField(on=ON, help_text="16 angka di KTP Anda. Spasi boleh.")
    phone = PhoneField()
    code = CodeField(help_text="Kami kirim lewat SMS. Berlaku 10 menit.")
    place = forms.ChoiceField(
        label="Kecamatan tempat bekerja",
        choices=PLACES,
        error_messages={"required": "Pilih kecamatan tempat Anda bekerja"},
    )
    months = forms.ChoiceField(
        label="Bayar untuk berapa bulan?",
        choices=MONTHS_PAID,
        widget=forms.RadioSelect,
        error_messages={"required": "Pilih berapa bulan yang dibayar"},
    )
    reminders = forms.BooleanField(label="Ingatkan saya lewat WhatsApp", required=False)


class PaymentForm(forms.Form):
    amount = RupiahFormField(label="Jumlah uang", least=1_000)
    month = MonthFormField(label="Bulan iuran", initial=Month(2026, 11))
    note = forms.CharField(label="Catatan", widget=forms.Textarea({"rows": 2}), required=False)


class FilterForm(forms.Form):
    text = forms.CharField(label="Nama atau nomor", required=False)
    place = forms.ChoiceField(label="Kecamatan", choices=PLACES, required=False)


FIRMS = tables.Table(
    name="sample",
    caption="Perusahaan contoh",
    columns=(
        tables.Column("nama", "Nama", lambda row: row.name, sort="name", is_fixed=True),
        tables.Column("npp", "NPP", lambda row: row.npp, sort="npp", kind=tables.Kind.ID),
        tables.Column("status", "Status", lambda row: "Aktif", tone=lambda row: "good"),
        tables.Column("utang", "Tunggakan", lambda row: row.owed, kind=tables.Kind.MONEY),
    ),
    filters=(
        tables.Filter("q", forms.CharField(label="Nama", required=False), lambda rows, it: rows),
    ),
    link=lambda row: "#riwayat",
    sort="nama",
)


def table_of_firms() -> dict[str, Any]:
    """Return what `components/data_table.html` draws, with rows that are in no database."""
    listing = tables.ask(FIRMS, QueryDict("q=baja"), User.objects.none())
    made = [
        SimpleNamespace(pk=number, name=f"PT Baja {number}", npp=f"BJ00000{number}", owed=owed)
        for number, owed in enumerate((0, 1_250_000, 861_200_000), start=1)
    ]
    return {"listing": listing, "lines": listing.lines(made), "picked": ""}


def receipts() -> list[SimpleNamespace]:
    months = ("September 2026", "Oktober 2026", "November 2026")
    return [
        SimpleNamespace(title=f"Iuran {month}", amount=16_800, at=MOMENT, channel="QRIS", url="#")
        for month in months
    ]


def events() -> list[SimpleNamespace]:
    def event(icon: str, title: str, actor: str, **more: Any) -> SimpleNamespace:
        return SimpleNamespace(icon=icon, title=title, actor=actor, at=MOMENT, **more)

    return [
        event("clock", "Masa tenggang berakhir 31 Desember", "Sistem", is_pinned=True),
        event("wallet", "Pembayaran Rp16.800 diterima", "Dewi Lestari", channel="Loket"),
        event("robot", "Pesan pengingat dikirim", "Sistem", is_system=True, text="Lewat WhatsApp."),
    ]


@login_not_required
def public(request: HttpRequest) -> HttpResponse:
    context = {
        "day": date(2027, 1, 31),
        "moment": MOMENT,
        "qr": qr_svg("https://contoh.id/k/abcdefghijklmnopqrstuvwxyz", title="Kode QR contoh"),
        "price_rows": [
            ("November 2026", 8_400),
            ("Desember 2026", 8_400),
            ("Januari 2027", 16_800),
        ],
        "summary_rows": [
            ("Pekerjaan", "Nelayan", "#"),
            ("Nama lengkap", "Siti Rahmawati", "#"),
            ("Nomor HP", "0812 3456 7890", "#"),
            ("Mulai", "November 2026", ""),
        ],
        "receipts": receipts(),
    }
    return render(request, "styleguide/public.html", context)


@login_not_required
def question(request: HttpRequest) -> HttpResponse:
    form = QuestionForm(request.POST or None)
    return render(request, "styleguide/question.html", {"form": form})


@login_not_required
def desk(request: HttpRequest) -> HttpResponse:
    context = {
        "form": PaymentForm(request.POST or None),
        "filters": FilterForm(),
        **table_of_firms(),
        "receipts": receipts(),
        "events": events(),
        "page": Paginator(range(1_248), 50).page(2),
        "active": [("Kecamatan: Cibeber", "?")],
        "tabs": [("Ringkasan", "#", True), ("Pembayaran", "#", False), ("Catatan", "#", False)],
        "trail": [("Kantor", "/kantor/"), ("Orang", "#"), ("Siti Rahmawati", "")],
        "facts": [
            ("Nomor peserta", "CLG-7K2M-9QXR"),
            ("Pekerjaan", "Nelayan"),
            ("Bulan terakhir dibayar", "September 2026"),
            ("Kecamatan", "Pulomerak"),
        ],
    }
    return render(request, "styleguide/desk.html", context)


urlpatterns = [
    path("", public, name="public"),
    path("pertanyaan/", question, name="question"),
    path("kantor/", desk, name="desk"),
]
