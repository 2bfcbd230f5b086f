"""Time tells nothing of who is on record: two hundred calls each, known and unknown (P1)."""

import random
import time
from math import erfc, sqrt
from statistics import median

import pytest
from django.test import Client
from django.utils import timezone

from tests.accounts.helpers import worker
from tests.chaos.processes import SEED, tell
from tests.make import enrolment
from tests.participants.journey import PATHS, form_id_of, walk

CALLS = 200
NEAR = 0.005  # seconds between the medians
NIKS_OF_A_BROWSER = 8  # R4 allows ten an hour
SURE = 0.01  # below this the two differ by more than chance


def chance(a: list[float], b: list[float]) -> float:
    """Return Mann and Whitney's p, two-sided, by the normal approximation."""
    ranked = sorted((value, which) for which, values in enumerate((a, b)) for value in values)
    ranks = sum(rank for rank, (_, which) in enumerate(ranked, 1) if which == 0)
    u = ranks - len(a) * (len(a) + 1) / 2
    spread = sqrt(len(a) * len(b) * (len(a) + len(b) + 1) / 12)
    return erfc(abs(u - len(a) * len(b) / 2) / spread / sqrt(2))


def test_the_test_itself_tells_different_from_alike() -> None:
    dice = random.Random(SEED)  # noqa: S311
    one, other = ([dice.gauss(10, 1) for _ in range(CALLS)] for _ in range(2))

    assert chance(one, other) > SURE
    assert chance(one, [value + 0.6 for value in other]) < SURE


def judge(what: str, known: list[float], unknown: list[float]) -> None:
    apart = abs(median(known) - median(unknown))
    p = chance(known, unknown)
    tell(what, f"known {median(known) * 1000:.2f} ms, unknown {median(unknown) * 1000:.2f} ms,",
         f"p {p:.3f}, seed {SEED}")  # fmt: skip
    assert apart <= NEAR
    assert p > SURE or apart <= NEAR / 5


def browser(number: int) -> Client:
    return Client(REMOTE_ADDR=f"10.1.{number // 250}.{number % 250 + 1}")


def timed(client: Client, path: str, **answers: str) -> float:
    page = client.get(path)
    data = {"form_id": form_id_of(page)} | answers
    began = time.perf_counter()
    status = client.post(path, data).status_code
    took = time.perf_counter() - began
    assert status == 302
    return took


@pytest.mark.django_db
def test_signing_in_takes_as_long_for_a_number_that_nobody_has() -> None:
    numbers = [f"+62812{60_000_000 + number}" for number in range(2 * CALLS)]
    for number in numbers[:CALLS]:
        worker(number)
    asked = [(number, number in numbers[:CALLS]) for number in numbers]
    random.Random(SEED).shuffle(asked)  # noqa: S311
    times: dict[bool, list[float]] = {True: [], False: []}

    for at, (number, is_known) in enumerate(asked):
        times[is_known].append(timed(browser(at), "/masuk/", phone=number, channel="SMS"))

    judge("sign-in", times[True], times[False])


@pytest.mark.django_db
def test_registering_takes_as_long_for_a_nik_on_record() -> None:
    known = [
        enrolment(worker(f"+62812{61_000_000 + at}"), at=timezone.now()).person.id_number
        for at in range(CALLS)
    ]
    unknown = [f"3672991509859{at:03}" for at in range(CALLS)]
    asked = [(nik, True) for nik in known] + [(nik, False) for nik in unknown]
    random.Random(SEED).shuffle(asked)  # noqa: S311
    times: dict[bool, list[float]] = {True: [], False: []}

    client = browser(0)
    for at, (nik, is_known) in enumerate(asked):
        if at % NIKS_OF_A_BROWSER == 0:
            client = browser(at)
            walk(client, "occupation")
        times[is_known].append(timed(client, PATHS["nik"], nik=nik))

    judge("NIK", times[True], times[False])
