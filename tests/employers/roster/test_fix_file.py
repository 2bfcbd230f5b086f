from datetime import date
from io import BytesIO

import openpyxl
import pytest

from employers.actions import fix_file, reading
from employers.rules.columns import TITLES, match_columns
from tests import make
from tests.employers.roster.files import HEADER, OCTOBER, begin, draft_of, nik, worker, workers


@pytest.fixture
def firm(db):
    return make.firm(first=OCTOBER)


def sheet_of(content):
    return openpyxl.load_workbook(BytesIO(content)).worksheets[0]


def table(content):
    return [[cell.value for cell in row] for row in sheet_of(content).iter_rows()]


def test_the_template_has_our_columns_and_a_filled_example():
    book = openpyxl.load_workbook(BytesIO(fix_file.template_xlsx()))

    data, example = book.worksheets
    titles = [cell.value for cell in data[1]]
    assert titles == list(TITLES.values())
    assert data.max_row == 1
    assert [cell.value for cell in example[1]] == titles
    assert example.max_row == 4
    assert example["A2"].value == "3672991509850001"


def test_the_template_of_text_has_the_same_columns():
    text = b"".join(fix_file.template_csv()).decode("utf-8-sig")

    assert match_columns(text.strip().split(";")).positions.keys() == TITLES.keys()


def test_the_example_of_the_template_is_a_good_file(firm):
    rows = [[example.get(name) for name in TITLES] for example in fix_file.EXAMPLES]

    draft = draft_of(firm, rows, header=list(TITLES.values()))

    assert [row.faults for row in draft.rows.in_order()] == [[], [], []]


def test_the_firms_own_rows_come_back_with_what_is_wrong(firm):
    header = ("Gaji", "No KTP", "Nama Lengkap", "Tgl Lahir", "Tgl Masuk", "Catatan")
    good, bad, twin = worker(1), worker(2, upah="lima juta", nama=""), worker(1)
    rows = [[each[4], each[0], each[1], each[2], each[3], "x"] for each in (good, bad, twin)]
    draft = draft_of(firm, rows, header=header)

    content = fix_file.fixes_xlsx(draft)

    assert table(content)[0] == [*header[:5], "Kesalahan"]
    first, second, third = table(content)[1:]
    assert first[:3] == [6_000_000, nik(1), "Pekerja B"]
    assert first[3].date() == date(1985, 9, 15)
    assert first[5] is None
    assert second[:3] == ["lima juta", nik(2), None]
    assert second[5] == (
        "Isi nama lengkap seperti di KTP. Upah harus angka rupiah, misalnya 5.500.000"
    )
    assert third[5] == "NIK ini sudah ada di baris 2"
    filled = {
        cell.coordinate
        for row in sheet_of(content).iter_rows(min_row=2)
        for cell in row
        if cell.fill.fill_type
    }
    assert filled == {"A3", "C3", "B4"}


def test_a_corrected_file_of_ours_is_read_again(firm):
    draft = draft_of(firm, [worker(1, upah="lima juta"), worker(2)])
    book = openpyxl.load_workbook(BytesIO(fix_file.fixes_xlsx(draft)))
    book.worksheets[0]["E2"] = 6_000_000
    corrected = BytesIO()
    book.save(corrected)

    begun = begin(firm, corrected.getvalue())
    reading.read_upload(draft_key=begun.pk, at=make.AT)

    begun.refresh_from_db()
    assert (begun.state, begun.rows_total, begun.faulty) == ("READY", 2, 0)


def test_a_column_that_the_file_lacks_is_put_behind_its_own(firm):
    header = ("No Paspor", "Nama", "Tanggal lahir", "Tanggal masuk kerja", "Upah")
    draft = draft_of(firm, [worker(1, nik="A1234567")], header=header)

    rows = table(fix_file.fixes_xlsx(draft))

    assert rows[0] == [*header, "Jenis kelamin", "Kesalahan"]
    assert rows[1][6] == "Isi jenis kelamin, L atau P"


def test_a_row_typed_on_screen_has_our_own_columns(firm):
    draft = draft_of(firm, workers(1))
    draft.columns = []

    assert table(fix_file.fixes_xlsx(draft))[0] == [*TITLES.values(), "Kesalahan"]


def test_the_titles_of_a_file_are_kept_as_written(firm):
    assert draft_of(firm, workers(1)).columns == [
        ["nik", HEADER[0]],
        ["nama", HEADER[1]],
        ["tanggal_lahir", HEADER[2]],
        ["mulai_kerja", HEADER[3]],
        ["upah", HEADER[4]],
    ]
