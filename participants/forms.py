"""The questions of the registration pages, one form a page."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cilegon_portal.forms import (
    CodeField,
    DatePartsField,
    Hinted,
    NikField,
    PhoneField,
)
from cilegon_portal.reference.models import Kelurahan
from cilegon_portal.templatetags.portal import month_name, rupiah
from participants.answers import MONTH_CHOICES, OUTSIDE
from participants.models import Occupation
from participants.prices import Band, Offer

# Asked for most: the name of the occupation, and what it is called on the page.
FIRST = {
    "Nelayan": "Nelayan",
    "Pedagang pasar": "Pedagang pasar",
    "Pemilik usaha kecil": "Punya usaha kecil",
    "Sopir, ojek, kurir": "Sopir, ojek, kurir",
}
REST = "Pekerjaan lain"  # the occupation of those whose work is in no list
OTHER = "OTHER"
CHANNELS = [("SMS", "SMS"), ("WA", "WhatsApp")]


def grouped_choices(
    rows: Iterable[tuple[str, str, str]],
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return rows (group, value, label), sorted by group, as the groups of a select."""
    return [
        (group, [(value, label) for _, value, label in members])
        for group, members in groupby(rows, key=lambda row: row[0])
    ]


class BeginForm(forms.Form):
    """The code of the event that brought somebody here, if there was one."""

    k = forms.RegexField("[A-Za-z0-9-]{0,20}", required=False, widget=forms.HiddenInput)


class OccupationForm(forms.Form):
    """The main work: four that are asked for most, or one of the list, or in own words."""

    choice = forms.ChoiceField(
        label="Apa pekerjaan utama Anda?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Pilih pekerjaan utama Anda",
            "invalid_choice": "Pilih salah satu pekerjaan di bawah",
        },
    )
    other = forms.ChoiceField(
        label="Pekerjaan lain",
        required=False,
        help_text="Isi hanya kalau Anda memilih “Lainnya”.",
        error_messages={"invalid_choice": "Pilih pekerjaan dari daftar"},
    )
    note = forms.CharField(
        label="Tidak ada di daftar? Tulis pekerjaan Anda",
        required=False,
        max_length=80,
        error_messages={"max_length": "Pekerjaan harus paling banyak 80 huruf"},
    )

    def __init__(self, *args: Any, occupations: Iterable[Occupation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = {row.name: row for row in occupations}
        self.occupations = rows
        first = [(rows[name], label) for name, label in FIRST.items() if name in rows]
        rest = [row for row in rows.values() if row.name not in {*FIRST, REST}]
        rest.sort(key=lambda row: (row.group, row.name))
        self.fields["choice"].choices = [  # type: ignore[attr-defined]
            *((str(row.pk), label) for row, label in first),
            (OTHER, Hinted("Lainnya", "Petani, tukang, guru mengaji, asisten rumah tangga, …")),
        ]
        self.fields["other"].choices = [  # type: ignore[attr-defined]
            ("", "Pilih pekerjaan"),
            *grouped_choices((row.group, str(row.pk), row.name) for row in rest),
        ]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("choice") or self.errors:
            return given
        given["occupation"] = self.chosen(given)
        if given["occupation"] is None:
            self.add_error("other", ValidationError("Pilih atau tulis pekerjaan Anda", "required"))
        if given["choice"] != OTHER or given.get("other"):
            given["note"] = ""
        return given

    def chosen(self, given: dict[str, Any]) -> Occupation | None:
        """Return the occupation that the radio, the list or the own words name."""
        key = given["other"] if given["choice"] == OTHER else given["choice"]
        if key:
            return next(row for row in self.occupations.values() if str(row.pk) == key)
        if not given["note"]:
            return None
        named = {name.casefold(): row for name, row in self.occupations.items()}
        return named.get(given["note"].casefold(), self.occupations.get(REST))


def filled_with(occupation: Occupation | None, note: str) -> dict[str, str]:
    """Return the initial values of an OccupationForm that show an answer given before."""
    if occupation is None:
        return {}
    key = str(occupation.pk)
    if occupation.name in FIRST:
        return {"choice": key}
    return {"choice": OTHER, "other": "" if note else key, "note": note}


class NikForm(forms.Form):
    nik = NikField(label="NIK", help_text="16 angka di KTP. Boleh pakai spasi.")

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["nik"].on = on  # type: ignore[attr-defined]


class NameForm(forms.Form):
    """Name and birth date, as they stand on the identity card."""

    name = forms.CharField(
        label="Nama lengkap",
        max_length=120,
        widget=forms.TextInput({"autocomplete": "name", "spellcheck": "false"}),
        error_messages={
            "required": "Isi nama lengkap seperti di KTP",
            "max_length": "Nama harus paling banyak 120 huruf",
        },
    )
    birth_date = DatePartsField(label="Tanggal lahir", birthday=True, help_text="Contoh: 27 3 1985")

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_birth_date(self) -> date:
        birth_date: date = self.cleaned_data["birth_date"]
        if not self.on.year - 130 < birth_date.year or birth_date > self.on:
            raise ValidationError("Tanggal lahir harus tanggal yang sudah lewat", "real")
        return birth_date


class PhoneForm(forms.Form):
    phone = PhoneField(help_text="Kami kirim kode 6 angka ke nomor ini. Contoh: 0812 3456 7890")
    channel = forms.ChoiceField(
        label="Kirim kode lewat",
        choices=CHANNELS,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Pilih SMS atau WhatsApp",
            "invalid_choice": "Pilih SMS atau WhatsApp",
        },
    )


class CodeForm(forms.Form):
    code = CodeField()


class ResendForm(forms.Form):
    channel = forms.ChoiceField(choices=CHANNELS, widget=forms.HiddenInput)


class PlaceForm(forms.Form):
    place = forms.ChoiceField(
        label="Kelurahan tempat kerja",
        help_text="Daftar ini diurutkan menurut kecamatan.",
        error_messages={
            "required": "Pilih kecamatan tempat Anda bekerja",
            "invalid_choice": "Pilih tempat kerja dari daftar",
        },
    )

    def __init__(self, *args: Any, kelurahan: Iterable[Kelurahan], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = [(f"Kecamatan {row.kecamatan.name}", str(row.pk), row.name) for row in kelurahan]
        self.fields["place"].choices = [  # type: ignore[attr-defined]
            ("", "Pilih kelurahan"),
            *grouped_choices(rows),
            (OUTSIDE, "Di luar Cilegon"),
        ]


class MonthsForm(forms.Form):
    """How many months to pay, each choice with its total, and whether to save for old age."""

    months = forms.TypedChoiceField(
        label="Berapa bulan?",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Pilih berapa bulan yang dibayar",
            "invalid_choice": "Pilih 1, 3, 6, atau 12 bulan",
        },
    )
    with_jht = forms.BooleanField(required=False)

    def __init__(self, *args: Any, offers: Iterable[tuple[Offer, Offer]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = list(zip(MONTH_CHOICES, offers, strict=True))
        self.fields["months"].choices = [  # type: ignore[attr-defined]
            (str(number), labelled(number, without)) for number, (without, _) in choices
        ]
        _, (_, first) = choices[0]
        _, price = first.lines[0]
        self.fields[
            "with_jht"
        ].label = f"Tambah tabungan hari tua (JHT) {rupiah(price.jht)} sebulan – tidak kena diskon"


def labelled(number: int, offer: Offer) -> Hinted:
    """Return the label of one choice of months: how many, until when, what it costs."""
    return Hinted(f"{number} bulan", f"sampai {month_name(offer.last)}", rupiah(offer.total))


class BandForm(forms.Form):
    income = forms.TypedChoiceField(
        label="Penghasilan sebulan",
        coerce=int,
        error_messages={
            "required": "Pilih penghasilan Anda",
            "invalid_choice": "Pilih penghasilan dari daftar",
        },
    )

    def __init__(self, *args: Any, bands: Iterable[tuple[Band, int]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["income"].choices = [  # type: ignore[attr-defined]
            (str(band.basis), f"{income_span(band)} · iuran {rupiah(total)}")
            for band, total in bands
        ]


def income_span(band: Band) -> str:
    if band.income_until is None:
        return f"{rupiah(band.income_from)} ke atas"
    if not band.income_from:
        return f"Di bawah {rupiah(band.income_until)}"
    return f"{rupiah(band.income_from)} – {rupiah(band.income_until - 1_000)}"


class CheckForm(forms.Form):
    wants_reminders = forms.BooleanField(
        label="Ya, ingatkan saya 7 hari sebelum perlindungan berakhir (boleh tidak)",
        required=False,
    )
