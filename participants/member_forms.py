"""What a member chooses: months to buy, and the terms of the months to come."""

from collections.abc import Iterable
from typing import Any

from django import forms

from cilegon_portal.forms import Hinted
from cilegon_portal.templatetags.portal import month_name, rupiah
from participants.actions.membership import OnOffer
from participants.forms import grouped_choices, income_span
from participants.models import Occupation
from participants.prices import Band, Offer


class RenewForm(forms.Form):
    """Missed months one by one, none of them chosen beforehand, and how many of the next."""

    missed = forms.MultipleChoiceField(
        label="Bulan terlewat yang masih bisa dibeli",
        help_text="Boleh dibeli, boleh dilewati. Centang yang Anda inginkan.",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Pilih bulan dari daftar ini"},
    )
    how_many = forms.TypedChoiceField(
        label="Bayar untuk berapa bulan?",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Pilih berapa bulan yang dibayar",
            "invalid_choice": "Pilih 1, 3, 6, atau 12 bulan",
        },
    )

    def __init__(self, *args: Any, on_offer: OnOffer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["missed"].choices = [  # type: ignore[attr-defined]
            (str(month), Hinted(month_name(month), aside=rupiah(price.total)))
            for month, price in on_offer.missed.lines
        ]
        self.fields["how_many"].choices = [  # type: ignore[attr-defined]
            (str(len(package.lines)), package_label(package)) for package in on_offer.packages
        ]
        if not on_offer.missed.lines:
            del self.fields["missed"]


def package_label(package: Offer) -> Hinted:
    """Return "3 bulan", its months, and its total."""
    span = month_name(package.first)
    if len(package.lines) > 1:
        span = f"{span} sampai {month_name(package.last)}"
    return Hinted(f"{len(package.lines)} bulan", span, rupiah(package.total))


class TermsForm(forms.Form):
    """Work, income band and JHT of the months to come, and whether to be reminded of their end."""

    occupation = forms.TypedChoiceField(
        label="Pekerjaan utama",
        coerce=int,
        error_messages={
            "required": "Pilih pekerjaan utama Anda",
            "invalid_choice": "Pilih salah satu pekerjaan di daftar",
        },
    )
    income = forms.TypedChoiceField(
        label="Penghasilan sebulan",
        help_text="Penghasilan lebih tinggi, iuran dan santunan kecelakaan kerja ikut naik.",
        coerce=int,
        error_messages={
            "required": "Pilih penghasilan Anda",
            "invalid_choice": "Pilih penghasilan dari daftar",
        },
    )
    with_jht = forms.BooleanField(
        label="Tambah tabungan hari tua (JHT) – tidak kena diskon",
        required=False,
    )
    wants_reminders = forms.BooleanField(
        label="Ingatkan saya lewat SMS 7 hari sebelum perlindungan berakhir",
        required=False,
    )

    def __init__(
        self,
        *args: Any,
        occupations: Iterable[Occupation],
        bands: Iterable[Band],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["occupation"].choices = grouped_choices(  # type: ignore[attr-defined]
            (row.group, str(row.pk), row.name) for row in occupations
        )
        self.fields["income"].choices = [  # type: ignore[attr-defined]
            (str(band.basis), income_span(band)) for band in bands
        ]
