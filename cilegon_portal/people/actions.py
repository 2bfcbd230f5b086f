"""Writes about people: register one, prove a phone, show a masked number with a reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

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


NEWCOMERS = """
CREATE TEMP TABLE IF NOT EXISTS newcomer
    (id_kind text, id_index bytea, id_number bytea, name text, birth_date date, sex text)
    ON COMMIT DROP;
DELETE FROM newcomer;
"""

COPY_NEWCOMERS = """
COPY newcomer (id_kind, id_index, id_number, name, birth_date, sex) FROM STDIN
"""

# In one order, so that two firms that name the same people never wait for each other in a circle.
REGISTER_NEWCOMERS = """
INSERT INTO people_person
    (id_kind, id_index, id_number, name, birth_date, sex, phone_proven_by, registered_at)
SELECT DISTINCT ON (id_kind, id_index)
       id_kind, id_index, id_number, name, birth_date, sex, '', %(at)s
FROM newcomer
ORDER BY id_kind, id_index
ON CONFLICT (id_kind, id_index) DO NOTHING
"""


@transaction.atomic
def register_people(*, people: Iterable[Newcomer], at: datetime) -> int:
    """Write the people who are on no record yet, and leave those who are as they stand.

    Returns how many were written. A person is never changed by what somebody else says of them.
    """
    place = "people_person.id_number"
    # Sealed before the copy begins: while it runs the connection can answer nothing else.
    rows = [
        (
            it.id_kind,
            it.id_index,
            encrypt(it.id_number, place=place),
            it.name,
            it.birth_date,
            it.sex,
        )
        for it in people
    ]
    with connection.cursor() as cursor:
        cursor.execute(NEWCOMERS)
        with cursor.copy(COPY_NEWCOMERS) as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(REGISTER_NEWCOMERS, {"at": at})
        return cursor.rowcount


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
