"""The people of a firm: seats, invitations that expire, and the roles that follow the seats."""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction

from cilegon_portal.accounts.actions import make_member
from cilegon_portal.accounts.models import Role, User
from cilegon_portal.fields import blind_index
from cilegon_portal.outbox.actions import send
from cilegon_portal.outbox.models import Message
from employers.models import Employer, Seat

INVITATION_LIFE = timedelta(hours=48)
SEAT_ROLES = (Role.REPORTER, Role.APPROVER)
INVITATION = """{inviter} mengundang Anda sebagai {role} untuk {firm}
di Portal BPJS Ketenagakerjaan Cilegon.

Terima undangan lewat tautan ini:
{link}

Tautan berlaku 48 jam dan hanya sekali. Kalau Anda tidak mengenal perusahaan ini,
abaikan e-mail ini."""
ENDED = """Akses Anda sebagai {role} untuk {firm} sudah diakhiri.

Kalau menurut Anda ini keliru, hubungi penyetuju di perusahaan Anda."""


class LinkIsDead(Exception):
    """Nobody has such a link, or it was used, or its time is over: all look the same."""


class AlreadySeated(Exception):
    """This person already acts for the firm."""


class IsStaff(Exception):
    """Who works at the office acts for no firm."""


class SignInFirst(Exception):
    """The invited address has an account: only its owner, signed in, may accept."""


class LastApprover(Exception):
    """Nobody else could approve: somebody has to be named first."""


@transaction.atomic
def take_seat(*, employer: Employer, user: User, role: str, at: datetime) -> Seat:
    """Let `user` act for `employer` as `role`; raises IsStaff."""
    if user.is_staff:
        raise IsStaff
    seat = Seat.objects.create(employer=employer, user=user, role=role, invited_at=at, taken_at=at)
    follow_seats(user)
    return seat


def follow_seats(user: User) -> None:
    """Give `user` the roles of the seats held, and take those of seats no longer held.

    Who works at the office by now acts for no firm, whatever seats are left from before.
    """
    seats = Seat.objects.none() if user.is_staff else Seat.objects.taken().filter(user=user)
    held = set(seats.values_list("role", flat=True))
    groups = {group.name: group for group in Group.objects.filter(name__in=SEAT_ROLES)}
    user.groups.add(*(group for name, group in groups.items() if name in held))
    user.groups.remove(*(group for name, group in groups.items() if name not in held))


@transaction.atomic
def invite(*, employer: Employer, email: str, role: str, by: User, at: datetime) -> Seat:
    """Send `email` an invitation in place of an older one; raises AlreadySeated.

    Whether the address has an account shows only to whoever opens the link.
    """
    address = email.strip().lower()
    Employer.objects.select_for_update().get(pk=employer.pk)
    if employer.seats.taken().filter(user__email=address).exists():
        raise AlreadySeated
    employer.seats.invited().filter(email=address).update(ended_at=at)
    token = secrets.token_urlsafe(32)
    seat = Seat.objects.create(
        employer=employer,
        role=role,
        email=address,
        token_hash=hash_of(token),
        invited_by=by,
        invited_at=at,
        expires_at=at + INVITATION_LIFE,
    )
    text = INVITATION.format(
        inviter=by.name or "Seorang penyetuju",
        role=seat.get_role_display().lower(),
        firm=employer.title,
        link=f"{settings.SITE_URL}/perusahaan/undangan/{token}/",
    )
    send(
        channel=Message.Channel.EMAIL,
        to=address,
        subject="Undangan ke portal",
        text=text,
        dedupe_key=f"invitation-{seat.pk}",
        purpose=Message.Purpose.CODE,  # forgotten after a day, like everything that lets in
        at=at,
    )
    return seat


def hash_of(token: str) -> bytes:
    return blind_index("employers.invitation", token)


def seat_of(token: str) -> Seat | None:
    """Return the seat that this link was made for, whatever became of the invitation."""
    found = Seat.objects.filter(token_hash=hash_of(token))
    return found.select_related("employer", "invited_by", "user").first()


@transaction.atomic
def accept(
    *, token: str, user: User | None, name: str = "", password: str = "", at: datetime
) -> Seat:
    """Let the invited person take the seat; a new one gets an account with `name`, `password`.

    Raises LinkIsDead, SignInFirst, IsStaff and AlreadySeated.
    """
    found = Seat.objects.open_at(at).filter(token_hash=hash_of(token))
    seat = found.select_for_update().first()
    if seat is None:
        raise LinkIsDead
    owner = User.objects.filter(email=seat.email).first()
    if owner is None:
        owner = make_member(email=seat.email, name=name, roles=[], password=password, at=at)
    elif user is None or user.pk != owner.pk:
        raise SignInFirst
    if owner.is_staff:
        raise IsStaff
    if Seat.objects.taken().filter(employer=seat.employer_id, user=owner).exists():
        raise AlreadySeated
    seat.user, seat.taken_at = owner, at
    seat.save(update_fields=["user", "taken_at"])
    follow_seats(owner)
    return seat


@transaction.atomic
def end_seat(*, seat: Seat, by: User, at: datetime) -> Seat:
    """End a seat or an invitation from the next request on; raises LastApprover."""
    Employer.objects.select_for_update().get(pk=seat.employer_id)
    seat = Seat.objects.select_related("employer", "user").get(pk=seat.pk)
    if seat.ended_at is not None:
        return seat
    others = seat.employer.seats.taken().filter(role=Role.APPROVER).exclude(pk=seat.pk)
    if seat.user is not None and seat.is_approver and not others.exists():
        raise LastApprover
    seat.ended_at = at
    seat.save(update_fields=["ended_at"])
    if seat.user is not None:
        follow_seats(seat.user)
        tell_ended(seat, by=by, at=at)
    return seat


def tell_ended(seat: Seat, *, by: User, at: datetime) -> None:
    """Tell somebody whose seat another person ended."""
    if seat.user is None or seat.user.pk == by.pk or not seat.user.email:
        return
    text = ENDED.format(role=seat.get_role_display().lower(), firm=seat.employer.title)
    send(
        channel=Message.Channel.EMAIL,
        to=seat.user.email,
        subject="Akses Anda diakhiri",
        text=text,
        dedupe_key=f"seat-ended-{seat.pk}",
        purpose=Message.Purpose.SECURITY,
        at=at,
    )
