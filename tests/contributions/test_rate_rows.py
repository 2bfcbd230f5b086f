"""The dated rows of the law refuse what cannot be: overlaps, wrong ends, no article."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from cilegon_portal.contributions.models import DueDateRule, Rate, SizeProgramme

pytestmark = pytest.mark.django_db

FAR = date(2090, 1, 1)


def rate(**change: Any) -> Rate:
    return Rate(
        **{
            "programme": "JKM",
            "segment": "PU",
            "payer": "WORKER",
            "measure": "FLAT",
            "value": 1,
            "valid_from": FAR,
            "legal_basis": "PP 1/2090",
            **change,
        }
    )


@pytest.mark.parametrize(
    ("name", "change", "sentence"),
    [
        ("rate_ends_after_it_begins", {"valid_until": FAR}, "Tanggal berakhir harus sesudah"),
        ("rate_is_not_negative", {"value": -1}, "Nilai tarif harus nol atau lebih."),
        ("rate_relief_names_its_condition", {"role": "RELIEF"}, "Keringanan harus punya syarat"),
        ("rate_band_names_its_income", {"measure": "BAND"}, "Tarif golongan harus punya batas"),
        ("rate_cites_the_law", {"legal_basis": ""}, "Isi dasar hukum tarif ini."),
    ],
)
def test_a_rate_makes_sense_and_a_clerk_is_told_why(name, change, sentence):
    with pytest.raises(ValidationError, match=sentence):
        rate(**change).validate_constraints()
    with pytest.raises(IntegrityError, match=name):
        rate(**change).save()


def test_no_two_rates_of_a_kind_stand_on_one_day():
    rate(valid_until=FAR.replace(year=2092)).save()
    rate(valid_from=FAR.replace(year=2092)).save()  # the upper end is exclusive
    twin = rate(valid_from=FAR.replace(year=2091), valid_until=FAR.replace(year=2092))
    with pytest.raises(ValidationError, match="bertumpuk"):
        twin.validate_constraints()
    with pytest.raises(IntegrityError, match="rate_is_one_of_its_kind_on_a_day"):
        twin.save()


def due_rule(**change: Any) -> DueDateRule:
    return DueDateRule(
        **{
            "segment": "PU",
            "day": 15,
            "month_offset": 1,
            "shift": "FORWARD",
            "valid_from": date(1990, 1, 1),
            "valid_until": date(1991, 1, 1),
            "legal_basis": "PP 1/1990",
            **change,
        }
    )


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("due_date_rule_ends_after_it_begins", {"valid_until": date(1990, 1, 1)}),
        ("due_date_rule_names_a_day", {"day": 32}),
        ("due_date_rule_names_a_day", {"month_offset": 3}),
        ("due_date_rule_is_one_on_a_day", {"valid_until": None}),
    ],
)
def test_a_due_date_rule_makes_sense(name, change):
    with pytest.raises(IntegrityError, match=name):
        due_rule(**change).save()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("size_programme_ends_after_it_begins", {"valid_until": date(1990, 1, 1)}),
        ("size_programme_is_one_on_a_day", {"valid_until": None}),
    ],
)
def test_a_size_programme_makes_sense(name, change):
    row = {
        "size": "MICRO",
        "programme": "JKK",
        "is_compulsory": True,
        "valid_from": date(1990, 1, 1),
        "valid_until": date(1991, 1, 1),
        "legal_basis": "PP 1/1990",
    }
    with pytest.raises(IntegrityError, match=name):
        SizeProgramme.objects.create(**{**row, **change})
