"""What the desk asks: a search, a payment at the counter, a reason."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cilegon_portal.contributions.models import Payment
from cilegon_portal.forms import MonthFormField, RupiahFormField
from cilegon_portal.rules.reference import read_reference

COUNTER_CHANNELS = [
    (Payment.Channel.CASH, "Tunai di loket"),
    (Payment.Channel.EDC, "Kartu di loket"),
    (Payment.Channel.BANK, "Transfer ke rekening kantor"),
]
LONGEST_REFERENCE = 64
TOO_LONG = f"Nomor bukti paling panjang {LONGEST_REFERENCE} huruf"


class SearchForm(forms.Form):
    """Words that say whom to look for."""

    use_required_attribute = False

    words = forms.CharField(
        label="Cari orang",
        help_text="Nama, NIK, akhir nomor HP, nomor peserta, kode bayar, atau referensi bank.",
        max_length=120,
        error_messages={"required": "Isi nama atau nomor yang dicari"},
    )


class CounterPaymentForm(forms.Form):
    """Money that was handed over at the counter or came into the office's bank account."""

    use_required_attribute = False

    channel = forms.ChoiceField(
        label="Cara bayar",
        choices=COUNTER_CHANNELS,
        widget=forms.RadioSelect,
        error_messages={"required": "Pilih cara bayar", "invalid_choice": "Pilih cara bayar"},
    )
    reference = forms.CharField(
        label="Nomor bukti",
        help_text="Nomor kuitansi, struk mesin kartu, atau referensi bank.",
        max_length=LONGEST_REFERENCE,
        error_messages={
            "required": "Isi nomor bukti pembayaran",
            "max_length": TOO_LONG,
        },
    )
    amount = RupiahFormField(label="Jumlah uang", least=1)

    def clean_reference(self) -> str:
        """Return the reference in the one spelling by which a second note of it is known."""
        reference = " ".join(str(self.cleaned_data["reference"]).split()).upper()
        if len(reference) > LONGEST_REFERENCE:  # a capital may be longer: ß is SS
            raise ValidationError(TOO_LONG, "max_length")
        return reference


class CounterCodeForm(forms.Form):
    """The number of a registration form or of a member."""

    use_required_attribute = False

    number = forms.CharField(
        label="Nomor formulir atau nomor peserta",
        help_text="Contoh: CLG-7K3M-9QXD",
        max_length=40,
        error_messages={
            "required": "Isi nomor formulir atau nomor peserta",
            "max_length": "Nomor harus seperti CLG-7K3M-9QXD",
        },
    )

    def clean_number(self) -> str:
        number = read_reference(self.cleaned_data["number"])
        if number is None:
            raise ValidationError("Nomor harus seperti CLG-7K3M-9QXD", "form")
        return number


class DraftForm(CounterCodeForm):
    """The number of a registration that its owner began on a phone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        number = self.fields["number"]
        number.label = "Nomor formulir"
        number.error_messages["required"] = "Isi nomor formulir"


class ReasonForm(forms.Form):
    """Why something is done that must be explained later."""

    use_required_attribute = False

    reason = forms.CharField(
        label="Alasan",
        help_text="Tulis alasannya dengan jelas; orang lain akan membacanya.",
        max_length=300,
        min_length=10,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": "Isi alasan",
            "min_length": "Alasan paling sedikit 10 huruf",
            "max_length": "Alasan paling panjang 300 huruf",
        },
    )


class RepricingForm(forms.Form):
    """Which contribution month is to be priced anew."""

    use_required_attribute = False

    month = MonthFormField(label="Bulan iuran")
