"""Writes about people: register one, prove a phone, show a masked number with a reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from cilegon_portal.accounts.actions import record_reveal
from cilegon_portal.accounts.models import Reveal, User
from cilegon_portal.fields import blind_index, encrypt
from cilegon_portal.people.models import Person


class AlreadyRegistered(Exception):
    """A person with this NIK is on record."""


def register_person(
    *,
    nik: str,
    name: str,
    birth_date: date,
    sex: str,
    user: User | None,
    proven_by: str,
    at: datetime,
) -> Person:
    """Write the person with this NIK (16 digits); raise AlreadyRegistered when one stands.

    A parallel registration of the same NIK waits for the other and then finds it.
    """
    person, is_new = Person.objects.get_or_create(
        id_kind=Person.IdKind.NIK,
        id_index=blind_index("person.id", nik),
        defaults={
            "id_number": nik,
            "name": name,
            "birth_date": birth_date,
            "sex": sex,
            "user": user,
            "phone_proven_by": proven_by if user else "",
            "registered_at": at,
        },
    )
    if not is_new:
        raise AlreadyRegistered
    return person


@dataclass(frozen=True)
class Newcomer:
    """A person whom somebody else names, a firm for instance: no phone is known or proven."""

    id_kind: str
    id_index: bytes
    id_number: str
    name: str
    birth_date: date
    sex: str


# In one order, so that two firms that name the same people never wait for each other in a circle.
REGISTER_NEWCOMERS = """
INSERT INTO people_person
    (id_kind, id_index, id_number, name, birth_date, sex, phone_proven_by, registered_at)
SELECT DISTINCT ON (id_kind, id_index)
       id_kind, id_index, id_number, name, birth_date, sex, '', %(at)s
FROM unnest(%(id_kinds)s::text[], %(id_indexes)s::bytea[], %(id_numbers)s::bytea[],
            %(names)s::text[], %(birth_dates)s::date[], %(sexes)s::text[])
    AS newcomer (id_kind, id_index, id_number, name, birth_date, sex)
ORDER BY id_kind, id_index
ON CONFLICT (id_kind, id_index) DO NOTHING
"""


@transaction.atomic
def register_people(*, people: Iterable[Newcomer], at: datetime) -> int:
    """Write the people who are on no record yet, and leave those who are as they stand.

    Returns how many were written. A person is never changed by what somebody else says of them.
    """
    place = "people_person.id_number"
    newcomers = list(people)
    if not newcomers:
        return 0
    columns: dict[str, Any] = {
        "id_kinds": [it.id_kind for it in newcomers],
        "id_indexes": [it.id_index for it in newcomers],
        "id_numbers": [encrypt(it.id_number, place=place) for it in newcomers],
        "names": [it.name for it in newcomers],
        "birth_dates": [it.birth_date for it in newcomers],
        "sexes": [it.sex for it in newcomers],
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(REGISTER_NEWCOMERS, columns)
        return int(cursor.rowcount)


@transaction.atomic
def prove_phone_at_counter(*, person: Person, user: User) -> None:
    """Hang `person` on `user`, whose phone the counter has proven, identity card in hand."""
    locked = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    locked.user = user
    locked.phone_proven_by = Person.ProvenBy.COUNTER
    locked.save(update_fields=["user", "phone_proven_by"])


@transaction.atomic
def reveal_nik(*, person: Person, reason: str, by: User, at: datetime, request_id: str = "") -> str:
    """Return the 16 digits of `person`'s NIK, and write down who looked, when and why."""
    record_reveal(
        person_key=person.pk,
        what=Reveal.What.NIK,
        reason=reason,
        by=by,
        at=at,
        request_id=request_id,
    )
    return str(person.id_number)
