"""The list of firms as a sheet: the same rows in the same order, and nothing that calculates."""

import csv
import io
from datetime import datetime

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from cilegon_portal.dashboard.views import firm_sheets
from tests import make
from tests.dashboard.firms.test_list import FIRMS, ROW, firms, last_month, numbers

EXPORT = reverse("dashboard:firms_export")
NUMBERED = {"cols": "nomor,npp"}  # beside the name, which is always there


def body(answer) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def as_csv(client, **asked) -> list[dict[str, str]]:
    text = body(client.get(EXPORT, NUMBERED | asked | {"bentuk": "csv"})).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def as_book(client, **asked):
    answer = client.get(EXPORT, NUMBERED | asked | {"bentuk": "xlsx"})
    return load_workbook(io.BytesIO(body(answer)))


def keys(rows: list[dict[str, str]]) -> list[str]:
    return [row["Nomor portal"] for row in rows]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"sort": "-nama"},
        {"q": "baja"},
        {"f_status": "ACTIVE", "sort": "npp", "per": "25"},
        {"f_tunggak": "YA"},
        {"q": "tidak ada"},
    ],
)
def test_the_sheet_has_the_rows_of_the_list_in_its_order(office, asked):
    owing, *_ = firms("PT Baja", "PT Kayu", "CV Baja Ringan")
    make.firm_bill(500_000, last_month().plus(-2), firm=owing.account)
    on_screen = ROW.findall(office.get(FIRMS, asked).content.decode())

    sheet = as_book(office, **asked)["Perusahaan"]

    assert keys(as_csv(office, **asked)) == on_screen
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == on_screen


def test_a_sheet_goes_on_where_the_page_ends(office):
    made = firms(*[f"PT {number:02}" for number in range(30)])

    assert keys(as_csv(office, per="25", page="1")) == numbers(*made)


def test_the_ticked_rows_alone_are_taken_unless_all_are_asked_for(office):
    first, second, third = firms("PT A", "PT B", "PT C")
    ticked = {"id": [str(first.pk), str(third.pk)]}

    assert keys(as_csv(office, **ticked)) == numbers(first, third)
    assert keys(as_csv(office, **ticked, pilih="semua")) == numbers(first, second, third)
    assert keys(as_csv(office, id=["9" * 40, "-1", "x", "٣"])) == numbers(first, second, third)


def test_a_row_outside_the_filters_is_not_taken_by_its_key(office):
    inside, outside = firms("PT Baja", "PT Kayu")

    assert keys(as_csv(office, q="baja", id=[str(outside.pk), str(inside.pk)])) == numbers(inside)


def test_the_sheet_has_the_columns_of_the_list_and_numbers_stay_numbers(office):
    month = last_month()
    firm = make.firm(name="PT A")
    make.wage_report(firm, month, workers=120)
    make.firm_bill(500_000, month.plus(-2), firm=firm.account)

    asked = "nomor,pekerja,tunggakan,sampai,diputuskan"
    sheet = as_book(office, cols=asked)["Perusahaan"]
    header, row = list(sheet.iter_rows(values_only=True))

    assert header == (
        "Nama", "Nomor portal", "Pekerja", "Laporan terakhir", "Tunggakan", "Diputuskan",
    )  # fmt: skip
    assert (row[2], row[4]) == (120, 500_000)
    assert isinstance(row[3], datetime)
    assert row[3].date() == month.first_day


def test_the_workbook_says_what_was_asked_and_by_whom(office, officer):
    firms("PT A")

    notes = dict(as_book(office, q="pt", f_status="ACTIVE")["Keterangan"].iter_rows(
        min_row=2, max_col=2, values_only=True
    ))  # fmt: skip

    assert notes["Oleh"] == officer.name
    assert "Diunduh" in notes


def test_a_name_never_becomes_a_formula(office):
    make.firm(name="=HYPERLINK(1)")

    sheet = as_book(office)["Perusahaan"]

    assert sheet["A2"].data_type == "s"
    assert as_csv(office)[0]["Nama"] == "'=HYPERLINK(1)"


def test_a_workbook_that_is_too_long_leads_to_the_csv(office, monkeypatch):
    monkeypatch.setattr(firm_sheets, "MOST_XLSX_ROWS", 2)
    made = firms("PT A", "PT B", "PT C")

    answer = office.get(EXPORT, {"bentuk": "xlsx", "sort": "-nama"}, follow=True)

    assert "Pilih CSV" in answer.content.decode()
    assert answer.redirect_chain == [(f"{FIRMS}?sort=-nama", 302)]
    assert len(as_csv(office)) == len(made)


def test_a_download_is_an_attachment_that_nobody_keeps(office):
    firms("PT A")

    answer = office.get(EXPORT, {"bentuk": "csv"})

    assert answer["Content-Disposition"].startswith('attachment; filename="perusahaan-')
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_the_eleventh_sheet_of_a_minute_has_to_wait(office, monkeypatch):
    monkeypatch.setattr(firm_sheets, "LIMITS", ((3, firm_sheets.LIMITS[1][1]),))
    firms("PT A")

    met = [office.get(EXPORT, {"bentuk": "csv"}).status_code for _ in range(4)]

    assert met == [200, 200, 200, 429]
