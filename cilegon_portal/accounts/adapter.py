"""How allauth behaves here: delays instead of locks, messages by the outbox, sealed TOTP keys."""

import base64
import secrets
from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from cilegon_portal.accounts import actions
from cilegon_portal.accounts.access import refuse_other_hosts
from cilegon_portal.accounts.models import User
from cilegon_portal.fields import decrypt, encrypt
from cilegon_portal.outbox.actions import send
from cilegon_portal.outbox.models import Message

logger = structlog.get_logger(__name__)

TOTP_PLACE = "mfa_authenticator.data"
ENDS_OTHER_SESSIONS = {
    "mfa/email/totp_activated",
    "mfa/email/recovery_codes_generated",
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Passwords and e-mail: nobody signs up by themselves; wrong passwords wait, never lock."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "Akun ini sudah dinonaktifkan. Hubungi admin sistem.",
        "email_password_mismatch": "Alamat e-mail atau kata sandi tidak cocok.",
        "enter_current_password": "Isi kata sandi Anda yang sekarang.",
        "incorrect_code": "Kode tidak cocok. Tunggu kode berikutnya di aplikasi, lalu coba lagi.",
        "incorrect_password": "Kata sandi tidak cocok.",
        "invalid_password_reset": "Tautan ini sudah dipakai atau sudah lewat waktu.",
        "rate_limited": "Terlalu banyak percobaan. Coba lagi beberapa menit lagi.",
        "too_many_login_attempts": "Terlalu banyak percobaan. Coba lagi beberapa menit lagi.",
    }

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Take one password try of this name; while it must wait, tell how long (R1)."""
        at = timezone.now()
        try:
            actions.start_password_try(credentials["email"], at=at)
        except actions.TooMany as wait:
            raise ValidationError(
                f"Tunggu {wait.seconds(at)} detik sebelum mencoba lagi.", code="wait"
            ) from None
        super().pre_authenticate(request, **credentials)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Return the user of these credentials, whose wrong passwords are then forgotten."""
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            actions.end_password_tries(credentials["email"])
            logger.info("signed_in", method="password", user_id=user.pk)
        return user

    def authentication_failed(self, _request: HttpRequest, **_credentials: Any) -> None:
        logger.warning("sign_in_refused", method="password")

    def pre_login(self, request: HttpRequest, user: User, **hooks: Any) -> HttpResponse | None:
        """Refuse staff on every host but STAFF_HOST, and whoever was deactivated."""
        if user.is_staff:
            refuse_other_hosts(request)
        answer: HttpResponse | None = super().pre_login(request, user, **hooks)
        return answer

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return where one starts: the office, one's firm, or one's own membership."""
        if request.user.is_staff:
            return str(settings.STAFF_HOME)
        has_email = isinstance(request.user, User) and request.user.email
        return str(settings.FIRM_HOME if has_email else settings.MEMBER_HOME)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Put the letter into the outbox: whatever allauth says leaves by a job of ours."""
        letter = self.render_mail(template_prefix, email, {"email": email} | context)
        send(
            channel=Message.Channel.EMAIL,
            to=email,
            subject=letter.subject,
            text=str(letter.body),
            dedupe_key=f"mail-{secrets.token_urlsafe(22)}",
            purpose=Message.Purpose.SECURITY,
            at=timezone.now(),
        )

    def format_email_subject(self, subject: str) -> str:
        return subject

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        extra: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell the owner of a changed password or second factor, whose other sign-ins end now."""
        if template_prefix in ENDS_OTHER_SESSIONS:
            actions.end_sessions(user=user, but=context.request.session.session_key or "")
        super().send_notification_mail(template_prefix, user, extra, email)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """TOTP and recovery codes: their keys are stored sealed."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "Kode tidak cocok. Tunggu kode berikutnya di aplikasi, lalu coba lagi.",
        "unverified_email": "Buktikan dulu alamat e-mail Anda.",
    }

    def encrypt(self, text: str) -> str:
        return base64.b64encode(encrypt(text, place=TOTP_PLACE)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(base64.b64decode(encrypted_text), place=TOTP_PLACE)
