"""Check and approve a month; take it back; add to it; replace it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from cilegon_portal.accounts.access import second_factor_first
from cilegon_portal.accounts.models import Role
from cilegon_portal.contributions.rules import NoRate
from cilegon_portal.forms import Hinted
from cilegon_portal.templatetags.portal import grouped, month_name
from employers.actions import approving, drafts, ending
from employers.actions.asking import ask_approvers
from employers.actions.comparing import ready_to_approve
from employers.actions.months import FirmMonth
from employers.actions.pricing import Preview, preview
from employers.forms.reporting import WAYS_OF_A_REPLACEMENT, WAYS_OF_A_SUPPLEMENT, HowForm
from employers.models import ReportDraft, WageReport
from employers.views.guard import FirmRequest
from employers.views.month_pages import (
    address,
    month_page,
    next_address,
    send_once,
    show,
)

Purpose = ReportDraft.Purpose
CANNOT_APPROVE: dict[type[Exception], str] = {
    approving.ReportHasFaults: "Masih ada baris yang perlu diperbaiki. Perbaiki dulu.",
    approving.NotAnswered: "Masih ada yang perlu dijawab. Jawab dulu sebelum menyetujui.",
    approving.NotRegistered: "Laporan ini bisa disetujui setelah pendaftaran disetujui.",
    approving.FirmIsNotActive: "Perusahaan ini tidak aktif pada bulan itu. Hubungi kantor kami.",
    approving.AlreadyApproved: "Laporan bulan ini sudah disetujui.",
    approving.MonthNotYet: "Bulan ini belum bisa dilaporkan.",
    NoRate: "Tarif bulan ini belum ada. Hubungi kantor kami.",
    approving.DraftIsClosed: "Isian ini sudah ditutup. Mulai lagi dari halaman bulan.",
}
CANNOT_WITHDRAW: dict[type[Exception], str] = {
    ending.TooLate: "Laporan ini sudah dibayar atau lewat jatuh tempo. Buat laporan pengganti.",
    ending.NotStanding: "Laporan ini sudah tidak berlaku.",
}


@dataclass(frozen=True)
class Programme:
    """What one programme costs the firm and its workers."""

    name: str
    meaning: str
    employer: int
    worker: int

    @property
    def total(self) -> int:
        return self.employer + self.worker


@month_page()
def approve(request: FirmRequest, row: FirmMonth) -> HttpResponse:
    """Show what the month costs before anybody is bound by it; an approver approves it here."""
    if row.firm.is_registered:
        return approve_or_check(request, row)
    messages.info(request, CANNOT_APPROVE[approving.NotRegistered])
    return redirect(address("month", row))


def approve_or_check(request: FirmRequest, row: FirmMonth) -> HttpResponse:
    if request.seat.is_approver:
        first = second_factor_first(request)
        if first:
            return first
    if request.method == "POST" and request.seat.is_approver:
        return approve_now(request, row)
    if row.draft is None:
        return redirect(address("month", row))
    if request.method == "POST":
        return ask(request, row, row.draft)
    missing = ready_to_approve(row.draft)
    if missing:
        messages.warning(request, missing[0].sentence)
        return redirect(next_address(row, row.draft))
    return check(request, row, row.draft)


def check(request: FirmRequest, row: FirmMonth, draft: ReportDraft) -> HttpResponse:
    """Show what the draft would cost, programme by programme, and how that differs from now."""
    try:
        found = preview(draft)
    except tuple(CANNOT_APPROVE) as refusal:
        messages.warning(request, CANNOT_APPROVE[type(refusal)])
        return redirect(address("month", row))
    programmes = programmes_of(found)
    context: dict[str, Any] = {
        "preview": found,
        "programmes": programmes,
        "by_firm": sum(programme.employer for programme in programmes),
        "by_workers": sum(programme.worker for programme in programmes),
        "difference": abs(found.difference),
        "from_day": row.month.first_day if timezone.localdate() < row.month.first_day else None,
        "approvers": row.firm.seats.taken().filter(role=Role.APPROVER).select_related("user"),
    }
    return show(request, "report_approve", row, step="approve", **context)


def programmes_of(found: Preview) -> list[Programme]:
    return [
        Programme("JKK", "kecelakaan kerja", found.jkk, 0),
        Programme("JKM", "kematian", found.jkm, 0),
        Programme("JHT", "hari tua", found.jht_employer, found.jht_worker),
        Programme("JP", "pensiun", found.jp_employer, found.jp_worker),
    ]


def approve_now(request: FirmRequest, row: FirmMonth) -> HttpResponse:
    """Make the draft a report and a bill, once, and show the bill."""

    def do() -> str:
        if row.draft is None:
            raise approving.AlreadyApproved
        report = approving.approve(draft=row.draft, by=request.user, at=timezone.now())
        told = f"Data upah {month_name(row.month)} disetujui: {grouped(report.workers)} pekerja."
        messages.success(request, told)
        return reverse("employers:bill", args=[row.firm.reference, row.month])

    try:
        return send_once(request, do)
    except tuple(CANNOT_APPROVE) as refusal:
        messages.warning(request, CANNOT_APPROVE[type(refusal)])
        return redirect(address("month", row))


def ask(request: FirmRequest, row: FirmMonth, draft: ReportDraft) -> HttpResponse:
    """Let somebody who only reports tell the approvers that the month waits for them."""
    if "minta" not in request.POST:
        raise PermissionDenied
    if ready_to_approve(draft):
        return redirect(next_address(row, draft))

    def do() -> str:
        told = ask_approvers(draft=draft, by=request.user, at=timezone.now())
        messages.success(request, f"Kami mengirim e-mail ke {told} penyetuju.")
        return address("report_approve", row)

    return send_once(request, do)


@month_page(Role.APPROVER)
def withdraw(request: FirmRequest, row: FirmMonth) -> HttpResponse:
    """Take the approved month back to put it right, until it is paid or due."""
    first = second_factor_first(request)
    if first:
        return first
    may = row.report is not None and ending.may_unfinalise(row.report, on=timezone.localdate())
    if request.method != "POST":
        return show(request, "report_withdraw", row) if may else redirect(address("month", row))

    def do() -> str:
        if row.report is None:
            raise ending.NotStanding
        ending.unfinalise(report=row.report, by=request.user, at=timezone.now())
        messages.success(request, "Laporan dibatalkan. Ubah isinya, lalu setujui lagi.")
        return address("report_edit", row)

    try:
        return send_once(request, do)
    except tuple(CANNOT_WITHDRAW) as refusal:
        messages.warning(request, CANNOT_WITHDRAW[type(refusal)])
        return redirect(address("month", row))


@month_page()
def supplement(request: FirmRequest, row: FirmMonth) -> HttpResponse:
    """Ask how workers are added whom the approved report left out."""
    return change(
        request, row, Purpose.SUPPLEMENT, "Menambah pekerja yang terlewat", WAYS_OF_A_SUPPLEMENT
    )


@month_page()
def replace(request: FirmRequest, row: FirmMonth) -> HttpResponse:
    """Ask how the approved report is replaced by a right one."""
    return change(request, row, Purpose.REPLACEMENT, "Mengganti laporan ini", WAYS_OF_A_REPLACEMENT)


def change(
    request: FirmRequest,
    row: FirmMonth,
    purpose: str,
    title: str,
    ways: Sequence[tuple[str, Hinted]],
) -> HttpResponse:
    """Begin another version of an approved month by a file, or from what stands now."""
    form = HowForm(request.POST or None, choices=ways)
    if form.is_valid():
        return send_once(request, lambda: begin(request, row, purpose, form.cleaned_data["how"]))
    if row.report is None or row.is_estimate or row.draft is not None:
        return redirect(address("month", row))
    return show(request, "report_change", row, form=form, question_title=title, purpose=purpose)


def begin(request: FirmRequest, row: FirmMonth, purpose: str, how: str) -> str:
    """Return the page on which the new version is filled in."""
    if row.report is None or row.is_estimate or row.draft is not None:
        return address("month", row)
    adds = purpose == Purpose.SUPPLEMENT
    if how == WageReport.Source.UPLOAD:
        return address("report_upload", row) + ("?untuk=susulan" if adds else "")
    draft = drafts.prepare_from_report(
        report=row.report, purpose=purpose, by=request.user, at=timezone.now()
    )
    if draft.state != ReportDraft.State.READY:
        return address("report_result", row)
    return address("report_add" if adds else "report_edit", row)
