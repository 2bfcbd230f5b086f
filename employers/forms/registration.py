"""The questions of a firm's registration, one form a page."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from itertools import groupby
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from cilegon_portal.accounts.forms import EMAIL_FORM, NEW_PASSWORD_HINT
from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.models import SizeProgramme
from cilegon_portal.forms import Hinted, PhoneField
from cilegon_portal.reference.models import Kelurahan
from cilegon_portal.rules.months import Month
from cilegon_portal.templatetags.portal import date_id, month_name
from employers.forms.reporting import ways_of_a_month
from employers.models import LineOfBusiness
from employers.rules.numbers import NumberError, read_nib, read_npp, read_npwp

OUTSIDE = "0"
LONGEST_EMAIL = 254  # RFC 5321, and our columns
MOST_WORKERS = 150_000
Size = SizeProgramme.Size
# PP 7/2021: capital without land and buildings, or sales of a year.
SIZE_HINTS = {
    Size.MICRO: "Modal sampai Rp1 miliar, atau penjualan setahun sampai Rp2 miliar.",
    Size.SMALL: "Modal sampai Rp5 miliar, atau penjualan setahun sampai Rp15 miliar.",
    Size.MEDIUM: "Modal sampai Rp10 miliar, atau penjualan setahun sampai Rp50 miliar.",
    Size.LARGE: "Lebih besar dari itu.",
}
FAULTS = {
    "NIB": {
        "chars": "NIB hanya berisi angka",
        "len": "NIB harus 13 angka. Anda memasukkan {count} angka",
    },
    "NPWP": {
        "chars": "NPWP hanya berisi angka",
        "len": "NPWP harus 15 atau 16 angka. Anda memasukkan {count} angka",
    },
    "NPP": {
        "form": "NPP harus 8 huruf atau angka",
        "division": "Perusahaan dengan divisi belum bisa didaftarkan di sini. Hubungi kantor kami",
    },
}


class EmailField(forms.EmailField):
    """An e-mail address, kept in lower case."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Alamat e-mail")
        messages = {
            "required": "Isi alamat e-mail",
            "invalid": EMAIL_FORM,
            "max_length": f"Alamat e-mail harus paling banyak {LONGEST_EMAIL} huruf",
        }
        super().__init__(error_messages=messages, max_length=LONGEST_EMAIL, **kwargs)
        self.widget.attrs |= {"autocomplete": "email", "spellcheck": "false"}

    def clean(self, value: Any) -> str:
        return str(super().clean(value)).lower()


class NumberField(forms.CharField):
    """A number of a firm, read by `read` and refused in the words of its label."""

    def __init__(self, *, read: Callable[[str], str], **kwargs: Any) -> None:
        super().__init__(required=False, max_length=40, **kwargs)
        self.read = read
        self.widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}

    def clean(self, value: Any) -> str:
        try:
            return self.read(super().clean(value))
        except NumberError as fault:
            if fault.key == "empty":
                return ""
            message = FAULTS[str(self.label)][fault.key].format(count=fault.count)
            raise ValidationError(message, code=fault.key) from None


class LineField(forms.CharField):
    """A text on one line, without signs that nobody sees: letters quote what was typed here."""

    def to_python(self, value: Any) -> str:
        line = " ".join(str(super().to_python(value)).split())
        return "".join(filter(str.isprintable, line))


def named(label: str, empty: str, *, most: int = 120, **more: Any) -> forms.CharField:
    """Return a text field with our sentences for nothing and for too much."""
    token = more.pop("autocomplete", "off")
    too_long = f"{label} harus paling banyak {most} huruf"
    return LineField(
        label=label,
        max_length=most,
        widget=forms.TextInput({"autocomplete": token}),
        error_messages={"required": empty, "max_length": too_long},
        **more,
    )


class SignUpForm(forms.Form):
    """Who registers the firm."""

    name = named("Nama Anda", "Isi nama Anda", autocomplete="name")
    email = EmailField(help_text="Kami kirim tautan ke alamat ini. Nanti Anda masuk dengannya.")


class PasswordForm(forms.Form):
    """A new password, typed twice."""

    password1 = forms.CharField(
        label="Kata sandi",
        strip=False,
        max_length=200,
        help_text=NEW_PASSWORD_HINT.replace(", petugas kantor 15", ""),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        error_messages={"required": "Isi kata sandi", "max_length": "Kata sandi terlalu panjang"},
    )
    password2 = forms.CharField(
        label="Kata sandi, sekali lagi",
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        error_messages={"required": "Isi kata sandi sekali lagi"},
    )

    def clean_password1(self) -> str:
        password = str(self.cleaned_data["password1"])
        validate_password(password, User())
        return password

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, second = given.get("password1"), given.get("password2")
        if first and second and first != second:
            self.add_error("password2", "Kata sandi kedua harus sama dengan yang pertama")
        return given


class FactsForm(forms.Form):
    """What the firm is called, and its official numbers."""

    name = named(
        "Nama badan usaha",
        "Isi nama badan usaha",
        most=160,
        autocomplete="organization",
        help_text="Seperti di akta atau NIB, misalnya PT Selat Baja.",
    )
    nib = NumberField(label="NIB", read=read_nib, help_text="13 angka dari OSS.")
    npwp = NumberField(
        label="NPWP", read=read_npwp, help_text="15 atau 16 angka. Isi NIB, NPWP, atau keduanya."
    )
    npp = NumberField(
        label="NPP",
        read=read_npp,
        help_text="8 huruf atau angka. Hanya kalau perusahaan sudah punya.",
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("nib") == given.get("npwp") == "":
            self.add_error("nib", "Isi NIB atau NPWP, paling sedikit satu")
        return given


class AddressForm(forms.Form):
    """Where the firm works."""

    address = named(
        "Alamat",
        "Isi alamat perusahaan",
        most=300,
        autocomplete="street-address",
        help_text="Jalan, nomor, RT/RW.",
    )
    place = forms.ChoiceField(
        label="Kelurahan",
        help_text="Daftar ini diurutkan menurut kecamatan.",
        error_messages={
            "required": "Pilih kelurahan",
            "invalid_choice": "Pilih kelurahan dari daftar",
        },
    )

    def __init__(self, *args: Any, kelurahan: Iterable[Kelurahan], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = {str(row.pk): row for row in kelurahan}
        groups = groupby(self.rows.items(), key=lambda item: item[1].kecamatan.name)
        self.fields["place"].choices = [  # type: ignore[attr-defined]
            ("", "Pilih kelurahan"),
            *(
                (f"Kecamatan {name}", [(key, row.name) for key, row in members])
                for name, members in groups
            ),
            (OUTSIDE, "Di luar Cilegon"),
        ]

    @property
    def answers(self) -> dict[str, Any]:
        """What to keep: the address, and the kelurahan or that it lies outside."""
        place = self.cleaned_data["place"]
        return {
            "address": self.cleaned_data["address"],
            "kelurahan": self.rows.get(place),
            "is_outside": place == OUTSIDE,
        }


class ContactForm(forms.Form):
    """Whom the office calls at the firm."""

    name = named("Nama", "Isi nama penanggung jawab", autocomplete="name")
    phone = PhoneField(help_text="Nomor yang bisa kami telepon di jam kerja.")
    email = EmailField()


class ProgrammesForm(forms.Form):
    """What the firm does and how big it is: they fix its risk group and its programmes."""

    line_of_business = forms.ModelChoiceField(
        LineOfBusiness.objects.none(),
        label="Bidang usaha",
        empty_label="Pilih dari daftar",
        help_text="Bidang usaha menentukan kelompok risiko JKK (kecelakaan kerja).",
        error_messages={
            "required": "Pilih bidang usaha",
            "invalid_choice": "Pilih bidang usaha dari daftar",
        },
    )
    size = forms.ChoiceField(
        label="Skala usaha",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Pilih skala usaha",
            "invalid_choice": "Pilih skala usaha dari daftar",
        },
    )
    wants_jht = forms.BooleanField(
        label="Usaha mikro: ikut juga JHT (tabungan hari tua)", required=False
    )
    wants_jp = forms.BooleanField(
        label="Usaha mikro dan kecil: ikut juga JP (pensiun bulanan)", required=False
    )

    def __init__(self, *args: Any, compulsory: Mapping[str, Iterable[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.compulsory = compulsory
        lines = self.fields["line_of_business"]
        lines.queryset = LineOfBusiness.objects.offered()  # type: ignore[attr-defined]
        lines.label_from_instance = (  # type: ignore[attr-defined]
            lambda row: f"{row.name} (risiko {row.risk_group})"
        )
        self.fields["size"].choices = [  # type: ignore[attr-defined]
            (size.value, Hinted(size.label, SIZE_HINTS[size], ", ".join(compulsory[size])))
            for size in Size
        ]

    @property
    def answers(self) -> dict[str, Any]:
        """What to keep; what a size has to take is no choice of the firm."""
        given = self.cleaned_data
        forced = set(self.compulsory[given["size"]])
        return {
            "line_of_business": given["line_of_business"],
            "stated_size": given["size"],
            "wants_jht": given["wants_jht"] and "JHT" not in forced,
            "wants_jp": given["wants_jp"] and "JP" not in forced,
        }


class WorkersForm(forms.Form):
    """How many people work there, the first month that the firm reports, and how it lists them."""

    head_count = forms.IntegerField(
        label="Jumlah pekerja",
        min_value=1,
        max_value=MOST_WORKERS,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        help_text="Semua yang menerima upah, termasuk pekerja harian dan kontrak.",
        error_messages={
            "required": "Isi jumlah pekerja",
            "invalid": "Jumlah pekerja harus angka, misalnya 25",
            "min_value": "Jumlah pekerja harus paling sedikit 1",
            "max_value": "Jumlah pekerja harus paling banyak 150.000",
        },
    )
    first_month = forms.ChoiceField(
        label="Bulan iuran pertama",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Pilih bulan iuran pertama",
            "invalid_choice": "Pilih bulan dari daftar",
        },
    )

    how = forms.ChoiceField(
        label="Bagaimana Anda mengisi data pekerja?",
        widget=forms.RadioSelect,
        choices=ways_of_a_month(None)[::-1],
        error_messages={
            "required": "Pilih cara mengisi data pekerja",
            "invalid_choice": "Pilih salah satu cara di bawah",
        },
    )

    def __init__(
        self, *args: Any, months: Mapping[Month, date], asks_how: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if not asks_how:
            del self.fields["how"]
        self.fields["first_month"].choices = [  # type: ignore[attr-defined]
            (str(month), Hinted(month_name(month), f"Bayar paling lambat {date_id(due)}."))
            for month, due in months.items()
        ]

    def clean_first_month(self) -> Month:
        return Month.parse(self.cleaned_data["first_month"])

    @property
    def answers(self) -> dict[str, Any]:
        """What to keep of the firm."""
        return {name: self.cleaned_data[name] for name in ("head_count", "first_month")}

    @property
    def way(self) -> str:
        """The way to list the workers; empty when the list is begun already."""
        return str(self.cleaned_data.get("how", ""))


class SendForm(forms.Form):
    """The firm's word that all of it is true."""

    is_true = forms.BooleanField(
        label="Data ini benar, dan saya boleh mewakili perusahaan ini",
        error_messages={"required": "Centang kotak ini untuk mengirim"},
    )
