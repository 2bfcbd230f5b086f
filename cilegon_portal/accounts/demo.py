"""The people of a demo: one for each role of staff and firms, second factors shown on a page."""

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
OFFICE, FIRM = "kantor.contoh.test", "perusahaan.contoh.test"
MEMBERS = {  # role: (e-mail address, name of the person: an office, not a human being)
    Role.SERVICE: (f"layanan@{OFFICE}", "Petugas Layanan (contoh)"),
    Role.OFFICER: (f"officer@{OFFICE}", "Account Officer (contoh)"),
    Role.INSPECTOR: (f"pemeriksa@{OFFICE}", "Pemeriksa (contoh)"),
    Role.OUTREACH: (f"penyuluh@{OFFICE}", "Penyuluh (contoh)"),
    Role.HEAD_OF_SECTION: (f"kabid@{OFFICE}", "Kepala Bidang (contoh)"),
    Role.HEAD_OF_BRANCH: (f"kacab@{OFFICE}", "Kepala Cabang (contoh)"),
    Role.AUDITOR: (f"auditor@{OFFICE}", "Auditor (contoh)"),
    Role.ADMIN: (f"admin@{OFFICE}", "Admin Sistem (contoh)"),
    Role.REPORTER: (f"pelapor@{FIRM}", "Pelapor (contoh)"),
    Role.APPROVER: (f"penyetuju@{FIRM}", "Penyetuju (contoh)"),
}
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
    """Return the sign-ins of the demo: the staff's, a firm's two, a worker's."""
    members = [
        SignIn(role, email, PASSWORD, settings.STAFF_LOGIN_URL)
        for role, (email, _) in MEMBERS.items()
    ]
    return [*members, SignIn(Role.WORKER, WORKER_PHONE, "", settings.LOGIN_URL)]


@transaction.atomic
def create_demo_users(at: datetime) -> dict[Role, User]:
    """Return one user for each role of the staff and of a firm, and a worker; made where missing.

    Raise NotADemo on a database without the demo mark: their passwords are public.
    """
    if not actions.is_demo_database():
        raise actions.NotADemo
    users = {role: member(role, at=at) for role in MEMBERS}
    users[Role.WORKER] = actions.user_of_phone(phone=WORKER_PHONE, at=at, name="Peserta (contoh)")
    return users


def member(role: Role, *, at: datetime) -> User:
    email, person = MEMBERS[role]
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
        if sign_in.role in MEMBERS:
            value = hotp_value(totp_secret(sign_in.role), seconds // PERIOD)
            yield CurrentCode(sign_in, format_hotp_value(value), PERIOD - seconds % PERIOD)
