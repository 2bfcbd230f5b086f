"""Two firms say something else of a month that they reported: by the actions behind the screen."""

import random
from collections.abc import Sequence
from datetime import date, datetime

from cilegon_portal.management.demo.firm_writing import Written
from cilegon_portal.management.demo.firms import BIG_FIRM, Habit
from cilegon_portal.management.demo.plan import name_of, nik_of
from cilegon_portal.rules.months import Month
from employers.actions.approving import approve
from employers.actions.comparing import comparison_of
from employers.actions.drafts import prepare_from_report
from employers.actions.rows_fixing import add_row, fix_row, give_reason
from employers.models import ReportDraft

BORN = date(1994, 5, 20)
RAISE = 150_000  # rupiah


def think_again(
    written: Sequence[Written], month: Month, *, dice: random.Random, at: datetime
) -> None:
    """Let one firm replace its report of `month` by a higher wage, and one add a worker."""
    firms = [
        it
        for it in written
        if it.firm.number > BIG_FIRM
        and it.firm.habit is Habit.PUNCTUAL
        and it.firm.last_month is None
        and it.firm.reports_in(month)
    ]
    for firm, purpose in zip(firms, ("REPLACEMENT", "SUPPLEMENT"), strict=False):
        report = firm.employer.reports.standing().of_month(month).get()
        draft = prepare_from_report(report=report, purpose=purpose, by=firm.approver, at=at)
        if purpose == "REPLACEMENT":
            raise_a_wage(draft, firm, at=at)
        else:
            add_worker(draft, firm, dice=dice, at=at)
        for row in comparison_of(draft).warned:
            give_reason(
                draft=draft, number=row.number, reason="Sudah benar", by=firm.approver, at=at
            )
        approve(draft=draft, by=firm.approver, at=at)


def raise_a_wage(draft: ReportDraft, firm: Written, *, at: datetime) -> None:
    row = draft.rows.listed().in_order()[0]
    answers = {"upah": str((row.wage or 0) + RAISE)}
    fix_row(draft=draft, number=row.number, answers=answers, by=firm.approver, at=at)


def add_worker(draft: ReportDraft, firm: Written, *, dice: random.Random, at: datetime) -> None:
    known = {worker.id_number for worker in firm.persons}
    answers = {
        "nik": nik_of(BORN, "L", dice=dice, taken=known),
        "nama": name_of("L", dice=dice),
        "tanggal_lahir": f"{BORN:%d-%m-%Y}",
        "jenis_kelamin": "L",
        "mulai_kerja": f"{draft.month.first_day:%d-%m-%Y}",
        "upah": "5600000",
    }
    add_row(draft=draft, answers=answers, by=firm.approver, at=at)
