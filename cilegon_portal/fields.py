"""Columns for the values of the rules: rupiah, months, and what is kept encrypted."""

import hashlib
import hmac
import os
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.lookups import Exact

from cilegon_portal.rules.money import Rupiah
from cilegon_portal.rules.months import Month

if TYPE_CHECKING:
    from django.db.models.expressions import Expression
    from django.db.models.lookups import Lookup

Set_contra = TypeVar("Set_contra", contravariant=True)
Get_co = TypeVar("Get_co", covariant=True)

KEY_ID_LENGTH = 1
NONCE_LENGTH = 12


class RupiahField(models.BigIntegerField[Set_contra, Get_co]):
    """An amount in whole rupiah."""

    _pyi_private_set_type: Rupiah
    _pyi_private_get_type: Rupiah


class MonthField(models.DateField[Set_contra, Get_co]):
    """A `Month`, stored as its first day, so that SQL compares it.

    A date in mid-month is refused, not rounded; the model adds the constraint `month__day=1`.
    The default form field is a day picker: forms use their own.
    """

    _pyi_private_set_type: Month  # type: ignore[assignment]
    _pyi_private_get_type: Month  # type: ignore[assignment]

    def to_python(self, value: object) -> Month | None:
        """Return `value` (a Month, a first day, "2026-11" or "2026-11-01") as a Month."""
        if value is None or isinstance(value, Month):
            return value
        try:
            if isinstance(value, str):
                return Month.parse(value.removesuffix("-01") if len(value) > 7 else value)
            if isinstance(value, date) and not isinstance(value, datetime) and value.day == 1:
                return Month.of(value)
        except ValueError as error:
            raise self.no_month(value) from error
        raise self.no_month(value)

    def no_month(self, value: object) -> ValidationError:
        return ValidationError(
            "%(value)s bukan bulan: pilih bulan dan tahun.",
            code="no_month",
            params={"value": value},
        )

    def from_db_value(
        self,
        value: date | None,
        _expression: "Expression",
        _connection: BaseDatabaseWrapper,
    ) -> Month | None:
        return None if value is None else Month.of(value)

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return prepared.first_day if isinstance(prepared, Month) else prepared

    def value_to_string(self, obj: models.Model) -> str:
        value = self.to_python(self.value_from_object(obj))
        return "" if value is None else value.first_day.isoformat()


class Unreadable(Exception):
    """A stored value does not open: wrong place, changed, or its key is missing."""


def not_by_value(name: str) -> FieldError:
    return FieldError(f"{name} is encrypted: look it up by its blind index")


class IsNone(Exact[Any]):
    """`number=None`: the one thing an encrypted text can be compared with."""

    def get_prep_lookup(self) -> None:
        if self.rhs is not None:
            raise not_by_value(self.lhs.output_field.name)


class EncryptedField(models.BinaryField[Set_contra, Get_co]):
    """A text kept as AES-256-GCM: a byte that names the key, a random nonce, the ciphertext.

    The table and column are authenticated with it, so a value copied elsewhere does not open.
    It can be asked for as null or not null only; looking up is what a `blind_index` is for.
    """

    _pyi_private_set_type: str
    _pyi_private_get_type: str  # type: ignore[assignment]

    def get_lookup(self, lookup_name: str) -> "type[Lookup[Any]] | None":
        if lookup_name == "exact":
            return IsNone
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise not_by_value(self.name)

    def to_python(self, value: str | None) -> str | None:
        return value

    def from_db_value(
        self,
        value: bytes | None,
        _expression: "Expression",
        _connection: BaseDatabaseWrapper,
    ) -> str | None:
        return None if value is None else decrypt(bytes(value), place=self.place)

    def get_db_prep_value(
        self,
        value: Any,
        connection: BaseDatabaseWrapper,
        prepared: bool = False,  # noqa: FBT001, FBT002 (Django calls it so)
    ) -> Any:
        if value is not None:
            value = encrypt(value, place=self.place)
        return super().get_db_prep_value(value, connection, prepared)

    def value_to_string(self, obj: models.Model) -> str:
        raise FieldError(f"{self.name} is encrypted and leaves the database by no dump of ours")

    @property
    def place(self) -> str:
        """The table and column in which the value lies."""
        return f"{self.model._meta.db_table}.{self.column}"


def encrypt(text: str, *, place: str) -> bytes:
    """Return `text` encrypted for `place` with the newest key: the one with the highest id."""
    key_id = max(settings.FIELD_KEYS)
    nonce = os.urandom(NONCE_LENGTH)
    sealed = AESGCM(settings.FIELD_KEYS[key_id]).encrypt(nonce, text.encode(), place.encode())
    return bytes([key_id]) + nonce + sealed


def sealer(place: str) -> Callable[[str], bytes]:
    """Return the function that encrypts texts for `place`, for many rows in one go."""
    key_id = max(settings.FIELD_KEYS)
    seal = AESGCM(settings.FIELD_KEYS[key_id]).encrypt
    head, beside = bytes([key_id]), place.encode()

    def sealed(text: str) -> bytes:
        nonce = os.urandom(NONCE_LENGTH)
        return head + nonce + seal(nonce, text.encode(), beside)

    return sealed


def decrypt(stored: bytes, *, place: str) -> str:
    """Return the text that was encrypted for `place`; raise Unreadable when it does not open."""
    nonce = stored[KEY_ID_LENGTH : KEY_ID_LENGTH + NONCE_LENGTH]
    try:
        cipher = AESGCM(settings.FIELD_KEYS[stored[0]])
        text = cipher.decrypt(nonce, stored[KEY_ID_LENGTH + NONCE_LENGTH :], place.encode())
    except (IndexError, KeyError, ValueError, InvalidTag) as error:
        raise Unreadable(place) from error
    return text.decode()


def blind_index(purpose: str, value: str) -> bytes:
    """Return 32 bytes by which `value` is found again without being known (HMAC-SHA256).

    `purpose` keeps the same value in two columns from being matched: "person.id".
    """
    message = f"{purpose}\0{value}".encode()
    return hmac.digest(settings.INDEX_KEY, message, hashlib.sha256)
