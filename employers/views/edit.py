"""Changing a month on screen: the workers, one worker, somebody new, somebody who left."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.http import urlencode

from employers.actions import rows_fixing
from employers.actions.months import FirmMonth
from employers.forms.reporting import ROWS_ON_SCREEN, LeaveForm, RowForm, WagesForm, row_form
from employers.models import DraftRow, ReportDraft
from employers.models.draft import DraftRowQuerySet
from employers.rules.numbers import is_number
from employers.views.guard import FirmRequest
from employers.views.month_pages import address, draft_page, next_address, send_once, show

LONGEST_SEARCH = 120


@draft_page()
def edit(request: FirmRequest, row: FirmMonth, draft: ReportDraft) -> HttpResponse:
    """List the workers of the draft with their wages, which can be changed in the list."""
    if "words" in request.POST:
        return find_worker(request, row, draft, typed(request.POST["words"]))
    words = typed(request.GET.get("q", ""))
    page = page_of(draft.rows.listed().named(words), request.GET.get("page"))
    form = WagesForm(request.POST or None, rows=list(page))
    if request.method == "POST" and form.is_valid():
        here = list_address(row, words, page.number)
        return send_once(request, lambda: save_wages(request, row, draft, form, here))
    return show_workers(request, row, draft, page, form=form, words=words)


def typed(words: str) -> str:
    return "".join(filter(str.isprintable, words)).strip()[:LONGEST_SEARCH]


def list_address(row: FirmMonth, words: str, page: int = 1) -> str:
    """Return the address of a page of the list; the first one of all workers names neither."""
    asked = {"q": words} if words else {}
    query = urlencode(asked | ({"page": str(page)} if page > 1 else {}))
    return address("report_edit", row) + (f"?{query}" if query else "")


def page_of(workers: DraftRowQuerySet, number: str | None) -> Page[DraftRow]:
    return Paginator(workers.in_order(), ROWS_ON_SCREEN).get_page(number)


def find_worker(
    request: FirmRequest, row: FirmMonth, draft: ReportDraft, words: str
) -> HttpResponse:
    """Lead a name to its address and a number to its worker: no address holds a NIK."""
    if not is_number(words):
        return redirect(list_address(row, words))
    found = draft.rows.listed().named(words).in_order().first()
    if found:
        return redirect(address("report_row", row, found.number))
    nobody = page_of(draft.rows.none(), None)
    return show_workers(request, row, draft, nobody, form=WagesForm(rows=[]), words=words)


def show_workers(
    request: FirmRequest, row: FirmMonth, draft: ReportDraft, page: Page[DraftRow], **more: Any
) -> HttpResponse:
    context: dict[str, Any] = {
        "page": page,
        "left": draft.rows.absent().in_order()[:ROWS_ON_SCREEN],
        "next_url": next_address(row, draft),
    }
    return show(request, "report_edit", row, step="fill", **context, **more)


def save_wages(
    request: FirmRequest, row: FirmMonth, draft: ReportDraft, form: WagesForm, here: str
) -> str:
    """Keep the wages that were changed, and stay on this page of the list, or go on."""
    if form.answers:
        rows_fixing.fix_rows(draft=draft, answers=form.answers, by=request.user, at=timezone.now())
        draft.refresh_from_db()
        messages.success(request, f"Upah {len(form.answers)} pekerja diubah.")
    return next_address(row, draft) if "lanjut" in request.POST else here


@draft_page()
def edit_row(request: FirmRequest, row: FirmMonth, draft: ReportDraft, number: int) -> HttpResponse:
    """Change one worker; a row with faults is shown again with each fault at its field."""
    worker = get_object_or_404(draft.rows, number=number)
    form = RowForm(request.POST) if request.method == "POST" else row_form(worker)
    if request.method == "POST" and form.is_valid():
        return send_once(request, lambda: save_row(request, row, draft, worker, form))
    title = worker.name or f"Baris {worker.number}"
    return show(request, "report_row", row, step="fill", form=form, worker=worker, page_title=title)


def save_row(
    request: FirmRequest, row: FirmMonth, draft: ReportDraft, worker: DraftRow, form: RowForm
) -> str:
    try:
        worker = rows_fixing.fix_row(
            draft=draft,
            number=worker.number,
            answers=form.answers,
            by=request.user,
            at=timezone.now(),
        )
    except DraftRow.DoesNotExist:
        return gone(request, row)
    return after(request, row, worker)


def gone(request: FirmRequest, row: FirmMonth) -> str:
    """Say that a colleague took the worker out meanwhile; return the page of the others."""
    messages.warning(request, "Pekerja ini sudah tidak ada di laporan bulan ini.")
    return address("report_edit", row)


def after(request: FirmRequest, row: FirmMonth, worker: DraftRow) -> str:
    """Return the page after a row was written: the row again while it has faults."""
    if worker.faults:
        return address("report_row", row, worker.number)
    messages.success(request, f"Data {worker.name} disimpan.")
    return address("report_edit", row)


@draft_page()
def add(request: FirmRequest, row: FirmMonth, draft: ReportDraft) -> HttpResponse:
    """Add a worker, whom the list, the file or the last report did not name."""
    form = RowForm(request.POST or None)

    def save() -> str:
        worker = rows_fixing.add_row(
            draft=draft, answers=form.answers, by=request.user, at=timezone.now()
        )
        return after(request, row, worker)

    if form.is_valid():
        return send_once(request, save)
    return show(
        request,
        "report_row",
        row,
        step="fill",
        form=form,
        worker=None,
        page_title="Tambah pekerja",
    )


@draft_page()
def leave(request: FirmRequest, row: FirmMonth, draft: ReportDraft, number: int) -> HttpResponse:
    """Take a worker out: one of last month with the last day and the cause, a new one at once."""
    worker = draft.rows.filter(number=number).first()
    begun = worker.started_on if worker else None
    form = LeaveForm(request.POST or None, latest=row.month.last_day, earliest=begun)
    is_ready = request.method == "POST" and (worker is None or worker.is_new or form.is_valid())
    if is_ready:
        return send_once(request, lambda: take_out(request, row, draft, number, form))
    if worker is None:
        return redirect(address("report_edit", row))
    title = f"Keluarkan {worker.name or 'baris ini'}"
    return show(
        request, "report_leave", row, step="fill", form=form, worker=worker, page_title=title
    )


def take_out(
    request: FirmRequest, row: FirmMonth, draft: ReportDraft, number: int, form: LeaveForm
) -> str:
    answers: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    try:
        rows_fixing.remove_row(
            draft=draft, number=number, by=request.user, at=timezone.now(), **answers
        )
    except DraftRow.DoesNotExist:
        return gone(request, row)
    messages.success(request, "Pekerja ini dikeluarkan dari laporan bulan ini.")
    return address("report_edit", row)
