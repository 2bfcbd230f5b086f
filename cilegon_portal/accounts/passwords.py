"""What a password must be (ASVS 6.2): long, not common, not one of our own words."""

from django.core.exceptions import ValidationError

from cilegon_portal.accounts.models import User

SHORTEST = 12
SHORTEST_OF_STAFF = 15
OUR_WORDS = ("bpjs", "cilegon", "jamsostek", "ketenagakerjaan")


class LongEnough:
    """At least 12 characters, 15 for staff; no rule about which characters."""

    def validate(self, password: str, user: User | None = None) -> None:
        shortest = shortest_for(user)
        if len(password) < shortest:
            raise ValidationError(
                f"Kata sandi harus paling sedikit {shortest} karakter.", code="too_short"
            )

    def get_help_text(self) -> str:
        return f"Paling sedikit {SHORTEST} karakter, petugas kantor {SHORTEST_OF_STAFF}."


class NotOurWords:
    """None of the words that everybody would try first here."""

    def validate(self, password: str, user: User | None = None) -> None:
        if any(word in password.lower() for word in OUR_WORDS):
            raise ValidationError(
                "Jangan memakai kata yang mudah ditebak di sini, misalnya nama kantor atau kota.",
                code="our_words",
            )

    def get_help_text(self) -> str:
        return "Jangan memakai nama kantor atau kota."


def shortest_for(user: User | None) -> int:
    return SHORTEST_OF_STAFF if user is not None and user.is_staff else SHORTEST
