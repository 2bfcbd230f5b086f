"""What the pages of a firm's month share: which may be shown, and which one comes next."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from cilegon_portal.accounts.access import form_owner
from cilegon_portal.accounts.actions import once
from cilegon_portal.accounts.models import Role
from cilegon_portal.rules.months import Month
from employers.actions.comparing import ready_to_approve
from employers.actions.drafts import DraftIsBeingRead, DraftIsClosed
from employers.actions.months import FirmMonth, month_of
from employers.models import Employer, ReportDraft
from employers.views.guard import ASK, FirmRequest, Page, firm_page
from employers.views.steps import STEPS as TASK_STEPS

STEPS = ("how", "fill", "compare", "approve")


def month_page(*roles: Role, methods: tuple[str, ...] = ASK) -> Callable[[Page], Page]:
    """Return the decorator of a page of one month that the firm reports: `view(request, row, …)`.

    Whoever fills in a registration has the first month only. While the office looks at it, or has
    refused it, there is none: the firm's home says how it stands.
    """

    def decorate(view: Page) -> Page:
        @firm_page(*roles, methods=methods)
        @wraps(view)
        def guarded(
            request: FirmRequest, firm: Employer, month: Month, **more: Any
        ) -> HttpResponseBase:
            if not (firm.is_registered or firm.is_being_filled):
                return redirect("employers:home", firm.reference)
            row = month_of(firm, month, on=timezone.localdate())
            if row is None:
                raise Http404
            if request.method == "POST" and not firm.may_prepare:
                messages.warning(request, "Perusahaan ini nonaktif. Laporannya hanya bisa dibaca.")
                return redirect(address("month", row))
            try:
                return view(request, row, **more)
            except (DraftIsClosed, DraftIsBeingRead):  # a colleague was faster
                messages.warning(request, "Isian ini baru saja ditutup atau diganti rekan Anda.")
                return redirect(address("month", row))

        return guarded

    return decorate


def draft_page(*roles: Role, methods: tuple[str, ...] = ASK) -> Callable[[Page], Page]:
    """Return the decorator of a page of the draft that is ready: `view(request, row, draft, …)`.

    Whoever comes without one, or before the file is read, goes to the page that comes first.
    """

    def decorate(view: Page) -> Page:
        @month_page(*roles, methods=methods)
        @wraps(view)
        def guarded(request: FirmRequest, row: FirmMonth, **more: Any) -> HttpResponseBase:
            draft = row.draft
            if draft is None:
                return redirect(address("month", row))
            if draft.state != ReportDraft.State.READY:
                return redirect(address("report_result", row))
            return view(request, row, draft, **more)

        return guarded

    return decorate


def address(name: str, row: FirmMonth, *more: Any) -> str:
    """Return the address of page `name` of this month."""
    return reverse(f"employers:{name}", args=[row.firm.reference, row.month, *more])


def next_address(row: FirmMonth, draft: ReportDraft) -> str:
    """Return the page on which this draft goes on: what is missing first."""
    if draft.state != ReportDraft.State.READY or draft.faulty:
        return address("report_result", row)
    missing = ready_to_approve(draft)
    if not row.firm.is_registered and any(it.key == "empty" for it in missing):
        return address("report_edit", row)
    return address("report_compare", row) if missing else last_address(row)


def last_address(row: FirmMonth) -> str:
    """Return where a month is handed in: approved, or with a registration sent to the office."""
    if row.firm.is_registered:
        return address("report_approve", row)
    return reverse("employers:check", args=[row.firm.reference])


def send_once(request: FirmRequest, do: Callable[[], str]) -> HttpResponse:
    """Run `do` once for the form that was sent, and go to the address that it gives."""
    form_id = request.POST.get("form_id", "")
    return redirect(once(form_id, form_owner(request), timezone.now(), do))


def show(
    request: FirmRequest, template: str, row: FirmMonth, *, step: str = "", **more: Any
) -> HttpResponse:
    """Show a page of the month: its firm for the menu, and which step it is."""
    number, steps = (STEPS.index(step) + 1, len(STEPS)) if step else (None, None)
    if step and not row.firm.is_registered:  # one of the questions of the registration
        number, steps = TASK_STEPS.index("workers") + 1, len(TASK_STEPS)
    context = {
        "firm": row.firm,
        "row": row,
        "month": row.month,
        "draft": row.draft,
        "step": number,
        "steps": steps,
        "days": row.days_left(timezone.localdate()),
        "may_approve": request.seat.is_approver,
    }
    return render(request, f"employers/{template}.html", context | more)
