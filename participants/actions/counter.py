"""A code that the counter makes and reads out, where no message reaches the worker (G12)."""

from dataclasses import dataclass
from datetime import datetime

from cilegon_portal.accounts.actions import make_counter_code
from cilegon_portal.accounts.models import PhoneCode, User
from participants.models import Enrolment, RegistrationDraft


class NoCodeNeeded(Exception):
    """Nobody waits for a code under this number."""


@dataclass(frozen=True)
class CounterCode:
    """Six digits, the phone they are typed for, and whether they open a registration."""

    digits: str
    phone: str
    is_registration: bool


def code_for(*, reference: str, by: User, at: datetime) -> CounterCode:
    """Make the code for a form number that waits for one, or for a member's own sign-in.

    Raise NoCodeNeeded for every other number.
    """
    draft = RegistrationDraft.objects.alive(at).waiting_for_code().filter(reference=reference)
    waiting = draft.first()
    if waiting is not None and waiting.given.phone:
        phone, purpose = waiting.given.phone, PhoneCode.Purpose.REGISTER
    else:
        phone, purpose = phone_of_member(reference), PhoneCode.Purpose.SIGN_IN
    digits = make_counter_code(phone=phone, purpose=purpose, by=by, at=at, draft=reference)
    return CounterCode(digits, phone, is_registration=purpose == PhoneCode.Purpose.REGISTER)


def phone_of_member(number: str) -> str:
    """Return the proven phone of the member with this number."""
    enrolment = Enrolment.objects.filter(number=number).select_related("person__user").first()
    user = enrolment.person.user if enrolment else None
    if user is None or not user.phone or not user.is_active:
        raise NoCodeNeeded
    return user.phone
