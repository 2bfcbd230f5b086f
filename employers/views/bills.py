"""A firm's bills, explained: the list, one month, its workers, and one worker's line."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from cilegon_portal.contributions.actions.penalties import penalty_words
from cilegon_portal.contributions.models import Account, Bill
from cilegon_portal.rules.months import Month
from employers import bill_words as words
from employers.models import Employer, WageReport
from employers.models.explained import (
    BillExplained,
    explained,
    programmes_of,
    states_of,
    steps_of,
    tariffs_of_report,
)
from employers.models.listed import Worker, lines_named, lines_numbered, lines_of, workers_of
from employers.rules.numbers import is_number
from employers.views.guard import READ, FirmRequest, firm_page

BILLS_A_PAGE = 12
WORKERS_A_PAGE = 50
LONGEST_WORDS = 100


def bill_or_404(firm: Employer, month: Month) -> BillExplained:
    """Return the bill of `firm` for `month` as it stands today."""
    found = explained(firm, month, on=timezone.localdate()) if firm.account_id else None
    if found is None:
        raise Http404
    return found


def report_or_404(firm: Employer, month: Month) -> WageReport:
    """Return the report that the bill of this month rests on."""
    standing = WageReport.objects.standing().of_month(month).filter(employer=firm)
    return get_object_or_404(standing.select_related("terms", "employer", "charge"))


@firm_page(methods=READ)
def bills(request: FirmRequest, firm: Employer) -> HttpResponse:
    if firm.account_id is None:
        return redirect("employers:home", firm.reference)
    found = Bill.objects.filter(account=firm.account_id).with_sums().order_by("-month", "-pk")
    page = Paginator(found, BILLS_A_PAGE).get_page(request.GET.get("page"))
    states = states_of(page.object_list, on=timezone.localdate())
    owed = list(found.outstanding())
    account = Account.objects.with_sums().get(pk=firm.account_id)
    context = {
        "firm": firm,
        "page": page,
        "rows": [(state, *words.state_word(state)) for state in states],
        "account": account,
        "virtual_account": words.va_words(account.virtual_account),
        "owed": sum(bill.outstanding for bill in owed),
        "newest_owed": owed[0] if owed else None,
    }
    return render(request, "employers/bills.html", context)


@firm_page(methods=READ)
def bill(request: FirmRequest, firm: Employer, month: Month) -> HttpResponse:
    found = bill_or_404(firm, month)
    return render(request, "employers/bill.html", {"firm": firm} | said_of(found))


def said_of(found: BillExplained) -> dict[str, Any]:
    """Return what the page of a bill says, in words and figures."""
    word, kind = words.state_word(found.state)
    return {
        "found": found,
        "bill": found.bill,
        "number": words.bill_number(found.bill.pk),
        "word": word,
        "kind": kind,
        "days": words.days_words(found.state),
        "columns": [
            (
                words.name_of(row),
                words.payer_of(row),
                row,
                words.share(row.tariff),
                words.laws(row.tariff),
            )
            for row in found.columns
        ],
        "running": [
            (row.bill.month, penalty_words(row.late), words.penalty_dates(row), row.late.running)
            for row in found.running
        ],
        "versions": [(row, words.version_words(row)) for row in reversed(found.versions)],
        "notices": words.notices(found),
        "sums": words.sums(found),
        "virtual_account": words.va_words(found.bill.account.virtual_account),
        "words": words,
    }


@firm_page()
def workers(request: FirmRequest, firm: Employer, month: Month) -> HttpResponse:
    """List the workers of a bill; a number is only ever posted, so that no address holds it."""
    report = report_or_404(firm, month)
    asked = request.POST.get("words", request.GET.get("q", "")).replace("\x00", "")
    asked = asked.strip()[:LONGEST_WORDS]
    if request.method == "POST":
        return find_worker(request, firm, report, asked)
    lines = lines_named(report, asked) if asked else lines_of(report)
    paginator = Paginator(lines, WORKERS_A_PAGE)
    if not asked:
        paginator.count = report.workers  # they were counted when the report was approved
    return show_workers(request, firm, report, paginator.get_page(request.GET.get("page")), asked)


def find_worker(
    request: FirmRequest, firm: Employer, report: WageReport, asked: str
) -> HttpResponse:
    """Lead a name to its address and a number to its worker; show that there is none."""
    address = reverse("employers:bill_workers", args=[firm.reference, report.month])
    if not is_number(asked):
        return redirect(f"{address}?{urlencode({'q': asked})}" if asked else address)
    lines = lines_numbered(report, asked)
    found = list(lines.values_list("pk", flat=True)[:2])
    if len(found) == 1:
        return redirect("employers:bill_worker", firm.reference, report.month, found[0])
    return show_workers(request, firm, report, Paginator(lines, WORKERS_A_PAGE).page(1), asked)


def show_workers(
    request: FirmRequest, firm: Employer, report: WageReport, page: Page[Any], asked: str
) -> HttpResponse:
    lines: Any = page.object_list
    context = {
        "firm": firm,
        "month": report.month,
        "report": report,
        "page": page,
        "workers": workers_of(lines, firm),
        "heads": list(words.HEADS.values()),
        "asked": asked,
    }
    return render(request, "employers/bill_workers.html", context)


@firm_page(methods=READ)
def worker(request: FirmRequest, firm: Employer, month: Month, pk: int) -> HttpResponse:
    report = report_or_404(firm, month)
    found = workers_of(lines_of(report).filter(pk=pk), firm)
    if not found:
        raise Http404
    context = {"firm": firm, "month": month, "report": report} | steps_said(report, found[0])
    return render(request, "employers/bill_worker.html", context)


def steps_said(report: WageReport, worker: Worker) -> dict[str, Any]:
    """Return what the page of one worker says: each amount and how it comes about."""
    line = worker.line
    steps = steps_of(line, tariffs=tariffs_of_report(report), taken=programmes_of(report))
    return {
        "worker": worker,
        "line": line,
        "employer_total": sum(step.amount for step in steps if step.payer == "EMPLOYER"),
        "worker_total": sum(step.amount for step in steps if step.payer == "WORKER"),
        "steps": [
            (
                words.name_of(step),
                words.payer_of(step),
                step,
                words.formula(step),
                words.notes(step, id_kind=worker.id_kind),
                words.laws(step.tariff),
            )
            for step in steps
        ],
        "words": words,
    }
