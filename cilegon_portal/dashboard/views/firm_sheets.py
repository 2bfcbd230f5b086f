"""The list of firms as a sheet."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from cilegon_portal import tables
from cilegon_portal.accounts.access import SignedInRequest, roles_only, too_many
from cilegon_portal.accounts.actions import TooMany, count_attempt
from cilegon_portal.dashboard import roles
from cilegon_portal.dashboard.views.firms import address_of, asked
from cilegon_portal.sheets import writing
from cilegon_portal.templatetags.portal import date_id, time_id

LIMITS = ((10, timedelta(minutes=1)), (100, timedelta(days=1)))  # R6, of one person
MOST_XLSX_ROWS = 20_000
ROWS_AT_ONCE = 2_000


@roles_only(*roles.READERS)
@require_safe
def export(request: SignedInRequest) -> HttpResponseBase:
    """Give the rows of the list, or the ticked ones of them, as a sheet.

    A CSV is streamed from the database, however long it is; a workbook has to be whole before it
    leaves, so that a longer one is answered with the way to the CSV.
    """
    at = timezone.now()
    try:
        count_export(request, at)
    except TooMany as reached:
        return too_many(request, reached.until, at)
    listing = asked(request, request.GET)
    rows = picked(request, listing)
    if request.GET.get("bentuk") == "csv":
        titles = [column.label for column in listing.columns]
        lines = listing.values(rows.iterator(ROWS_AT_ONCE))
        return writing.download(file_name(at, "csv"), writing.csv(titles, lines))
    if rows[MOST_XLSX_ROWS:].exists():
        messages.warning(request, "Lebih dari 20.000 baris. Pilih CSV, atau tambahkan saringan.")
        return redirect(address_of(listing))
    book = writing.xlsx([sheet_of(listing, rows), notes_of(request, listing, at)])
    return writing.download(file_name(at, "xlsx"), book)


def count_export(request: SignedInRequest, at: datetime) -> None:
    """Count one export of this person; raise TooMany past a limit."""
    for limit, window in LIMITS:
        key = f"export:{request.user.pk}:{window.total_seconds():.0f}"
        count_attempt(key, limit=limit, window=window, at=at)


def picked(request: SignedInRequest, listing: tables.Listing) -> Any:
    """Return the ticked rows; all that were found where none is ticked, or all are asked for."""
    keys = tables.understood_keys(request.GET.getlist("id"))
    if not keys or request.GET.get("pilih") == "semua":
        return listing.rows
    return listing.rows.filter(pk__in=keys)


def file_name(at: datetime, ending: str) -> str:
    return f"perusahaan-{timezone.localtime(at):%Y%m%d-%H%M}.{ending}"


def sheet_of(listing: tables.Listing, rows: Any) -> writing.SheetOut:
    columns = [writing.Column(column.label, column.kind.value) for column in listing.columns]
    return writing.SheetOut("Perusahaan", columns, listing.values(rows.iterator(ROWS_AT_ONCE)))


def notes_of(request: SignedInRequest, listing: tables.Listing, at: datetime) -> writing.SheetOut:
    """Return the sheet that says what was asked, when and by whom."""
    columns = [writing.Column("Keterangan", "text"), writing.Column("Isi", "text")]
    return writing.SheetOut("Keterangan", columns, list(notes(request, listing, at)))


def notes(
    request: SignedInRequest, listing: tables.Listing, at: datetime
) -> Iterator[tuple[str, str]]:
    yield "Diunduh", f"{date_id(at)}, {time_id(at)}"
    yield "Oleh", request.user.name
    for words, _ in listing.chips():
        yield "Saringan", words
