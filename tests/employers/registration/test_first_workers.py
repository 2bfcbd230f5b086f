"""The workers of the first month: listed while a firm registers, approved once it is taken in."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cilegon_portal.accounts.models import Role
from cilegon_portal.outbox.models import Message
from cilegon_portal.rules.months import Month
from cilegon_portal.templatetags.portal import month_name, rupiah
from employers.actions import approving, decisions, drafts, reading, registration, rows_fixing
from employers.actions.first_workers import first_workers
from employers.models import DraftRow, Employer, ReportDraft, WageReport
from tests import make
from tests.accounts.helpers import member, sign_in_staff
from tests.employers.reporting import rosters
from tests.employers.reporting.pages import file, send, text_of

pytestmark = pytest.mark.django_db
LOW = 1_000_000  # below every minimum wage of Cilegon


@pytest.fixture(autouse=True)
def uploads_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def month() -> Month:
    return Month.of(timezone.localdate())


@pytest.fixture
def user():
    return make.firm_user()


@pytest.fixture
def browser(client: Client, user) -> Client:
    client.force_login(user)
    return client


@pytest.fixture
def firm(user, month: Month) -> Employer:
    """Return a firm that has answered everything and listed nobody yet."""
    return make.registering(by=user, wages=(), first_month=month, at=timezone.now())


@pytest.fixture
def page(firm: Employer, month: Month) -> Callable[..., str]:
    def address(name: str = "", of: Month | None = None) -> str:
        return f"/perusahaan/{firm.reference}/upah/{of or month}/{name}"

    return address


def of_firm(firm: Employer, name: str) -> str:
    return f"/perusahaan/{firm.reference}/{name}"


def read(firm: Employer) -> ReportDraft:
    """Have the file read that was uploaded last, as the job does."""
    draft = firm.drafts.open().get()
    reading.read_upload(draft_key=draft.pk, at=timezone.now())
    draft.refresh_from_db()
    return draft


def upload(browser: Client, address: str, rows: list[list[object]]) -> Any:
    return send(browser, address, file=file(rosters.workbook(rows)))


def hand_in(firm: Employer, user) -> Employer:
    return decisions.send(employer=firm, by=user, at=timezone.now())


def take_in(firm: Employer) -> Employer:
    return decisions.approve_firm(
        employer=firm,
        npp="",
        size="MEDIUM",
        risk_group=3,
        officer=None,
        reason="",
        by=make.user(),
        at=timezone.now(),
    )


def test_a_file_lists_the_workers_and_the_check_counts_them(browser, firm, month, page):
    rows = rosters.workers(3, month=month)
    assert registration.next_task(firm).title == "Unggah data pekerja"

    assert upload(browser, page("unggah/"), rows)["Location"] == page("hasil/")
    assert "sedang diperiksa" in text_of(browser.get(page("hasil/")))
    read(firm)

    assert browser.get(page("hasil/"))["Location"] == of_firm(firm, "periksa/")
    text = text_of(browser.get(of_firm(firm, "periksa/")))
    wages = sum(int(str(row[7])) for row in rows)
    assert f"3 pekerja, jumlah upah {rupiah(wages)}" in text
    assert "Anda menyebut 12 pekerja, daftarnya berisi 3" in text
    assert registration.open_tasks(firm) == []
    told = Message.objects.get(subject__startswith="File upah").text
    assert "Lanjutkan pendaftaran" in told


def test_a_row_with_a_fault_keeps_the_task_open_until_it_is_put_right(browser, firm, month, page):
    rows = rosters.workers(2, month=month)
    rows[1][7] = "tujuh juta"
    upload(browser, page("unggah/"), rows)
    read(firm)

    assert [task.name for task in registration.open_tasks(firm)] == ["workers"]
    assert browser.get(of_firm(firm, "periksa/"))["Location"] == page()
    assert browser.get(page())["Location"] == page("hasil/")
    with pytest.raises(decisions.Unfinished):
        hand_in(firm, firm.seats.get().user)

    answer = send(browser, page("hasil/"), **{"b3-upah": "7000000"})
    assert answer["Location"] == of_firm(firm, "periksa/")
    assert registration.open_tasks(firm) == []


def test_low_wages_are_asked_about_before_the_check(browser, firm, month, page):
    rows = rosters.workers(1, month=month)
    rows[0][7] = LOW
    upload(browser, page("unggah/"), rows)
    read(firm)

    assert "Peringatan" in text_of(browser.get(page("hasil/")))
    text = text_of(browser.get(page("banding/")))
    assert "Periksa upah pekerja" in text
    assert "bulan lalu" not in text.lower()


def test_workers_are_typed_on_screen(browser, firm, month, page):
    answer = send(
        browser, of_firm(firm, "pekerja/"), head_count="1", first_month=str(month), how="SCREEN"
    )
    assert answer["Location"] == page("tambah/")
    assert browser.get(page())["Location"] == page("ubah/")
    draft = firm.drafts.open().get()
    cells = dict(zip(rosters.COLUMNS, rosters.worker(1, month=month), strict=True))
    typed = {name: rosters.typed(cell) for name, cell in cells.items() if cell is not None}
    rows_fixing.add_row(draft=draft, answers=typed, by=draft.made_by, at=timezone.now())

    assert registration.open_tasks(firm) == []
    assert browser.get(page())["Location"] == of_firm(firm, "periksa/")
    assert "1 pekerja" in text_of(browser.get(of_firm(firm, "periksa/")))


def test_every_page_of_the_first_month_is_one_of_the_registration(browser, firm, month, page):
    make.first_workers(firm, [7_000_000], at=timezone.now())

    for name in ("unggah/", "ubah/", "ubah/2/", "ubah/2/keluar/", "tambah/", "banding/", "buang/"):
        answer = browser.get(page(name))
        assert answer.status_code == 200, name
        body = answer.content.decode()
        assert of_firm(firm, "pendaftaran/") in body
        assert f'href="{of_firm(firm, "upah/")}"' not in body.split("buttons")[0]
        assert "dari 4" not in text_of(answer), name
    for name in ("contoh.xlsx", "contoh.csv", "perbaikan.xlsx"):
        assert browser.get(page(name)).status_code == 200


def test_what_needs_a_report_leads_back_to_the_list(browser, firm, page):
    make.first_workers(firm, [7_000_000], at=timezone.now())

    for name in ("susulan/", "ganti/", "hasil/"):
        assert browser.get(page(name))["Location"] in {page(), of_firm(firm, "periksa/")}, name
    assert send(browser, page("sama/"))["Location"] == page()
    assert send(browser, page(), how="SCREEN")["Location"] == of_firm(firm, "periksa/")
    assert browser.get(page("versi/1/")).status_code == 404
    assert firm.drafts.open().count() == 1


def test_a_list_that_is_thrown_away_is_asked_for_again(browser, firm, month, page):
    make.first_workers(firm, [7_000_000], at=timezone.now())

    answer = send(browser, page("buang/"))

    assert answer["Location"] == of_firm(firm, "pendaftaran/")
    tasks = browser.get(of_firm(firm, "pendaftaran/")).content.decode()
    assert tasks.count(f'href="{page()}"') == 2  # the task, and where to go on
    assert "bagaimana Anda melapor?" in text_of(browser.get(page()))


def test_a_file_that_cannot_be_read_leaves_the_task_open(browser, firm, page):
    send(browser, page("unggah/"), file=file(b"PK\x03\x04 half a file"))
    if firm.drafts.open().exists():
        read(firm)
        assert "File tidak bisa dibaca" in text_of(browser.get(page(), follow=True))

    assert [task.name for task in registration.open_tasks(firm)] == ["workers"]


def test_other_months_are_not_there_before_the_approval(browser, firm, month, page):
    for other in (month.plus(-1), month.plus(1), Month(1900, 1)):
        for name in ("", "unggah/", "hasil/", "setujui/", "contoh.xlsx"):
            assert browser.get(page(name, other)).status_code == 404
            assert browser.post(page(name, other)).status_code in {404, 405}


def test_nothing_is_approved_before_the_office_has_taken_the_firm_in(browser, firm, page, user):
    draft = make.first_workers(firm, [7_000_000], at=timezone.now())

    for answer in (browser.get(page("setujui/")), send(browser, page("setujui/"))):
        assert answer["Location"] == page()
    text = text_of(browser.get(page(), follow=True))
    assert "Laporan ini bisa disetujui setelah pendaftaran disetujui" in text
    with pytest.raises(approving.NotRegistered):
        approving.approve(draft=draft, by=user, at=timezone.now())
    assert not WageReport.objects.exists()


def test_the_approver_has_only_to_approve_once_the_firm_is_taken_in(client, firm, month, page):
    approver = firm.seats.get().user
    make.first_workers(firm, [7_000_000, 8_000_000], at=timezone.now())
    take_in(hand_in(firm, approver))
    sign_in_staff(client, approver)

    home = client.get(of_firm(firm, ""))
    assert f"Setujui data upah {month_name(month)}" in text_of(home)
    assert page("setujui/") in home.content.decode()
    told = Message.objects.filter(subject__startswith="Pendaftaran disetujui").get().text
    assert f"Setujui data upah {month_name(month)}" in told
    assert rupiah(15_000_000) in text_of(client.get(page("setujui/")))
    send(client, page("setujui/"))

    report = WageReport.objects.standing().get(employer=firm)
    assert (report.workers, report.wages, report.month) == (2, 15_000_000, month)
    assert firm.employments.count() == 2


def test_the_list_stays_as_it_is_while_the_office_looks_at_it(browser, firm, page, user):
    draft = make.first_workers(firm, [7_000_000], at=timezone.now())
    by, at = user, timezone.now()
    hand_in(firm, user)

    for name in ("", "ubah/", "unggah/", "buang/"):
        assert browser.get(page(name))["Location"] == of_firm(firm, "")
        assert browser.post(page(name))["Location"] == of_firm(firm, "")
    with pytest.raises(drafts.DraftIsClosed):
        rows_fixing.remove_row(draft=draft, number=2, by=by, at=at)
    with pytest.raises(drafts.DraftIsClosed):
        drafts.discard(draft=draft, by=by, at=at)
    with pytest.raises(drafts.DraftIsClosed):
        drafts.prepare_screen(employer=firm, month=draft.month, by=by, at=at)
    text = text_of(browser.get(of_firm(firm, "status/")))
    assert "Data 1 pekerja" in text
    assert drafts.close_expired_drafts(at=at + timedelta(days=400)) == 0
    assert first_workers(firm).workers == 1


def test_a_returned_list_is_kept_thirty_days_more_and_may_change(browser, firm, page, user):
    long_ago = timezone.now() - timedelta(days=29)
    draft = make.first_workers(firm, [7_000_000], at=long_ago)
    hand_in(firm, user)
    at = timezone.now()
    decisions.return_firm(employer=firm, reason="Kurang", by=make.user(), at=at)

    draft.refresh_from_db()
    assert draft.expires_at == at + drafts.KEPT_FOR
    assert browser.get(page("ubah/")).status_code == 200
    assert drafts.close_expired_drafts(at=at + timedelta(days=29)) == 0
    assert drafts.close_expired_drafts(at=at + timedelta(days=31)) == 1
    assert [task.name for task in registration.open_tasks(firm)] == ["workers"]


def test_of_a_refused_or_forgotten_registration_no_worker_is_left(firm, user):
    refused = make.registering(at=timezone.now())
    hand_in(refused, refused.seats.get().user)
    decisions.reject_firm(employer=refused, reason="Bukan", by=make.user(), at=timezone.now())
    make.first_workers(firm, [7_000_000], at=timezone.now())

    registration.forget_unsent(at=registration.kept_until(firm) + timedelta(seconds=1))

    assert not DraftRow.objects.exists()
    assert not Employer.objects.filter(pk=firm.pk).exists()
    assert refused.drafts.get().closed_because == "DISCARDED"


def test_another_first_month_discards_the_list_and_says_so(browser, firm, month, page):
    draft = make.first_workers(firm, [7_000_000], at=timezone.now())
    shown = text_of(browser.get(of_firm(firm, "pekerja/")))
    assert f"data pekerja {month_name(month)} dibuang dan diisi lagi" in shown
    assert "Bagaimana Anda mengisi data pekerja?" not in shown
    before = month.plus(-1)

    same = send(browser, of_firm(firm, "pekerja/"), head_count="1", first_month=str(month))
    assert same["Location"] == of_firm(firm, "periksa/")
    assert first_workers(firm).workers == 1

    other = send(browser, of_firm(firm, "pekerja/"), head_count="1", first_month=str(before))
    assert other["Location"] == page("", before)
    assert f"Data pekerja {month_name(month)} dibuang" in text_of(browser.get(page("", before)))
    draft.refresh_from_db()
    assert (draft.closed_because, draft.rows.count()) == ("DISCARDED", 0)
    assert [task.name for task in registration.open_tasks(firm)] == ["workers"]


def test_the_desk_sees_how_many_are_listed_and_what_they_earn(client, firm, user):
    make.first_workers(firm, [7_000_000, LOW], at=timezone.now())
    hand_in(firm, user)
    sign_in_staff(client, member(Role.SERVICE))

    text = text_of(client.get(reverse("dashboard:registration", args=[firm.reference])))

    assert "Jumlah pekerja 12" in text
    assert "Pekerja di daftar 2 Berbeda" in text
    assert f"Jumlah upah {rupiah(7_000_000 + LOW)}" in text
    assert "Di bawah upah minimum 1 pekerja" in text


def test_nobody_else_finds_the_first_month_of_a_firm_that_registers(client, firm, page):
    make.first_workers(firm, [7_000_000], at=timezone.now())
    other = make.registering()
    client.force_login(other.seats.get().user)

    for name in ("", "unggah/", "hasil/", "ubah/", "ubah/2/", "setujui/"):
        assert client.get(page(name)).status_code == 404
        assert client.post(page(name)).status_code == 404
