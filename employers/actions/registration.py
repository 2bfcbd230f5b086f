"""Registering a firm: a proven e-mail address, then answers task by task until it is sent."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from django.conf import settings
from django.db import transaction

from cilegon_portal.accounts.actions import make_member
from cilegon_portal.accounts.models import Role, User
from cilegon_portal.fields import blind_index
from cilegon_portal.outbox.actions import send
from cilegon_portal.outbox.models import Message
from cilegon_portal.reference.models import Holiday, Setting
from cilegon_portal.rules.months import Month
from cilegon_portal.rules.reference import new_reference
from cilegon_portal.rules.workdays import add_workdays
from employers.actions.first_workers import first_workers, forget, throw_away
from employers.actions.team import LinkIsDead, follow_seats, take_seat
from employers.models import Contact, Employer, Seat, SignUp

LINK_LIFE = timedelta(hours=48)
REGISTRATION_LIFE = timedelta(days=30)  # of one that was never sent
LONGEST_HOLIDAYS = timedelta(days=60)
WITH_LINK = """Selamat datang di Portal BPJS Ketenagakerjaan Cilegon.

Buka tautan ini untuk membuat kata sandi dan mulai mendaftarkan perusahaan:
{link}

Tautan berlaku 48 jam dan hanya sekali. Kalau bukan Anda yang meminta, abaikan e-mail ini."""
WITH_ACCOUNT = """Ada yang meminta mendaftarkan perusahaan dengan alamat e-mail ini.

Alamat ini sudah punya akun di portal kami. Masuk dengan kata sandi Anda di:
{link}

Di sana Anda bisa mendaftarkan perusahaan lain. Kalau bukan Anda, abaikan e-mail ini."""


class NotOpen(Exception):
    """The registration was sent: its answers change no more, unless the office returns it."""


class HasAccount(Exception):
    """The address of the link got an account meanwhile: its owner signs in instead."""


def ask(*, email: str, name: str, at: datetime) -> None:
    """Send the link that proves `email`; somebody with an account is told to sign in.

    Both cost the same queries and leave the same rows: the answer tells nobody which it was.
    """
    address = email.strip().lower()
    token = secrets.token_urlsafe(32)
    is_known = User.objects.filter(email=address).exists()
    link = link_to("") if is_known else link_to(f"mulai/{token}/")
    with transaction.atomic():
        row = SignUp.objects.create(
            email=address,
            name=name,
            token_hash=hash_of(token),
            asked_at=at,
            expires_at=at + LINK_LIFE,
        )
        send(
            channel=Message.Channel.EMAIL,
            to=address,
            subject="Daftarkan perusahaan Anda",
            text=(WITH_ACCOUNT if is_known else WITH_LINK).format(link=link),
            dedupe_key=f"sign-up-{row.pk}",
            purpose=Message.Purpose.CODE,
            at=at,
        )


def link_to(path: str) -> str:
    return f"{settings.SITE_URL}/perusahaan/{path}"


def hash_of(token: str) -> bytes:
    return blind_index("employers.sign_up", token)


def sign_up_of(token: str, *, at: datetime) -> SignUp | None:
    """Return the request whose link this is, while the link may be used."""
    return SignUp.objects.usable_at(at).filter(token_hash=hash_of(token)).first()


@transaction.atomic
def begin(*, token: str, password: str, at: datetime) -> Employer:
    """Make the user of a proven address, and the first firm of hers; raises LinkIsDead, HasAccount.

    The first user of a firm approves: somebody has to, and may hand it over later.
    """
    row = SignUp.objects.select_for_update().usable_at(at).filter(token_hash=hash_of(token)).first()
    if row is None:
        raise LinkIsDead
    if User.objects.filter(email=row.email).exists():
        raise HasAccount
    row.used_at = at
    row.save(update_fields=["used_at"])
    user = make_member(email=row.email, name=row.name, roles=[], password=password, at=at)
    return start_firm(by=user, at=at)


@transaction.atomic
def start_firm(*, by: User, at: datetime) -> Employer:
    """Return a new registration with `by` as its approver; an empty one of hers is taken again.

    One that somebody else fills in too is not hers alone.
    """
    others = Seat.objects.taken().exclude(user=by)
    empty = Employer.objects.of_seats(by).filter(state=Employer.State.DRAFT, name="")
    empty = empty.exclude(seats__in=others)
    found = empty.order_by("pk").first()
    if found is not None:
        return found
    employer = Employer.objects.create(reference=new_reference(), began_at=at)
    take_seat(employer=employer, user=by, role=Role.APPROVER, at=at)
    return employer


@transaction.atomic
def answer(*, employer: Employer, **changes: Any) -> Employer:
    """Keep these answers of the registration; raises NotOpen once it was sent."""
    locked = Employer.objects.select_for_update().get(pk=employer.pk)
    if not locked.is_being_filled:
        raise NotOpen
    for name, value in changes.items():
        setattr(locked, name, value)
    locked.save(update_fields=list(changes))
    return locked


@transaction.atomic
def answer_workers(
    *, employer: Employer, head_count: int, first_month: Month, at: datetime
) -> Employer:
    """Keep how many work there and since when; workers listed for another month are discarded.

    They were judged by that month: its minimum wage, its last day. Raises NotOpen.
    """
    locked = answer(employer=employer, head_count=head_count)
    if locked.first_month != first_month:
        throw_away(locked, at=at)
    return answer(employer=locked, first_month=first_month)


@transaction.atomic
def save_contact(*, employer: Employer, kind: str, name: str, phone: str, email: str) -> Contact:
    """Keep whom the office calls; the account shows the same phone and address."""
    contact, _ = Contact.objects.update_or_create(
        employer=employer, kind=kind, defaults={"name": name, "phone": phone, "email": email}
    )
    if employer.account is not None and kind == Contact.Kind.HR:
        employer.account.phone = phone
        employer.account.email = email
        employer.account.save(update_fields=["phone", "email"])
    return contact


class Progress(Enum):
    """How far a task is; the value is the word on the screen."""

    NOT_YET = "Belum bisa dimulai"
    NEW = "Belum mulai"
    STARTED = "Sedang diisi"
    DONE = "Selesai"


@dataclass(frozen=True)
class Task:
    """One of the five tasks of a registration, and the page on which it goes on."""

    name: str
    title: str
    page: str
    progress: Progress

    @property
    def is_done(self) -> bool:
        return self.progress is Progress.DONE


def tasks_of(employer: Employer) -> list[Task]:
    """Return the five tasks in their order, each with how far it is."""
    facts = (employer.name, employer.nib or employer.npwp)
    place = (employer.address, employer.kelurahan_id or employer.is_outside)
    work = (employer.line_of_business_id, employer.stated_size)
    listed = first_workers(employer)
    workers = (employer.head_count, employer.first_month, listed is not None and listed.is_whole)
    has_contact = employer.contacts.filter(kind=Contact.Kind.HR).exists()
    page = "address" if all(facts) and not all(place) else "facts"
    list_page = "month" if all(workers[:2]) and not workers[2] else "workers"
    asked = [
        ("facts", "Isi data perusahaan", page, facts + place),
        ("contact", "Tunjuk penanggung jawab (HR)", "contact", (has_contact,)),
        ("programmes", "Pilih program dan risiko kerja", "programmes", work),
        ("workers", "Unggah data pekerja", list_page, workers),
    ]
    tasks = [Task(name, title, page, progress_of(given)) for name, title, page, given in asked]
    last = Progress.NEW if all(task.is_done for task in tasks) else Progress.NOT_YET
    if not employer.is_being_filled:
        last = Progress.DONE
    return [*tasks, Task("check", "Periksa dan kirim", "check", last)]


def progress_of(given: tuple[object, ...]) -> Progress:
    if all(given):
        return Progress.DONE
    return Progress.STARTED if any(given) else Progress.NEW


def next_task(employer: Employer) -> Task:
    """Return the first task that is not done."""
    return next(task for task in tasks_of(employer) if not task.is_done)


def open_tasks(employer: Employer) -> list[Task]:
    """Return the tasks that have to be done before the registration may be sent."""
    return [task for task in tasks_of(employer)[:-1] if not task.is_done]


def answer_due_on(sent_on: date) -> date:
    """Return the day by which the office answers a registration that came on `sent_on`."""
    days = int(Setting.objects.values_on(sent_on)["FIRM_ANSWER_DAYS"])
    holidays = Holiday.objects.filter(day__range=(sent_on, sent_on + LONGEST_HOLIDAYS))
    return add_workdays(sent_on, days, frozenset(holidays.values_list("day", flat=True)))


def kept_until(employer: Employer) -> datetime:
    """Return until when an unsent registration is kept."""
    return employer.began_at + REGISTRATION_LIFE


@transaction.atomic
def forget_unsent(*, at: datetime) -> int:
    """Delete the registrations that nobody sent in thirty days, and dead links; return how many."""
    SignUp.objects.filter(expires_at__lt=at - REGISTRATION_LIFE).delete()
    old = Employer.objects.filter(
        state=Employer.State.DRAFT, began_at__lt=at - REGISTRATION_LIFE, decisions=None
    )
    found = list(old.order_by("pk").select_for_update(of=("self",)))
    seats = Seat.objects.filter(employer__in=found)
    people = list(User.objects.filter(seats__in=seats).distinct())
    seats.delete()
    forget(found)
    Employer.objects.filter(pk__in=[employer.pk for employer in found]).delete()
    for user in people:
        follow_seats(user)
    return len(found)
