"""A month changed on screen: wages in the list, one worker, somebody new, somebody who left."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from cilegon_portal.accounts.models import User
from cilegon_portal.rules.months import Month
from employers.models import Employer, ReportDraft
from tests import make
from tests.employers.reporting import rosters
from tests.employers.reporting.pages import send, text_of

Address = Callable[..., str]


@pytest.fixture
def draft(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address
) -> ReportDraft:
    """Return the month begun on screen with the three workers of the last one."""
    before = month.plus(-1)
    rosters.reported(firm, before, rosters.workers(3, month=before), by=approver)
    send(desk, address(), how="SCREEN")
    return ReportDraft.objects.open().get(employer=firm)


def first(draft: ReportDraft) -> int:
    return int(draft.rows.listed().in_order()[:1].values_list("number", flat=True)[0])


def test_wages_are_changed_in_the_list(desk: Client, draft: ReportDraft, address: Address) -> None:
    number = first(draft)

    answer = send(desk, address("ubah/"), **{f"upah-{number}": "7.250.000", "lanjut": "1"})

    row = draft.rows.get(number=number)
    assert (row.wage, row.faults) == (7_250_000, [])
    assert answer["Location"] == address("setujui/")


def test_a_wage_that_cannot_be_read_comes_back(
    desk: Client, draft: ReportDraft, address: Address
) -> None:
    number = first(draft)

    answer = send(desk, address("ubah/"), **{f"upah-{number}": "banyak", "lanjut": "1"})

    assert answer["Location"] == address("hasil/")
    assert "banyak" in text_of(desk.get(address("hasil/")))


def test_a_worker_is_changed_and_faults_stand_at_their_fields(
    desk: Client, draft: ReportDraft, address: Address
) -> None:
    number = first(draft)
    page = address(f"ubah/{number}/")
    row = draft.rows.get(number=number)
    answers: dict[str, Any] = {
        "nama": "",
        "nik": row.id_number,
        "paspor": "",
        "tanggal_lahir": f"{row.birth_date:%d/%m/%Y}",
        "jenis_kelamin": "L",
        "kpj": "",
        "mulai_kerja": f"{row.started_on:%d/%m/%Y}",
        "upah": "7.300.000",
    }

    assert send(desk, page, **answers)["Location"] == page
    shown = desk.get(page).content.decode()
    assert "Isi nama lengkap" in shown
    assert 'href="#id_nama"' in shown
    assert send(desk, page, **answers | {"nama": "Nama Baru"})["Location"] == address("ubah/")

    row.refresh_from_db()
    assert (row.name, row.wage, row.faults) == ("Nama Baru", 7_300_000, [])


def test_a_worker_is_added(
    desk: Client, draft: ReportDraft, address: Address, month: Month
) -> None:
    answers: dict[str, Any] = {
        "nama": "Wahyu Pratama",
        "nik": make.nik(),
        "tanggal_lahir": "15 September 1985",
        "jenis_kelamin": "L",
        "mulai_kerja": f"{month.first_day:%d/%m/%Y}",
        "upah": "8000000",
    }

    answer = send(desk, address("tambah/"), "one-form-pressed-twice", **answers)
    again = send(desk, address("tambah/"), "one-form-pressed-twice", **answers)

    assert answer["Location"] == again["Location"] == address("ubah/")
    added = draft.rows.get(name="Wahyu Pratama")
    assert (added.is_new, added.wage, added.faults) == (True, 8_000_000, [])
    assert "Wahyu Pratama" in text_of(desk.get(address("ubah/")))


def test_a_worker_of_last_month_leaves_with_day_and_cause(
    desk: Client, draft: ReportDraft, address: Address, month: Month
) -> None:
    number = first(draft)
    worker = draft.rows.get(number=number)
    page = address(f"ubah/{number}/keluar/")
    last_day = month.plus(-1).last_day
    day: dict[str, Any] = {
        "ended_on_day": last_day.day,
        "ended_on_month": last_day.month,
        "ended_on_year": last_day.year,
    }

    missing = text_of(send(desk, page))
    assert "Isi hari kerja terakhir" in missing
    assert "Pilih sebab berhenti" in missing
    assert send(desk, page, **day, cause="RETIRED")["Location"] == address("ubah/")

    row = draft.rows.get(id_index=worker.id_index)
    assert (row.is_absent, row.ended_on, row.cause) == (True, last_day, "RETIRED")


def test_somebody_new_is_taken_out_at_once_and_twice_is_once(
    desk: Client, draft: ReportDraft, address: Address, month: Month
) -> None:
    send(
        desk,
        address("tambah/"),
        nama="Salah Ketik",
        nik=make.nik(),
        tanggal_lahir="15/09/1985",
        jenis_kelamin="L",
        mulai_kerja=f"{month.first_day:%d/%m/%Y}",
        upah="8000000",
    )
    number = draft.rows.get(name="Salah Ketik").number
    page = address(f"ubah/{number}/keluar/")

    assert "belum pernah Anda laporkan" in text_of(desk.get(page))
    for _ in range(2):
        answer = send(desk, page, "the-very-same-form")
        assert answer["Location"] == address("ubah/")

    assert not draft.rows.filter(name="Salah Ketik").exists()


def test_workers_are_found_by_name_and_number(
    desk: Client, draft: ReportDraft, address: Address
) -> None:
    row: Any = draft.rows.get(number=first(draft))

    for words in (row.name.upper(), row.name.split()[1][:4]):
        answer = desk.post(address("ubah/"), {"words": words})
        assert row.name in text_of(desk.get(answer["Location"]))
    for number in (row.id_number, f" {row.id_number[:6]} {row.id_number[6:]}"):
        answer = desk.post(address("ubah/"), {"words": number})
        assert answer["Location"] == address(f"ubah/{row.number}/")
    for nobody in ("Zzz", "Z\x00", "%", "'; --", "Z" * 5_000, "3672991509850000"):
        answer = desk.post(address("ubah/"), {"words": nobody}, follow=True)
        assert "Tidak ada pekerja" in text_of(answer), nobody
        assert "3672991509850000" not in str(answer.redirect_chain)


def test_wages_saved_in_a_search_lead_back_to_it_however_long_its_words(
    desk: Client, draft: ReportDraft, address: Address
) -> None:
    row: Any = draft.rows.get(number=first(draft))
    here = f"{address('ubah/')}?q={row.name.split()[0]}"

    assert send(desk, here, **{f"upah-{row.number}": "7.250.000"})["Location"] == here
    answer = send(desk, f"{address('ubah/')}?more={'a' * 5_000}")
    assert answer["Location"] == address("ubah/")


def test_a_row_that_is_not_there_is_not_found(
    desk: Client, draft: ReportDraft, address: Address
) -> None:
    assert desk.get(address("ubah/999999/")).status_code == 404
    assert desk.get(address("ubah/999999/keluar/"))["Location"] == address("ubah/")
    assert send(desk, address("ubah/999999/keluar/"))["Location"] == address("ubah/")
    assert "sudah tidak ada" in desk.get(address("ubah/")).content.decode()


def test_the_number_of_queries_does_not_grow_with_the_rows(
    desk: Client,
    firm: Employer,
    month: Month,
    approver: User,
    address: Address,
    django_assert_max_num_queries: Any,
) -> None:
    rosters.prepared(firm, month, rosters.workers(25, month=month), by=approver)

    for page in ("ubah/", "banding/", "hasil/"):
        with django_assert_max_num_queries(45):
            assert desk.get(address(page)).status_code == 200
