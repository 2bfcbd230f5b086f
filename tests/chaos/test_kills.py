"""Processes that die at the worst moment: a web worker, the job worker, the database."""

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path

from django.utils import timezone

from cilegon_portal import embedded
from cilegon_portal.outbox.actions import send as send_message
from cilegon_portal.outbox.models import Message
from cilegon_portal.people.models import Person
from participants.models import Enrolment
from tests.bench.registrations import Ready, ready, send
from tests.chaos.processes import (
    ROOT,
    SEED,
    assert_invariants,
    children_of,
    gunicorn,
    job_worker,
    kill_group,
    status_of,
    tell,
    wait_until,
)

KILLS = 20
MESSAGES = 300
RESCUED_WITHIN = 60 + 30  # seconds: the minute of the rescue, and the worker's own start


def try_to_send(site: str, it: Ready) -> tuple[int, str]:
    try:
        return send(site, it)
    except (OSError, HTTPException):
        return 0, ""


def test_a_web_worker_killed_while_it_registers_leaves_one_record(
    portal_environment: dict[str, str],
) -> None:
    dice = random.Random(SEED)  # noqa: S311
    drafts = ready(KILLS, months=3)
    cut = 0
    with gunicorn(portal_environment) as (site, server), ThreadPoolExecutor(1) as pool:
        for it in drafts:
            sent = pool.submit(try_to_send, site, it)
            time.sleep(dice.uniform(0.0, 0.06))
            for worker in children_of(server):
                os.kill(worker, signal.SIGKILL)
            first = sent.result()
            cut += first[0] == 0
            wait_until(lambda: status_of(f"{site}/masuk/") == 200, within=15)
            again = try_to_send(site, it)
            assert again[0] == 302
            assert first in {(0, ""), again}, "the same form has the same answer"

    tell("seed", SEED, "answers cut off", cut, "of", KILLS)
    assert Person.objects.count() == Enrolment.objects.count() == KILLS
    assert_invariants()


def unsent() -> int:
    return Message.objects.filter(sent_at=None).count()


def test_a_killed_job_worker_loses_no_message_and_doubles_none_it_noted(
    portal_environment: dict[str, str],
) -> None:
    dice = random.Random(SEED)  # noqa: S311
    at = timezone.now()
    for number in range(MESSAGES):
        send_message(
            channel="SMS",
            to=f"+62812{80_000_000 + number}",
            text="Pembayaran diterima",
            dedupe_key=f"chaos-{number}",
            purpose=Message.Purpose.PAYMENT,
            at=at,
        )
    for _ in range(3):
        with job_worker(portal_environment) as worker:
            waiting = unsent()
            while unsent() == waiting:
                time.sleep(0.05)
            time.sleep(dice.uniform(0.0, 0.2))
            kill_group(worker)

    left = unsent()
    with job_worker(portal_environment):
        took = wait_until(lambda: unsent() == 0, within=RESCUED_WITHIN)

    again = Message.objects.filter(tries__gt=1).count()
    tell(
        "seed", SEED, "left by the killed", left, f"sent within {took:.1f} s", "tried twice", again
    )
    assert again <= 3, "only what was in the hands of a killed worker may be tried again"
    assert_invariants()


def test_a_database_that_stops_is_told_as_a_pause_and_heals(fresh_folder: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment = clean | {"PORTAL_DATA": str(fresh_folder), "LOG_LEVEL": "ERROR"}
    server = embedded.find_server(fresh_folder)
    embedded.start(fresh_folder)
    manage = [sys.executable, "manage.py"]
    for command in ("migrate", "createcachetable", "load_reference"):
        subprocess.run([*manage, command, "-v0"], cwd=ROOT, env=environment, check=True)
    fill = "from tests.chaos.drafts import prepare; prepare(40)"
    written = subprocess.run(
        [*manage, "shell", "-v0", "-c", fill],
        cwd=ROOT, env=environment, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    drafts = [Ready(*line.split("\t")) for line in written.splitlines()]

    with gunicorn(environment) as (site, _), ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(try_to_send, site, it) for it in drafts]
        wait_until(lambda: sum(it.done() for it in sent) >= 10, within=30)
        embedded.run(server, "pg_ctl", "-D", server.data, "stop", "-m", "immediate")
        slowest, statuses = 0.0, set()
        for _ in range(5):
            began = time.monotonic()
            statuses.add(status_of(f"{site}/daftar/"))
            slowest = max(slowest, time.monotonic() - began)
        answers = [it.result() for it in sent]
        embedded.start(fresh_folder)
        healed = wait_until(lambda: status_of(f"{site}/daftar/") == 200, within=15)
        told = sum(status == 302 for status, _ in answers)
        kept = [try_to_send(site, it) for it in drafts]

    tell(
        "slowest pause", f"{slowest:.2f} s", "healed after", f"{healed:.1f} s", "acknowledged", told
    )
    assert statuses == {503}
    assert {status for status, _ in answers} <= {302, 503, 0}
    assert [status for status, _ in kept] == [302] * len(drafts)
    lost = [a for a, b in zip(answers, kept, strict=True) if a[0] == 302 and a != b]
    assert lost == [], "what was acknowledged is there"
    assert slowest <= 2.5
