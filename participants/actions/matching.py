"""A registration that did not agree with the register: the counter has compared the papers."""

from datetime import datetime

from django.db import transaction

from cilegon_portal.accounts.actions import user_of_phone
from cilegon_portal.contributions.models import Account
from cilegon_portal.people.actions import prove_phone_at_counter
from cilegon_portal.people.models import Person
from participants.actions.registration import finish, locked
from participants.models import RegistrationDraft


class NothingToMatch(Exception):
    """The draft is finished, or nobody on record has its NIK."""


def person_of(draft: RegistrationDraft) -> Person:
    """Return the person on record under the NIK of `draft`; raise NothingToMatch without one."""
    found = Person.objects.with_nik(draft.given.nik).select_related("user").first()
    if draft.finished_at or not draft.needs_office or found is None:
        raise NothingToMatch
    return found


@transaction.atomic
def match_phone(*, draft: RegistrationDraft, at: datetime) -> Person:
    """Give the person on record the phone that was typed; the identity card was in hand."""
    draft = locked(draft)
    person = person_of(draft)
    user = user_of_phone(phone=draft.given.phone, at=at)
    prove_phone_at_counter(person=person, user=user)
    Account.objects.filter(enrolment__person=person).update(phone=draft.given.phone)
    finish(draft, at=at)
    return person
