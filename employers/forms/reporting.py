"""What is asked about a firm's month: how to report it, a file, rows, reasons."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField

from cilegon_portal.forms import DatePartsField, Hinted
from cilegon_portal.sheets import Limits
from cilegon_portal.templatetags.portal import date_id, grouped
from employers.actions.comparing import value_of
from employers.models import DraftRow, Employment, WageReport
from employers.rules.columns import TITLES
from employers.rules.rows import sentence_of

FAULTS_ON_SCREEN = 50
ROWS_ON_SCREEN = 25
MEGABYTE = 1024 * 1024
STAYS, LEFT = "STAYS", "LEFT"
LONGEST_NAME = 50  # within an error, which has at most 90 characters
CORRECT = "Sudah benar"  # the reason behind a tick
ASKED = (
    "nama",
    "nik",
    "paspor",
    "tanggal_lahir",
    "jenis_kelamin",
    "kpj",
    "mulai_kerja",
    "upah",
)
HINTS = {
    "nik": "16 angka di KTP. Kosongkan untuk warga negara asing.",
    "paspor": "Hanya untuk warga negara asing.",
    "tanggal_lahir": "Contoh: 27/03/1985",
    "mulai_kerja": "Contoh: 01/10/2026",
    "upah": "Upah sebulan, misalnya 5.250.000",
}
SEXES = [("", "Pilih"), ("L", "Laki-laki"), ("P", "Perempuan")]
CAUSES = [("", "Pilih sebab"), *Employment.Cause.choices]
CHOICES = {"jenis_kelamin": SEXES, "sebab_keluar": CAUSES}


class HowForm(forms.Form):
    """In which way a month is reported."""

    how = forms.ChoiceField(
        label="Bagaimana Anda melaporkan bulan ini?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Pilih cara melaporkan bulan ini",
            "invalid_choice": "Pilih salah satu cara di bawah",
        },
    )

    def __init__(self, *args: Any, choices: Sequence[tuple[str, Hinted]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["how"].choices = choices  # type: ignore[attr-defined]


def ways_of_a_month(last: WageReport | None) -> list[tuple[str, Hinted]]:
    """Return the ways to report a month; what repeats the last report needs one."""
    source = WageReport.Source
    ways = [
        (
            source.SCREEN.value,
            Hinted("Ada sedikit perubahan", "Ubah upah, tambah atau keluarkan pekerja di layar"),
        ),
        (source.UPLOAD.value, Hinted("Unggah file", "XLSX atau CSV, juga dari SIPP")),
    ]
    if last is None:
        ways[0] = (ways[0][0], Hinted("Isi di layar", "Cocok untuk beberapa pekerja"))
        return ways
    hint = f"{grouped(last.workers)} pekerja dengan upah yang sama"
    return [(source.SAME.value, Hinted("Sama seperti bulan lalu", hint)), *ways]


WAYS_OF_A_SUPPLEMENT = [
    ("SCREEN", Hinted("Tambah di layar", "Cocok untuk beberapa pekerja")),
    ("UPLOAD", Hinted("Unggah file", "Isi hanya pekerja yang terlewat")),
]
WAYS_OF_A_REPLACEMENT = [
    ("SCREEN", Hinted("Ubah di layar", "Mulai dari laporan yang sudah disetujui")),
    ("UPLOAD", Hinted("Unggah file", "File berisi semua pekerja bulan itu")),
]


class UploadForm(forms.Form):
    file = forms.FileField(
        label="File data upah",
        widget=forms.FileInput({"accept": ".xlsx,.csv"}),
        max_length=255,
        error_messages={
            "required": "Pilih file data upah",
            "invalid": "Pilih file data upah",
            "missing": "Pilih file data upah",
            "empty": "File ini kosong",
            "max_length": "Nama file terlalu panjang. Beri nama yang lebih pendek",
        },
    )

    def __init__(self, *args: Any, limits: Limits, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = (
            f"XLSX atau CSV, paling besar {limits.file_bytes // MEGABYTE} MB "
            f"dan {grouped(limits.rows)} baris."
        )


class RowForm(forms.Form):
    """One worker, each answer as it would stand in a file: the same rules judge both."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for column in ASKED:
            self.fields[column] = field_of(column)

    @property
    def answers(self) -> dict[str, str]:
        return {column: self.cleaned_data[column] for column in ASKED}


class CellField(forms.CharField):
    """One cell of a worker's row as text; the whole row is judged by the rules of a file."""

    def __init__(self, column: str, *, is_optional: bool) -> None:
        widget: forms.Widget = forms.TextInput({"autocomplete": "off"})
        if column in CHOICES:
            widget = forms.Select(choices=CHOICES[column])
        elif column in {"nik", "upah"}:
            widget.attrs["inputmode"] = "numeric"
        super().__init__(
            label=TITLES[column],
            help_text=HINTS.get(column, ""),
            required=False,  # the rules know what has to be there
            max_length=500,
            widget=widget,
            error_messages={"max_length": f"{TITLES[column]} harus paling banyak 500 huruf"},
        )
        self.is_optional = is_optional


def field_of(column: str) -> CellField:
    """Return the input of one column."""
    return CellField(column, is_optional=column in {"paspor", "kpj"})


def row_form(row: DraftRow) -> RowForm:
    """Return the form of a row as it stands, with its faults at their fields."""
    values = {column: typed_value(row, column) for column in ASKED}
    if not row.faults:
        return RowForm(initial=values)
    form = RowForm(values)
    if form.is_valid():
        for fault in row.faults:
            column = fault["column"] if fault["column"] in form.fields else None
            form.add_error(column, without_number(sentence_of(fault, row.number)))
    return form


def typed_value(row: DraftRow, column: str) -> str:
    """Return what stands in a cell; of a choice its value in the list, nothing where it is none."""
    is_faulty = any(fault["column"] == column for fault in row.faults)
    if column == "jenis_kelamin":
        return "" if is_faulty else row.sex
    if column == "sebab_keluar":
        return "" if is_faulty else row.cause
    value: str = value_of(row, column)
    return value


@dataclass(frozen=True)
class FaultyCell:
    """One fault of a draft: where, what is there, what to do, and the input that mends it."""

    number: int
    name: str
    title: str
    value: str
    sentence: str
    sentence_id: str
    field: BoundField | None


class FixesForm(forms.Form):
    """The faulty cells of a draft, as many as fit on a screen."""

    def __init__(self, *args: Any, rows: Iterable[DraftRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cells: list[tuple[DraftRow, dict[str, Any]]] = [
            (row, fault) for row in rows for fault in row.faults
        ][:FAULTS_ON_SCREEN]
        for row, fault in self.cells:
            column, name = fault["column"], name_of(row.number, fault["column"])
            field = field_of(column)
            field.label = f"{TITLES[column]}, baris {row.number}"
            field.help_text = ""
            field.initial = typed_value(row, column)
            field.widget.attrs["aria-describedby"] = f"sebab-{name}"
            self.fields[name] = field

    @property
    def table(self) -> list[FaultyCell]:
        """Return the faults in their order; two of one cell share its input."""
        found, seen = [], set()
        for row, fault in self.cells:
            column, name = fault["column"], name_of(row.number, fault["column"])
            bound = self[name] if name in self.fields and name not in seen else None
            seen.add(name)
            found.append(
                FaultyCell(
                    number=row.number,
                    name=row.name,
                    title=TITLES[column],
                    value=value_of(row, column),
                    sentence=without_number(sentence_of(fault, row.number)),
                    sentence_id=f"sebab-{name}",
                    field=bound,
                )
            )
        return found

    @property
    def answers(self) -> dict[int, dict[str, str]]:
        """Return what was typed anew, by row number and column."""
        found: dict[int, dict[str, str]] = {}
        for name in self.fields:
            if is_typed_anew(self, name):
                number, column = name.removeprefix("b").split("-", 1)
                found.setdefault(int(number), {})[column] = self.cleaned_data[name]
        return found


def is_typed_anew(form: forms.Form, name: str) -> bool:
    """Tell whether a cell came back otherwise than it was shown; one that did not come was not."""
    shown = str(form.fields[name].initial or "").strip()
    return name in form.data and form.cleaned_data[name] != shown


def without_number(sentence: str) -> str:
    """Return "Baris 7: isi upah" as "Isi upah": beside it stands the number of the row."""
    text = sentence.partition(": ")[2]
    return text[:1].upper() + text[1:]


def name_of(number: int, column: str) -> str:
    return f"b{number}-{column}"


class WagesForm(forms.Form):
    """The wages of the workers of one page of the list."""

    def __init__(self, *args: Any, rows: Sequence[DraftRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        for row in rows:
            field = field_of("upah")
            field.label = f"Upah {row.name or 'baris'} {row.number}"
            field.help_text = ""
            field.initial = grouped(row.wage) if row.wage is not None else value_of(row, "upah")
            self.fields[wage_name(row)] = field

    @property
    def table(self) -> list[tuple[DraftRow, BoundField]]:
        return [(row, self[wage_name(row)]) for row in self.rows]

    @property
    def answers(self) -> dict[int, dict[str, str]]:
        """Return the wages that were typed anew, by row number."""
        return {
            row.number: {"upah": self.cleaned_data[wage_name(row)]}
            for row in self.rows
            if is_typed_anew(self, wage_name(row))
        }


def wage_name(row: DraftRow) -> str:
    return f"upah-{row.number}"


class LeaveForm(forms.Form):
    """The last day of a worker and why he left."""

    ended_on = DatePartsField(label="Hari kerja terakhir", help_text="Contoh: 31 10 2026")
    cause = forms.ChoiceField(
        label="Sebab berhenti",
        choices=CAUSES,
        error_messages={
            "required": "Pilih sebab berhenti",
            "invalid_choice": "Pilih sebab berhenti dari daftar",
        },
    )

    def __init__(
        self, *args: Any, latest: date, earliest: date | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.latest = latest
        self.earliest = earliest

    @property
    def is_asked(self) -> bool:
        """Whether somebody left at all: else day and cause may be whatever they are."""
        return True

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and not self.is_asked:
            for name in ("ended_on", "cause"):
                self.errors.pop(name, None)

    def clean_ended_on(self) -> date:
        ended_on: date = self.cleaned_data["ended_on"]
        if ended_on > self.latest:
            raise ValidationError("Hari kerja terakhir harus paling lambat akhir bulan ini", "real")
        if self.earliest is not None and ended_on < self.earliest:
            raise ValidationError(
                f"Hari kerja terakhir harus sesudah mulai bekerja, {date_id(self.earliest)}", "real"
            )
        return ended_on


class AbsentForm(LeaveForm):
    """Whether somebody whom the file no longer names still works here, else since when not."""

    answered = forms.ChoiceField(
        label="Masih bekerja bulan ini?",
        required=False,
        widget=forms.RadioSelect,
        choices=[(STAYS, "Masih bekerja"), (LEFT, "Sudah berhenti")],
        error_messages={"invalid_choice": "Pilih masih bekerja atau sudah berhenti"},
    )
    field_order = ("answered", "ended_on", "cause")

    def __init__(self, *args: Any, row: DraftRow, **kwargs: Any) -> None:
        super().__init__(*args, prefix=f"p{row.number}", earliest=row.started_on, **kwargs)
        self.row = row
        name = row.name[:LONGEST_NAME]
        self.fields["ended_on"].error_messages["required"] = f"Isi hari kerja terakhir {name}"
        self.fields["cause"].error_messages["required"] = f"Pilih sebab berhenti {name}"

    @property
    def is_asked(self) -> bool:
        return self.data.get(self.add_prefix("answered")) == LEFT

    @property
    def is_answered(self) -> bool:
        return bool(self.cleaned_data["answered"])

    @property
    def answer(self) -> dict[str, Any]:
        if self.cleaned_data["answered"] == STAYS:
            return {"stays": True}
        return {
            "stays": False,
            "ended_on": self.cleaned_data["ended_on"],
            "cause": self.cleaned_data["cause"],
        }


class EveryAbsentForm(LeaveForm):
    """One day and one cause for all whom the file no longer names."""

    everybody = forms.BooleanField(
        label="Semua pekerja ini sudah berhenti pada hari dan karena sebab yang sama",
        required=False,
    )
    field_order = ("everybody", "ended_on", "cause")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="semua", **kwargs)

    @property
    def is_asked(self) -> bool:
        return bool(self.data.get(self.add_prefix("everybody")))


class ReasonsForm(forms.Form):
    """The warnings of a draft: a tick for all of one kind, or a reason for a single row."""

    def __init__(
        self, *args: Any, rows: Sequence[DraftRow], kinds: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.rows = {row.number: row for row in rows}
        for key, label in kinds.items():
            self.fields[f"semua-{key}"] = forms.BooleanField(label=label, required=False)
        for number in self.rows:
            self.fields[f"alasan-{number}"] = forms.CharField(
                label=f"Alasan untuk baris {number}",
                required=False,
                max_length=300,
                widget=forms.TextInput({"autocomplete": "off"}),
                error_messages={"max_length": "Alasan harus paling banyak 300 huruf"},
            )

    @property
    def ticks(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name.startswith("semua-")]

    @property
    def table(self) -> list[tuple[DraftRow, list[str], BoundField]]:
        """Return each row with what looks wrong in it, and the field for a reason."""
        return [
            (
                row,
                [without_number(sentence_of(it, number)) for it in row.warnings],
                self[f"alasan-{number}"],
            )
            for number, row in self.rows.items()
        ]

    @property
    def ticked(self) -> list[str]:
        return [
            name.removeprefix("semua-")
            for name, value in self.cleaned_data.items()
            if name.startswith("semua-") and value
        ]

    @property
    def reasons(self) -> dict[int, str]:
        return {
            int(name.removeprefix("alasan-")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("alasan-") and value
        }
