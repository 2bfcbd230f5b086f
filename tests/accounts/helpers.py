"""Builders and shortcuts for tests that need somebody signed in."""

from datetime import UTC, datetime

from django.test import Client

from cilegon_portal.accounts import actions
from cilegon_portal.accounts.models import Role, User
from cilegon_portal.outbox.models import Message

PHONE = "+6281234567890"
PASSWORD = "perahu kecil di selat sunda"
THEN = datetime(2026, 1, 1, tzinfo=UTC)


def member(*roles: Role, email: str = "petugas@kantor.contoh.test") -> User:
    return actions.make_member(email=email, name="Petugas", roles=roles, password=PASSWORD, at=THEN)


def worker(phone: str = PHONE) -> User:
    return actions.user_of_phone(phone=phone, at=THEN, name="Peserta")


def sign_in_worker(client: Client, user: User) -> None:
    client.force_login(user)


def sign_in_staff(client: Client, user: User, *, second_factor: bool = True) -> None:
    """Sign `user` in as if password and code had been given just now."""
    sign_in_worker(client, user)
    if second_factor:
        session = client.session
        session["account_authentication_methods"] = [{"method": "mfa", "at": 0, "type": "totp"}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()


def last_code(phone: str = PHONE) -> str:
    """Return the digits of the newest message to `phone`."""
    return Message.objects.filter(to=phone).latest("pk").text[:6]
