"""`load_reference`: everything or nothing, and never over what the office changed."""

import json
from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from cilegon_portal.contributions.models import Rate, SizeProgramme
from cilegon_portal.management.commands import load_reference
from cilegon_portal.reference.models import (
    Holiday,
    Kecamatan,
    Kelurahan,
    MinimumWage,
    Office,
    Setting,
)
from employers.models import LineOfBusiness
from participants.models import Occupation

pytestmark = pytest.mark.django_db

Edit = Callable[[str, str, str], None]


def run() -> dict[str, Any]:
    out = StringIO()
    call_command("load_reference", "--json", stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


@pytest.fixture
def edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edit:
    """Return a function that loads from a copy of a data file with one text replaced."""

    def replaced(name: str, old: str, new: str) -> None:
        for constant in ("REFERENCE", "RATES", "JOBS", "FIRMS"):
            folder: Path = getattr(load_reference, constant)
            if (folder / name).exists():
                text = (folder / name).read_text(encoding="utf-8")
                assert old in text
                for path in folder.iterdir():
                    (tmp_path / path.name).write_bytes(path.read_bytes())
                (tmp_path / name).write_text(text.replace(old, new, 1), encoding="utf-8")
                monkeypatch.setattr(load_reference, constant, tmp_path)
                return
        raise AssertionError(name)

    return replaced


def test_a_second_run_writes_nothing():
    assert run()["written"] == 0


def test_a_second_run_leaves_no_event():
    events = apps.get_model("contributions", "RateEvent").objects
    before = events.count()

    run()

    assert before == Rate.objects.count()
    assert events.count() == before


def test_an_empty_table_is_filled_again():
    SizeProgramme.objects.all().delete()

    result = run()

    assert result["tables"]["sizeprogramme"] == {"read": 16, "written": 16, "same": 0, "kept": []}
    assert SizeProgramme.objects.count() == 16


def test_loading_needs_few_queries(django_assert_max_num_queries):
    with django_assert_max_num_queries(40):
        run()


def test_the_places_of_the_city_are_all_there():
    assert Kecamatan.objects.count() == 8
    assert Kelurahan.objects.count() == 43
    assert Kelurahan.objects.get(code="36.72.03.1004").kecamatan.name == "Pulomerak"


def test_occupations_come_in_thirteen_groups():
    assert Occupation.objects.values("group").distinct().count() == 13
    assert Occupation.objects.count() >= 90
    assert Occupation.objects.get(name="Nelayan").sector == "OTHER"
    assert Occupation.objects.get(name="Pengemudi ojek online").sector == "TRANSPORT"
    assert Occupation.objects.get(name="Peserta magang").is_priced_by_office


def test_lines_of_business_have_their_risk_group_and_say_what_is_uncertain():
    lines = LineOfBusiness.objects.all()

    assert lines.count() >= 60
    assert set(lines.values_list("risk_group", flat=True)) == {1, 2, 3, 4, 5}
    assert not lines.get(name="Toko dan pedagang eceran").is_uncertain  # annexe I, group I: read
    assert not lines.filter(risk_group__gte=2, is_uncertain=False).exists()
    assert lines.filter(is_labour_intensive=True).count() >= 6
    assert not lines.filter(is_labour_intensive=True).exclude(legal_basis__contains="PP 7/2025")
    steel = lines.get(name="Industri logam dasar dan baja")
    assert (steel.risk_group, steel.is_uncertain, steel.is_labour_intensive) == (4, True, False)


def test_the_minimum_wage_of_2026_is_the_decree_and_not_the_proposal():
    wage = MinimumWage.objects.get(valid_from=date(2026, 1, 1))

    assert (wage.amount, wage.sen, wage.is_uncertain) == (5_469_922, 59, False)
    assert MinimumWage.objects.get(valid_from=date(2020, 1, 1)).is_uncertain


def test_the_office_is_a_branch_today_and_was_a_smaller_one_before():
    assert "Pembantu" in Office.objects.in_force_on(date(2022, 2, 22)).get().name
    today = Office.objects.in_force_on(date(2026, 11, 23)).get()
    assert today.name == "BPJS Ketenagakerjaan Kantor Cabang Cilegon"
    assert (today.phone, today.address, today.hours) == ("175", "", "")


def test_a_last_day_in_the_file_is_inclusive():
    assert Setting.objects.value("JP_PENSION_AGE", on=date(2027, 12, 31)) == "59"
    assert Setting.objects.value("JP_PENSION_AGE", on=date(2028, 1, 1)) == "60"


@pytest.mark.parametrize("year", range(2020, 2028))
def test_every_year_has_its_days_off(year):
    days = Holiday.objects.filter(day__year=year)

    assert days.filter(kind=Holiday.Kind.NATIONAL).count() >= 15
    assert days.filter(kind=Holiday.Kind.COLLECTIVE_LEAVE).exists()
    assert days.filter(name__contains="perkiraan").count() == 0


def test_a_guessed_holiday_is_marked():
    assert Holiday.objects.get(day=date(2027, 3, 10)).is_uncertain
    assert not Holiday.objects.get(day=date(2026, 12, 25)).is_uncertain


def test_a_holiday_that_the_office_moved_does_not_come_back():
    Holiday.objects.filter(day=date(2027, 3, 10)).update(day=date(2027, 3, 16))

    assert run()["written"] == 0
    assert not Holiday.objects.filter(day=date(2027, 3, 10)).exists()


def test_what_the_office_changed_is_left_and_reported():
    Setting.objects.filter(key="BPU_CODE_DAYS").update(value="3")

    result = run()

    assert result["written"] == 0
    assert result["tables"]["setting"]["kept"] == [
        "settings.csv baris 3: di basis data lain (value)"
    ]
    assert Setting.objects.value("BPU_CODE_DAYS", on=date(2026, 11, 23)) == "3"


def test_a_row_that_would_overlap_what_the_office_wrote_is_left_out():
    Rate.objects.filter(programme="JKM", segment="BPU", role="BASE").update(
        valid_from=date(2015, 7, 2)
    )

    result = run()

    assert result["written"] == 0
    assert "bertumpuk" in result["tables"]["rate"]["kept"][0]


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("settings.csv", "BPU_CODE_DAYS,7", "BPU_CODE_DAYS,tujuh", "settings.csv baris 3: value"),
        ("settings.csv", "BPU_CODE_DAYS,7", "BPU_DAYS,7", "settings.csv baris 3: key"),
        ("settings.csv", "2015-07-01", "1-7-2015", "settings.csv baris 2: valid_from"),
        ("rates.csv", "JKK,PU,EMPLOYER,1,", "JKX,PU,EMPLOYER,1,", "rates.csv baris 2: programme"),
        ("rates.csv", ",2400,", ",sedikit,", "rates.csv baris 2: value"),
        ("rates.csv", "PP 82/2019),no", "PP),nein", "rates.csv baris 2: is_uncertain"),
        ("rates.csv", "EMPLOYER,2,BASE", "EMPLOYER,1,BASE", "rates.csv baris 3: bertumpuk dengan"),
        ("rates.csv", "JKK,PU,EMPLOYER,1,", "JKK,PU,EMPLOYER,", "rates.csv baris 2: harus"),
        ("kelurahan.csv", "36.72.01,", "36.72.99,", "kelurahan.csv baris 2: kecamatan"),
        ("kecamatan.csv", "code,", "kode,", "kecamatan.csv: "),
        ("lines_of_business.csv", "topi,1", "topi,satu", "business.csv baris 3: risk_group"),
        ("minimum_wages.csv", "2020-12-31", "2021-01-01", "minimum_wages.csv baris 3: bertumpuk"),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_with_its_file(edit, name, old, new, said):
    edit(name, old, new)

    with pytest.raises(CommandError) as refusal:
        run()

    assert said in str(refusal.value)


def test_a_row_that_the_database_refuses_is_named_with_the_rule_it_breaks(edit):
    MinimumWage.objects.all().delete()
    edit("minimum_wages.csv", "4657222,94", "0,94")

    with pytest.raises(CommandError) as refusal:
        run()

    assert str(refusal.value) == (
        "minimum_wages.csv baris 5: Upah minimum harus lebih dari nol, sen 0 sampai 99."
    )


def test_one_bad_file_writes_nothing_at_all(edit):
    SizeProgramme.objects.all().delete()
    edit("occupations.csv", "Nelayan,", ",")

    with pytest.raises(CommandError, match=r"occupations\.csv"):
        run()

    assert not SizeProgramme.objects.exists()


def test_a_file_that_is_no_text_is_told(edit, tmp_path):
    edit("offices.csv", "Cilegon", "Cilegon")
    (tmp_path / "offices.csv").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(CommandError, match=r"offices\.csv: berkas tidak terbaca"):
        run()


def test_the_counts_are_told_in_words():
    Setting.objects.filter(key="BPU_CODE_DAYS").update(value="3")
    out = StringIO()

    call_command("load_reference", stdout=out)

    assert "rate: 0 ditulis, 132 sudah ada" in out.getvalue()
    assert "dibiarkan: settings.csv baris 3" in out.getvalue()
