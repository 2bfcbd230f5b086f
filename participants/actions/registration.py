"""Registration: a draft that grows answer by answer, a phone proven, then person, account, code."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Literal, cast

from django.db import transaction
from django.utils import timezone

from cilegon_portal.accounts.actions import user_of_phone
from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.actions import MonthOrder, issue_first_code, open_account
from cilegon_portal.contributions.models import Account, CodeLine, PaymentCode
from cilegon_portal.fields import blind_index
from cilegon_portal.outbox.actions import send
from cilegon_portal.outbox.models import Message
from cilegon_portal.people.actions import AlreadyRegistered, register_person
from cilegon_portal.people.models import Person
from cilegon_portal.reference.models import Kelurahan, Setting
from cilegon_portal.rules.money import Rupiah
from cilegon_portal.rules.months import Month
from cilegon_portal.rules.nik import read_nik
from cilegon_portal.rules.reference import new_reference
from participants.answers import Answers
from participants.models import Enrolment, Occupation, RegistrationDraft
from participants.rules import Admission, first_month, may_register

DRAFT_LIFE = timedelta(days=7)
OFFICE_LIFE = timedelta(days=30)  # somebody has to find the time to come


class Standing(Enum):
    """What the register knows of a NIK, told only to who has proven the phone."""

    NEW = "nobody has this NIK"
    KNOWN = "the same person, with the same phone"
    OFFICE = "something differs from the person on record"


class NeedsOffice(Exception):
    """The NIK is on record and not everything agrees: the counter compares the papers."""


class AlreadyMember(Exception):
    """The very same person is on record, with the same phone: `person`."""

    def __init__(self, person: Person) -> None:
        super().__init__(person)
        self.person = person


class NotAdmitted(Exception):
    """The age does not fit on the day of registration."""


class OfferChanged(Exception):
    """The months or their total are others than the check page showed."""


class Unfinished(Exception):
    """An answer is missing, or the phone is not proven."""


class NotUnfinished(Exception):
    """No registration of this number waits to be continued."""


@dataclass(frozen=True)
class Proof:
    """What came of a proven phone: where the NIK stands, and whom to sign in (never at OFFICE)."""

    standing: Standing
    user: User | None = None
    person: Person | None = None


def begin(
    *, at: datetime, campaign_code: str = "", assisted_by: User | None = None
) -> RegistrationDraft:
    """Return a new, empty draft; whoever holds its token goes on with it."""
    return RegistrationDraft.objects.create(
        token=secrets.token_urlsafe(32),
        reference=new_reference(),
        answers=Answers(campaign_code=campaign_code).to_json(),
        assisted_by=assisted_by,
        made_at=at,
        changed_at=at,
        expires_at=at + DRAFT_LIFE,
    )


def start_assisted(*, by: User, at: datetime) -> RegistrationDraft:
    """Return a new draft that staff `by` fills in with the worker; nobody is signed in by it."""
    return begin(assisted_by=by, at=at)


@transaction.atomic
def continue_assisted(*, reference: str, by: User, at: datetime) -> RegistrationDraft:
    """Hand the unfinished draft of this number to staff `by`; raises NotUnfinished.

    Its owner stands at the counter and names the number; on the phone the draft is closed then.
    """
    waiting = RegistrationDraft.objects.alive(at).unfinished().filter(needs_office=False)
    draft = waiting.filter(reference=reference).select_for_update(of=("self",)).first()
    if draft is None:
        raise NotUnfinished
    draft.assisted_by = by
    draft.save(update_fields=["assisted_by"])
    return draft


@transaction.atomic
def answer(*, draft: RegistrationDraft, at: datetime, **changes: Any) -> RegistrationDraft:
    """Keep these answers in the draft and its life anew; another phone has to be proven again.

    A draft that was sent meanwhile, from another tab, stays as it is.
    """
    draft = locked(draft)
    if draft.finished_at or draft.needs_office:
        return draft
    before = draft.given
    after = before.but(**changes)
    draft.answers = after.to_json()
    draft.changed_at = at
    draft.expires_at = max(draft.expires_at, at + DRAFT_LIFE)
    if after.phone != before.phone:
        draft.phone_index = blind_index("registration.phone", after.phone)
        draft.phone_proven_at = None
    draft.save(
        update_fields=["answers", "changed_at", "expires_at", "phone_index", "phone_proven_at"]
    )
    return draft


@transaction.atomic
def prove_phone(*, draft: RegistrationDraft, at: datetime) -> Proof:
    """Note that the right code came, and only now look the NIK up. Twice is as once."""
    draft = locked(draft)
    draft.phone_proven_at = draft.phone_proven_at or at
    draft.save(update_fields=["phone_proven_at"])
    standing, person = standing_of(draft.given)
    if standing is Standing.OFFICE:
        hand_to_office(draft=draft, at=at)
        return Proof(standing)
    if standing is Standing.KNOWN and person is not None:
        draft.finished_at = draft.finished_at or at
        draft.save(update_fields=["finished_at"])
        return Proof(standing, person.user, person)
    return Proof(standing, user_of_phone(phone=draft.given.phone, at=at))


def standing_of(answers: Answers) -> tuple[Standing, Person | None]:
    """Compare the answers with the person on record under this NIK."""
    person = Person.objects.with_nik(answers.nik).select_related("user").first()
    if person is None:
        return Standing.NEW, None
    agrees = (
        person.user is not None
        and person.user.phone == answers.phone
        and folded(person.name) == folded(answers.name)
        and person.birth_date == answers.birth_date
    )
    return (Standing.KNOWN if agrees else Standing.OFFICE), person


def folded(name: str) -> str:
    """Return a name for comparison: capitals, dots and double spaces make no difference."""
    return " ".join(name.replace(".", " ").split()).casefold()


@transaction.atomic
def hand_to_office(*, draft: RegistrationDraft, at: datetime) -> None:
    """Keep the draft for the counter, and tell the number on file that somebody tried."""
    draft = locked(draft)
    draft.needs_office = True
    draft.changed_at = at
    draft.expires_at = at + OFFICE_LIFE
    draft.save(update_fields=["needs_office", "changed_at", "expires_at"])
    person = Person.objects.with_nik(draft.given.nik).select_related("user", "enrolment__account")
    for found in person:
        warn(found, at=at)


def warn(person: Person, *, at: datetime) -> None:
    """Tell `person`'s own number, once a day, that somebody tried to register with this NIK."""
    phone = phone_on_file(person)
    if phone:
        send(
            channel=Message.Channel.SMS,
            to=phone,
            text="Ada yang mencoba mendaftar dengan NIK Anda di Portal BPJS Ketenagakerjaan "
            "Cilegon. Kalau itu bukan Anda, telepon 175 atau datang ke kantor kami.",
            dedupe_key=f"nik-tried-{person.pk}-{timezone.localdate(at)}",
            purpose=Message.Purpose.SECURITY,
            at=at,
        )


def phone_on_file(person: Person) -> str:
    """Return the proven phone of `person`, else the one on the account, else nothing."""
    if person.user and person.user.phone:
        return person.user.phone
    enrolment = getattr(person, "enrolment", None)
    return enrolment.account.phone if enrolment else ""


@transaction.atomic
def register(
    *,
    draft: RegistrationDraft,
    by: User | None,
    at: datetime,
    wants_reminders: bool = False,
    shown: str = "",
) -> PaymentCode:
    """Make of the draft a person, an enrolment, an account and the code that buys its months.

    `by` is the worker, or the member of staff who helped; `shown` the `mark_of` what was shown. A
    draft is registered once: later calls return the same enrolment's code. Raises Unfinished,
    NotAdmitted, OfferChanged, and AlreadyMember or NeedsOffice when the NIK is on record (also
    when it came there this moment).
    """
    draft = locked(draft)
    if draft.enrolment is not None:
        return newest_code(draft.enrolment)
    answers = draft.given
    if draft.next_step != "check" or answers.birth_date is None or draft.needs_office:
        raise Unfinished
    on = timezone.localdate(at)
    rules = Setting.objects.values_on(on)
    refuse_age(answers, rules, at=at)
    occupation = Occupation.objects.get(pk=answers.occupation)
    user = by if by and by.phone == answers.phone else User.objects.get(phone=answers.phone)
    person = new_person(answers, user=user, is_assisted=bool(draft.assisted_by_id), at=at)
    account = open_account(
        kind=Account.Kind.BPU,
        name=answers.name,
        phone=answers.phone,
        kelurahan=Kelurahan(pk=answers.kelurahan) if answers.kelurahan else None,
        sector=occupation.sector,
        campaign_code=answers.campaign_code,
        at=at,
    )
    first = first_month(on, cast(Literal["SAME", "NEXT"], rules["BPU_FIRST_MONTH"]))
    enrolment = Enrolment.objects.create(
        number=new_reference(),
        person=person,
        account=account,
        occupation=occupation,
        occupation_note=answers.occupation_note,
        income=answers.income,
        with_jht=answers.with_jht,
        first_month=first,
        wants_reminders=wants_reminders,
        registered_at=at,
        assisted_by_id=draft.assisted_by_id,
    )
    orders = [
        MonthOrder(
            account_id=account.pk,
            month=first.plus(number),
            income=answers.income,
            sector=occupation.sector,
            funding=CodeLine.Funding.SELF,
            with_jht=answers.with_jht,
        )
        for number in range(answers.months)
    ]
    days = timedelta(days=int(rules["BPU_CODE_DAYS"]))
    code = issue_first_code(account=account, orders=orders, expires_at=at + days, by=by, at=at)
    if shown and shown != mark_of(first, code.amount):
        raise OfferChanged
    finish(draft, at=at, enrolment=enrolment)
    return code


def mark_of(first: Month, total: Rupiah) -> str:
    """Return what tells two offers of one draft apart: "2026-11 33600"."""
    return f"{first} {total}"


def newest_code(enrolment: Enrolment) -> PaymentCode:
    """Return the payment code that was made last for this enrolment."""
    code: PaymentCode = enrolment.account.codes.latest("pk")
    return code


def refuse_age(answers: Answers, rules: dict[str, str], *, at: datetime) -> None:
    if admission(answers.birth_date, rules, at=at) in {Admission.TOO_YOUNG, Admission.TOO_OLD}:
        raise NotAdmitted


def admission(birth_date: Any, rules: dict[str, str], *, at: datetime) -> Admission:
    """Say whether somebody born on `birth_date` may enrol, by the dated settings `rules`."""
    return may_register(
        birth_date,
        timezone.localdate(at),
        min_age=int(rules["BPU_MIN_AGE"]),
        warn_age=int(rules["BPU_WARN_AGE"]),
        max_age=int(rules["BPU_MAX_AGE"]),
    )


def new_person(answers: Answers, *, user: User, is_assisted: bool, at: datetime) -> Person:
    """Write the person of these answers; raise AlreadyMember or NeedsOffice for a NIK on record."""
    assert answers.birth_date is not None  # noqa: S101
    nik = read_nik(answers.nik, on=timezone.localdate(at))
    try:
        return register_person(
            nik=nik.number,
            name=answers.name,
            birth_date=answers.birth_date,
            sex=nik.sex,
            user=user,
            proven_by=Person.ProvenBy.COUNTER if is_assisted else Person.ProvenBy.WORKER,
            at=at,
        )
    except AlreadyRegistered:
        standing, person = standing_of(answers)
        if standing is Standing.KNOWN and person is not None:
            raise AlreadyMember(person) from None
        raise NeedsOffice from None


def finish(draft: RegistrationDraft, *, at: datetime, enrolment: Enrolment | None = None) -> None:
    """Close the draft and empty it: what counts stands in the register now."""
    draft.answers = "{}"
    draft.phone_index = b""
    draft.enrolment = enrolment
    draft.finished_at = at
    draft.save(update_fields=["answers", "phone_index", "enrolment", "finished_at"])


@transaction.atomic
def close(*, draft: RegistrationDraft, at: datetime) -> None:
    """Empty a draft that nothing more comes of."""
    draft = locked(draft)
    if not draft.finished_at:
        finish(draft, at=at)


def locked(draft: RegistrationDraft) -> RegistrationDraft:
    """Return the draft as it stands once nobody else writes it.

    Without a join: after waiting for a lock PostgreSQL re-reads the locked row only, and a joined
    enrolment would still be the one (none) from before the wait.
    """
    return RegistrationDraft.objects.select_for_update().get(pk=draft.pk)


def forget_drafts(*, at: datetime) -> int:
    """Delete the drafts whose time is over, and return how many."""
    _, deleted = RegistrationDraft.objects.exclude(expires_at__gt=at).delete()
    return deleted.get("participants.RegistrationDraft", 0)
