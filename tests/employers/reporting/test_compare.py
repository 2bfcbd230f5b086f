"""The month beside the last one: who came and left, which wages moved, ticks and reasons."""

import inspect
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from cilegon_portal.accounts.models import User
from cilegon_portal.rules.months import Month
from employers.models import Employer, ReportDraft
from employers.rules import rows as rows_of_files
from employers.rules.rows import WARNINGS
from employers.views.compare import TICKS
from tests.employers.reporting import rosters
from tests.employers.reporting.pages import send, text_of

Address = Callable[..., str]
Rows = list[list[object]]


@pytest.fixture
def rows(month: Month) -> Rows:
    return rosters.workers(6, month=month.plus(-1))


@pytest.fixture
def last(firm: Employer, month: Month, approver: User, rows: Rows) -> None:
    rosters.reported(firm, month.plus(-1), rows, by=approver)


def day(prefix: str, value: date) -> dict[str, Any]:
    return {
        f"{prefix}-ended_on_day": value.day,
        f"{prefix}-ended_on_month": value.month,
        f"{prefix}-ended_on_year": value.year,
    }


@pytest.mark.usefixtures("last")
def test_it_counts_who_came_left_and_earns_otherwise(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address, rows: Rows
) -> None:
    now = [list(row) for row in rows[:4]] + [rosters.worker(50, month=month)]
    now[0][7] = 12_000_000
    rosters.prepared(firm, month, now, by=approver)

    text = text_of(desk.get(address("banding/")))

    assert "Pekerja masuk 1" in text
    assert "Pekerja keluar 2" in text
    assert "Upah berubah lebih dari 20% 1" in text
    assert "upah berubah 71% dari bulan lalu" in text.lower()


@pytest.mark.usefixtures("last")
def test_nothing_to_answer_leads_on(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address, rows: Rows
) -> None:
    rosters.prepared(firm, month, rows, by=approver)

    answer = desk.get(address("banding/"))

    assert "Tidak ada yang perlu dijawab" in text_of(answer)
    assert f'href="{address("setujui/")}"' in answer.content.decode()


@pytest.mark.usefixtures("last")
def test_a_tick_answers_all_of_a_kind_and_a_reason_one_row(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address, rows: Rows
) -> None:
    now = [list(row) for row in rows]
    for row in now[:3]:
        row[7] = 12_000_000
    now[3][7] = 3_000_000  # far down and below the minimum: two warnings at once
    draft = rosters.prepared(firm, month, now, by=approver)
    assert draft.warned == 4

    first = send(desk, address("banding/"), **{"semua-row.wage.change": "on"})
    assert first["Location"] == address("banding/")
    second = send(desk, address("banding/"), **{"alasan-5": "Cuti di luar tanggungan"})

    assert second["Location"] == address("setujui/")
    reasons = dict(draft.rows.exclude(reason="").values_list("number", "reason"))
    assert reasons == {
        2: "Sudah benar",
        3: "Sudah benar",
        4: "Sudah benar",
        5: "Cuti di luar tanggungan",
    }


@pytest.mark.usefixtures("last")
def test_both_ticks_answer_a_row_with_both_warnings(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address, rows: Rows
) -> None:
    now = [list(row) for row in rows]
    now[3][7] = 3_000_000
    rosters.prepared(firm, month, now, by=approver)

    ticks = {"semua-row.wage.change": "on", "semua-row.wage.low": "on"}

    assert send(desk, address("banding/"), **ticks)["Location"] == address("setujui/")


def test_every_kind_of_warning_has_its_tick() -> None:
    assert TICKS.keys() == WARNINGS
    assert set(re.findall(r'warn\("([a-z.]+)"', inspect.getsource(rows_of_files))) == WARNINGS


@pytest.mark.usefixtures("last")
def test_the_missing_are_asked_for_one_by_one(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address, rows: Rows
) -> None:
    draft = rosters.prepared(firm, month, rows[:4], by=approver)
    stays, left = draft.rows.unanswered().in_order()
    ended = month.plus(-1).last_day

    assert desk.get(address("setujui/"))["Location"] == address("banding/")
    wrong = send(desk, address("banding/"), **{f"p{left.number}-answered": "LEFT"})
    assert "Isi hari kerja terakhir" in text_of(wrong)
    answer = send(
        desk,
        address("banding/"),
        **{
            f"p{stays.number}-answered": "STAYS",
            f"p{left.number}-answered": "LEFT",
            f"p{left.number}-cause": "CONTRACT_ENDED",
        },
        **day(f"p{left.number}", ended),
    )

    assert answer["Location"] == address("setujui/")
    assert draft.rows.listed().count() == 5
    left.refresh_from_db()
    assert (left.ended_on, left.cause) == (ended, "CONTRACT_ENDED")


@pytest.mark.usefixtures("last")
def test_the_missing_are_answered_all_at_once(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address, rows: Rows
) -> None:
    draft = rosters.prepared(firm, month, rows[:2], by=approver)
    ended = month.plus(-1).last_day

    half = send(desk, address("banding/"), **{"semua-everybody": "on"})
    assert "Pilih sebab berhenti" in text_of(half)
    answer = send(
        desk,
        address("banding/"),
        **{"semua-everybody": "on", "semua-cause": "CONTRACT_ENDED"},
        **day("semua", ended),
    )

    assert answer["Location"] == address("setujui/")
    assert draft.rows.absent().filter(ended_on=ended, cause="CONTRACT_ENDED").count() == 4


@pytest.mark.usefixtures("last")
def test_leavers_are_only_proposed_while_rows_have_faults(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address, rows: Rows
) -> None:
    now = [list(row) for row in rows[:4]]
    now[0][7] = None
    draft = rosters.prepared(firm, month, now, by=approver)
    text = text_of(desk.get(address("banding/")))

    assert "pekerja keluar baru usulan" in text
    assert "Simpan dan lanjut" not in text
    assert draft.faulty == 1


@pytest.mark.usefixtures("last")
def test_a_long_list_is_paged(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address, rows: Rows
) -> None:
    now = [*rows, *(rosters.worker(number, month=month) for number in range(20, 60))]
    rosters.prepared(firm, month, now, by=approver)

    assert "Lihat semua 40" in text_of(desk.get(address("banding/")))
    assert "1–25 dari 40" in text_of(desk.get(address("banding/"), {"bagian": "masuk"}))
    for query in ({"bagian": "masuk", "page": "x"}, {"bagian": "\x00"}, {"bagian": "tidak-ada"}):
        assert desk.get(address("banding/"), query).status_code == 200


@pytest.mark.usefixtures("last")
def test_a_draft_closed_meanwhile_is_told(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address, rows: Rows
) -> None:
    draft = rosters.prepared(firm, month, rows[:4], by=approver)
    ReportDraft.objects.filter(pk=draft.pk).update(
        closed_at=draft.made_at, closed_because="DISCARDED"
    )

    assert send(desk, address("banding/"))["Location"] == address()
