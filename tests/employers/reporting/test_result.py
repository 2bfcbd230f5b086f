"""What the reading found, put right on the page or in a file of one's own rows."""

import gzip
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from cilegon_portal.accounts.models import User
from cilegon_portal.rules.months import Month
from employers.actions import reading
from employers.models import Employer, ReportDraft
from employers.views import bill_files
from tests.employers.reporting import rosters
from tests.employers.reporting.pages import file, send, text_of

Address = Callable[..., str]
HEAVIEST_PAGE = 40_000  # bytes, compressed, at fifty rows


def test_every_fault_names_row_column_value_and_remedy(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address
) -> None:
    rows = rosters.workers(3, month=month)
    rows[1][7] = "tujuh juta"
    rosters.prepared(firm, month, rows, by=approver)

    text = text_of(desk.get(address("hasil/")))

    assert "Baris dibaca 3 Siap 2 Perlu diperbaiki 1" in text
    assert f"Baris 3 {rows[1][2]} Upah tujuh juta Upah harus angka rupiah" in text


def test_a_typed_value_puts_its_cell_right(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address
) -> None:
    rows = rosters.workers(2, month=month)
    rows[0][7], rows[1][6] = None, "kemarin"
    draft = rosters.prepared(firm, month, rows, by=approver)

    half = send(desk, address("hasil/"), **{"b2-upah": "Rp 7.500.000", "b3-mulai_kerja": "kemarin"})
    assert half["Location"] == address("hasil/")
    assert "1 baris sudah benar. Masih ada 1 baris." in text_of(desk.get(address("hasil/")))
    whole = send(desk, address("hasil/"), **{"b3-mulai_kerja": "1 Januari 2020"})

    assert whole["Location"] == address("banding/")
    assert "Semua 2 baris siap" in text_of(desk.get(address("banding/")))
    draft.refresh_from_db()
    assert (draft.faulty, draft.rows.get(number=2).wage) == (0, 7_500_000)


def test_what_is_typed_wrong_stays_to_be_put_right(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address
) -> None:
    rows = rosters.workers(1, month=month)
    rows[0][0] = "123"
    rosters.prepared(firm, month, rows, by=approver)

    send(desk, address("hasil/"), **{"b2-nik": "<b>12</b>"})
    body = desk.get(address("hasil/")).content.decode()

    assert 'value="&lt;b&gt;12&lt;/b&gt;"' in body
    assert "<b>12</b>" not in body


def test_fifty_faults_fit_on_the_page_and_the_rest_is_told(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address
) -> None:
    rows = rosters.workers(60, month=month)
    for row in rows:
        row[7] = "?"
    rosters.prepared(firm, month, rows, by=approver)

    answer = desk.get(address("hasil/"))

    assert "50 baris pertama dari 60" in text_of(answer)
    assert answer.content.decode().count('-upah"') >= 50
    assert "b52-upah" not in answer.content.decode()


def test_rows_with_faults_are_not_approved_by_any_way(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address
) -> None:
    rows = rosters.workers(2, month=month)
    rows[0][7] = None
    draft = rosters.prepared(firm, month, rows, by=approver)

    assert desk.get(address("setujui/"))["Location"] == address("hasil/")
    send(desk, address("setujui/"))

    draft.refresh_from_db()
    assert draft.closed_at is None
    assert firm.reports.count() == 0
    assert "perlu diperbaiki" in text_of(desk.get(address("banding/")))


def test_the_fix_file_holds_the_firms_rows_and_what_is_wrong(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address
) -> None:
    rows = rosters.workers(2, month=month)
    rows[0][7] = "=1+1"
    rows[1][2] = None
    rosters.prepared(firm, month, rows, by=approver)

    answer = desk.get(address("perbaikan.xlsx"))
    content = b"".join(answer) if answer.streaming else answer.content
    sheet = load_workbook(BytesIO(content)).worksheets[0]

    words = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert answer["Content-Disposition"].startswith("attachment")
    assert any("rumus" in word for word in words)
    assert any("isi nama lengkap" in word.lower() for word in words)
    assert [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []


def test_a_fix_file_too_many_has_to_wait(
    desk: Client,
    firm: Employer,
    month: Month,
    approver: User,
    address: Address,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bill_files, "DOCUMENTS_OF_ONE_USER", ((3, timedelta(days=1)),))
    rosters.prepared(firm, month, rosters.workers(1, month=month), by=approver)

    met = [desk.get(address("perbaikan.xlsx")).status_code for _ in range(4)]

    assert met == [200, 200, 200, 429]


def test_the_fix_file_put_right_and_uploaded_again_has_no_faults(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address
) -> None:
    rows = rosters.workers(3, month=month)
    rows[0][7], rows[2][2] = "banyak", None
    rosters.prepared(firm, month, rows, by=approver)
    answer = desk.get(address("perbaikan.xlsx"))
    book = load_workbook(BytesIO(b"".join(answer) if answer.streaming else answer.content))
    sheet = book.worksheets[0]
    titles = [str(cell.value) for cell in sheet[1]]

    wage = next(at for at, title in enumerate(titles, 1) if title == "Upah")
    name = next(at for at, title in enumerate(titles, 1) if title.startswith("Nama"))
    sheet.cell(2, wage).value = 7_000_000
    sheet.cell(4, name).value = "Sri Wahyuni"
    out = BytesIO()
    book.save(out)
    send(desk, address("unggah/"), file=file(out.getvalue()))

    draft = ReportDraft.objects.open().get(employer=firm)
    reading.read_upload(draft_key=draft.pk, at=timezone.now())
    draft.refresh_from_db()
    assert (draft.state, draft.faulty, draft.rows.listed().count()) == ("READY", 0, 3)


def test_pages_with_many_rows_stay_light(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address
) -> None:
    rows = rosters.workers(60, month=month)
    for row in rows:
        row[7] = "banyak"
    rosters.prepared(firm, month, rows, by=approver)

    for page in ("hasil/", "ubah/", "banding/"):
        assert len(gzip.compress(desk.get(address(page)).content)) < HEAVIEST_PAGE


def test_a_fault_of_a_formula_can_be_put_right(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address
) -> None:
    rows = rosters.workers(1, month=month)
    rows[0][7] = "=7000000+1"
    draft = rosters.prepared(firm, month, rows, by=approver)

    send(desk, address("hasil/"), **{"b2-upah": "7.000.001"})

    assert draft.rows.get(number=2).wage == 7_000_001
