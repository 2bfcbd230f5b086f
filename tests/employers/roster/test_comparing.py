from datetime import date

import pytest

from employers.actions import approving, comparing, drafts
from employers.actions.comparing import comparison_of, ready_to_approve
from tests import make
from tests.employers.roster.files import NOVEMBER, OCTOBER, WAGE, draft_of, nik, worker, workers


@pytest.fixture
def firm(db):
    return make.firm(first=OCTOBER)


@pytest.fixture
def by(firm):
    return firm.seats.taken().get().user


def ids(rows):
    return {row.id_number for row in rows}


def test_a_month_is_set_beside_the_one_before(firm, by, at):
    approving.approve(draft=draft_of(firm, workers(1, 2, 3, 4)), by=by, at=at)
    rows = [worker(1, upah=7_200_000), worker(2, upah=4_799_999), worker(3), worker(9)]

    comparison = comparison_of(draft_of(firm, rows, month=NOVEMBER))

    assert ids(comparison.joiners) == {nik(9)}
    assert ids(comparison.leavers) == ids(comparison.unanswered) == {nik(4)}
    assert ids(comparison.changed_over_20) == {nik(2)}
    assert ids(comparison.under_minimum) == {nik(2)}
    assert ids(comparison.warned) == {nik(2)}
    assert not comparison.is_proposed
    assert comparison.counts() == {
        "joiners": 1,
        "leavers": 1,
        "unanswered": 1,
        "changed_over_20": 1,
        "under_minimum": 1,
        "warned": 1,
    }


@pytest.mark.parametrize(
    ("wage", "is_much"), [(7_200_001, True), (7_200_000, False), (4_800_000, False)]
)
def test_the_list_and_the_warning_agree_on_a_fifth(firm, by, at, wage, is_much):
    approving.approve(draft=draft_of(firm, workers(1)), by=by, at=at)

    draft = draft_of(firm, [worker(1, upah=wage)], month=NOVEMBER)

    only = draft.rows.get()
    assert comparison_of(draft).changed_over_20.exists() is is_much
    assert any(each["key"] == "row.wage.change" for each in only.warnings) is is_much


def test_what_is_missing_is_said_before_approval(firm, by, at):
    approving.approve(draft=draft_of(firm, workers(1, 2)), by=by, at=at)
    draft = draft_of(firm, [worker(1, upah=4_000_000), worker(5, nama="")], month=NOVEMBER)

    missing = {each.key: each.count for each in ready_to_approve(draft)}

    assert missing == {"faulty": 1, "warned": 1, "absent": 1}
    assert ready_to_approve(draft)[0].sentence == (
        "Masih ada 1 baris yang perlu diperbaiki. Perbaiki dulu sebelum menyetujui"
    )


def test_a_month_without_workers_is_not_ready(firm, by, at):
    draft = drafts.prepare_screen(employer=firm, month=OCTOBER, by=by, at=at)

    assert [each.key for each in ready_to_approve(draft)] == ["empty"]


def test_a_closed_draft_is_not_ready(firm, by, at):
    draft = draft_of(firm, workers(1))
    drafts.discard(draft=draft, by=by, at=at)
    draft.refresh_from_db()

    assert [each.key for each in ready_to_approve(draft)] == ["state"]


def test_a_month_in_preparation_learns_of_one_approved_meanwhile(firm, by, at):
    november = draft_of(firm, [worker(1, upah=6_500_000), worker(9)], month=NOVEMBER)
    approving.approve(draft=draft_of(firm, workers(1, 2)), by=by, at=at)

    comparing.refresh_open_drafts(employer=firm)

    one = november.rows.listed().get(number=2)
    assert (one.is_new, one.last_wage) == (False, WAGE)
    assert november.rows.get(number=3).is_new
    absent = november.rows.absent().get()
    assert (absent.id_number, absent.ended_on) == (nik(2), None)

    november.rows.absent().update(ended_on=date(2026, 10, 31), cause="RESIGNED")
    comparing.refresh(draft=november)

    assert november.rows.absent().count() == 1
