"""Three thousand broken workbooks and CSVs: each is read or refused, none hangs or breaks us."""

import time
from collections import Counter
from pathlib import Path

from tests.chaos.processes import SEED, tell
from tests.sheets import fuzz

FILES = 3_000


def test_three_thousand_broken_files_are_read_or_told_why_not(tmp_path: Path) -> None:
    seeds = fuzz.seeds()
    began = time.monotonic()
    answers: Counter[str] = Counter()
    faults = []

    for number in range(SEED, SEED + FILES):
        content = fuzz.mutated(seeds[number % len(seeds)], number)
        answer = fuzz.outcome(content, tmp_path / "sent")
        answers[answer] += 1
        if not fuzz.is_fine(answer):
            faults.append((number, answer))

    tell("sheets", f"{FILES} files, {time.monotonic() - began:.0f} s, {dict(answers)}")
    assert faults == []
