"""A reference number is ours, is read back from any spelling, and a slip of the pen shows."""

import re

import pytest
from hypothesis import given, strategies as st

from cilegon_portal.rules.reference import ALPHABET, fold, new_reference, read_reference

BODIES = st.lists(st.integers(0, 31), min_size=7, max_size=7)


def written(digits: list[int]) -> str:
    return "".join(ALPHABET[digit] for digit in [*digits, fold([*digits, 0])])


def test_a_new_reference_is_written_in_two_groups_of_four():
    reference = new_reference()

    assert re.fullmatch(f"CLG-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", reference)
    assert read_reference(reference) == reference


def test_new_references_differ():
    assert len({new_reference() for _ in range(1_000)}) == 1_000


@given(BODIES)
def test_every_spelling_is_one_reference(digits):
    body = written(digits)
    reference = f"CLG-{body[:4]}-{body[4:]}"

    for typed in (
        body,
        reference.lower(),
        f" clg {body[:4]} {body[4:]} ",
        reference.replace("0", "O").replace("1", "I"),
        reference.replace("0", "o").replace("1", "l"),
    ):
        assert read_reference(typed) == reference


@given(BODIES, st.integers(0, 7), st.integers(1, 31))
def test_one_wrong_character_is_noticed(digits, place, change):
    body = list(written(digits))
    body[place] = ALPHABET[(ALPHABET.index(body[place]) + change) % 32]

    assert read_reference("".join(body)) is None


@given(BODIES, st.integers(0, 7), st.integers(0, 7))
def test_two_characters_that_changed_places_are_noticed(digits, one, other):
    body = list(written(digits))
    was = "".join(body)
    body[one], body[other] = body[other], body[one]
    now = "".join(body)

    assert (read_reference(now) is None) == (now != was)


@pytest.mark.parametrize(
    "text", ["", "CLG", "CLG-0000", "CLG-0000-000", "CLG-0000-00000", "XYZ-0000-0000", "0000-000U"]
)
def test_what_is_no_reference_is_none(text):
    assert read_reference(text) is None


@given(st.text())
def test_any_text_is_a_reference_or_none(text):
    found = read_reference(text)

    assert found is None or read_reference(found) == found
