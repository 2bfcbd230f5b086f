"""What is looked at before anything is parsed: the kind of a file, and every part of a workbook.

A workbook is unpacked here, once and within limits, and packed again without compression. The
parser gets that copy, so what it sees is byte for byte what was checked.
"""

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import BinaryIO, Literal

from cilegon_portal.sheets.limits import MB, Limits, SheetRefused

HEAD = 4096
CHUNK = MB // 4
OVERLAP = 16  # a search across two chunks
SMALL = MB  # what is not larger may be packed as tightly as it likes

ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LOCKED = tuple(name.encode("utf-16-le") for name in ("EncryptedPackage", "EncryptionInfo"))
OLD_EXCEL = tuple(f"{name}\0".encode("utf-16-le") for name in ("Workbook", "Book"))
OTHER_TEXT = (b"<", b"%PDF", b"{", b"[", b"#!", b"MIME-Version")
BOMS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"\xef\xbb\xbf": "utf-8-sig"}
CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13})
NESTED = (*ZIP, b"7z\xbc\xaf", b"Rar!")

DECLARATION = re.compile(rb"<!(?!--|\[CDATA\[)")
FORMULA = re.compile(rb"<(?:[\w.-]+:)?f[\s/>]")
ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([^"']*)""")
UTF_8 = {b"utf-8", b"utf8", b"us-ascii", b"ascii"}

UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ValueError,
    EOFError,
    NotImplementedError,
    OverflowError,
    OSError,
)

Kind = Literal["xlsx", "csv"]


def kind_of(file: BinaryIO) -> Kind:
    """Tell what the file is by its first bytes, whatever its name; raise SheetRefused."""
    file.seek(0)
    head = file.read(HEAD)
    if not head.strip(b" \t\r\n\xef\xbb\xbf"):
        raise SheetRefused("empty")
    if head.startswith(ZIP):
        return "xlsx"
    if head.startswith(OLE):
        raise SheetRefused(old_kind(head + file.read()))
    if not is_text(head):
        raise SheetRefused("type")
    return "csv"


def old_kind(content: bytes) -> str:
    """Tell a locked workbook from an old one; both are OLE containers."""
    if any(name in content for name in LOCKED):
        return "pw"
    return "xls" if any(name in content for name in OLD_EXCEL) else "type"


def is_text(head: bytes) -> bool:
    bom = next((mark for mark in BOMS if head.startswith(mark)), b"")
    if BOMS.get(bom, "").startswith("utf-16"):
        return True
    start = head[len(bom) :].lstrip()
    return not start.startswith(OTHER_TEXT) and head.translate(None, CONTROLS) == head


@dataclass
class Checked:
    """A workbook after the guard: packed again, with what was noticed on the way."""

    packed: BytesIO
    parts_with_formulas: set[str] = field(default_factory=set)


def checked_workbook(file: BinaryIO, limits: Limits) -> Checked:
    """Return the workbook in `file`, every part of it looked at; raise SheetRefused."""
    size = file.seek(0, 2)
    try:
        with zipfile.ZipFile(file) as container:
            entries = container.infolist()
            check_entries(entries, size, limits)
            return packed_again(file, entries, limits)
    except UNREADABLE:
        raise SheetRefused("broken") from None


def check_entries(entries: list[zipfile.ZipInfo], size: int, limits: Limits) -> None:
    """Judge the container by its directory alone: nothing is unpacked yet."""
    if len(entries) > limits.entries:
        raise SheetRefused("bomb")
    names = [entry.filename.replace("\\", "/").casefold() for entry in entries]
    if any(entry.flag_bits & 1 for entry in entries):
        raise SheetRefused("pw")
    if any("vbaproject" in name or "/macrosheets/" in name for name in names):
        raise SheetRefused("macro")
    if not {"[content_types].xml", "xl/workbook.xml"} <= set(names):
        raise SheetRefused("type")
    if len(set(names)) < len(names) or any(map(is_elsewhere, entries)):
        raise SheetRefused("broken")
    if is_bomb(entries, size, limits):
        raise SheetRefused("bomb")


def is_elsewhere(entry: zipfile.ZipInfo) -> bool:
    """Tell whether the entry names a place outside the container, or is a link to one."""
    name = entry.filename.replace("\\", "/")
    return (
        name.startswith("/")
        or ":" in name
        or ".." in name.split("/")
        or stat.S_ISLNK(entry.external_attr >> 16)
    )


def is_bomb(entries: list[zipfile.ZipInfo], size: int, limits: Limits) -> bool:
    total = sum(entry.file_size for entry in entries)
    return (
        total > limits.unpacked_bytes
        or total > max(SMALL, limits.ratio * size)
        or sum(entry.compress_size for entry in entries) > size  # entries that share their bytes
        or any(entry.file_size > limits.part_bytes for entry in entries)
        or any(
            entry.file_size > max(SMALL, limits.ratio * entry.compress_size) for entry in entries
        )
    )


def packed_again(file: BinaryIO, entries: list[zipfile.ZipInfo], limits: Limits) -> Checked:
    checked = Checked(BytesIO())
    with zipfile.ZipFile(checked.packed, "w", zipfile.ZIP_STORED) as copy:
        for entry in entries:
            if entry.is_dir():
                continue
            chunks = unpacked(file, entry)
            name = entry.filename.replace("\\", "/")
            if not is_read(name.casefold()):
                refuse_nested(chunks)
                continue
            with copy.open(name, "w") as part:
                for chunk in looked_at(chunks, name, checked):
                    part.write(chunk)
    checked.packed.seek(0)
    return checked


def is_read(name: str) -> bool:
    """Tell whether a parser of tables may look at the part; pictures and the like are left out."""
    ours = name.startswith(("xl/", "_rels/", "docprops/")) or "/" not in name
    return ours and name.endswith((".xml", ".rels"))


def unpacked(file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the entry's bytes: as many as its directory says, with that checksum, or refuse.

    `zipfile` stops at the size that the directory tells; other programs do not.
    """
    left, checksum = entry.file_size, 0
    stored = packed_bytes(file, entry)
    for plain in inflated(stored) if entry.compress_type == zipfile.ZIP_DEFLATED else stored:
        left -= len(plain)
        checksum = zlib.crc32(plain, checksum)
        if left < 0:
            raise SheetRefused("broken")
        yield plain
    if left or checksum != entry.CRC:
        raise SheetRefused("broken")


def packed_bytes(file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    seek_to(file, entry)
    left = entry.compress_size
    while left:
        piece = file.read(min(CHUNK, left))
        if not piece:
            raise SheetRefused("broken")
        left -= len(piece)
        yield piece


def inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what the pieces unpack to, never more than CHUNK bytes at once."""
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    for piece in pieces:
        waiting, plain = piece, b" " * CHUNK
        while waiting or len(plain) == CHUNK:
            plain = inflate.decompress(waiting, CHUNK)
            waiting = inflate.unconsumed_tail
            yield plain
    if not inflate.eof or inflate.unused_data:
        raise SheetRefused("broken")


def seek_to(file: BinaryIO, entry: zipfile.ZipInfo) -> None:
    """Go to the entry's bytes; what stands before them must agree with the directory."""
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise SheetRefused("broken")
    file.seek(entry.header_offset)
    header = file.read(30)
    if len(header) < 30 or not header.startswith(ZIP[0]):
        raise SheetRefused("broken")
    method = struct.unpack_from("<H", header, 8)[0]
    name_length, extra_length = struct.unpack_from("<HH", header, 26)
    name = file.read(name_length)
    if method != entry.compress_type or name != entry.orig_filename.encode(encoding_of(entry)):
        raise SheetRefused("broken")
    file.seek(extra_length, 1)


def encoding_of(entry: zipfile.ZipInfo) -> str:
    return "utf-8" if entry.flag_bits & 0x800 else "cp437"


def refuse_nested(chunks: Iterator[bytes]) -> None:
    """Look at the start of a part that nobody reads; a container in a container is refused."""
    if next(chunks, b"").startswith(NESTED):
        raise SheetRefused("nested")


def looked_at(chunks: Iterator[bytes], name: str, checked: Checked) -> Iterator[bytes]:
    """Pass on the bytes of an XML part; refuse declarations, and notice formulas and macros."""
    is_sheet = "/worksheets/" in name
    is_types = name.casefold() == "[content_types].xml"
    tail = b""
    for number, chunk in enumerate(chunks):
        if number == 0:
            refuse_other_encoding(chunk)
        seen = tail + chunk
        if b"<!" in seen and DECLARATION.search(seen):
            raise SheetRefused("entities")
        if is_types and b"macroEnabled" in seen:
            raise SheetRefused("macro")
        if is_sheet and (b"<f" in seen or b":f" in seen) and FORMULA.search(seen):
            checked.parts_with_formulas.add(name)
        tail = seen[-OVERLAP:]
        yield chunk


def refuse_other_encoding(start: bytes) -> None:
    """Refuse XML in which our search for a few ASCII letters would find nothing."""
    declared = ENCODING.match(start.removeprefix(b"\xef\xbb\xbf")[:HEAD].lstrip())
    if b"\0" in start[:HEAD] or (declared and declared[1].strip().lower() not in UTF_8):
        raise SheetRefused("broken")
