"""What the reading of a file found: progress, refusal, and the cells to put right."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from cilegon_portal.sheets import writing
from cilegon_portal.templatetags.portal import grouped
from employers.actions import rows_fixing
from employers.actions.comparing import comparison_of, ready_to_approve
from employers.actions.fix_file import fixes_xlsx
from employers.actions.months import FirmMonth
from employers.forms.reporting import FAULTS_ON_SCREEN, FixesForm
from employers.models import ReportDraft
from employers.views.bill_files import limited
from employers.views.guard import READ, FirmRequest
from employers.views.month_pages import (
    address,
    draft_page,
    last_address,
    month_page,
    next_address,
    send_once,
    show,
)

State = ReportDraft.State


@month_page()
def result(request: FirmRequest, row: FirmMonth) -> HttpResponse:
    """Show how far the reading is, then what it found; take what is put right on the page."""
    draft = row.draft
    if draft is None:
        return redirect(address("month", row))
    if draft.state == State.READING:
        return show(request, "report_waiting", row, step="fill", here=request.path)
    if draft.state == State.REFUSED:
        return show(request, "report_refused", row, step="fill")
    if not (row.firm.is_registered or ready_to_approve(draft)):
        return redirect(last_address(row))  # the check names the workers and their wages
    faulty = draft.rows.faulty().in_order()[:FAULTS_ON_SCREEN]
    form = FixesForm(request.POST or None, rows=faulty)
    if request.method == "POST" and form.is_valid():
        return send_once(request, lambda: fix(request, row, draft, form))
    return show_result(request, row, draft, form)


def show_result(
    request: FirmRequest, row: FirmMonth, draft: ReportDraft, form: FixesForm
) -> HttpResponse:
    listed = draft.rows.listed().count()
    context: dict[str, Any] = {
        "form": form,
        "table": form.table,
        "listed": listed,
        "ready": listed - draft.rows.listed().faulty().count(),
        "shown": len({cell.number for cell in form.table}),
        "counts": comparison_of(draft).counts(),
        "next_url": compared_address(row, draft),
    }
    return show(request, "report_result", row, step="fill", **context)


def fix(request: FirmRequest, row: FirmMonth, draft: ReportDraft, form: FixesForm) -> str:
    """Judge anew what was typed; go on where nothing is left to put right."""
    before = draft.faulty
    if form.answers:
        rows_fixing.fix_rows(draft=draft, answers=form.answers, by=request.user, at=timezone.now())
    draft.refresh_from_db()
    if draft.faulty:
        done = before - draft.faulty
        text = f"{grouped(done)} baris sudah benar. Masih ada {grouped(draft.faulty)} baris."
        messages.info(request, text)
        return address("report_result", row)
    count = grouped(draft.rows.listed().count())
    messages.success(request, f"Semua {count} baris siap. Tidak ada yang perlu diperbaiki.")
    return compared_address(row, draft)


def compared_address(row: FirmMonth, draft: ReportDraft) -> str:
    """Return where a month goes on that is read: there is nothing to compare a first one with."""
    if row.firm.is_registered or draft.faulty:
        return address("report_compare", row)
    return next_address(row, draft)


@draft_page(methods=READ)
@limited
def fixes(_request: FirmRequest, row: FirmMonth, draft: ReportDraft) -> HttpResponseBase:
    """Give the firm its own rows back, with what to put right beside each."""
    return writing.download(f"perbaikan-{row.month}.xlsx", fixes_xlsx(draft))
