"""What somebody sent us, kept encrypted outside of the web root until a job has read it.

A kept file is a salt, then chunks of AES-256-GCM under a key of its own; each chunk knows its place
and whether it is the last, so nothing can be cut off, moved or swapped. Its plain bytes lie in
files without a name only: a process that dies leaves none behind.
"""

import hashlib
import hmac
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from cilegon_portal.sheets.guard import kind_of
from cilegon_portal.sheets.limits import Limits, SheetRefused, too_large

CHUNK = 64 * 1024
TAG = 16
SALT = 32
NAME = re.compile(r"[A-Za-z0-9_-]{43}")
PURPOSE = b"uploads\0"
LAST, NOT_LAST = b"\1", b"\0"

View = TypeVar("View", bound=Callable[..., Any])


class NotKept(Exception):
    """Nothing is kept under that name any more, or it does not open: changed, or its key gone."""


@dataclass(frozen=True)
class Kept:
    """A file in our keeping; its own name is forgotten."""

    name: str
    sha256: bytes
    size: int


def folder() -> Path:
    """Return where uploads lie; only the portal's own user looks into it."""
    found = Path(settings.DATA_DIR) / "uploads"
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def keep(upload: "UploadedFile[Any]", *, limits: Limits) -> Kept:
    """Encrypt what was uploaded and return its name with us; raise SheetRefused."""
    if upload.file is None:
        raise SheetRefused("none")
    return keep_file(cast(BinaryIO, upload.file), limits=limits)


def keep_bytes(content: bytes, *, limits: Limits) -> Kept:
    return keep_file(BytesIO(content), limits=limits)


def keep_file(file: BinaryIO, *, limits: Limits) -> Kept:
    size = file.seek(0, os.SEEK_END)
    if size > limits.file_bytes:
        raise too_large(limits)
    kind_of(file)
    name = secrets.token_urlsafe(32)
    part = folder() / f".{name}"
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as kept:
            digest = encrypt(file, kept)
            kept.flush()
            os.fsync(kept.fileno())
        part.rename(folder() / name)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return Kept(name=name, sha256=digest, size=size)


def encrypt(plain: BinaryIO, kept: BinaryIO) -> bytes:
    """Write `plain` to `kept`, encrypted with the newest key; return its SHA-256."""
    key_id, salt = max(settings.FIELD_KEYS), secrets.token_bytes(SALT)
    cipher, digest = cipher_of(key_id, salt), hashlib.sha256()
    kept.write(bytes([key_id]) + salt)
    plain.seek(0)
    number, chunk = 0, plain.read(CHUNK)
    while chunk:
        digest.update(chunk)
        following = plain.read(CHUNK)
        kept.write(cipher.encrypt(nonce_of(number, is_last=not following), chunk, None))
        number, chunk = number + 1, following
    return digest.digest()


def decrypt(kept: BinaryIO, plain: BinaryIO) -> None:
    head = kept.read(1 + SALT)
    cipher = cipher_of(head[0], head[1:])
    number, chunk = 0, kept.read(CHUNK + TAG)
    if not chunk:
        raise ValueError("cut off after its salt")
    while chunk:
        following = kept.read(CHUNK + TAG)
        plain.write(cipher.decrypt(nonce_of(number, is_last=not following), chunk, None))
        number, chunk = number + 1, following


def cipher_of(key_id: int, salt: bytes) -> AESGCM:
    """Return the cipher of one file: its key is used for nothing else, so it may count nonces."""
    return AESGCM(hmac.digest(settings.FIELD_KEYS[key_id], PURPOSE + salt, hashlib.sha256))


def nonce_of(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + (LAST if is_last else NOT_LAST)


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """Give the plain bytes in a file without a name; raise NotKept."""
    with tempfile.TemporaryFile(dir=folder()) as plain:
        try:
            with path_of(name).open("rb") as kept:
                decrypt(kept, plain)
        except (OSError, IndexError, KeyError, ValueError, InvalidTag) as problem:
            raise NotKept(name) from problem
        plain.seek(0)
        yield plain


def path_of(name: str) -> Path:
    if not NAME.fullmatch(name):
        raise NotKept(name)
    return folder() / name


def forget(name: str) -> bool:
    """Delete a kept file; tell whether it was still there."""
    try:
        path_of(name).unlink()
    except (FileNotFoundError, NotKept):
        return False
    return True


def forget_older_than(moment: datetime) -> int:
    """Delete what was kept before `moment`, half-written files too; return how many."""
    found = 0
    for path in folder().iterdir():
        with suppress(FileNotFoundError):  # a job was quicker
            if path.stat().st_mtime < moment.timestamp():
                path.unlink()
                found += 1
    return found


class NamelessFileHandler(FileUploadHandler):
    """Streams an upload into a file without a name, whatever its size."""

    file: "UploadedFile[Any]"  # not there before the first file: Django closes what it finds

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file = UploadedFile(
            file=tempfile.TemporaryFile(dir=folder()),  # noqa: SIM115 (the request closes it)
            name=self.file_name,
            content_type=self.content_type,
            size=0,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[Any]":
        self.file.seek(0)
        self.file.size = file_size
        return self.file

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()


def takes_files(limits_of: Callable[..., Limits]) -> Callable[[View], View]:
    """Let a view take more than the web's limit: `limits_of(request, **kwargs)` tells how much."""

    def mark(view: View) -> View:
        view.limits_of = limits_of  # type: ignore[attr-defined]
        return view

    return mark
