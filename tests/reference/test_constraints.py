"""What the reference tables refuse, by the name of the rule."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, models

from cilegon_portal.reference.models import (
    Holiday,
    Kecamatan,
    Kelurahan,
    MinimumWage,
    Office,
    Setting,
)

pytestmark = pytest.mark.django_db

FAR = date(2099, 1, 1)
DATED = {"valid_from": FAR, "legal_basis": "contoh"}
ENDED = {"valid_until": FAR}


def setting(**changed: Any) -> Setting:
    return Setting(**{"key": "X", "value": "1", "meaning": "contoh"} | DATED | changed)


def office(**changed: Any) -> Office:
    return Office(**{"name": "Kantor", "head_title": "Kepala"} | DATED | changed)


def wage(**changed: Any) -> MinimumWage:
    return MinimumWage(**{"amount": 1} | DATED | changed)


def place(**changed: Any) -> Kecamatan:
    return Kecamatan(**{"code": "36.72.01", "name": "X", "legal_basis": "contoh"} | changed)


def ward(**changed: Any) -> Kelurahan:
    above = Kecamatan.objects.get(code="36.72.01")
    known = {"code": "36.72.01.1001", "name": "X", "legal_basis": "contoh"}
    return Kelurahan(kecamatan=above, **known | changed)


def holiday() -> Holiday:
    return Holiday(day=date(2026, 12, 25), name="X", kind="NATIONAL", legal_basis="contoh")


@pytest.mark.parametrize(
    ("make", "changed", "rule"),
    [
        (setting, {"key": "BPU_CODE_DAYS"}, "setting_has_one_value_on_a_day"),
        (setting, ENDED, "setting_ends_after_it_begins"),
        (office, {}, "office_is_one_on_a_day"),
        (office, ENDED, "office_ends_after_it_begins"),
        (wage, {}, "minimum_wage_is_one_on_a_day"),
        (wage, ENDED, "minimum_wage_ends_after_it_begins"),
        (wage, {"amount": 0}, "minimum_wage_is_positive"),
        (wage, {"sen": 100}, "minimum_wage_is_positive"),
        (place, {}, "kecamatan_code_stands_once"),
        (ward, {}, "kelurahan_code_stands_once"),
        (holiday, {}, "holiday_stands_once"),
    ],
)
def test_the_database_refuses_by_the_name_of_the_rule(make, changed, rule):
    row: models.Model = make(**changed)

    with pytest.raises(IntegrityError, match=rule):
        row.save()


def test_a_row_that_begins_the_day_another_ends_is_no_overlap():
    setting(valid_from=date(2098, 1, 1), valid_until=FAR).save()

    setting().save()

    assert Setting.objects.value("X", on=date(2098, 12, 31)) == "1"


def test_a_word_of_another_key_is_no_overlap():
    setting(key="X").save()
    setting(key="Y").save()

    assert Setting.objects.filter(key__in=["X", "Y"]).count() == 2
