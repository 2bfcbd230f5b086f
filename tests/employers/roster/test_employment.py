from datetime import date

import pytest
from django.db import IntegrityError, transaction

from employers.models import Employment
from tests import make


@pytest.fixture
def spell(db):
    return make.employment(
        make.firm(), started_on=date(2026, 1, 5), ended_on=date(2026, 6, 30), cause="RESIGNED"
    )


def test_one_person_may_work_at_two_firms_at_once(spell):
    make.employment(make.firm(), spell.person)

    assert Employment.objects.filter(person=spell.person).count() == 2


def test_one_person_may_come_back(spell):
    again = make.employment(spell.employer, spell.person, started_on=date(2026, 7, 1))

    assert list(Employment.objects.standing()) == [again]
    assert list(Employment.objects.worked_on(date(2026, 6, 30))) == [spell]
    assert list(Employment.objects.worked_on(date(2026, 7, 1))) == [again]


def test_the_database_refuses_two_spells_on_one_day(spell):
    with (
        pytest.raises(IntegrityError, match="employment_spells_do_not_overlap"),
        transaction.atomic(),
    ):
        make.employment(spell.employer, spell.person, started_on=date(2026, 6, 30))


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("employment_ends_after_it_starts", {"ended_on": date(2026, 1, 4)}),
        ("employment_end_has_a_cause", {"cause": ""}),
        ("employment_end_has_a_cause", {"ended_on": None}),
        ("employment_difference_is_settled_whole", {"settled_at": make.AT}),
    ],
)
def test_the_database_refuses_a_spell_that_cannot_be(spell, name, changes):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Employment.objects.update(**changes)


def test_a_difference_waits_until_it_is_settled(spell):
    Employment.objects.update(is_different=True)
    assert list(Employment.objects.differing()) == [spell]

    Employment.objects.update(settled_at=make.AT, settled_by=make.user())

    assert not Employment.objects.differing().exists()
