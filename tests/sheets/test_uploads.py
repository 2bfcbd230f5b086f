"""What is kept of an upload: encrypted, nameless, whole, and not for long."""

import hashlib
import os
import time
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cilegon_portal.sheets import LARGE, WEB, SheetRefused, read, uploads
from tests.sheets import evil

WIB = ZoneInfo("Asia/Jakarta")
CHUNK = uploads.CHUNK


def kept_bytes(name: str) -> bytes:
    with uploads.opened(name) as file:
        return file.read()


def test_an_upload_is_kept_encrypted_and_read_again(uploads_folder):
    content = evil.good_csv()
    upload = SimpleUploadedFile("../../upah.csv", content)

    kept = uploads.keep(upload, limits=WEB)

    stored = uploads_folder / kept.name
    assert kept.sha256 == hashlib.sha256(content).digest()
    assert kept.size == len(content)
    assert [path.name for path in uploads_folder.iterdir()] == [kept.name]
    assert len(kept.name) == 43
    assert b"Siti" not in stored.read_bytes()
    assert stored.stat().st_mode & 0o777 == 0o600
    assert uploads_folder.stat().st_mode & 0o777 == 0o700
    with uploads.opened(kept.name) as file:
        assert read(file, limits=WEB).rows[0] == (2, ["3672991234567890", "Siti", "5000000"])


def test_after_reading_no_file_is_left(uploads_folder):
    kept = uploads.keep_bytes(evil.good_xlsx(), limits=WEB)

    with uploads.opened(kept.name) as file:
        read(file, limits=WEB)
        assert [path.name for path in uploads_folder.iterdir()] == [kept.name]

    assert uploads.forget(kept.name)
    assert not uploads.forget(kept.name)
    assert list(uploads_folder.iterdir()) == []


@pytest.mark.parametrize("size", [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7])
def test_every_size_comes_back_whole(size: int) -> None:
    content = b"NIK\n" + b"1\n" * size

    kept = uploads.keep_bytes(content[:size], limits=WEB)

    assert kept_bytes(kept.name) == content[:size]


def test_the_same_file_is_never_the_same_bytes(uploads_folder):
    first, second = (uploads.keep_bytes(evil.good_csv(), limits=WEB) for _ in range(2))

    assert first.sha256 == second.sha256
    stored = [(uploads_folder / kept.name).read_bytes() for kept in (first, second)]
    assert stored[0][33:] != stored[1][33:]


def tampered(content: bytes) -> dict[str, bytes]:
    """Return what somebody with access to the disk might leave behind."""
    whole = CHUNK + uploads.TAG
    start, first, second = content[:33], content[33 : 33 + whole], content[33 + whole :]
    return {
        "a changed byte": content[:-1] + bytes([content[-1] ^ 1]),
        "its end is cut off": start + first,
        "its chunks swapped": start + second + first,
        "a chunk twice": start + first + first + second,
        "another salt": content[:1] + bytes(32) + content[33:],
        "another key": b"\x09" + content[1:],
        "its salt only": start,
        "nothing": b"",
    }


def test_a_changed_file_does_not_open(uploads_folder):
    kept = uploads.keep_bytes(b"NIK\n" * CHUNK, limits=WEB)
    stored = uploads_folder / kept.name

    for content in tampered(stored.read_bytes()).values():
        stored.write_bytes(content)
        with pytest.raises(uploads.NotKept):
            kept_bytes(kept.name)


def test_a_file_under_an_older_key_still_opens(settings):
    kept = uploads.keep_bytes(evil.good_csv(), limits=WEB)

    settings.FIELD_KEYS = settings.FIELD_KEYS | {2: b"2" * 32}

    assert kept_bytes(kept.name) == evil.good_csv()


@pytest.mark.parametrize("name", ["", "../secrets", "a" * 43, "/etc/passwd", f"{'a' * 42}/"])
def test_a_name_that_is_not_ours_opens_nothing(name: str) -> None:
    with pytest.raises(uploads.NotKept):
        kept_bytes(name)
    assert not uploads.forget(name)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("one byte too many", "size"),
        ("nothing", "empty"),
        ("blanks", "empty"),
        ("an old workbook", "xls"),
        ("a locked workbook", "pw"),
    ],
)
def test_what_can_be_told_at_once_is_refused_at_once(
    name: str, key: str, uploads_folder: Path
) -> None:
    upload = SimpleUploadedFile("upah.xlsx", evil.HOSTILE[name][0]())

    with pytest.raises(SheetRefused, match=key):
        uploads.keep(upload, limits=WEB)

    assert not uploads_folder.exists() or not list(uploads_folder.iterdir())


def test_a_picture_is_refused_at_once():
    with pytest.raises(SheetRefused, match="type"):
        uploads.keep_bytes(evil.DISGUISED["a PNG"](), limits=WEB)


def test_the_larger_limit_keeps_what_the_web_refuses():
    content = evil.HOSTILE["one byte too many"][0]()

    assert uploads.keep_bytes(content, limits=LARGE).size == WEB.file_bytes + 1


def test_a_broken_disk_leaves_no_half_file(uploads_folder, monkeypatch):
    def full(*_: Any) -> bytes:
        raise OSError("no space left")

    monkeypatch.setattr(uploads, "encrypt", full)

    with pytest.raises(OSError, match="no space"):
        uploads.keep_bytes(evil.good_csv(), limits=WEB)
    assert list(uploads_folder.iterdir()) == []


def test_what_nobody_fetched_is_forgotten(uploads_folder):
    old, new = (uploads.keep_bytes(evil.good_csv(), limits=WEB) for _ in range(2))
    (uploads_folder / ".half").write_bytes(b"x")
    yesterday = time.time() - 86_400
    for name in (old.name, ".half"):
        os.utime(uploads_folder / name, (yesterday, yesterday))

    forgotten = uploads.forget_older_than(datetime.now(WIB) - timedelta(hours=1))

    assert forgotten == 2
    assert [path.name for path in uploads_folder.iterdir()] == [new.name]


def test_an_upload_without_a_file_is_told_so():
    upload = SimpleUploadedFile("upah.csv", b"x")
    upload.file = None

    with pytest.raises(SheetRefused, match="none"):
        uploads.keep(upload, limits=WEB)


def test_a_file_that_stands_at_its_end_is_kept_whole():
    file = BytesIO(evil.good_csv())
    file.read()

    assert kept_bytes(uploads.keep_file(file, limits=WEB).name) == evil.good_csv()
