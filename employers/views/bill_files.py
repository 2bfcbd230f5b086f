"""A bill to keep: as PDF with its workers attached, as CSV and as XLSX."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import wraps
from tempfile import TemporaryFile
from typing import Any

from django.http.response import HttpResponseBase
from django.utils import timezone

from cilegon_portal import documents
from cilegon_portal.accounts.access import too_many
from cilegon_portal.accounts.actions import TooMany, count_attempt
from cilegon_portal.reference.context import office_of_today
from cilegon_portal.rules.months import Month
from cilegon_portal.sheets import writing
from employers.actions.paying import code_for, owed_until
from employers.bill_paper import (
    LONG_LIST,
    paper,
    sheet_columns,
    sheet_rows,
    summary_columns,
    summary_rows,
)
from employers.models import Employer
from employers.models.listed import all_workers
from employers.views.bills import bill_or_404, report_or_404
from employers.views.guard import READ, FirmRequest, firm_page

DOCUMENTS_OF_ONE_USER = ((10, timedelta(minutes=1)), (100, timedelta(days=1)))  # R6
PIECE = 64 * 1024


def limited(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Decorate what makes a document: 10 a minute and 100 a day for one user (R6)."""

    @wraps(view)
    def counted(request: FirmRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        now = timezone.now()
        try:
            for limit, window in DOCUMENTS_OF_ONE_USER:
                key = f"document:{window.total_seconds():.0f}:{request.user.pk}"
                count_attempt(key, limit=limit, window=window, at=now)
        except TooMany as reached:
            return too_many(request, reached.until, now)
        return view(request, *args, **kwargs)

    return counted


def file_name(firm: Employer, month: Month, suffix: str) -> str:
    return f"tagihan-{firm.reference}-{month}.{suffix}"


def workbook(sheets: Sequence[writing.SheetOut]) -> Iterator[bytes]:
    """Yield the workbook piece by piece; it is written to the disk first, never to memory."""
    with TemporaryFile() as file:
        writing.write_workbook(file, sheets)
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


@firm_page(methods=READ)
@limited
def pdf(request: FirmRequest, firm: Employer, month: Month) -> HttpResponseBase:
    found, now = bill_or_404(firm, month), timezone.now()
    code = code_for(firm, owed_until(firm, month), at=now)
    said = paper(found, office=office_of_today().name, code=code, at=now)
    make = documents.long_pdf if len(said["list"]) > LONG_LIST else documents.pdf
    return writing.download(file_name(firm, month, "pdf"), make("bill", said))


@firm_page(methods=READ)
@limited
def csv(request: FirmRequest, firm: Employer, month: Month) -> HttpResponseBase:
    report = report_or_404(firm, month)
    titles = [column.title for column in sheet_columns()]
    rows = sheet_rows(all_workers(report))
    return writing.download(file_name(firm, month, "csv"), writing.csv(titles, rows))


@firm_page(methods=READ)
@limited
def xlsx(request: FirmRequest, firm: Employer, month: Month) -> HttpResponseBase:
    found, report = bill_or_404(firm, month), report_or_404(firm, month)
    summary = writing.SheetOut("Ringkasan", summary_columns(), summary_rows(found))
    workers = writing.SheetOut("Pekerja", sheet_columns(), sheet_rows(all_workers(report)))
    return writing.download(file_name(firm, month, "xlsx"), workbook([summary, workers]))
