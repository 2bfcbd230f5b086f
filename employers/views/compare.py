"""The draft beside last month: who came, who left, whose wage changed; ticks and reasons."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Max, QuerySet
from django.forms import BaseForm
from django.http import HttpResponse
from django.utils import timezone

from cilegon_portal.templatetags.portal import faults_of, grouped
from employers.actions import rows_fixing
from employers.actions.comparing import Comparison, comparison_of, ready_to_approve
from employers.actions.months import FirmMonth
from employers.forms.reporting import (
    CORRECT,
    ROWS_ON_SCREEN,
    AbsentForm,
    EveryAbsentForm,
    ReasonsForm,
)
from employers.models import DraftRow, ReportDraft
from employers.views.guard import FirmRequest
from employers.views.month_pages import draft_page, last_address, next_address, send_once, show

SECTIONS = {
    "masuk": ("joiners", "Pekerja masuk"),
    "keluar": ("leavers", "Pekerja keluar"),
    "upah": ("changed_over_20", "Upah berubah lebih dari 20%"),
    "minimum": ("under_minimum", "Upah di bawah upah minimum"),
}
TICKS = {
    "row.wage.change": "{} perubahan upah ini sudah benar",
    "row.wage.low": "{} upah di bawah upah minimum ini sudah benar",
    "row.wage.typo": "{} upah yang tampak kurang nol ini sudah benar",
    "nik.dobwarn": "{} tanggal lahir ini sudah sesuai KTP",
}
SHOWN = 5  # rows of a section before one asks for all of them


@dataclass(frozen=True)
class Section:
    """One list of the comparison: its first rows, or a page of all of them."""

    key: str
    title: str
    count: int
    rows: list[DraftRow]


@draft_page()
def compare(request: FirmRequest, row: FirmMonth, draft: ReportDraft) -> HttpResponse:
    """Show the comparison, and take what it asks: a tick or a reason, who left and when."""
    found = comparison_of(draft)
    forms = Forms.of(request, draft, found)
    if request.method == "POST" and forms.are_valid():
        return send_once(request, lambda: answer(request, row, draft, forms))
    wanted = request.GET.get("bagian", "")
    context: dict[str, Any] = {
        "sections": [section_of(key, found) for key in sections_of(row)],
        "whole": whole_section(request, wanted, found) if wanted in SECTIONS else None,
        "form": forms,
        "is_proposed": found.is_proposed,
        "counts": found.counts(),
        "missing": ready_to_approve(draft),
        "next_url": last_address(row),
    }
    return show(request, "report_compare", row, step="compare", **context)


def sections_of(row: FirmMonth) -> list[str]:
    """Return the lists that say something: a firm that registers has no month before."""
    return list(SECTIONS) if row.firm.is_registered else ["minimum"]


def rows_of(key: str, found: Comparison) -> QuerySet[DraftRow]:
    rows: QuerySet[DraftRow] = getattr(found, SECTIONS[key][0])
    return rows


def section_of(key: str, found: Comparison) -> Section:
    rows = rows_of(key, found)
    return Section(key, SECTIONS[key][1], rows.count(), list(rows[:SHOWN]))


def whole_section(request: FirmRequest, key: str, found: Comparison) -> tuple[str, Page[DraftRow]]:
    page = Paginator(rows_of(key, found), ROWS_ON_SCREEN).get_page(request.GET.get("page"))
    return SECTIONS[key][1], page


@dataclass
class Forms:
    """What the page asks: reasons for warnings, and where the missing workers are."""

    reasons: ReasonsForm
    every_absent: EveryAbsentForm | None
    absent: list[AbsentForm]

    @classmethod
    def of(cls, request: FirmRequest, draft: ReportDraft, found: Comparison) -> "Forms":
        posted = request.POST if request.method == "POST" else None
        missing = list(found.unanswered[: ROWS_ON_SCREEN + 1])
        latest = draft.month.last_day
        begun = found.unanswered.aggregate(last=Max("started_on"))["last"]
        return cls(
            reasons=ReasonsForm(
                posted, rows=list(found.warned[:ROWS_ON_SCREEN]), kinds=kinds_of(found)
            ),
            every_absent=(
                EveryAbsentForm(posted, latest=latest, earliest=begun) if len(missing) > 1 else None
            ),
            absent=[AbsentForm(posted, row=row, latest=latest) for row in missing[:ROWS_ON_SCREEN]],
        )

    @property
    def every(self) -> list[BaseForm]:
        return [self.reasons, *([self.every_absent] if self.every_absent else []), *self.absent]

    @property
    def are_asked(self) -> bool:
        return bool(self.reasons.rows or self.absent)

    @property
    def errors(self) -> list[tuple[str, str]]:
        """Return (id of the input, sentence) of each fault on the page."""
        return [fault for form in self.every for fault in faults_of(form)]

    def are_valid(self) -> bool:
        return all(form.is_valid() for form in self.every)

    @property
    def for_all_absent(self) -> dict[str, Any] | None:
        """Return the day and cause that go for every missing worker, if that was ticked."""
        form = self.every_absent
        if form is None or not form.cleaned_data["everybody"]:
            return None
        return {name: form.cleaned_data[name] for name in ("ended_on", "cause")}


def kinds_of(found: Comparison) -> dict[str, str]:
    """Return the label of the tick for each kind of warning that is not answered."""
    many = Counter(
        warning["key"]
        for warnings in found.warned.values_list("warnings", flat=True)
        for warning in warnings
    )
    return {key: label.format(grouped(many[key])) for key, label in TICKS.items() if many[key]}


def answer(request: FirmRequest, row: FirmMonth, draft: ReportDraft, forms: Forms) -> str:
    """Write down the reasons, and who left; go on where nothing is left to answer."""
    by, at = request.user, timezone.now()
    for number, reason in forms.reasons.reasons.items():
        rows_fixing.give_reason(draft=draft, number=number, reason=reason, by=by, at=at)
    if forms.reasons.ticked:
        rows_fixing.give_reasons(
            draft=draft, keys=forms.reasons.ticked, reason=CORRECT, by=by, at=at
        )
    for form in forms.absent:
        if form.is_answered:
            rows_fixing.answer_absent(
                draft=draft, number=form.row.number, by=by, at=at, **form.answer
            )
    if forms.for_all_absent:
        rows_fixing.answer_absents(draft=draft, by=by, at=at, **forms.for_all_absent)
    missing = ready_to_approve(draft)
    if missing:
        messages.info(request, missing[0].sentence)
    return next_address(row, draft)
