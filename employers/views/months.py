"""The months of a firm: the list, how a month is to be reported, what was reported of it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from cilegon_portal.templatetags.portal import month_name
from employers.actions import drafts
from employers.actions.ending import may_unfinalise
from employers.actions.months import FirmMonth, months_of, oldest_unreported
from employers.forms.reporting import HowForm, ways_of_a_month
from employers.models import Employer, ReportDraft, WageReport
from employers.models.listed import lines_of, workers_of
from employers.views.guard import READ, FirmRequest, firm_page
from employers.views.month_pages import address, month_page, next_address, send_once, show

MONTHS_ON_A_PAGE = 24
LINES_ON_A_PAGE = 50
Source = WageReport.Source


@firm_page(methods=READ)
def months(request: FirmRequest, firm: Employer) -> HttpResponse:
    """List the months of the firm, and lead to the one that comes first."""
    if not firm.is_registered:
        return redirect("employers:home", firm.reference)
    today = timezone.localdate()
    rows = months_of(firm, on=today)
    next_row = oldest_unreported(rows) if firm.state == Employer.State.ACTIVE else None
    context = {
        "firm": firm,
        "rows": rows,
        "page": Paginator(rows, MONTHS_ON_A_PAGE).get_page(request.GET.get("page")),
        "next": next_row,
        "next_days": next_row.days_left(today) if next_row else 0,
    }
    return render(request, "employers/report_months.html", context)


@month_page()
def month(request: FirmRequest, row: FirmMonth) -> HttpResponse:
    """Ask how this month is to be reported; where it is, or is begun, show how it stands."""
    may_begin = row.draft is None and row.firm.may_prepare
    if may_begin and (row.is_unreported or row.is_estimate):
        return choose(request, row)
    if request.method == "POST" or not row.firm.is_registered:  # pressed again, or on the way
        return redirect(next_address(row, row.draft) if row.draft else address("month", row))
    versions = row.firm.reports.of_month(row.month).newest_first()
    is_standing = row.report is not None and not row.is_estimate
    context: dict[str, Any] = {
        "versions": versions.select_related("approved_by"),
        "next_url": next_address(row, row.draft) if row.draft else "",
        "may_withdraw": row.report is not None
        and may_unfinalise(row.report, on=timezone.localdate()),
        "may_change": is_standing and may_begin,
    }
    return show(request, "report_month", row, **context)


def choose(request: FirmRequest, row: FirmMonth) -> HttpResponse:
    """Ask for the way, and prepare the month by it."""
    before = row.firm.reports.standing().filter(month__lt=row.month).newest_first()
    last = before.first()
    form = HowForm(request.POST or None, choices=ways_of_a_month(last))
    if form.is_valid():
        how = form.cleaned_data["how"]
        if how == Source.UPLOAD:
            return redirect(address("report_upload", row))
        return send_once(request, lambda: prepare(request, row, how))
    asked = "ada perubahan sejak bulan lalu?" if last else "bagaimana Anda melapor?"
    title = f"{month_name(row.month)}: {asked}"
    return show(
        request, "report_choice", row, step="how", form=form, last=last, question_title=title
    )


def prepare(request: FirmRequest, row: FirmMonth, how: str) -> str:
    """Make the draft of this month from the last report; return the page to go on."""
    begin = drafts.prepare_same if how == Source.SAME else drafts.prepare_screen
    draft = begin(employer=row.firm, month=row.month, by=request.user, at=timezone.now())
    is_ready = draft.state == ReportDraft.State.READY
    if how == Source.SCREEN and is_ready:
        return address("report_edit", row)
    return next_address(row, draft)


@month_page(methods=("POST",))
def same(request: FirmRequest, row: FirmMonth) -> HttpResponse:
    """Prepare the month like the last one, by a single button."""
    if row.draft is not None or not (row.is_unreported or row.is_estimate):
        return redirect(address("month", row))
    try:
        return send_once(request, lambda: prepare(request, row, Source.SAME))
    except drafts.NothingToCopy:
        messages.warning(request, "Belum ada laporan yang bisa diulang. Pilih cara lain.")
        return redirect(address("month", row))


@month_page()
def discard(request: FirmRequest, row: FirmMonth) -> HttpResponse:
    """Throw the draft away, after the page has said what is lost."""
    draft = row.draft

    def throw_away() -> str:
        if draft is not None:
            drafts.discard(draft=draft, by=request.user, at=timezone.now())
            messages.success(request, "Isian yang belum disetujui sudah dibuang.")
        page = "months" if row.firm.is_registered else "tasks"
        return reverse(f"employers:{page}", args=[row.firm.reference])

    if request.method == "POST":
        return send_once(request, throw_away)
    if draft is None:
        return redirect(address("month", row))
    return show(request, "report_discard", row)


@month_page(methods=READ)
def version(request: FirmRequest, row: FirmMonth, version: int) -> HttpResponse:
    """Show one version of the month as it was approved, line by line."""
    report = get_object_or_404(
        row.firm.reports.of_month(row.month).select_related("approved_by", "ended_by"),
        version=version,
    )
    page = Paginator(lines_of(report), LINES_ON_A_PAGE).get_page(request.GET.get("page"))
    keys = [line.pk for line in page]
    workers = workers_of(lines_of(report).filter(pk__in=keys), row.firm)
    return show(request, "report_version", row, report=report, page=page, workers=workers)
