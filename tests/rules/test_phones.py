"""A mobile number is read however it is written and shown without its middle."""

import pytest
from hypothesis import given, strategies as st

from cilegon_portal.rules.phones import PhoneError, local_phone, mask_phone, read_phone

SHORTEST, LONGEST = "0812345678", "0812345678901"


@pytest.mark.parametrize(
    "text",
    ["081234567890", "0812-3456-7890", " 0812 3456 7890 ", "+6281234567890", "6281234567890",
     "+62 812.3456.7890", "(0812) 34567890", "+62\u00a0812 3456 7890"],
)  # fmt: skip
def test_every_spelling_is_one_number(text):
    assert read_phone(text) == "+6281234567890"


@pytest.mark.parametrize("text", [SHORTEST, LONGEST])
def test_ten_to_thirteen_digits_are_a_number(text):
    assert local_phone(read_phone(text)) == text


@pytest.mark.parametrize(
    "text",
    [SHORTEST[:-1], LONGEST + "2", "0254391234", "+6591234567", "8123456789", "0812345678a",
     "+", "\u06608123456789"],
)  # fmt: skip
def test_what_is_no_mobile_number_is_refused(text):
    with pytest.raises(PhoneError) as refused:
        read_phone(text)
    assert refused.value.key == "fmt"


@pytest.mark.parametrize("text", ["", "  ", " - "])
def test_an_empty_number_is_told_apart(text):
    with pytest.raises(PhoneError) as refused:
        read_phone(text)
    assert refused.value.key == "empty"


@pytest.mark.parametrize(
    ("number", "shown"),
    [("+6281234567890", "0812••••7890"), ("+62812345678", "0812••5678"), ("+628123", "08123")],
)
def test_a_masked_number_hides_its_middle(number, shown):
    assert mask_phone(number) == shown


@given(st.text())
def test_any_text_is_a_number_or_a_phone_error(text):
    try:
        number = read_phone(text)
    except PhoneError:
        return
    assert number.startswith("+628")
    assert read_phone(number) == number
