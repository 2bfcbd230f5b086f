"""The job worker is killed while it reads a firm's spreadsheet: all of it comes, once, or nothing.

As in production a new worker starts at once; the minute's rescue gives it what the dead one held.
"""

import json
import os
import random
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from django.db import connection
from django.utils import timezone

from cilegon_portal import sheets
from cilegon_portal.rules.months import Month
from cilegon_portal.sheets import uploads
from employers.actions.drafts import start_upload
from employers.models import DraftRow, ReportDraft
from tests.bench.firms import open_firm
from tests.bench.rosters import Crew
from tests.chaos.processes import SEED, assert_invariants, job_worker, tell, wait_until

KILLS = 20
ROWS = 5_000
RESUMED_WITHIN = 60  # seconds after the last worker began to look
READING, READY = ReportDraft.State.READING, ReportDraft.State.READY


def firms(how_many: int, folder: Path) -> list[tuple[Crew, bytes]]:
    """Open firms that have reported nothing yet, with a spreadsheet of the month each."""
    month = Month.of(timezone.localdate()).plus(-1)
    found = []
    for number in range(how_many):
        crew = Crew(f"Uji {number}", ROWS, number * ROWS, month)
        hands, crew.hands = crew.hands, []
        open_firm(crew, at=timezone.now())
        crew.hands = hands
        crew.write(folder / "roster.xlsx")
        found.append((crew, (folder / "roster.xlsx").read_bytes()))
    return found


def upload(crew: Crew, content: bytes) -> ReportDraft:
    kept = uploads.keep_bytes(content, limits=sheets.WEB)
    begun = start_upload(
        employer=crew.employer,
        month=crew.month,
        purpose="REGULAR",
        kept=kept,
        by=crew.approver,
        at=timezone.now(),
    )
    assert begun.draft
    return begun.draft


def is_begun(draft: ReportDraft) -> bool:
    """Tell whether a worker has taken the draft's job."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status FROM procrastinate_jobs WHERE task_name = %s AND args @> %s",
            ["employers.tasks.read_upload", json.dumps({"draft_key": draft.pk})],
        )
        return {status for (status,) in cursor.fetchall()} != {"todo"}


def assert_whole(draft: ReportDraft) -> bool:
    """Check that a draft has every row or none; tell whether it is ready."""
    state = ReportDraft.objects.values_list("state", flat=True).get(pk=draft.pk)
    numbers = list(DraftRow.objects.filter(draft=draft).values_list("number", flat=True))
    assert state in {READING, READY}
    assert sorted(numbers) == (list(range(2, ROWS + 2)) if state == READY else [])
    return state == READY


def wait_closely(holds: Callable[[], bool]) -> float:
    """Wait until `holds()` to a few milliseconds; return the seconds it took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < RESUMED_WITHIN
        time.sleep(0.005)
    return time.monotonic() - began


def seconds_of_one(crew: Crew, content: bytes, environment: dict[str, str]) -> float:
    """Return how long a worker needs for one spreadsheet, from taking the job on."""
    draft = upload(crew, content)
    with job_worker(environment):
        wait_closely(lambda: is_begun(draft))
        return wait_closely(lambda: assert_whole(draft))


def test_a_job_worker_killed_while_it_reads_a_roster_leaves_all_of_it_or_nothing(
    portal_environment: dict[str, str], tmp_path: Path
) -> None:
    dice = random.Random(SEED)  # noqa: S311
    first, *others = firms(KILLS + 1, tmp_path)
    whole = seconds_of_one(*first, portal_environment)
    drafts, cut = [], 0

    for crew, content in others:
        draft = upload(crew, content)
        drafts.append(draft)
        with job_worker(portal_environment) as worker:
            wait_closely(partial(is_begun, draft))
            time.sleep(dice.uniform(0.0, whole))
            os.kill(worker.pid, signal.SIGKILL)
            worker.wait()
            cut += not assert_whole(draft)

    with job_worker(portal_environment):
        took = wait_until(lambda: all(map(assert_whole, drafts)), within=RESUMED_WITHIN)
    tell("seed", SEED, f"one takes {whole:.2f} s", "cut off", cut, f"all there {took:.1f} s later")
    assert DraftRow.objects.count() == ROWS * (KILLS + 1)
    assert ReportDraft.objects.filter(state=READY, faulty=0).count() == KILLS + 1
    assert_invariants()
