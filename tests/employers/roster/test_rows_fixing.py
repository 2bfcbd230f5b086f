from datetime import date

import pytest

from employers.actions import approving, drafts, rows_fixing
from employers.actions.comparing import comparison_of, ready_to_approve, value_of
from employers.models import DraftRow
from tests import make
from tests.employers.roster.files import (
    HEADER,
    NOVEMBER,
    OCTOBER,
    WAGE,
    begin,
    draft_of,
    nik,
    row,
    worker,
    workers,
    xlsx,
)


@pytest.fixture
def firm(db):
    return make.firm(first=OCTOBER)


@pytest.fixture
def by(firm):
    return firm.seats.taken().get().user


@pytest.fixture
def fix(by, at):
    """Return a function that calls an action of rows_fixing and reads the draft again."""

    def call(action, draft, **given):
        result = getattr(rows_fixing, action)(draft=draft, by=by, at=at, **given)
        draft.refresh_from_db()
        return result

    return call


@pytest.fixture
def november(firm, by, at):
    """Return a draft of a month after one in which workers 1 to 4 were reported."""

    def begin(*rows, header=HEADER):
        approving.approve(draft=draft_of(firm, workers(1, 2, 3, 4)), by=by, at=at)
        return draft_of(firm, rows, header=header, month=NOVEMBER)

    return begin


def keys(found):
    return [fault["key"] for fault in found.faults]


def test_a_row_is_fixed_by_one_answer(firm, fix):
    draft = draft_of(firm, [worker(1, upah="lima juta"), worker(2)])

    fixed = fix("fix_row", draft, number=2, answers={"upah": "Rp 6.100.000"})

    assert (fixed.faults, fixed.wage, fixed.name) == ([], 6_100_000, "Pekerja B")
    assert fixed.raw is None
    assert draft.faulty == 0


def test_a_wrong_answer_is_judged_like_a_cell(firm, fix):
    draft = draft_of(firm, [worker(1, upah="lima juta", nama="")])

    fixed = fix("fix_row", draft, number=2, answers={"upah": "enam", "nama": "Siti"})

    assert keys(fixed) == ["wage.form"]
    assert (fixed.name, value_of(fixed, "upah")) == ("Siti", "enam")
    assert draft.faulty == 1


def test_several_rows_are_fixed_at_once(firm, fix, django_assert_max_num_queries):
    draft = draft_of(firm, [worker(number, upah=None) for number in range(1, 51)])
    answers = {number: {"upah": "6.000.000"} for number in range(2, 52)}

    with django_assert_max_num_queries(30):
        fixed = fix("fix_rows", draft, answers=answers)

    assert len(fixed) == 50
    assert draft.faulty == 0


def test_an_answer_that_names_another_worker_twice_is_told(firm, fix):
    draft = draft_of(firm, workers(1, 2, 3))

    fix("fix_row", draft, number=2, answers={"nik": nik(3)})

    assert keys(row(draft, 2)) == []
    assert row(draft, 4).faults == [{"key": "row.nik.dup", "column": "nik", "q": 2}]
    assert draft.faulty == 1


def test_a_twin_is_free_when_the_other_row_is_fixed(firm, fix):
    draft = draft_of(firm, [*workers(1, 1, 1), worker(2)])
    assert draft.faulty == 2

    fix("fix_row", draft, number=2, answers={"nik": nik(9)})

    assert keys(row(draft, 3)) == []
    assert row(draft, 4).faults == [{"key": "row.nik.dup", "column": "nik", "q": 3}]
    assert draft.faulty == 1


def test_a_twin_is_free_when_the_other_row_is_taken_out(firm, fix):
    draft = draft_of(firm, workers(1, 1))

    fix("remove_row", draft, number=2)

    assert [(each.number, each.faults) for each in draft.rows.in_order()] == [(3, [])]
    assert draft.faulty == 0


def test_a_missing_worker_returns_when_his_row_is_fixed(november, fix):
    draft = november(worker(1, nik="12"), worker(2), worker(3), worker(4))
    assert bytes(draft.rows.absent().get().id_index)

    fixed = fix("fix_row", draft, number=2, answers={"nik": nik(1)})

    assert not draft.rows.absent().exists()
    assert (fixed.is_new, fixed.last_wage) == (False, WAGE)


def test_who_is_overwritten_by_another_becomes_missing(november, fix):
    draft = november(*workers(1, 2, 3, 4))

    fix("fix_row", draft, number=2, answers={"nik": nik(9), "nama": "Baru"})

    absent = draft.rows.absent().get()
    assert (absent.id_number, absent.number) == (nik(1), 6)
    assert row(draft, 2).is_new


def test_a_worker_is_added_on_screen(november, fix):
    draft = november(*workers(1, 2, 3, 4))
    answers = {
        "nik": nik(7),
        "nama": "Baru",
        "tanggal_lahir": "15 September 1985",
        "mulai_kerja": "2/11/2026",
        "upah": "6.500.000",
    }

    added = fix("add_row", draft, answers=answers)

    assert (added.number, added.faults, added.is_new) == (6, [], True)
    assert added.started_on == date(2026, 11, 2)
    assert draft.rows_total == 5


def test_an_added_worker_needs_the_day_of_starting_whatever_the_file_had(firm, fix):
    header = ("NIK", "Nama", "Tanggal lahir", "Upah")
    draft = draft_of(firm, [[nik(1), "A", date(1985, 9, 15), WAGE]], header=header)

    added = fix(
        "add_row", draft, answers={"nik": nik(2), "nama": "B", "tanggal_lahir": "15/9/1985"}
    )

    assert keys(added) == ["wage.empty", "row.date.empty"]


def test_a_joiner_of_a_file_without_starts_begins_with_the_month(firm, fix):
    header = ("NIK", "Nama", "Tanggal lahir", "Upah")
    draft = draft_of(firm, [[nik(1), "", date(1985, 9, 15), WAGE]], header=header)

    fixed = fix("fix_row", draft, number=2, answers={"nama": "Siti"})

    assert (fixed.faults, fixed.started_on) == ([], date(2026, 10, 1))


def test_adding_a_missing_worker_takes_him_from_the_missing(november, fix):
    draft = november(*workers(1, 2, 3))

    fix(
        "add_row",
        draft,
        answers={"nik": nik(4), "nama": "E", "tanggal_lahir": "15/9/1985", "upah": "6000000"},
    )

    assert not draft.rows.absent().exists()
    assert draft.faulty == 0


def test_a_joiner_taken_out_is_gone_and_a_worker_becomes_missing(november, fix):
    draft = november(*workers(1, 2, 3, 4, 9))

    fix("remove_row", draft, number=6)
    fix("remove_row", draft, number=5)

    assert [each.id_number for each in draft.rows.absent()] == [nik(4)]
    assert draft.rows.listed().count() == 3


def test_a_worker_taken_out_with_a_last_day_is_answered(november, fix):
    draft = november(*workers(1, 2, 3, 4))

    fix("remove_row", draft, number=5, ended_on=date(2026, 10, 31), cause="RESIGNED")

    absent = draft.rows.absent().get()
    assert (absent.ended_on, absent.cause) == (date(2026, 10, 31), "RESIGNED")
    assert ready_to_approve(draft) == []


def test_who_leaves_on_screen_within_the_month_is_still_paid(november, fix):
    draft = november(*workers(1, 2, 3, 4))
    answers = {"tanggal_keluar": "20/11/2026", "sebab_keluar": "Pensiun"}

    fixed = fix("fix_row", draft, number=5, answers=answers)

    assert (fixed.is_absent, fixed.cause, fixed.wage) == (False, "RETIRED", WAGE)


def test_a_reason_answers_a_warning(november, fix):
    draft = november(worker(1, upah=9_000_000), *workers(2, 3, 4))
    assert draft.warned == 1

    fix("give_reason", draft, number=2, reason="Naik jabatan")

    assert draft.warned == 0
    assert ready_to_approve(draft) == []


def test_a_reason_falls_with_the_warning_it_was_for(november, fix):
    draft = november(worker(1, upah=9_000_000), *workers(2, 3, 4))
    fix("give_reason", draft, number=2, reason="Naik jabatan")

    fixed = fix("fix_row", draft, number=2, answers={"upah": "10.000.000"})

    assert (fixed.reason, draft.warned) == ("", 1)
    assert fix("fix_row", draft, number=2, answers={"nama": "Siti"}).warnings == fixed.warnings


def test_one_reason_answers_all_warnings_of_a_kind(november, fix):
    draft = november(
        worker(1, upah=9_000_000),
        worker(2, upah=9_000_000),
        worker(3, upah=9_000_000, lahir=date(1985, 9, 16)),
        worker(4),
    )

    assert fix("give_reasons", draft, keys=["row.wage.change"], reason="Kenaikan tahunan") == 2
    assert draft.warned == 1


def test_a_missing_worker_stays(november, fix):
    draft = november(*workers(1, 2, 3))

    stayed = fix("answer_absent", draft, number=5, stays=True)

    assert (stayed.is_absent, stayed.wage, stayed.faults) == (False, WAGE, [])
    assert draft.rows_total == 4
    assert ready_to_approve(draft) == []


def test_missing_workers_have_left(november, fix):
    draft = november(*workers(1, 2))

    one = fix(
        "answer_absent",
        draft,
        number=4,
        stays=False,
        ended_on=date(2026, 10, 31),
        cause="DISMISSED",
    )
    others = fix("answer_absents", draft, ended_on=date(2026, 10, 30), cause="RESIGNED")

    assert (one.cause, others) == ("DISMISSED", 1)
    assert not draft.rows.unanswered().exists()
    assert ready_to_approve(draft) == []


@pytest.mark.parametrize(
    ("ended_on", "cause", "key"),
    [
        (None, "RESIGNED", "row.end.empty"),
        (date(2026, 10, 31), "", "cause.empty"),
        (date(2026, 12, 1), "RESIGNED", "row.end.late"),
        (date(2020, 1, 5), "RESIGNED", "row.end.early"),
    ],
)
def test_a_last_day_that_cannot_be_is_refused(november, fix, ended_on, cause, key):
    draft = november(*workers(1, 2, 3))

    with pytest.raises(rows_fixing.EndDoesNotFit) as refusal:
        fix("answer_absent", draft, number=5, stays=False, ended_on=ended_on, cause=cause)

    assert refusal.value.key == key
    assert refusal.value.sentence[0].isupper()


def test_leavers_are_only_proposed_while_a_row_is_rejected(november):
    draft = november(worker(1, nik="12"), *workers(2, 3))

    comparison = comparison_of(draft)

    assert comparison.is_proposed
    assert comparison.counts()["leavers"] == 2
    assert [missing.key for missing in ready_to_approve(draft)] == ["faulty", "absent"]


def test_nothing_is_changed_in_a_closed_draft_or_one_being_read(firm, fix):
    draft = draft_of(firm, workers(1))
    reading = begin(firm, xlsx(workers(2)))

    with pytest.raises(drafts.DraftIsClosed):
        fix("fix_row", draft, number=2, answers={"nama": "x"})
    with pytest.raises(drafts.DraftIsBeingRead):
        fix("fix_row", reading, number=2, answers={"nama": "x"})


def test_a_row_that_a_colleague_took_out_is_not_there(firm, fix):
    draft = draft_of(firm, workers(1, 2))
    fix("remove_row", draft, number=2)

    with pytest.raises(DraftRow.DoesNotExist):
        fix("fix_row", draft, number=2, answers={"nama": "x"})
    with pytest.raises(DraftRow.DoesNotExist):
        fix("remove_row", draft, number=2)
