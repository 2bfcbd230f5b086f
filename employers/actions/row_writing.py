"""Rows of a draft on their way into the database: many at once, by COPY."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connection

from cilegon_portal.fields import EncryptedField, sealer
from employers.models import DraftRow
from employers.rules.rows import Row

COLUMNS = (
    "draft_id", "number", "is_absent", "id_kind", "id_number", "id_index", "name", "birth_date",
    "sex", "kpj", "started_on", "is_new", "wage", "last_wage", "ended_on", "cause", "faults",
    "warnings", "reason", "raw",
)  # fmt: skip
INTO = f"COPY employers_draftrow ({', '.join(COLUMNS)}) FROM STDIN"
NULL = "\\N"
AT_ONCE = 500  # rows


def place_of(column: str) -> str:
    field = DraftRow._meta.get_field(column)
    assert isinstance(field, EncryptedField)  # noqa: S101 (for the type checker)
    return field.place


class RowWriter:
    """Turns rows into lines of COPY; nothing in them needs escaping but a name."""

    def __init__(self, copy: Any, draft_key: int, *, number: int = 1) -> None:
        self.copy = copy
        self.draft_key = draft_key
        self.number = number  # of the row written last
        self.faulty = self.warned = self.rows = 0
        self.seal_id = sealer(place_of("id_number"))
        self.seal_raw = sealer(place_of("raw"))
        self.lines: list[str] = []

    def write(
        self, row: Row, index: bytes | None, *, number: int, raw: Mapping[str, str] | None = None
    ) -> None:
        self.number = number
        self.rows += 1
        self.faulty += bool(row.faults)
        self.warned += bool(row.warnings) and not row.is_absent
        name = row.name.replace("\\", "\\\\") if "\\" in row.name else row.name
        id_number = f"\\\\x{self.seal_id(row.id_number).hex()}" if row.id_number else NULL
        self.lines.append(
            f"{self.draft_key}\t{number}\t{row.is_absent}\t{row.id_kind}\t{id_number}\t"
            f"{hexed(index)}\t{name}\t{row.birth_date or NULL}\t{row.sex}\t{row.kpj}\t"
            f"{row.started_on or NULL}\t{row.is_new}\t{number_of(row.wage)}\t"
            f"{number_of(row.last_wage)}\t{row.ended_on or NULL}\t{row.cause}\t"
            f"{json_of(row.faults)}\t{json_of(row.warnings)}\t\t"
            f"{hexed(self.seal_raw(json.dumps(raw))) if raw else NULL}\n"
        )
        if len(self.lines) >= AT_ONCE:
            self.flush()

    def append(self, row: Row, index: bytes | None) -> None:
        """Write `row` under the next free number."""
        self.write(row, index, number=self.number + 1)

    def flush(self) -> None:
        self.copy.write("".join(self.lines))
        self.lines.clear()


def hexed(value: bytes | None) -> str:
    return NULL if value is None else f"\\\\x{value.hex()}"


def number_of(value: int | None) -> str:
    return NULL if value is None else str(value)


def json_of(faults: Iterable[Mapping[str, Any]]) -> str:
    return json.dumps(faults) if faults else "[]"


@contextmanager
def writing(draft_key: int, *, number: int = 1) -> Iterator[RowWriter]:
    """Open a COPY into the rows of a draft; `number` is the last one taken."""
    with connection.cursor() as cursor, cursor.copy(INTO) as copy:
        writer = RowWriter(copy, draft_key, number=number)
        yield writer
        writer.flush()
