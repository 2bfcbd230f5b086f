from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from cilegon_portal.accounts.models import Reveal
from cilegon_portal.people.actions import (
    AlreadyRegistered,
    prove_phone_at_counter,
    register_person,
    reveal_nik,
)
from cilegon_portal.people.models import Person
from tests import make
from tests.accounts.helpers import worker

NIK = "3672994512850001"


def register(nik: str = NIK, *, name: str = "Siti Rahayu") -> Person:
    return register_person(
        nik=nik,
        name=name,
        birth_date=date(1985, 12, 5),
        sex="P",
        user=None,
        proven_by=Person.ProvenBy.WORKER,
        at=make.AT,
    )


def test_a_person_is_found_by_the_whole_nik_only(db):
    person = register()

    assert Person.objects.with_nik(NIK).get() == person
    assert not Person.objects.with_nik(NIK[:-1] + "2").exists()


def test_the_nik_stands_encrypted_in_the_table(db):
    register()

    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number, id_index FROM people_person")
        number, index = cursor.fetchone()
    assert NIK.encode() not in bytes(number)
    assert NIK.encode() not in bytes(index)


def test_a_nik_is_registered_once(db):
    register()

    with pytest.raises(AlreadyRegistered):
        register(name="Orang Lain")
    assert Person.objects.get().name == "Siti Rahayu"


def test_the_database_refuses_a_second_person_with_one_nik(db):
    person = register()
    person.pk = None

    with (
        pytest.raises(IntegrityError, match="person_id_stands_once"),
        transaction.atomic(),
    ):
        person.save(force_insert=True)


def test_the_database_refuses_a_user_whose_phone_nobody_proved(db):
    person = register()

    with (
        pytest.raises(IntegrityError, match="person_phone_is_proven_for_a_user"),
        transaction.atomic(),
    ):
        Person.objects.filter(pk=person.pk).update(user=worker())


def test_a_phone_proven_at_the_counter_says_so(db):
    person = register()
    user = worker()

    prove_phone_at_counter(person=person, user=user)

    person.refresh_from_db()
    assert (person.user, person.phone_proven_by) == (user, Person.ProvenBy.COUNTER)


def test_a_look_at_the_nik_is_kept_with_its_reason(db):
    person, officer = register(), make.user()
    later = make.AT + timedelta(hours=1)

    shown = reveal_nik(
        person=person, reason="Mencocokkan KTP", by=officer, at=later, request_id="abc"
    )

    kept = Reveal.objects.get()
    assert shown == NIK
    assert (kept.by, kept.person_key, kept.at) == (officer, person.pk, later)
    assert (kept.reason, kept.request_id) == ("Mencocokkan KTP", "abc")


def test_a_change_of_name_leaves_a_trail_that_names_the_column_and_not_the_name(db):
    person = register()

    Person.objects.filter(pk=person.pk).update(name="Siti Aminah")

    with connection.cursor() as cursor:
        cursor.execute("SELECT changed, people_personevent::text FROM people_personevent")
        trail = cursor.fetchall()
    assert ["name"] in [row[0] for row in trail]
    assert all("Siti" not in row[1] for row in trail)
