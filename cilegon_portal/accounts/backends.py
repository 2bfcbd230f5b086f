"""Who an e-mail address and a password belong to."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from cilegon_portal.accounts.models import User


class EmailBackend(ModelBackend):
    """One query and one hash, whether the address has an account or not (P1)."""

    def authenticate(  # type: ignore[override]
        self,
        _request: HttpRequest | None,
        *,
        email: str = "",
        password: str = "",
        **_others: Any,
    ) -> User | None:
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            User().set_password(password)
            return None
        is_right = user.check_password(password)
        return user if is_right and self.user_can_authenticate(user) else None
