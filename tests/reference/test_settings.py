from datetime import date

import pytest

from cilegon_portal.reference.models import Setting, UnknownSetting

pytestmark = pytest.mark.django_db


def setting(value: str, start: date, end: date | None = None) -> Setting:
    return Setting.objects.create(
        key="TEST_ONLY",
        value=value,
        meaning="Untuk uji",
        valid_from=start,
        valid_until=end,
        legal_basis="Uji",
    )


def test_a_setting_is_read_by_the_day():
    setting("7", date(2026, 1, 1), date(2026, 6, 1))
    setting("10", date(2026, 6, 1))

    values = [
        Setting.objects.value("TEST_ONLY", on=day)
        for day in (date(2026, 1, 1), date(2026, 5, 31), date(2026, 6, 1))
    ]

    assert values == ["7", "7", "10"]
    assert Setting.objects.values_on(date(2026, 7, 1))["TEST_ONLY"] == "10"


def test_a_setting_that_was_ended_without_a_successor_holds_on():
    setting("7", date(2026, 1, 1), date(2026, 6, 1))

    assert Setting.objects.value("TEST_ONLY", on=date(2026, 7, 1)) == "7"
    assert Setting.objects.values_on(date(2026, 7, 1))["TEST_ONLY"] == "7"


def test_a_setting_is_unknown_before_its_first_day():
    setting("7", date(2026, 1, 1))

    with pytest.raises(UnknownSetting):
        Setting.objects.value("TEST_ONLY", on=date(2025, 12, 31))
    assert "TEST_ONLY" not in Setting.objects.values_on(date(2025, 12, 31))
