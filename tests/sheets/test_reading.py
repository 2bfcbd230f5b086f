"""What a sheet says, cell by cell: from a workbook, and from a CSV."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cilegon_portal.sheets import WEB, Formula, Sheet, SheetRefused, read, stream
from tests.sheets import evil

Read = Callable[..., Sheet]
BIRTH = datetime.fromisoformat("1985-03-27 08:30")


def workbook(*rows: Any, change: Callable[[Any], None] = lambda book: None) -> bytes:
    """Return what openpyxl writes of the rows."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    change(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_workbook_becomes_rows_with_their_numbers(read_bytes):
    content = workbook([], ["NIK", " Nama ", None], [], ["1", "Siti", 5], [], ["2", "Budi", 6])

    sheet = read_bytes(content)

    assert sheet.header == ["NIK", "Nama", ""]
    assert sheet.header_row == 2
    assert sheet.rows == [(4, ["1", "Siti", 5]), (6, ["2", "Budi", 6])]


def test_a_sheet_need_not_begin_in_the_corner(read_bytes):
    def moved(book: Any) -> None:
        book.active["C5"], book.active["D5"] = "NIK", "Upah"
        book.active["C7"], book.active["D7"] = "1", "=1+1"

    sheet = read_bytes(workbook(change=moved))

    assert (sheet.header_row, sheet.header) == (5, ["NIK", "Upah"])
    assert sheet.rows == [(7, ["1", Formula()])]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("Siti", "Siti"),
        ("  Siti\n", "  Siti\n"),
        ("Nur\u2019aini & <b>", "Nur\u2019aini & <b>"),
        (5_000_000, 5_000_000),
        (5_000_000.0, 5_000_000),
        (-1, -1),
        (0, 0),
        (4_999_999.5, 4_999_999.5),
        (3_672_991_234_567_891, 3_672_991_234_567_891),
        (3_672_991_234_567_890, 3_672_991_234_567_890.0),
        (36_729_912_345_678_912, 36_729_912_345_678_912.0),
        (1e300, 1e300),
        (True, True),
        (date(1985, 3, 27), date(1985, 3, 27)),
        (BIRTH, BIRTH),
        (time(8, 30), "08:30:00"),
        (timedelta(hours=30), "1 day, 6:00:00"),
        ("=1+1", Formula()),
        ("_x0000_Siti", " Siti"),
    ],
)
def test_a_cell_keeps_what_it_says(written: Any, found: Any, read_bytes: Read) -> None:
    sheet = read_bytes(workbook(["Isi", "Lain"], [written, "x"]))

    [(_, [cell, _])] = sheet.rows
    assert cell == found
    assert type(cell) is type(found)


def test_a_number_that_may_have_lost_digits_stays_a_float(read_bytes):
    sheet = read_bytes(workbook(["NIK"], [3_672_991_234_567_890], [3_672_991_234_567_891]))

    kinds = [type(cells[0]) for _, cells in sheet.rows]

    assert kinds == [float, int]


def test_a_formula_is_never_its_stored_result(read_bytes):
    row = '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>'
    cells = (
        '<c r="A2"><v>1</v></c><c r="B2"><f>A2*1000000</f><v>5000000</v></c>',
        '<c r="A3"><v>1</v></c><c r="B3"><f t="shared" si="0"/><v>5000000</v></c>',
        "<c><v>1</v></c><c><f\n>A4</f><v>5000000</v></c>",
        '<c r="A5"><v>1</v></c><c r="B5"><v>5000000</v></c>',
    )
    lines = row + "".join(f"<row>{line}</row>" for line in cells)
    content = f'<worksheet xmlns="{evil.MAIN}"><sheetData>{lines}</sheetData></worksheet>'

    sheet = read_bytes(evil.container(evil.parts(content)))

    assert [cells[1] for _, cells in sheet.rows] == [Formula(), Formula(), Formula(), 5_000_000]
    assert [number for number, _ in sheet.rows] == [2, 3, 4, 5]
    assert str(Formula()) == "(rumus)"


def test_a_formula_behind_a_prefix_is_found(read_bytes):
    content = (
        f'<x:worksheet xmlns:x="{evil.MAIN}"><x:sheetData>'
        '<x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>Upah</x:t></x:is></x:c></x:row>'
        '<x:row r="2"><x:c r="A2"><x:f>1+1</x:f><x:v>2</x:v></x:c></x:row>'
        "</x:sheetData></x:worksheet>"
    )

    sheet = read_bytes(evil.container(evil.parts(content)))

    assert sheet.rows == [(2, [Formula()])]


def test_a_text_that_looks_like_a_formula_is_a_text(read_bytes):
    sheet = read_bytes(evil.good_xlsx((("Nama",), ("=1+1",), ("&lt;f&gt;",))))

    assert sheet.rows == [(2, ["=1+1"]), (3, ["<f>"])]


def test_the_first_sheet_that_is_shown_is_read(read_bytes):
    def hidden(book: Any) -> None:
        book.active.sheet_state = "hidden"
        shown = book.create_sheet("Upah & <lain>")
        shown.append(["NIK"])
        shown.append(["=A1"])
        book.create_sheet("Contoh").append(["bukan ini"])

    sheet = read_bytes(workbook(["rahasia"], change=hidden))

    assert sheet.header == ["NIK"]
    assert sheet.rows == [(2, [Formula()])]


def test_styled_cells_without_a_value_are_no_rows(read_bytes):
    def styled(book: Any) -> None:
        book.active["A9000"].number_format = "@"
        book.active["B3"] = "   "

    sheet = read_bytes(workbook(["NIK", "Nama"], ["1", "Siti"], change=styled))

    assert sheet.rows == [(2, ["1", "Siti"])]


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("alphabet", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_csv_may_come_in_any_common_form(separator: str, alphabet: str, read_bytes: Read) -> None:
    rows = ("NIK", "Nama"), ("3672991234567890", '"Zoë; ""Uj,ang"" |\tsr."'), ("", ""), ("2", "B")
    text = "".join(separator.join(row) + "\r\n" for row in rows)

    sheet = read_bytes(text.encode(alphabet))

    assert sheet.header == ["NIK", "Nama"]
    assert sheet.rows == [(2, ["3672991234567890", 'Zoë; "Uj,ang" |\tsr.']), (4, ["2", "B"])]


def test_a_csv_from_the_other_end_of_utf_16_is_read(read_bytes):
    assert read_bytes(b"\xfe\xff" + "NIK\n1\n".encode("utf-16-be")).rows == [(2, ["1"])]


def test_a_csv_may_name_its_separator(read_bytes):
    sheet = read_bytes(b"sep=|\r\nNIK;a|Nama\r\n1|Siti\r\n")

    assert sheet.header == ["NIK;a", "Nama"]
    assert sheet.rows == [(2, ["1", "Siti"])]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ('"=""0123"""', "0123"),
        ("'0123", "0123"),
        ("'=1+1", "=1+1"),
        ("'-", "-"),
        ("'Aisyah", "'Aisyah"),
        ("=1+1", Formula()),
        ('"=SUM(A1)"', Formula()),
        ("-5", "-5"),
        ("3,67E+15", "3,67E+15"),
        ("", None),
        ('"Siti\r\nAminah"', "Siti\r\nAminah"),
    ],
)
def test_a_cell_of_a_csv_is_unwrapped(written: str, found: Any, read_bytes: Read) -> None:
    sheet = read_bytes(f"NIK;Upah\r\n1;{written}\r\n".encode())

    assert sheet.rows == [(2, ["1", found])]


def test_short_rows_of_a_csv_are_filled_up(read_bytes):
    sheet = read_bytes(b"NIK;Nama;Upah\n1\n\n2;Budi;6;lagi\n")

    assert sheet.rows == [(2, ["1", None, None]), (4, ["2", "Budi", "6", "lagi"])]


def test_rows_come_in_chunks_and_a_refusal_may_come_late(tmp_path):
    path = tmp_path / "upah.csv"
    rows = (evil.HEADER, *(("1", "Siti", 1) for _ in range(5_000)), ("1", "a" * 501, 1))
    path.write_bytes(evil.good_csv(rows))
    sizes: list[int] = []

    with pytest.raises(SheetRefused) as refused, stream(path, limits=WEB) as sheet:
        sizes.extend(len(chunk) for chunk in sheet)

    assert sizes == [2_000, 2_000]
    assert refused.value.sentence.startswith("Baris 5.002: ")
    assert (sheet.header, sheet.total) == (list(evil.HEADER), 5_001)


def test_a_file_is_read_by_path_number_and_file(tmp_path):
    path = tmp_path / "upah.xlsx"
    path.write_bytes(evil.good_xlsx())

    with path.open("rb") as file:
        file.read(100)
        found = [read(source, limits=WEB) for source in (path, file.fileno(), file)]

    assert found[0] == found[1] == found[2]
    assert len(found[0].rows) == 2


def test_whoever_stops_reading_ends_the_child(tmp_path):
    path = tmp_path / "upah.csv"
    path.write_bytes(evil.good_csv((evil.HEADER, *evil.ROWS * 9_000)))

    with stream(path, limits=WEB) as sheet:
        first = next(iter(sheet))

    assert first[0] == (2, ["3672991234567890", "Siti", "5000000"])
    assert children() == []


def children() -> list[str]:
    listed = Path("/proc/self/task").glob("*/children")
    return [
        number
        for line in listed
        for number in line.read_text().split()
        if b"sheets.child" in Path(f"/proc/{number}/cmdline").read_bytes()
    ]


class OneWay(io.RawIOBase):
    """A file that cannot go back: what a program writes whose answer streams."""

    def __init__(self) -> None:
        self.content = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self.content += bytes(piece)
        return len(piece)


def test_a_workbook_that_was_streamed_out_is_read(read_bytes):
    file = OneWay()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in evil.parts().items():
            made.writestr(name, content)

    assert len(read_bytes(bytes(file.content)).rows) == 2


def test_pictures_and_foreign_parts_do_no_harm(read_bytes):
    content = evil.container(
        evil.parts()
        | {
            "xl/media/image1.png": b"\x89PNG",
            "xl/media/image2.svg": b"<!DOCTYPE svg><svg/>",
            "xl/media/image3.emz": b"\x1f\x8b\x08",
            "xl/printerSettings/printerSettings1.bin": bytes(900),
            "xl/embeddings/oleObject1.bin": evil.OLE,
            "customXml/item1.xml": '<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16"),
            "xl/worksheets/": b"",
        }
    )

    assert len(read_bytes(content).rows) == 2


def test_only_a_line_break_ends_a_row_of_a_csv(read_bytes):
    sheet = read_bytes("NIK;Nama\r1;Siti\u2028Aminah\x85\r2;Budi".encode())

    assert sheet.rows == [(2, ["1", "Siti\u2028Aminah\x85"]), (3, ["2", "Budi"])]
