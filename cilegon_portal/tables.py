"""One server-side table for every list of the desk: search, filters, sorting, pages, columns.

A list is declared once, as columns and filters; after that its address alone says what is shown.
What nobody declared is ignored, and a value that makes no sense counts as not given.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.http import QueryDict

from cilegon_portal.rules.months import Month
from cilegon_portal.templatetags import portal

Value: TypeAlias = str | int | date | Month | None
PER_PAGE = (25, 50, 100)
USUAL_PER_PAGE = 50
PER_PAGE_NAME, SORT_NAME, COLUMNS_NAME = "per", "sort", "cols"
LARGEST_KEY = 2**63 - 1
MOST_KEYS = PER_PAGE[-1]


class Kind(StrEnum):
    """How a value is written, on the screen and in a sheet."""

    TEXT = "text"
    ID = "id"  # a number that is never broken, nor added up
    NUMBER = "number"
    MONEY = "money"
    DAY = "date"
    MONTH = "month"


@dataclass(frozen=True)
class Column:
    """One column: `value` gives the plain value of a row, for the screen and the export alike."""

    name: str
    label: str
    value: Callable[[Any], Value]
    sort: str = ""  # the field or annotation that sorts it; without one it does not sort
    kind: Kind = Kind.TEXT
    tone: Callable[[Any], str] | None = None  # drawn as a chip of this kind
    is_fixed: bool = False  # shown whatever somebody chose
    is_usual: bool = True  # shown until somebody chose

    @property
    def css(self) -> str:
        if self.kind in {Kind.NUMBER, Kind.MONEY}:
            return "is-number"
        return "nowrap" if self.kind in {Kind.ID, Kind.DAY, Kind.MONTH} else ""


@dataclass(frozen=True)
class Filter:
    """One field of the filter form, and what its value does to the rows."""

    name: str
    field: forms.Field
    narrow: Callable[[QuerySet[Any], Any], QuerySet[Any]]


@dataclass(frozen=True)
class Cell:
    """One drawn cell: its words, and the kind of chip if it is one."""

    text: str
    css: str
    tone: str | None


@dataclass(frozen=True)
class Line:
    """One drawn row: its key, the address behind it, and its cells."""

    key: int
    url: str
    name: str
    cells: list[Cell]


@dataclass(frozen=True)
class Table:
    """The declaration of one list; `link` is the page behind a row, `sort` the usual order."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...]
    link: Callable[[Any], str]
    sort: str

    def chosen_columns(self, names: Collection[str]) -> list[Column]:
        """Return the columns of these names and the fixed ones, in the order of the table."""
        if not {column.name for column in self.columns} & set(names):
            return [column for column in self.columns if column.is_fixed or column.is_usual]
        return [column for column in self.columns if column.is_fixed or column.name in names]


@dataclass(frozen=True)
class Listing:
    """What one address asks of a table: the rows in their order, and how they are shown."""

    table: Table
    form: forms.Form
    rows: QuerySet[Any]
    columns: list[Column]
    sort: str
    per: int
    query: QueryDict  # every parameter that was understood but the page, in one spelling

    @property
    def address(self) -> str:
        """The query of the address that shows these rows again."""
        return self.query.urlencode()

    def page(self, number: str | None) -> "Page[Any]":
        """Return page `number`; the first for what is no number, the last for one too high."""
        return Paginator(self.rows, self.per).get_page(number)

    def lines(self, rows: Sequence[Any]) -> list[Line]:
        """Return the rows as they are drawn."""
        return [
            Line(
                key=row.pk,
                url=self.table.link(row),
                name=written(self.columns[0].value(row), self.columns[0].kind),
                cells=[cell_of(column, row) for column in self.columns],
            )
            for row in rows
        ]

    def values(self, rows: Iterable[Any]) -> Iterator[list[str | int | date | None]]:
        """Yield the plain values of each row, for a sheet."""
        for row in rows:
            yield [sheet_value(column.value(row)) for column in self.columns]

    def chips(self) -> list[tuple[str, str]]:
        """Return (words, address without it) of each filter in use."""
        found = []
        for name, value in self.form.cleaned_data.items():
            if is_given(value):
                label = str(self.form.fields[name].label)
                found.append((f"{label}: {self.spoken(name, value)}", self.without(name)))
        return found

    def spoken(self, name: str, value: Any) -> str:
        """Return the value of a filter as the form words it."""
        field = self.form.fields[name]
        if isinstance(field, forms.ChoiceField):
            words: dict[Any, Any] = dict(field.choices)  # type: ignore[arg-type]  # pairs, never groups
            return str(words.get(value, value))
        return str(value)

    def without(self, name: str) -> str:
        """Return the address of the same rows without this filter."""
        query = self.query.copy()
        query.pop(name, None)
        return f"?{query.urlencode()}"

    def kept(self) -> list[tuple[str, str]]:
        """Return what a new set of filters leaves as it is: order, rows a page, columns."""
        names = (SORT_NAME, PER_PAGE_NAME, COLUMNS_NAME)
        return [(name, value) for name in names for value in self.query.getlist(name)]


def ask(
    table: Table,
    parameters: QueryDict,
    rows: QuerySet[Any],
    *,
    columns: Collection[str] = (),
) -> Listing:
    """Return what `parameters` ask of `rows`; `columns` are those that the viewer chose before."""
    form = understood(table, parameters)
    for each in table.filters:
        value = form.cleaned_data[each.name]
        if is_given(value):
            rows = each.narrow(rows, value)
    sort = understood_sort(table, parameters.get(SORT_NAME, ""))
    per = understood_per(parameters.get(PER_PAGE_NAME, ""))
    named = understood_columns(table, parameters.getlist(COLUMNS_NAME))
    return Listing(
        table=table,
        form=form,
        rows=in_order(table, rows, sort),
        columns=table.chosen_columns(named or columns),
        sort=sort,
        per=per,
        query=spelling(table, form, sort=sort, per=per, columns=named),
    )


def is_given(value: object) -> bool:
    return value not in (None, "", [], False)


def understood(table: Table, parameters: QueryDict) -> forms.Form:
    """Return the filter form with the values that make sense; the others are dropped."""
    fields = {each.name: each.field for each in table.filters}
    form_class = type("FilterForm", (forms.Form,), dict(fields))  # it takes them out
    given = {name: parameters.get(name, "").strip() for name in fields}
    first = form_class(given)
    first.full_clean()
    form: forms.Form = form_class(given | dict.fromkeys(first.errors, ""))
    form.use_required_attribute = False
    form.full_clean()
    return form


def understood_sort(table: Table, text: str) -> str:
    """Return the column to sort by, with a hyphen for the other way round."""
    sortable = {column.name for column in table.columns if column.sort}
    return text if text.removeprefix("-") in sortable else table.sort


def understood_per(text: str) -> int:
    return next((per for per in PER_PAGE if str(per) == text), USUAL_PER_PAGE)


def understood_columns(table: Table, given: Sequence[str]) -> list[str]:
    """Return the names of columns among `given`, each of which may hold several with commas."""
    names = {name for text in given[:MOST_KEYS] for name in text.split(",")}
    return [column.name for column in table.columns if column.name in names]


def in_order(table: Table, rows: QuerySet[Any], sort: str) -> QuerySet[Any]:
    """Return the rows sorted, empty values last, and ties always in the same order."""
    column = next(it for it in table.columns if it.name == sort.removeprefix("-"))
    by = F(column.sort)
    ordered = by.desc(nulls_last=True) if sort.startswith("-") else by.asc(nulls_last=True)
    return rows.order_by(ordered, "pk")


def spelling(
    table: Table, form: forms.Form, *, sort: str, per: int, columns: Sequence[str]
) -> QueryDict:
    """Return the parameters that were understood, without those that say the usual."""
    query = QueryDict(mutable=True)
    for name, value in form.cleaned_data.items():
        if is_given(value):
            query[name] = str(form.data[name])
    if sort != table.sort:
        query[SORT_NAME] = sort
    if per != USUAL_PER_PAGE:
        query[PER_PAGE_NAME] = str(per)
    if columns:
        query[COLUMNS_NAME] = ",".join(columns)
    return query


def understood_keys(given: Sequence[str]) -> list[int]:
    """Return the keys of ticked rows; what is no key is left out."""
    found = {int(text) for text in given[:MOST_KEYS] if text.isascii() and text.isdigit()}
    return sorted(key for key in found if key <= LARGEST_KEY)


def cell_of(column: Column, row: Any) -> Cell:
    tone = column.tone(row) if column.tone else None
    return Cell(written(column.value(row), column.kind), column.css, tone)


def written(value: Value, kind: Kind) -> str:
    """Return a value in words; a missing one as a dash."""
    if value is None or value == "":
        return portal.NOTHING
    write: Mapping[Kind, Callable[[Any], str]] = {
        Kind.TEXT: str,
        Kind.ID: str,
        Kind.NUMBER: portal.grouped,
        Kind.MONEY: portal.rupiah,
        Kind.DAY: portal.date_id,
        Kind.MONTH: portal.month_name,
    }
    return write[kind](value)


def sheet_value(value: Value) -> str | int | date | None:
    """Return a value as a sheet holds it: numbers stay numbers, a month is its first day."""
    return value.first_day if isinstance(value, Month) else value
