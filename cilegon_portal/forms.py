"""Inputs that every app uses. What cannot be read is a ValidationError, never anything else."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.utils.datastructures import MultiValueDict

from cilegon_portal.rules.money import Rupiah
from cilegon_portal.rules.months import Month
from cilegon_portal.rules.nik import Nik, NikError, read_nik
from cilegon_portal.rules.phones import PhoneError, read_phone
from cilegon_portal.templatetags.portal import MONTHS, grouped

MONTH_NUMBERS = {name.lower(): number for number, name in enumerate(MONTHS, start=1)}
MONTH_NUMBERS |= {name[:3].lower(): number for number, name in enumerate(MONTHS, start=1)}
MONTH_NUMBERS |= {
    "pebruari": 2, "peb": 2, "agt": 8, "ags": 8, "agust": 8, "sept": 9, "nopember": 11, "nop": 11,
}  # fmt: skip
AMOUNT = re.compile(
    r"(?:rp\.?)?\s*([0-9]+|[0-9]{1,3}(?:(?:\.[0-9]{3})+|(?:,[0-9]{3})+|(?: [0-9]{3})+))"
    r"(?:,-|[.,]00)?",
    re.IGNORECASE,
)
MOST_DIGITS = 15  # a thousand times the country's budget still fits the column
CODE = re.compile(r"[0-9]{6}")

NIK_MESSAGES = {
    "empty": "Masukkan NIK, 16 angka di KTP Anda",
    "chars": "NIK hanya berisi angka",
    "len": "NIK harus 16 angka. Anda memasukkan {count} angka",
    "date": "Angka ke-7 sampai ke-12 pada NIK harus tanggal lahir. Periksa lagi KTP Anda",
    "serial": "Empat angka terakhir NIK harus lebih dari 0000. Periksa lagi KTP Anda",
}
PHONE_MESSAGES = {
    "empty": "Isi nomor HP",
    "fmt": "Nomor HP harus diawali 08 atau +62 dan 10–13 angka",
}


class Hinted(str):
    """The label of a choice, with a hint below it and a short text at its right (a price)."""

    hint: str
    aside: str

    def __new__(cls, label: str, hint: str = "", aside: str = "") -> "Hinted":
        text = super().__new__(cls, label)
        text.hint = hint
        text.aside = aside
        return text


def spoken(label: object) -> str:
    """Return a label as it stands within a sentence: "Tanggal lahir" → "tanggal lahir"."""
    text = str(label or "isian ini")
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


class RupiahInput(forms.TextInput):
    """A text input that shows 16800 as "16.800" after a fixed "Rp"."""

    template_name = "components/widgets/money.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        given = {"inputmode": "numeric", "autocomplete": "off", "class": "form-control--money"}
        super().__init__(given | (attrs or {}))

    def format_value(self, value: Any) -> str | None:
        return grouped(value) if isinstance(value, int) else super().format_value(value)


class RupiahFormField(forms.Field):
    """Whole rupiah, written 16800, 16.800, 16,800 or Rp 16.800; both limits are inclusive."""

    widget = RupiahInput

    def __init__(
        self, *, least: Rupiah = 0, most: Rupiah = 10**MOST_DIGITS - 1, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.least = least
        self.most = most
        self.error_messages.setdefault("invalid", "{label} harus angka rupiah, misalnya 16.800")
        if "required" not in (kwargs.get("error_messages") or {}):
            self.error_messages["required"] = f"Isi {spoken(self.label)}"

    def to_python(self, value: Any) -> Rupiah | None:
        text = " ".join(str(value if value is not None else "").split())
        if not text:
            return None
        found = AMOUNT.fullmatch(text)
        digits = re.sub("[^0-9]", "", found[1]) if found else ""
        if not digits or len(digits.lstrip("0")) > MOST_DIGITS:
            raise ValidationError(
                self.error_messages["invalid"].format(label=self.label or "Jumlah"), code="invalid"
            )
        return int(digits)

    def validate(self, value: Rupiah | None) -> None:
        super().validate(value)
        if value is None:
            return
        label = self.label or "Jumlah"
        if value < self.least:
            raise ValidationError(f"{label} harus paling sedikit Rp{grouped(self.least)}", "least")
        if value > self.most:
            raise ValidationError(f"{label} harus paling banyak Rp{grouped(self.most)}", "most")

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


class NikField(forms.CharField):
    """A NIK, read on the day `on`, which the form sets: `self.fields["nik"].on = on`."""

    def __init__(self, *, on: date | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("label", "NIK")
        super().__init__(strip=False, **kwargs)
        self.on = on
        self.widget.attrs |= {
            "inputmode": "numeric",
            "autocomplete": "off",
            "spellcheck": "false",
            "class": "form-control--nik",
            "data-count": "16",
        }

    def clean(self, value: Any) -> Nik | None:
        if self.on is None:
            raise ImproperlyConfigured("a form with a NikField sets its day `on`")
        try:
            return read_nik(str(value or ""), on=self.on)
        except NikError as fault:
            if fault.key == "empty" and not self.required:
                return None
            message = NIK_MESSAGES[fault.key].format(count=fault.count)
            raise ValidationError(message, code=fault.key) from None


class PhoneField(forms.CharField):
    """An Indonesian mobile number as people write it; the value is "+628…"."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Nomor HP")
        super().__init__(strip=False, **kwargs)
        self.widget.input_type = "tel"
        self.widget.attrs |= {
            "inputmode": "tel",
            "autocomplete": "tel",
            "class": "form-control--phone",
        }

    def clean(self, value: Any) -> str:
        try:
            return read_phone(str(value or ""))
        except PhoneError as fault:
            if fault.key == "empty" and not self.required:
                return ""
            raise ValidationError(PHONE_MESSAGES[fault.key], code=fault.key) from None


class CodeField(forms.CharField):
    """The six digits that came by SMS or WhatsApp; spaces do not matter."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Kode 6 angka")
        super().__init__(strip=False, **kwargs)
        self.widget.attrs |= {
            "inputmode": "numeric",
            "autocomplete": "one-time-code",
            "class": "form-control--code",
        }

    def clean(self, value: Any) -> str:
        code = "".join(str(value or "").replace("-", " ").split())
        if not code and not self.required:
            return ""
        if not code:
            raise ValidationError("Masukkan kode 6 angka yang kami kirim", code="empty")
        if not CODE.fullmatch(code):
            raise ValidationError("Kode harus 6 angka", code="chars")
        return code


class PartsInput(forms.MultiWidget):
    """Several small inputs side by side, each with its own label."""

    template_name = "components/widgets/parts.html"
    parts: tuple[tuple[str, str], ...] = ()  # (label, class) of each

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for inner, (label, variant) in zip(
            context["widget"]["subwidgets"], self.parts, strict=True
        ):
            kind = "form-control" if "optgroups" not in inner else "form-select"
            inner["attrs"]["class"] = kind
            inner["part_label"] = label
            inner["part_class"] = variant
        return context


class DatePartsInput(PartsInput):
    parts = (
        ("Hari", ""),
        ("Bulan", "parts__part--month"),
        ("Tahun", "parts__part--year"),
    )

    def __init__(self, attrs: dict[str, Any] | None = None, *, birthday: bool = False) -> None:
        def part(token: str, **more: str) -> forms.TextInput:
            return forms.TextInput({"autocomplete": token if birthday else "off", **more})

        super().__init__(
            {
                "day": part("bday-day", inputmode="numeric"),
                "month": part("bday-month"),
                "year": part("bday-year", inputmode="numeric"),
            },
            attrs,
        )

    def decompress(self, value: Any) -> list[Any]:
        if isinstance(value, date):
            return [value.day, value.month, value.year]
        return [None, None, None]


class DatePartsField(forms.Field):
    """A day in three text inputs; the month is a number or a name, long or short."""

    widget = DatePartsInput
    names = ("hari", "bulan", "tahun")

    def __init__(self, *, birthday: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("widget", DatePartsInput(birthday=birthday))
        super().__init__(**kwargs)
        if "required" not in (kwargs.get("error_messages") or {}):
            self.error_messages["required"] = f"Isi {spoken(self.label)}"

    def to_python(self, value: Any) -> date | None:
        parts = parts_of(value, len(self.names))
        if not any(parts):
            return None
        self.refuse_gaps(parts)
        try:
            return date(year_number(parts[2]), month_number(parts[1]), day_number(parts[0]))
        except ValueError:
            raise ValidationError(self.unreal(), code="real") from None

    def refuse_gaps(self, parts: Sequence[str]) -> None:
        missing = [number for number, part in enumerate(parts) if not part]
        if missing:
            named = " dan ".join(self.names[number] for number in missing)
            label = self.label or "Tanggal"
            raise ValidationError(f"{label} harus punya {named}", code=f"part_{missing[0]}")

    def unreal(self) -> str:
        example = "" if self.help_text else ", misalnya 27 3 1985"
        return f"{self.label or 'Tanggal'} harus tanggal yang ada{example}"

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(initial != self.to_python(data))
        except ValidationError:
            return True


class MonthInput(PartsInput):
    """A month by its name and a year; `name=2026-11` alone in the data is understood too."""

    parts = (("Bulan", "parts__part--month"), ("Tahun", "parts__part--year"))

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        choices = [("", "–"), *((str(number), name) for number, name in enumerate(MONTHS, 1))]
        super().__init__(
            {
                "month": forms.Select(choices=choices),
                "year": forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
            },
            attrs,
        )

    def decompress(self, value: Any) -> list[Any]:
        if isinstance(value, Month):
            return [value.number, value.year]
        if isinstance(value, date):
            return [value.month, value.year]
        return [None, None]

    def value_from_datadict(
        self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str
    ) -> Any:
        written = re.fullmatch("([0-9]{4})-([0-9]{1,2})", str(data.get(name, "")))
        if written:
            return [str(int(written[2])), written[1]]
        return super().value_from_datadict(data, files, name)

    def value_omitted_from_data(
        self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str
    ) -> bool:
        return name not in data and super().value_omitted_from_data(data, files, name)


class MonthFormField(forms.Field):
    """A contribution month; the value is a `Month`."""

    widget = MonthInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if "required" not in (kwargs.get("error_messages") or {}):
            self.error_messages["required"] = f"Isi {spoken(self.label)}"

    def to_python(self, value: Any) -> Month | None:
        if isinstance(value, Month):
            return value
        month, year = parts_of(value, 2)
        if not month and not year:
            return None
        label = self.label or "Bulan"
        if not month or not year:
            missing = "tahun" if month else "bulan"
            raise ValidationError(f"{label} harus punya {missing}", code=f"part_{int(bool(month))}")
        try:
            return Month(year_number(year), month_number(month))
        except ValueError:
            raise ValidationError(
                f"{label} harus bulan yang ada, misalnya 11 2026", code="real"
            ) from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(initial != self.to_python(data))
        except ValidationError:
            return True


def parts_of(value: Any, count: int) -> list[str]:
    """Return `count` trimmed texts, whatever came in."""
    given = list(value) if isinstance(value, list | tuple) else []
    texts = [str(part if part is not None else "").strip() for part in given[:count]]
    return texts + [""] * (count - len(texts))


def day_number(text: str) -> int:
    """Return the number of one or two digits; raise ValueError otherwise."""
    if not re.fullmatch("[0-9]{1,2}", text):
        raise ValueError(text)
    return int(text)


def year_number(text: str) -> int:
    """Return the number of exactly four digits; raise ValueError otherwise."""
    if not re.fullmatch("[0-9]{4}", text):
        raise ValueError(text)
    return int(text)


def month_number(text: str) -> int:
    """Return 3 for "3", "03", "Maret" or "mar"; raise ValueError for what is neither."""
    named = MONTH_NUMBERS.get(text.lower().rstrip("."))
    return named if named is not None else day_number(text)
