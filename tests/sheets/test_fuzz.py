"""A hundred broken files; `make chaos` reads three thousand."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings

from tests.sheets import fuzz

ONE_FILE = [HealthCheck.function_scoped_fixture]  # each example writes it anew


def test_every_seed_is_a_good_file(tmp_path):
    seeds = fuzz.seeds()

    assert len(seeds) == 20
    assert {fuzz.outcome(seed, tmp_path / "sent") for seed in seeds} == {"read"}


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=ONE_FILE)
@given(content=fuzz.files())
def test_a_broken_file_is_read_or_told_why_not(tmp_path: Path, content: bytes) -> None:
    assert fuzz.is_fine(fuzz.outcome(content, tmp_path / "sent"))
