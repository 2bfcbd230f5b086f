"""django-import-export: a resource that takes the sheet row by row, set up to be quick.

Known workers come in one look-up, unchanged rows are skipped, spells are written in bulk. People
have to be looked up or written one at a time: that is where a resource calls us. As on its own
pages the sheet is tried first, for people to look at, and then imported. To be imported when the
peers are installed and Django is set up.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import tablib
from django.db import transaction
from import_export import resources

from cilegon_portal.people.models import Person
from employers.models import Employment
from tests.bench.roster_orm import BATCH, Row, differs, end, read_row, write_report
from tests.bench.roster_sql import rows_of
from tests.bench.rosters import HEADER, Crew


class Roster(resources.ModelResource):  # type: ignore[misc]
    """The workers of one firm's month."""

    class Meta:
        model = Employment
        fields = ()
        use_bulk = True
        batch_size = BATCH
        use_transactions = True
        skip_diff = True
        skip_html_diff = True

    def __init__(self, crew: Crew, *, at: datetime) -> None:
        super().__init__()
        self.crew, self.at = crew, at
        self.wages: dict[int, int] = {}
        spells = Employment.objects.standing().filter(employer=crew.employer)
        self.standing = {spell.person_id: spell for spell in spells}

    def before_import_row(self, row: Mapping[str, Any], **_: Any) -> None:
        self.row: Row = read_row([row[title] for title in HEADER])
        self.person, _is_new = Person.objects.get_or_create(
            id_kind="NIK",
            id_index=self.row.index,
            defaults={
                "id_number": self.row.nik,
                "name": self.row.name,
                "birth_date": self.row.born,
                "sex": "L",
                "registered_at": self.at,
            },
        )

    def get_instance(self, _loader: Any, _row: Mapping[str, Any]) -> Employment | None:
        return self.standing.get(self.person.pk)

    def import_instance(self, instance: Any, _row: Any, **_: Any) -> None:
        self.wages[self.person.pk] = self.row.wage
        if instance.pk is None:
            instance.employer, instance.person = self.crew.employer, self.person
            instance.reported_name = self.row.name
            instance.reported_birth_date = self.row.born
            instance.started_on = self.row.started
            instance.is_different = differs(self.person, self.row)

    def skip_row(self, instance: Any, *_: Any, **__: Any) -> bool:
        return bool(instance.pk)


def take(crew: Crew, path: Path, *, at: datetime) -> list[int]:
    """Read the sheet and write the month; return the rows that stopped it."""
    dataset = tablib.Dataset(*rows_of(path), headers=HEADER)
    tried = Roster(crew, at=at).import_data(dataset, dry_run=True, raise_errors=False)
    if tried.has_errors():
        return [number + 1 for number, _ in tried.row_errors()]
    with transaction.atomic():
        resource = Roster(crew, at=at)
        resource.import_data(dataset, raise_errors=True)
        left = resource.standing.keys() - resource.wages.keys()
        end(crew, [resource.standing[key] for key in left])
        write_report(crew, resource.wages, at=at)
    return []
