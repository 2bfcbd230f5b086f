"""What a firm is shown of a worker is what it said itself: the register tells it nothing."""

from datetime import date

import pytest

from cilegon_portal.fields import blind_index
from cilegon_portal.people.actions import Newcomer, register_people
from cilegon_portal.people.models import Person
from employers.actions import approving, drafts
from employers.models import Employment
from tests import make
from tests.employers.roster.files import NOVEMBER, OCTOBER, START, WAGE, draft_of, worker

HEADER = ("NIK", "Paspor", "Nama", "Tanggal lahir", "Jenis kelamin", "Tanggal masuk kerja", "Upah")
PASSPORT = "A1234567"
BORN = date(1979, 12, 1)


@pytest.fixture
def firm(db):
    return make.firm(first=OCTOBER)


@pytest.fixture
def by(firm):
    return firm.seats.taken().get().user


def foreigner(sex):
    return [None, PASSPORT, "John Contoh", BORN, sex, START, WAGE]


def is_known_elsewhere(at):
    index = blind_index("person.id", PASSPORT)
    register_people(
        people=[Newcomer("PASSPORT", index, PASSPORT, "Jane Lain", date(1980, 1, 1), "P")], at=at
    )


def next_month(firm, by, at):
    reported = draft_of(firm, [foreigner("L")], header=HEADER)
    approving.approve(draft=reported, by=by, at=at)
    same = drafts.prepare_same(employer=firm, month=NOVEMBER, by=by, at=at).rows.get()
    missing = draft_of(firm, [worker(1)], month=NOVEMBER).rows.get(is_absent=True)
    return [
        (row.name, row.birth_date, row.sex, row.faults, row.warnings) for row in (same, missing)
    ]


@pytest.mark.parametrize("is_known", [True, False])
def test_a_passport_comes_back_as_the_firm_reported_it(firm, by, at, is_known):
    if is_known:
        is_known_elsewhere(at)

    found = next_month(firm, by, at)

    assert found == [("John Contoh", BORN, "L", [], [])] * 2
    assert Person.objects.get(id_kind="PASSPORT").sex == ("P" if is_known else "L")


def test_a_sex_that_was_put_right_is_kept(firm, by, at):
    approving.approve(draft=draft_of(firm, [foreigner("L")], header=HEADER), by=by, at=at)
    corrected = draft_of(firm, [foreigner("P")], header=HEADER, month=NOVEMBER)

    approving.approve(draft=corrected, by=by, at=at)

    assert Employment.objects.get(employer=firm).reported_sex == "P"


def test_the_sex_that_a_nik_tells_is_written_nowhere_else(firm, by, at):
    approving.approve(draft=draft_of(firm, [worker(1)]), by=by, at=at)

    assert Employment.objects.get(employer=firm).reported_sex == ""
