"""Writes about people: register one, prove a phone, show a masked number with a reason."""

from datetime import date, datetime

from django.db import transaction

from cilegon_portal.accounts.actions import record_reveal
from cilegon_portal.accounts.models import Reveal, User
from cilegon_portal.fields import blind_index
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
