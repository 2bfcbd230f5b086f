"""What the desk asks about firms: a decision, terms, evidence, a settled difference."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.models import SizeProgramme
from cilegon_portal.dashboard.forms.counter import ReasonForm
from cilegon_portal.forms import DatePartsField, Hinted, MonthFormField
from cilegon_portal.rules.months import Month
from cilegon_portal.templatetags.portal import month_name
from employers.actions.decisions import Proof
from employers.models import Decision, Employer, Evidence
from employers.rules.closing import missing_evidence

RISKS = [("", "Pilih kelompok"), *((str(group), f"Kelompok {group}") for group in range(1, 6))]
SIZES = [("", "Pilih skala"), *SizeProgramme.Size.choices]
APPROVE, RETURN, REJECT = "approve", "return", "reject"
ANSWERS = [
    (APPROVE, Hinted("Setujui", "Perusahaan langsung bisa melapor dan ditagih.")),
    (RETURN, Hinted("Kembalikan", "Perusahaan memperbaiki, lalu mengirim lagi.")),
    (REJECT, Hinted("Tolak", "Pendaftaran ini ditutup untuk selamanya.")),
]
SHORTEST_REASON = 10
REASON_FAULTS = {
    "required": "Isi alasan",
    "min_length": "Alasan paling sedikit 10 huruf",
    "max_length": "Alasan paling panjang 300 huruf",
}
PROOFS = 5  # lines on the page of a deactivation


def choose(words: str) -> dict[str, str]:
    """Return one sentence for a choice that is missing and for one that there is not."""
    return {"required": words, "invalid_choice": words}


def size_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Skala usaha", choices=SIZES, error_messages=choose("Pilih skala usaha")
    )


def risk_field() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label="Kelompok risiko JKK",
        choices=RISKS,
        coerce=int,
        empty_value=None,
        error_messages=choose("Pilih kelompok risiko"),
    )


class SaveViewForm(forms.Form):
    """A name for filters, and whether colleagues may use them."""

    use_required_attribute = False

    name = forms.CharField(
        label="Nama saringan",
        help_text="Misalnya: Belum lapor, Citangkil",
        max_length=60,
        error_messages={
            "required": "Isi nama saringan",
            "max_length": "Nama saringan paling panjang 60 huruf",
        },
    )
    is_shared = forms.BooleanField(label="Tampilkan juga untuk rekan sekantor", required=False)

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())


class DecisionForm(forms.Form):
    """The office's answer to a registration."""

    use_required_attribute = False

    answer = forms.ChoiceField(
        label="Keputusan",
        choices=ANSWERS,
        widget=forms.RadioSelect,
        error_messages=choose("Pilih keputusan"),
    )
    npp = forms.RegexField(
        "^[A-Z0-9]{8}$",
        label="NPP",
        help_text="8 huruf atau angka. Kosongkan kalau belum ada.",
        required=False,
        error_messages={"invalid": "NPP harus 8 huruf atau angka"},
    )
    size = size_field()
    risk_group = risk_field()
    is_labour_intensive = forms.BooleanField(
        label="Mendapat keringanan JKK padat karya",
        help_text="PP 7/2025: bidang padat karya dan paling sedikit 50 pekerja.",
        required=False,
    )
    officer = forms.ChoiceField(
        label="Petugas pembina", required=False, error_messages=choose("Pilih petugas dari daftar")
    )
    reason = forms.CharField(
        label="Alasan atau pesan untuk perusahaan",
        help_text="Harus diisi kalau dikembalikan atau ditolak. Perusahaan membacanya.",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages=REASON_FAULTS,
    )

    def __init__(self, *args: Any, officers: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        officer: Any = self.fields["officer"]
        officer.choices = [("", "Belum ditentukan"), *officers]
        if self.data.get("answer") in {RETURN, REJECT}:
            self.fields["size"].required = self.fields["risk_group"].required = False

    def clean_npp(self) -> str:
        return str(self.cleaned_data["npp"])

    def clean_officer(self) -> User | None:
        key = self.cleaned_data["officer"]
        return User.objects.get(pk=key) if key else None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        against = given.get("answer") in {RETURN, REJECT}
        if against and len(given.get("reason", "")) < SHORTEST_REASON and not self.errors:
            fault = "min_length" if given.get("reason") else "required"
            self.add_error("reason", REASON_FAULTS[fault])
        return given


class TermsForm(ReasonForm):
    """From when a firm's size, risk group or programmes are others."""

    valid_from = MonthFormField(label="Berlaku mulai bulan iuran")
    size = size_field()
    risk_group = risk_field()
    with_jht = forms.BooleanField(label="Ikut JHT atas pilihan sendiri", required=False)
    with_jp = forms.BooleanField(label="Ikut JP atas pilihan sendiri", required=False)
    is_labour_intensive = forms.BooleanField(
        label="Keringanan JKK padat karya (PP 7/2025)", required=False
    )
    had_no_covid_arrears = forms.BooleanField(
        label="Keringanan JKK dan JKM masa Covid (PP 49/2020)", required=False
    )

    field_order = [
        "valid_from",
        "size",
        "risk_group",
        "with_jht",
        "with_jp",
        "is_labour_intensive",
        "had_no_covid_arrears",
        "reason",
    ]

    def __init__(self, *args: Any, first: Month, last: Month, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first, self.last = first, last

    def clean_valid_from(self) -> Month:
        month: Month = self.cleaned_data["valid_from"]
        if not self.first <= month <= self.last:
            words = f"Bulan harus {month_name(self.first)} sampai {month_name(self.last)}"
            raise ValidationError(words, "range")
        return month

    def answers(self) -> dict[str, Any]:
        """Return what was typed but the reason, as the actions take it."""
        return {name: self.cleaned_data[name] for name in self.field_order if name != "reason"}


class CloseForm(ReasonForm):
    """Why a firm is closed and after which month; the evidence stands in `ProofForm`s."""

    cause = forms.ChoiceField(
        label="Sebab",
        choices=Decision.Cause.choices,
        widget=forms.RadioSelect,
        error_messages=choose("Pilih sebab"),
    )
    last_month = MonthFormField(label="Bulan iuran terakhir")

    field_order = ["cause", "last_month", "reason"]


class ReopenForm(ReasonForm):
    """From which month a closed firm reports again, and why."""

    first_month = MonthFormField(label="Melapor lagi mulai bulan iuran")

    field_order = ["first_month", "reason"]


class ProofForm(forms.Form):
    """One paper, or one witness; a line that says nothing is left out."""

    use_required_attribute = False

    kind = forms.ChoiceField(
        label="Jenis",
        choices=[("", "Pilih bukti"), *Evidence.Kind.choices],
        required=False,
        error_messages=choose("Pilih jenis bukti"),
    )
    number = forms.CharField(
        label="Nomor surat, atau nama saksi",
        max_length=120,
        required=False,
        error_messages={"max_length": "Nomor atau nama paling panjang 120 huruf"},
    )
    note = forms.CharField(
        label="Keterangan, atau jabatan saksi",
        max_length=200,
        required=False,
        error_messages={"max_length": "Keterangan paling panjang 200 huruf"},
    )
    dated_on = DatePartsField(label="Tanggal", required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        kind, number = given.get("kind"), given.get("number")
        if number and not kind and "kind" not in self.errors:
            self.add_error("kind", "Pilih jenis bukti")
        if kind and not number and "number" not in self.errors:
            self.add_error("number", "Isi nomor surat atau nama saksi")
        return given

    def proof(self) -> Proof | None:
        """Return what was typed, or None of an empty line."""
        given = self.cleaned_data
        if not given["kind"]:
            return None
        return Proof(given["kind"], given["number"], given["note"], given["dated_on"])


def proof_forms(data: Any) -> list[ProofForm]:
    return [ProofForm(data, prefix=f"bukti{number}") for number in range(1, PROOFS + 1)]


def needed_evidence() -> list[tuple[str, list[str]]]:
    """Return what each cause asks for when nothing is at hand, as parts of one sentence."""
    return [
        (str(label), [f"{it[:1].lower()}{it[1:]}" for it in missing_evidence(cause, [])])
        for cause, label in Decision.Cause.choices
    ]


class LimitForm(ReasonForm):
    """Whether a firm may upload large files, and why."""

    is_large = forms.BooleanField(
        label="Boleh mengunggah sampai 150.000 baris dan 40 MB",
        help_text="Tanpa centang: sampai 20.000 baris dan 5 MB.",
        required=False,
    )

    field_order = ["is_large", "reason"]


class SettleForm(forms.Form):
    """How a difference between a firm's report and a person's record was settled."""

    use_required_attribute = False

    outcome = forms.ChoiceField(
        label="Hasil pemeriksaan",
        choices=[
            ("Data orang benar", Hinted("Data orang benar", "Perusahaan memperbaiki laporannya.")),
            ("Data perusahaan benar", Hinted("Data perusahaan benar", "Orangnya membawa KTP.")),
            ("Hanya beda ejaan", Hinted("Hanya beda ejaan", "Tidak ada yang perlu diubah.")),
        ],
        widget=forms.RadioSelect,
        error_messages=choose("Pilih hasil pemeriksaan"),
    )
    note = forms.CharField(
        label="Catatan",
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": "Catatan paling panjang 200 huruf"},
    )

    def settled_note(self) -> str:
        """Return the outcome and what was added to it."""
        note = " ".join(str(self.cleaned_data["note"]).split())
        return f"{self.cleaned_data['outcome']}. {note}".strip()


def first_terms(firm: Employer) -> dict[str, Any]:
    """Return what the firm stated, as a proposal for the decision."""
    line = firm.line_of_business
    return {
        "npp": firm.npp,
        "size": firm.stated_size,
        "risk_group": line.risk_group if line else "",
    }


def next_terms(terms: Any, *, month: Month) -> dict[str, Any]:
    """Return the terms in force as the proposal of new ones from `month` on."""
    names = [name for name in TermsForm.field_order if name not in {"valid_from", "reason"}]
    found = {name: getattr(terms, name) for name in names} if terms else {}
    return found | {"valid_from": month}
