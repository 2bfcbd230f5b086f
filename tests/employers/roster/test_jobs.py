"""The jobs that read a firm's file, with everything committed."""

import threading

import pytest
from django.db import connection, connections
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from cilegon_portal.sheets import uploads
from employers import tasks
from employers.actions import drafts, reading
from employers.models import DraftRow, ReportDraft
from tests import make
from tests.employers.roster.files import NOVEMBER, OCTOBER, begin, upload, workers, xlsx


@pytest.fixture
def firm(committed):
    return make.firm(first=OCTOBER)


def test_a_job_reads_the_file_and_one_of_a_firm_runs_at_a_time(firm, run_jobs):
    first = begin(firm, xlsx(workers(1, 2)))
    second = begin(firm, xlsx(workers(1, 2, 3)), month=NOVEMBER)
    jobs = ProcrastinateJob.objects.filter(queue_name="rosters")
    assert set(jobs.values_list("lock", flat=True)) == {f"roster-{firm.pk}"}

    run_jobs()

    for draft, rows in ((first, 2), (second, 3)):
        draft.refresh_from_db()
        assert (draft.state, draft.rows.count()) == ("READY", rows)
    assert not list(uploads.folder().iterdir())


def test_the_page_sees_how_far_the_reading_is(firm, monkeypatch):
    monkeypatch.setattr(reading, "TOLD_EVERY", 2_000)
    draft = begin(firm, xlsx(workers(*range(1, 5_001))))
    seen = []
    real = reading.write_the_rest

    def look(*given):
        def ask():
            found = ReportDraft.objects.get(pk=draft.pk)
            seen.append((found.state, found.rows_read, found.rows_total, found.rows.count()))
            connections.close_all()

        page = threading.Thread(target=ask)
        page.start()
        page.join()
        real(*given)

    monkeypatch.setattr(reading, "write_the_rest", look)
    reading.read_upload(draft_key=draft.pk, at=make.AT)

    assert seen == [("READING", 4_000, 5_000, 0)]
    draft.refresh_from_db()
    assert (draft.state, draft.rows_read) == ("READY", 5_000)


def test_a_reading_that_dies_leaves_no_row_and_is_done_again(firm, monkeypatch):
    draft = begin(firm, xlsx(workers(1, 2)))
    real = reading.be_ready

    def die(*_args, **_more):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(reading, "be_ready", die)
    with pytest.raises(Exception, match=r"terminat|closed|lost"):
        reading.read_upload(draft_key=draft.pk, at=make.AT)
    connection.close()
    draft.refresh_from_db()
    assert (draft.state, DraftRow.objects.count()) == ("READING", 0)

    monkeypatch.setattr(reading, "be_ready", real)
    reading.read_upload(draft_key=draft.pk, at=make.AT)

    draft.refresh_from_db()
    assert (draft.state, draft.rows.count()) == ("READY", 2)


def test_of_two_parallel_uploads_one_draft_stays_open(firm):
    errors = []

    def send(number):
        try:
            upload(firm, xlsx(workers(number)))
        except Exception as error:  # noqa: BLE001 (told below)
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=(number,)) for number in (1, 2, 3, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert ReportDraft.objects.count() == 4
    assert ReportDraft.objects.open().count() == 1


def test_the_nightly_job_forgets_what_nobody_came_back_to(firm, run_jobs):
    draft = begin(firm, xlsx(workers(1)), at=timezone.now() - 2 * drafts.KEPT_FOR)

    tasks.close_expired_drafts(timestamp=0)

    draft.refresh_from_db()
    assert draft.closed_because == "EXPIRED"
    assert not list(uploads.folder().iterdir())
