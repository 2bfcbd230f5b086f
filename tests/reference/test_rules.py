"""What the settings of the office may say."""

import pytest

from cilegon_portal.reference.rules import fault_of


@pytest.mark.parametrize(
    ("key", "value"),
    [("BPU_FIRST_MONTH", "NEXT"), ("AGEING_MONTHS", "1,3,6,9"), ("PAY_CHANNELS", "QRIS")],
)
def test_a_setting_takes_the_values_it_is_read_for(key, value):
    assert fault_of(key, value) == ""


@pytest.mark.parametrize(
    ("key", "value", "name"),
    [
        ("BPU_FIRST_MONTH", "next", "value"),
        ("BPU_CODE_DAYS", "0", "value"),
        ("PAY_CHANNELS", "QRIS,", "value"),
        ("BPU_CODE_DAY", "7", "key"),
    ],
)
def test_anything_else_is_refused_with_the_name_of_the_field(key, value, name):
    assert fault_of(key, value).startswith(f"{name}: ")
