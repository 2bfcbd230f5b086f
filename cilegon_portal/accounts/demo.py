"""The people of a demo: one for each role of the staff, with second factors that a page shows."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.conf import settings
from django.db import transaction

from cilegon_portal.accounts import actions
from cilegon_portal.accounts.models import Role, User

PASSWORD = "pelabuhan-merak-pagi-hari"  # noqa: S105 (of invented people, on a marked database only)
STAFF = {  # role: (sign-in name before the @, name of the person: an office, not a human being)
    Role.SERVICE: ("layanan", "Petugas Layanan (contoh)"),
    Role.OFFICER: ("officer", "Account Officer (contoh)"),
    Role.INSPECTOR: ("pemeriksa", "Pemeriksa (contoh)"),
    Role.OUTREACH: ("penyuluh", "Penyuluh (contoh)"),
    Role.HEAD_OF_SECTION: ("kabid", "Kepala Bidang (contoh)"),
    Role.HEAD_OF_BRANCH: ("kacab", "Kepala Cabang (contoh)"),
    Role.AUDITOR: ("auditor", "Auditor (contoh)"),
    Role.ADMIN: ("admin", "Admin Sistem (contoh)"),
}
DOMAIN = "kantor.contoh.test"
WORKER_PHONE = "+6281299000001"
PERIOD = 30  # seconds in which one code lives


@dataclass(frozen=True)
class SignIn:
    """How somebody of the demo signs in: the name, the password ("" for a code), the page."""

    role: Role
    name: str
    password: str
    where: str


@dataclass(frozen=True)
class CurrentCode:
    """The code of one demo role now, and the seconds it still lives."""

    sign_in: SignIn
    code: str
    seconds_left: int


def demo_sign_ins() -> list[SignIn]:
    """Return the sign-ins of the demo, those of the staff first."""
    staff = [
        SignIn(role, f"{name}@{DOMAIN}", PASSWORD, settings.STAFF_LOGIN_URL)
        for role, (name, _) in STAFF.items()
    ]
    return [*staff, SignIn(Role.WORKER, WORKER_PHONE, "", settings.LOGIN_URL)]


@transaction.atomic
def create_demo_users(at: datetime) -> dict[Role, User]:
    """Return one user for each role of the staff and one worker, made where missing.

    Raise NotADemo on a database without the demo mark: their passwords are public.
    """
    if not actions.is_demo_database():
        raise actions.NotADemo
    users = {role: staff_user(role, at=at) for role in STAFF}
    users[Role.WORKER] = actions.user_of_phone(phone=WORKER_PHONE, at=at, name="Peserta (contoh)")
    return users


def staff_user(role: Role, *, at: datetime) -> User:
    name, person = STAFF[role]
    email = f"{name}@{DOMAIN}"
    present = User.objects.filter(email=email).first()
    if present is not None:
        return present
    user = actions.make_member(email=email, name=person, roles=[role], password=PASSWORD, at=at)
    TOTP.activate(user, totp_secret(role))
    RecoveryCodes.activate(user)
    return user


def totp_secret(role: Role) -> str:
    """Return the fixed key of a role's second factor, in base 32."""
    return base64.b32encode(hashlib.sha256(f"demo {role.value}".encode()).digest()[:20]).decode()


def current_codes(at: datetime) -> Iterator[CurrentCode]:
    """Yield the code that each role's app shows at `at`."""
    seconds = int(at.timestamp())
    for sign_in in demo_sign_ins():
        if sign_in.role in STAFF:
            value = hotp_value(totp_secret(sign_in.role), seconds // PERIOD)
            yield CurrentCode(sign_in, format_hotp_value(value), PERIOD - seconds % PERIOD)
