from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models.expressions import RawSQL

from cilegon_portal.accounts.actions import TooMany
from cilegon_portal.reference.models import MinimumWage
from cilegon_portal.rules.months import Month
from cilegon_portal.sheets import uploads
from employers.actions import approving, drafts, reading
from employers.models import DraftRow, Employment, ReportDraft
from tests import make
from tests.employers.roster.files import (
    NOVEMBER,
    OCTOBER,
    START,
    WAGE,
    begin,
    draft_of,
    nik,
    upload,
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


def approve(draft, at):
    return approving.approve(draft=draft, by=draft.made_by, at=at)


def is_kept(name):
    try:
        with uploads.opened(name):
            return True
    except uploads.NotKept:
        return False


def test_an_upload_waits_for_its_job(firm):
    begun = upload(firm, xlsx(workers(1)))

    assert not begun.was_known
    assert begun.draft.state == "READING"
    assert is_kept(begun.draft.stored_name)


def test_the_same_file_again_changes_nothing(firm):
    content = xlsx(workers(1))
    first = upload(firm, content)
    reading.read_upload(draft_key=first.draft.pk, at=make.AT)

    again = upload(firm, content, at=make.AT + timedelta(hours=1))

    assert (again.draft, again.since) == (first.draft, make.AT)
    assert ReportDraft.objects.count() == 1
    assert first.draft.rows.count() == 1


def test_the_file_of_the_report_that_stands_changes_nothing(firm, at):
    content = xlsx(workers(1))
    first = begin(firm, content)
    reading.read_upload(draft_key=first.pk, at=at)
    first.refresh_from_db()
    report = approve(first, at)

    again = upload(firm, content, purpose="REPLACEMENT", at=at + timedelta(days=1))

    assert (again.draft, again.report, again.since) == (None, report, at)
    assert not ReportDraft.objects.open().exists()


def test_a_file_that_was_refused_may_be_tried_again(firm):
    content = xlsx([])
    first = begin(firm, content)
    reading.read_upload(draft_key=first.pk, at=make.AT)

    assert not upload(firm, content).was_known


def test_another_file_takes_the_place_of_the_open_draft(firm):
    first = draft_of(firm, workers(1))
    waiting = begin(firm, xlsx(workers(2)))

    second = draft_of(firm, workers(3))

    first.refresh_from_db()
    waiting.refresh_from_db()
    assert {first.closed_because, waiting.closed_because} == {"REPLACED"}
    assert [row.id_number for row in DraftRow.objects.all()] == [nik(3)]
    assert ReportDraft.objects.open().get() == second


def test_a_firm_sends_so_many_files_a_day(firm):
    content, minute = xlsx(workers(1)), timedelta(minutes=1)
    for number in range(drafts.FILES_A_DAY):
        upload(firm, content, at=make.AT + 6 * number * minute)

    with pytest.raises(TooMany):
        upload(firm, xlsx(workers(2)), at=make.AT + 6 * drafts.FILES_A_DAY * minute)

    upload(firm, xlsx(workers(2)), at=make.AT + timedelta(days=1))


def test_a_firm_sends_so_many_files_an_hour(firm):
    content = xlsx(workers(1))
    for _ in range(drafts.FILES_AN_HOUR):
        upload(firm, content)

    with pytest.raises(TooMany) as limit:
        upload(firm, xlsx(workers(2)))

    assert limit.value.until == make.AT + timedelta(hours=1)
    upload(firm, xlsx(workers(2)), at=limit.value.until)


def test_a_firm_sends_so_many_megabytes_a_day(firm, monkeypatch):
    monkeypatch.setattr(drafts, "MEGABYTES_A_DAY", 2)
    upload(firm, xlsx(workers(1)))
    upload(firm, xlsx(workers(2)))

    with pytest.raises(TooMany):
        upload(firm, xlsx(workers(3)))


def test_a_file_past_the_limit_is_not_kept(firm, monkeypatch):
    monkeypatch.setattr(drafts, "FILES_A_DAY", 0)
    before = set(uploads.folder().iterdir())

    with pytest.raises(TooMany):
        upload(firm, xlsx(workers(1)))

    assert set(uploads.folder().iterdir()) <= before


def test_the_month_is_as_the_last_one_was(firm, by, at):
    approve(draft_of(firm, [worker(1), worker(2, upah=7_000_000)]), at)

    draft = drafts.prepare_same(employer=firm, month=NOVEMBER, by=by, at=at)

    assert (draft.state, draft.source, draft.rows_total) == ("READY", "SAME", 2)
    found = {row.id_number: row for row in draft.rows.all()}
    assert {key: row.wage for key, row in found.items()} == {nik(1): WAGE, nik(2): 7_000_000}
    one = found[nik(1)]
    assert (one.name, one.birth_date, one.started_on) == ("Pekerja B", date(1985, 9, 15), START)
    assert (one.is_new, one.last_wage, one.sex, one.warnings) == (False, WAGE, "L", [])
    assert approve(draft, at).workers == 2


def test_who_left_is_not_in_the_next_month(firm, by, at):
    approve(draft_of(firm, workers(1, 2, 3)), at)
    people = {e.person.id_number: e for e in Employment.objects.select_related("person")}
    left = people[nik(1)]
    left.ended_on, left.cause = date(2026, 10, 31), "RESIGNED"
    left.save()
    leaving = people[nik(2)]
    leaving.ended_on, leaving.cause = date(2026, 11, 10), "RETIRED"
    leaving.save()

    draft = drafts.prepare_same(employer=firm, month=NOVEMBER, by=by, at=at)

    rows = {row.id_number: row for row in draft.rows.all()}
    assert set(rows) == {nik(2), nik(3)}
    assert (rows[nik(2)].ended_on, rows[nik(2)].cause) == (date(2026, 11, 10), "RETIRED")


def test_a_firm_without_a_report_has_nothing_to_copy(firm, by, at):
    with pytest.raises(drafts.NothingToCopy):
        drafts.prepare_same(employer=firm, month=OCTOBER, by=by, at=at)


def test_a_firm_without_a_report_begins_on_an_empty_screen(firm, by, at):
    draft = drafts.prepare_screen(employer=firm, month=OCTOBER, by=by, at=at)

    assert (draft.state, draft.source, draft.rows.count()) == ("READY", "SCREEN", 0)


def test_a_large_firm_is_copied_by_a_job(firm, by, at, monkeypatch):
    approve(draft_of(firm, workers(1, 2)), at)
    monkeypatch.setattr(drafts, "AT_ONCE", 1)

    draft = drafts.prepare_screen(employer=firm, month=NOVEMBER, by=by, at=at)

    assert (draft.state, draft.rows.count()) == ("READING", 0)
    report = firm.reports.standing().get()
    for _ in range(2):
        drafts.fill_draft(draft_key=draft.pk, report_key=report.pk, at=at)
    draft.refresh_from_db()
    assert (draft.state, draft.rows.count(), draft.rows_read) == ("READY", 2, 2)


def test_a_report_is_prepared_anew_from_itself(firm, by, at):
    report = approve(draft_of(firm, [worker(1), worker(2, upah=7_000_000)]), at)

    draft = drafts.prepare_from_report(report=report, purpose="REPLACEMENT", by=by, at=at)

    assert (draft.purpose, draft.month, draft.state) == ("REPLACEMENT", OCTOBER, "READY")
    wages = {row.id_number: row.wage for row in draft.rows.all()}
    assert wages == {nik(1): WAGE, nik(2): 7_000_000}


def test_what_was_explained_in_a_report_is_not_asked_again(firm, by, at):
    low = draft_of(firm, [worker(1, upah=4_000_000)])
    low.rows.warned().update(reason="Bekerja paruh waktu")
    report = approve(low, at)

    again = drafts.prepare_from_report(report=report, purpose="REPLACEMENT", by=by, at=at)
    following = drafts.prepare_same(employer=firm, month=NOVEMBER, by=by, at=at)

    assert (again.warned, following.warned) == (0, 0)


def test_a_low_wage_is_asked_about_again_when_the_minimum_rises(firm, by):
    january = Month(2027, 1)
    later = make.AT + timedelta(days=60)
    MinimumWage.objects.filter(valid_until=None).update(valid_until=january.first_day)
    MinimumWage.objects.create(
        amount=5_800_000, valid_from=january.first_day, legal_basis="Keputusan contoh"
    )
    low = draft_of(firm, [worker(1, upah=4_000_000), worker(2)])
    low.rows.warned().update(reason="Bekerja paruh waktu")
    approve(low, later)

    draft = drafts.prepare_same(employer=firm, month=january, by=by, at=later)

    assert [row.warnings[0]["key"] for row in draft.rows.warned()] == ["row.wage.low"]


def test_a_draft_is_thrown_away_with_its_rows_and_its_file(
    firm, by, at, django_capture_on_commit_callbacks
):
    read = draft_of(firm, workers(1))
    waiting = begin(firm, xlsx(workers(1)), month=NOVEMBER)

    with django_capture_on_commit_callbacks(execute=True):
        drafts.discard(draft=read, by=by, at=at)
        drafts.discard(draft=waiting, by=by, at=at)

    read.refresh_from_db()
    assert (read.closed_at, read.closed_because) == (at, "DISCARDED")
    assert not DraftRow.objects.exists()
    assert not is_kept(waiting.stored_name)
    with pytest.raises(drafts.DraftIsClosed):
        drafts.discard(draft=read, by=by, at=at)


def test_a_draft_is_kept_for_thirty_days(firm, at):
    draft = draft_of(firm, workers(1))

    assert drafts.close_expired_drafts(at=at + timedelta(days=29)) == 0
    assert drafts.close_expired_drafts(at=at + timedelta(days=31)) == 1

    draft.refresh_from_db()
    assert draft.closed_because == "EXPIRED"
    assert not DraftRow.objects.exists()


def test_the_rows_of_an_approved_draft_are_forgotten(firm, at):
    approve(draft_of(firm, workers(1)), at)
    assert DraftRow.objects.exists()

    drafts.close_expired_drafts(at=at)

    assert not DraftRow.objects.exists()


def refused_by(name, **changes):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        ReportDraft.objects.update(**changes)


def test_the_database_keeps_one_open_draft_a_month(firm, by, at):
    draft = draft_of(firm, workers(1))

    with pytest.raises(IntegrityError, match="report_draft_is_open_once_a_month"):
        ReportDraft.objects.create(
            employer=firm,
            month=OCTOBER,
            source="UPLOAD",
            state="READY",
            made_at=at,
            expires_at=draft.expires_at,
        )


def test_the_database_refuses_a_draft_that_cannot_be(firm, at):
    draft_of(firm, [worker(1, nama="")])

    a_second = RawSQL("DATE '2026-10-02'", [])  # the field itself lets no such day through
    refused_by("report_draft_month_is_a_first_day", month=a_second)
    refused_by("report_draft_closing_is_whole", closed_at=at)
    refused_by("report_draft_refused_says_why", state="REFUSED")
    refused_by("report_draft_refused_says_why", fault="x")
    refused_by("report_draft_with_faults_is_not_approved", closed_at=at, closed_because="APPROVED")


def test_the_database_refuses_a_row_that_cannot_be(firm):
    draft = draft_of(firm, [worker(1, nama=""), worker(2)])

    with pytest.raises(IntegrityError, match="draft_row_number_stands_once"), transaction.atomic():
        draft.rows.filter(number=3).update(number=2)
    with (
        pytest.raises(IntegrityError, match="draft_row_without_faults_is_whole"),
        transaction.atomic(),
    ):
        draft.rows.filter(number=2).update(faults=[])
