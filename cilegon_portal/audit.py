"""The trail of tables that change: who changed which columns of which row, and no personal value.

django-pghistory keeps the events; the triggers are ours, because its own copy values only and an
event must be able to say "the phone changed" without saying to what. One statement leaves one
event a row, whether it came by save(), update(), bulk_create() or raw SQL.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pghistory
import pghistory.trigger
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import GeneratedField

Tracked = TypeVar("Tracked", bound=type[models.Model])

JOINS = {
    "insert": ("new_values", "new_values"),
    "delete": ("old_values", "old_values"),
    "update": (
        "new_values",
        'new_values LEFT JOIN old_values ON old_values."{key}" = new_values."{key}"',
    ),
}


class ChangeTrigger(pghistory.trigger.Event):
    """Writes one event a row after a statement, with the names of the columns that changed."""

    level = pgtrigger.Statement

    def get_func(self, model: Any) -> pgtrigger.Func:
        """Return the body of the trigger function for this label: insert, update or delete."""
        event_model: Any = self.event_model
        key = model._meta.pk.column
        row, source = JOINS[str(self.label)]
        kept = [field.column for field in kept_fields(event_model)]
        columns = [*kept, "changed", "pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id"]
        values = [
            *(f'{row}."{column}"' for column in kept),
            "_changes.names",
            "CLOCK_TIMESTAMP()",
            f"'{self.label}'",
            f'{row}."{key}"',
            "_context.id",
        ]
        return pgtrigger.Func(  # type: ignore[no-untyped-call]  # every part is a name of a model of ours
            f'INSERT INTO "{event_model._meta.db_table}" '  # noqa: S608
            f"({', '.join(quoted(column) for column in columns)}) "
            "WITH _context AS (SELECT _pgh_attach_context() AS id) "
            f"SELECT {', '.join(values)} FROM {source.format(key=key)} "
            f"CROSS JOIN LATERAL (SELECT {self.changes(model)}) AS _changes(names) "
            f"CROSS JOIN _context{self.only_changes()}; RETURN NULL;"
        )

    def changes(self, model: type[models.Model]) -> str:
        """Return the SQL of the sorted names of the columns that differ (update) or of none."""
        if self.label != "update":
            return "ARRAY[]::text[]"
        event_model: Any = self.event_model
        names = sorted(
            str(field.column)
            for field in model._meta.local_concrete_fields or model._meta.concrete_fields
            if field.name not in event_model.quiet and not isinstance(field, GeneratedField)
        )
        cases = ", ".join(
            f'CASE WHEN old_values."{name}" IS DISTINCT FROM new_values."{name}" '
            f"THEN '{name}' END"
            for name in names
        )
        return f"ARRAY_REMOVE(ARRAY[{cases}]::text[], NULL)"

    def only_changes(self) -> str:
        return " WHERE _changes.names <> ARRAY[]::text[]" if self.label == "update" else ""


def quoted(column: str) -> str:
    return f'"{column}"'


def kept_fields(event_model: type[models.Model]) -> list[Any]:
    """Return the columns of an event that are copied from the row."""
    tracked = {field.name for field in event_model.pgh_tracked_model._meta.fields}  # type: ignore[attr-defined]
    return [field for field in event_model._meta.fields if field.name in tracked - {"pgh_id"}]


def add_trigger(tracker: Any, event_model: type[models.Model]) -> None:
    pgtrigger.register(
        ChangeTrigger(  # type: ignore[no-untyped-call]
            event_model=event_model,
            label=tracker.label,
            name=f"audit_{tracker.label}",
            row=tracker.row,
            operation=tracker.operation,
            level=pgtrigger.Statement,
        )
    )(event_model.pgh_tracked_model)  # type: ignore[attr-defined]


class Inserted(pghistory.InsertEvent):
    """A row was written."""

    def setup(self, event_model: type[models.Model]) -> None:
        add_trigger(self, event_model)


class Updated(pghistory.UpdateEvent):
    """A column of a row changed."""

    def setup(self, event_model: type[models.Model]) -> None:
        add_trigger(self, event_model)


class Deleted(pghistory.DeleteEvent):
    """A row was deleted."""

    def setup(self, event_model: type[models.Model]) -> None:
        add_trigger(self, event_model)


def no_truncate() -> pgtrigger.Trigger:
    """Return the trigger that refuses to empty a table: rows would go without a trace."""
    return pgtrigger.Trigger(
        name="no_truncate",
        operation=pgtrigger.Truncate,
        when=pgtrigger.Before,
        level=pgtrigger.Statement,
        func="RAISE EXCEPTION 'table % is never emptied', TG_TABLE_NAME;",
    )


def append_only() -> list[pgtrigger.Trigger]:
    """Return the triggers of a table whose rows are written once: `Meta.triggers` of the model."""
    return [
        pgtrigger.Trigger(
            name="append_only",
            operation=pgtrigger.Update | pgtrigger.Delete,
            when=pgtrigger.Before,
            func="RAISE EXCEPTION 'rows of % are written once', TG_TABLE_NAME;",
        ),
        no_truncate(),
    ]


def audited(
    *, fields: Sequence[str], quiet: Sequence[str] = (), app_label: str | None = None
) -> Callable[[Tracked], Tracked]:
    """Return the decorator that keeps a trail of a model's rows in `<Model>Event`.

    `fields`: the harmless columns copied into each event: keys, states, dates, a blind index;
    never a personal or an encrypted value (a test reads them against the data map). Every column
    that changes is *named* in `changed`, but for the `quiet` ones: a change of those alone leaves
    no event (a time of last sign-in; a ciphertext, which differs at each save).
    """

    def decorate(model: Tracked) -> Tracked:
        pgtrigger.register(no_truncate())(model)
        pghistory.track(
            Inserted(),
            Updated(),
            Deleted(),
            fields=list(fields),
            append_only=False,  # ours refuses TRUNCATE too
            app_label=app_label,
            model_name=f"{model._meta.object_name}Event",
            attrs={
                "__doc__": f"One change of one {model._meta.object_name}: columns, never values.",
                "changed": ArrayField(models.TextField(), default=list),
                "quiet": frozenset(quiet),
            },
            meta={
                "triggers": append_only(),
                "verbose_name": f"jejak {model._meta.verbose_name}",
                "verbose_name_plural": f"jejak {model._meta.verbose_name}",
            },
            level=pgtrigger.Statement,
        )(model)
        return model

    return decorate
