"""Fills reference tables from data files. What stands in the database is never touched.

A row of a file is known by its key: what it is about and the day it begins. A key that stands in
the database stays as it is there, also where the file says something else, for staff may have
changed it and money may have been priced by it; the difference is reported. So does a new row that
would overlap a standing one. Nothing is written unless every file is good.
"""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeAlias

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction

from cilegon_portal.reference.models import sentence_of

LAST_DAYS = {"valid_to": "valid_until", "checked_to": "checked_until"}  # inclusive in the files
YES_NO = {"yes": True, "no": False}
LOCK = 7_263_491  # one loader at a time: an arbitrary number of our own


Values: TypeAlias = dict[str, Any]


class BadRow(Exception):
    """A data file has a row that cannot stand; the text names file, row and reason."""


@dataclass(frozen=True)
class Line:
    """One row of a data file, as text, and where it stands."""

    place: str
    texts: Mapping[str, str]


def no_fault(_values: Values) -> str:
    return ""


@dataclass(frozen=True)
class Table:
    """A reference table and what fills it: `key` are the columns by which a row is known."""

    model: type[models.Model]
    key: tuple[str, ...]
    lines: Sequence[Line]
    fault_of: Callable[[Values], str] = no_fault

    @property
    def name(self) -> str:
        return str(self.model._meta.model_name)

    @property
    def is_dated(self) -> bool:
        return "valid_from" in self.key


@dataclass
class Loaded:
    """What loading one table came to: rows read, written, found equal, and left as they stand."""

    read: int = 0
    written: int = 0
    same: int = 0
    kept: list[str] = field(default_factory=list)


Row = tuple[Line, Values]


def lines_of(path: Path) -> list[Line]:
    """Return the rows of a CSV file (UTF-8, first line: names of columns)."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            rows = list(reader)
            columns = reader.fieldnames or []
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise BadRow(f"{path.name}: berkas tidak terbaca ({problem}).") from problem
    lines = []
    for number, row in enumerate(rows, start=2):
        place = f"{path.name} baris {number}"
        if None in row or None in row.values():
            raise BadRow(f"{place}: harus ada {len(columns)} kolom.")
        lines.append(Line(place, row))
    return lines


@transaction.atomic
def load(tables: Iterable[Table]) -> dict[str, Loaded]:
    """Write the rows missing in all `tables`, or none; raise BadRow for a row that is bad."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    return {table.name: load_table(table) for table in tables}


def load_table(table: Table) -> Loaded:
    refuse_unknown_columns(table)
    rows = [(line, values_of(line, table.model)) for line in parented(table)]
    for line, values in rows:
        if fault := table.fault_of(values):
            raise BadRow(f"{line.place}: {fault}")
    refuse_twins(table, rows)
    standing = [*table.model._default_manager.values()]
    loaded = Loaded(read=len(rows))
    missing = sift(table, rows, standing, loaded)
    write(table.model, missing)
    loaded.written = len(missing)
    return loaded


def refuse_unknown_columns(table: Table) -> None:
    """Raise BadRow when a file has not exactly the columns that the table asks for."""
    fields = {each.name for each in table.model._meta.fields if not each.primary_key}
    inclusive = {until: to for to, until in LAST_DAYS.items()}
    wanted = {inclusive.get(name, name) for name in fields}
    for line in table.lines[:1]:
        if set(line.texts) != wanted:
            columns = ", ".join(sorted(wanted))
            raise BadRow(f"{line.place.split(' baris ')[0]}: kolomnya harus {columns}.")


def parented(table: Table) -> Iterator[Line]:
    """Yield the lines with the code of a row above (a foreign key) replaced by its number."""
    keys = [each for each in table.model._meta.fields if isinstance(each, models.ForeignKey)]
    numbers = {
        key.name: {str(code): str(pk) for code, pk in parents_of(key).values_list("code", "pk")}
        for key in keys
    }
    for line in table.lines:
        texts = dict(line.texts)
        for name, known in numbers.items():
            if texts[name] not in known:
                raise BadRow(f"{line.place}: {name} {texts[name]!r} tidak dikenal.")
            texts[name] = known[texts[name]]
        yield Line(line.place, texts)


def parents_of(key: "models.ForeignKey[Any, Any]") -> "models.QuerySet[Any]":
    model: type[models.Model] = key.related_model
    return model._default_manager.all()


def values_of(line: Line, model: type[models.Model]) -> Values:
    """Return the columns of `line` as values of the model's fields, by attribute name."""
    values: Values = {}
    for column, text in line.texts.items():
        try:
            name, value = value_of(column, text.strip(), model)
        except (ValidationError, ValueError, LookupError) as problem:
            raise BadRow(f"{line.place}: {column} {text!r}: {reason_of(problem)}") from problem
        values[name] = value
    return values


def value_of(column: str, text: str, model: type[models.Model]) -> tuple[str, Any]:
    if column in LAST_DAYS:
        last_day = date.fromisoformat(text) if text else None
        return LAST_DAYS[column], last_day and last_day + timedelta(days=1)
    target: Any = model._meta.get_field(column)
    if isinstance(target, models.BooleanField):
        return column, YES_NO[text]
    if isinstance(target, models.ForeignKey):
        return target.attname, int(text)
    return column, target.clean(None if target.null and not text else text, None)


def reason_of(problem: Exception) -> str:
    if isinstance(problem, ValidationError):
        return " ".join(problem.messages)
    if isinstance(problem, KeyError):
        return "tulis yes atau no."
    return str(problem)


def key_of(values: Mapping[str, Any], key: Sequence[str]) -> tuple[Any, ...]:
    return tuple(values[name] for name in key)


def kind_of(table: Table, values: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what a row is about, without the day it begins."""
    return key_of(values, [name for name in table.key if name != "valid_from"])


def overlaps(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Say whether two dated rows are in force on a common day; no end means still."""
    return bool(
        (other["valid_until"] is None or one["valid_from"] < other["valid_until"])
        and (one["valid_until"] is None or other["valid_from"] < one["valid_until"])
    )


def refuse_twins(table: Table, rows: Sequence[Row]) -> None:
    """Raise BadRow where two rows of the files have one key, or overlap."""
    seen: defaultdict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for line, values in rows:
        for other_line, other in seen[kind_of(table, values)]:
            if not table.is_dated or overlaps(values, other):
                raise BadRow(f"{line.place}: bertumpuk dengan {other_line.place}.")
        seen[kind_of(table, values)].append((line, values))


def sift(
    table: Table, rows: Sequence[Row], standing: Sequence[Values], loaded: Loaded
) -> list[Row]:
    """Return the rows to write; note in `loaded` those that stand, equal or not."""
    by_key = {key_of(values, table.key): values for values in standing}
    by_kind: defaultdict[tuple[Any, ...], list[Values]] = defaultdict(list)
    for values in standing:
        by_kind[kind_of(table, values)].append(values)
    missing = []
    for line, values in rows:
        found = by_key.get(key_of(values, table.key))
        if found is not None:
            differing = [name for name in values if values[name] != found[name]]
            if differing:
                loaded.kept.append(f"{line.place}: di basis data lain ({', '.join(differing)})")
            else:
                loaded.same += 1
        elif table.is_dated and any(overlaps(values, o) for o in by_kind[kind_of(table, values)]):
            loaded.kept.append(f"{line.place}: tanggalnya bertumpuk dengan baris di basis data")
        else:
            missing.append((line, values))
    return missing


def write(model: type[models.Model], rows: Sequence[Row]) -> None:
    """Insert `rows` in one statement; when the database refuses, find the row and raise BadRow."""
    manager = model._default_manager
    try:
        with transaction.atomic():
            manager.bulk_create([model(**values) for _, values in rows])
    except IntegrityError:
        for line, values in rows:
            try:
                with transaction.atomic():
                    manager.create(**values)
            except IntegrityError as refusal:
                raise BadRow(f"{line.place}: {sentence_of(refusal, model)}") from refusal
        raise
