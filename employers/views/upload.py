"""A file with a month's wages: the page that takes it, and the empty one to begin from."""

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from cilegon_portal.accounts.access import SignedInRequest, too_many
from cilegon_portal.accounts.actions import TooMany
from cilegon_portal.sheets import Limits, SheetRefused, uploads, writing
from cilegon_portal.templatetags.portal import date_id, month_name, time_id
from employers.actions import drafts
from employers.actions.fix_file import template_csv, template_xlsx
from employers.actions.months import FirmMonth
from employers.actions.reading import limits_of
from employers.forms.reporting import UploadForm
from employers.models import Employer, ReportDraft
from employers.views.guard import READ, FirmRequest
from employers.views.month_pages import address, month_page, send_once, show

Purpose = ReportDraft.Purpose
SUPPLEMENT = "susulan"


def upload_limits(request: HttpRequest, reference: str, **_more: object) -> Limits:
    """Return how large a file this sender may upload; asked for large bodies only."""
    seats = Employer.objects.of_seats(request.user)  # type: ignore[arg-type]
    firm = seats.filter(reference=reference).first()
    return limits_of(firm) if firm else limits_of(Employer())


@uploads.takes_files(upload_limits)
@month_page()
def upload(request: FirmRequest, row: FirmMonth) -> HttpResponse:
    """Take a file for the job that reads it, and go to the waiting page."""
    limits = limits_of(row.firm)
    posted = request.method == "POST"
    form = UploadForm(request.POST or None, request.FILES if posted else None, limits=limits)
    if not form.is_valid():
        return ask(request, row, form, status=422 if form.is_bound else 200)
    try:
        return send_once(request, lambda: take(request, row, form.cleaned_data["file"]))
    except SheetRefused as refusal:
        form.add_error("file", refusal.sentence)
        return ask(request, row, form, status=refusal.status)
    except TooMany as limit:
        return too_many(request, limit.until, timezone.now())


def ask(request: FirmRequest, row: FirmMonth, form: UploadForm, *, status: int) -> HttpResponse:
    purpose = purpose_of(request, row)
    titles = {
        Purpose.REGULAR: "Unggah data upah {}",
        Purpose.SUPPLEMENT: "Unggah pekerja yang terlewat, {}",
        Purpose.REPLACEMENT: "Unggah pengganti data upah {}",
    }
    title, back_url = titles[purpose].format(month_name(row.month)), address("month", row)
    if not row.firm.is_registered:
        title = f"Unggah data pekerja {month_name(row.month)}"
        back_url = reverse("employers:workers", args=[row.firm.reference])
    context: dict[str, Any] = {
        "form": form,
        "page_title": title,
        "adds": purpose == Purpose.SUPPLEMENT,
        "replaces": row.draft is not None,
        "back_url": back_url,
    }
    answer = show(request, "report_upload", row, step="fill", **context)
    answer.status_code = status
    return answer


def take(request: FirmRequest, row: FirmMonth, file: "UploadedFile[Any]") -> str:
    """Keep the file sealed and hand it to the job; one that is known already changes nothing."""
    kept = uploads.keep(file, limits=limits_of(row.firm))
    try:
        taken = drafts.start_upload(
            employer=row.firm,
            month=row.month,
            purpose=purpose_of(request, row),
            kept=kept,
            by=request.user,
            at=timezone.now(),
        )
    except TooMany:
        uploads.forget(kept.name)
        raise
    if taken.was_known and taken.since is not None:
        since = f"{date_id(taken.since)} pukul {time_id(taken.since)}"
        messages.info(request, f"File ini sudah diunggah {since}. Tidak ada yang berubah.")
    return address("report_result" if taken.draft else "month", row)


def purpose_of(request: FirmRequest, row: FirmMonth) -> Purpose:
    """Return what a file is for: it adds to or replaces a report that stands, where one does."""
    if row.is_unreported or row.is_estimate:
        return Purpose.REGULAR
    if request.GET.get("untuk") == SUPPLEMENT:
        return Purpose.SUPPLEMENT
    if row.draft is not None and row.draft.purpose != Purpose.REGULAR:
        return Purpose(row.draft.purpose)
    return Purpose.REPLACEMENT


@month_page(methods=READ)
def template(_request: SignedInRequest, row: FirmMonth) -> HttpResponseBase:
    return writing.download(f"upah-{row.month}.xlsx", template_xlsx())


@month_page(methods=READ)
def template_as_csv(_request: SignedInRequest, row: FirmMonth) -> HttpResponseBase:
    return writing.download(f"upah-{row.month}.csv", template_csv())
