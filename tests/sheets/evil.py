"""Files that nobody should send us: built here, never stored. Each is told why it is refused."""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence

from cilegon_portal.sheets import WEB

TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
    "</Types>"
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELS = (
    f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" '
    f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
WORKBOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
    '<sheets><sheet name="Upah" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
WORKBOOK_RELS = (
    f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" '
    f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
)
SHEET = "xl/worksheets/sheet1.xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HEADER = ("NIK", "Nama", "Upah")
ROWS = (("3672991234567890", "Siti", 5_000_000), ("3672991234567891", "Budi", 6_000_000))
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def letters(column: int) -> str:
    found = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


def cell_xml(row: int, column: int, value: object) -> str:
    place = f"{letters(column)}{row}"
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'


def sheet_xml(rows: Iterable[Sequence[object]] = (HEADER, *ROWS), *, before: str = "") -> str:
    lines = "".join(
        f'<row r="{number}">'
        + "".join(cell_xml(number, column, value) for column, value in enumerate(row))
        + "</row>"
        for number, row in enumerate(rows, 1)
    )
    return f'{before}<worksheet xmlns="{MAIN}"><sheetData>{lines}</sheetData></worksheet>'


def parts(sheet: str | bytes | None = None) -> dict[str, str | bytes]:
    return {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": RELS,
        "xl/workbook.xml": WORKBOOK,
        "xl/_rels/workbook.xml.rels": WORKBOOK_RELS,
        SHEET: sheet_xml() if sheet is None else sheet,
    }


def container(
    contents: dict[str, str | bytes], *, method: int = zipfile.ZIP_DEFLATED, level: int = 6
) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method, compresslevel=level) as made:
        for name, content in contents.items():
            made.writestr(name, content)
    return file.getvalue()


def good_xlsx(rows: Iterable[Sequence[object]] = (HEADER, *ROWS)) -> bytes:
    return container(parts(sheet_xml(rows)))


def good_csv(rows: Iterable[Sequence[object]] = (HEADER, *ROWS), *, separator: str = ";") -> bytes:
    return "".join(separator.join(map(str, row)) + "\r\n" for row in rows).encode()


def with_part(name: str, content: str | bytes) -> bytes:
    return container(parts() | {name: content})


def zeros() -> bytes:
    """Return 200 MB of zeros in 200 KB: 1,028 to one."""
    return with_part("xl/media/image1.xml", bytes(200_000_000))


def zeros_for_a_sheet() -> bytes:
    return container(parts(bytes(40_000_000)))


def many_entries() -> bytes:
    return container(parts() | {f"xl/theme/theme{number}.xml": "" for number in range(10_000)})


def zip_in_zip() -> bytes:
    """Return the look of 42.zip: containers in containers, each small."""
    inner = container({"0.dll": bytes(4_000_000)})
    for depth in range(4):
        inner = container({f"{depth}{number}.zip": inner for number in range(16)})
    return with_part("xl/embeddings/lib.zip", inner)


def workbook_in_workbook() -> bytes:
    return with_part("xl/embeddings/Microsoft_Excel_Worksheet.xlsx", good_xlsx())


def entries_of(content: bytes) -> list[zipfile.ZipInfo]:
    return zipfile.ZipFile(io.BytesIO(content)).infolist()


def directory_place(content: bytes, name: str) -> int:
    """Return where the directory's record of `name` begins."""
    place = content.index(b"PK\x01\x02")
    while content[place + 46 :][: len(name)] != name.encode():
        place = content.index(b"PK\x01\x02", place + 4)
    return place


def patched(content: bytes, place: int, form: str, *values: int) -> bytes:
    new = struct.pack(form, *values)
    return content[:place] + new + content[place + len(new) :]


def lying_size() -> bytes:
    """Return a sheet of 100 MB whose directory tells its first thousand bytes, checksum and all."""
    start = sheet_xml().encode().ljust(1_000)
    content = container(parts(start + bytes(100_000_000)))
    place = directory_place(content, SHEET)
    content = patched(content, place + 16, "<I", zlib.crc32(start))
    return patched(content, place + 24, "<I", len(start))


def shared_bytes() -> bytes:
    """Return entries that all unpack the same bytes: the directory names one place often."""
    content = container(parts() | {"xl/media/a.xml": bytes(900_000)})
    end = content.index(b"PK\x05\x06")
    place = directory_place(content, "xl/media/a.xml")
    record, start = content[place:end], content.index(b"PK\x01\x02")
    names = [f"xl/media/{letter}.xml".encode() for letter in "bcdefghijklmnopqrstuvwxyz"]
    more = b"".join(record[:46] + name + record[46 + len(name) :] for name in names)
    directory = content[start:end] + more
    count = len(entries_of(content)) + len(names)
    tail = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), start, 0)
    return content[:start] + directory + b"PK\x05\x06" + tail


def another_name_inside() -> bytes:
    """Return a container whose directory and whose bytes disagree on a name."""
    content = good_xlsx()
    place = content.index(SHEET.encode())
    return content[:place] + SHEET.replace("1", "2").encode() + content[place + len(SHEET) :]


def wrong_checksum() -> bytes:
    content = container(parts(), method=zipfile.ZIP_STORED)
    return content.replace(b"Siti", b"Sita")


def locked_entry() -> bytes:
    content = good_xlsx()
    return patched(content, directory_place(content, SHEET) + 8, "<H", 1)


def odd_packing() -> bytes:
    return container(parts(), method=zipfile.ZIP_BZIP2)


def link() -> bytes:
    file = io.BytesIO(good_xlsx())
    with zipfile.ZipFile(file, "a") as made:
        entry = zipfile.ZipInfo("xl/link.xml")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(entry, "/etc/passwd")
    return file.getvalue()


def ole(*names: str) -> bytes:
    """Return an OLE container with those streams: as old Office and locked new Office write."""
    directory = b"".join(f"{name}\0".encode("utf-16-le").ljust(128, b"\0") for name in names)
    return OLE + bytes(504) + directory


def far_corner() -> bytes:
    """Return the 5 KB that abort the parser: two cells, at both ends of the sheet."""
    rows = f'<row r="1">{cell_xml(1, 0, "NIK")}</row>'
    rows += f'<row r="1048576">{cell_xml(1_048_576, 16_383, "x")}</row>'
    return container(parts(f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'))


def declared(entity: str, *, name: str = SHEET) -> bytes:
    return with_part(name, f"<!DOCTYPE x [{entity}]>{sheet_xml()}")


def outside(address: str) -> bytes:
    """Return a sheet that fetches an address as it is opened."""
    rows = (HEADER, ("&out;", "Siti", 1))
    entity = f'<!DOCTYPE x [<!ENTITY out SYSTEM "{address}">]>'
    return container(parts(sheet_xml(rows, before=entity)))


def deep_xml() -> bytes:
    return container(parts("<a>" * 300_000))


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a bomb of zeros": (zeros, "bomb"),
    "a sheet of zeros": (zeros_for_a_sheet, "bomb"),
    "ten thousand entries": (many_entries, "bomb"),
    "entries that share their bytes": (shared_bytes, "bomb"),
    "cells at both ends of a sheet": (far_corner, "bomb"),
    "zips in zips": (zip_in_zip, "nested"),
    "a workbook in a workbook": (workbook_in_workbook, "nested"),
    "a size that lies": (lying_size, "broken"),
    "another name inside": (another_name_inside, "broken"),
    "a wrong checksum": (wrong_checksum, "broken"),
    "packed by bzip2": (odd_packing, "broken"),
    "cut in half": (lambda: good_xlsx()[:400], "broken"),
    "a zip's first bytes only": (lambda: b"PK\x03\x04" + b"x" * 2_000, "broken"),
    "a path upwards": (lambda: with_part("xl/../../evil.xml", "<a/>"), "broken"),
    "an absolute path": (lambda: with_part("/etc/evil.xml", "<a/>"), "broken"),
    "a path on a drive": (lambda: with_part("C:evil.xml", "<a/>"), "broken"),
    "a symbolic link": (link, "broken"),
    "a part twice, in two cases": (lambda: with_part(SHEET.upper(), "<a/>"), "broken"),
    "no sheet behind its name": (
        lambda: container({name: part for name, part in parts().items() if name != SHEET}),
        "broken",
    ),
    "a sheet that is no XML": (lambda: container(parts("NIK;Nama")), "broken"),
    "elements without an end": (deep_xml, "empty"),
    "another alphabet": (
        lambda: container(parts(sheet_xml().encode("utf-16"))),
        "broken",
    ),
    "an alphabet told": (
        lambda: container(parts(sheet_xml(before='<?xml version="1.0" encoding="UTF-7"?>'))),
        "broken",
    ),
    "a billion laughs": (lambda: declared(f'<!ENTITY l0 "ha">{LAUGHS}'), "entities"),
    "a quadratic blow-up": (lambda: declared(f'<!ENTITY a "{"a" * 50_000}">'), "entities"),
    "an entity elsewhere": (lambda: outside("file:///etc/passwd"), "entities"),
    "an entity in a part nobody reads": (
        lambda: declared('<!ENTITY a "b">', name="docProps/custom.xml"),
        "entities",
    ),
    "macros": (lambda: with_part("xl/vbaProject.bin", OLE), "macro"),
    "macros of 1992": (lambda: with_part("xl/macrosheets/sheet1.xml", "<a/>"), "macro"),
    "a type with macros": (
        lambda: with_part(
            "[Content_Types].xml",
            TYPES.replace(
                "vnd.openxmlformats-officedocument.spreadsheetml.sheet.main",
                "vnd.ms-excel.sheet.macroEnabled.main",
            ),
        ),
        "macro",
    ),
    "a locked workbook": (lambda: ole("EncryptionInfo", "EncryptedPackage"), "pw"),
    "a locked entry": (locked_entry, "pw"),
    "an old workbook": (lambda: ole("Workbook"), "xls"),
    "an older workbook": (lambda: ole("Book"), "xls"),
    "nothing": (lambda: b"", "empty"),
    "blanks": (lambda: b"\xef\xbb\xbf \r\n\t\r\n", "empty"),
    "a sheet without cells": (lambda: good_xlsx(()), "empty"),
    "a header only": (lambda: good_xlsx((HEADER,)), "empty"),
    "a CSV header only": (lambda: good_csv((HEADER,)), "empty"),
    "a row too many": (
        lambda: good_csv((HEADER, *(("1", "Siti", 1) for _ in range(WEB.rows + 1)))),
        "rows",
    ),
    "a column too many": (lambda: good_xlsx((range(61), range(61))), "columns"),
    "a column too many in a CSV": (lambda: good_csv((range(61), range(61))), "columns"),
    "a cell at column XFD": (
        lambda: container(parts(sheet_xml().replace('"C3"', '"XFD3"'))),
        "columns",
    ),
    "a cell too long": (lambda: good_xlsx((HEADER, ("1", "a" * 501, 1))), "cell"),
    "a cell too long in a CSV": (lambda: good_csv((HEADER, ("1", "a" * 501, 1))), "cell"),
    "a quote without an end": (
        lambda: good_csv((HEADER, ("1", '"Siti', 1), *ROWS * 20)),
        "cell",
    ),
    "one byte too many": (lambda: good_csv().ljust(WEB.file_bytes + 1, b"\n"), "size"),
}

# What is something else, whatever its name says. None of it reaches a parser.
DISGUISED: dict[str, Callable[[], bytes]] = {
    "a PDF": lambda: b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
    "a PNG": lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "a JPEG": lambda: b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    "a GIF": lambda: b"GIF89a\1\0\1\0\x80\0\0",
    "a Windows program": lambda: b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff",
    "a Linux program": lambda: b"\x7fELF\2\1\1\0",
    "a script": lambda: b"#!/bin/sh\necho NIK;Nama\n",
    "a web page": lambda: b"<html><table><tr><td>NIK</td></tr></table></html>",
    "a workbook of 2003": lambda: b'<?xml version="1.0"?><Workbook></Workbook>',
    "a picture in SVG": lambda: b"\xef\xbb\xbf\n<svg><script>1</script></svg>",
    "JSON": lambda: b'[{"NIK": "3672991234567890"}]',
    "a letter in RTF": lambda: rb"{\rtf1\ansi NIK;Nama}",
    "a mail": lambda: b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n",
    "a database": lambda: b"SQLite format 3\0\x10\0",
    "a gzip": lambda: b"\x1f\x8b\x08\0\0\0\0\0\0\3" + zlib.compress(good_csv())[2:],
    "any zip": lambda: container({"upah.csv": good_csv()}),
    "a letter in DOCX": lambda: container(
        {"[Content_Types].xml": TYPES, "word/document.xml": "<w/>"}
    ),
    "a table in ODS": lambda: container(
        {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"}
    ),
    "a binary workbook": lambda: container(
        {"[Content_Types].xml": TYPES, "xl/workbook.bin": b"\x83\1"}
    ),
    "an old letter": lambda: ole("WordDocument"),
    "text in no alphabet of ours": lambda: b"NIK;Nama\r\n1;\x81\x8d\r\n",
}
