"""Approval with the second factor; taking back, adding to and replacing what was approved."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.models import Bill
from cilegon_portal.outbox.models import Message
from cilegon_portal.rules.months import Month
from cilegon_portal.templatetags.portal import rupiah
from employers.actions.pricing import preview
from employers.models import Employer, ReportDraft
from tests import make
from tests.accounts.helpers import sign_in_staff
from tests.employers.reporting import rosters
from tests.employers.reporting.pages import file, send, text_of

Address = Callable[..., str]


@pytest.fixture
def draft(firm: Employer, month: Month, approver: User) -> ReportDraft:
    return rosters.prepared(firm, month, rosters.workers(4, month=month), by=approver)


def owed(firm: Employer, month: Month) -> int:
    bill = Bill.objects.with_sums().get(account=firm.account, month=month.first_day)
    return int(bill.outstanding)


def test_what_is_shown_before_is_what_is_billed(
    desk: Client, firm: Employer, month: Month, draft: ReportDraft, address: Address
) -> None:
    found = preview(draft)
    text = text_of(desk.get(address("setujui/")))

    answer = send(desk, address("setujui/"))

    for amount in (found.total, found.jkk, found.jkm, found.jp_worker, found.wages):
        assert rupiah(amount) in text
    assert owed(firm, month) == found.total
    assert answer["Location"] == f"/perusahaan/{firm.reference}/tagihan/{month}/"


def test_a_second_press_approves_nothing_more(
    desk: Client, firm: Employer, draft: ReportDraft, address: Address
) -> None:
    first = send(desk, address("setujui/"), "the-very-same-form")
    second = send(desk, address("setujui/"), "the-very-same-form")
    third = send(desk, address("setujui/"))

    assert first["Location"] == second["Location"]
    assert third["Location"] == address()
    assert firm.reports.count() == 1


def test_a_reporter_sees_the_sums_and_approves_nothing(
    at_reporter: Client, firm: Employer, draft: ReportDraft, address: Address, approver: User
) -> None:
    text = text_of(at_reporter.get(address("setujui/")))

    assert rupiah(preview(draft).total) in text
    assert f"Penyetuju: {approver.name}" in text
    assert "Setujui data upah" not in text
    assert send(at_reporter, address("setujui/")).status_code == 403
    assert send(at_reporter, address("batal/")).status_code == 403
    assert firm.reports.count() == 0


def test_a_reporter_tells_the_approvers_once_a_day(
    at_reporter: Client, draft: ReportDraft, address: Address, approver: User, reporter: User
) -> None:
    answers = [send(at_reporter, address("setujui/"), minta="1") for _ in range(2)]

    assert {answer["Location"] for answer in answers} == {address("setujui/")}
    assert "Kami mengirim e-mail ke 1 penyetuju" in text_of(at_reporter.get(address("setujui/")))
    told = Message.objects.get(to=approver.email, subject__contains="menunggu persetujuan")
    assert reporter.name in told.text
    assert address("setujui/") in told.text


def test_an_approver_gives_the_second_factor_first(
    firm: Employer, draft: ReportDraft, address: Address, approver: User
) -> None:
    browser = Client()
    sign_in_staff(browser, approver, second_factor=False)

    for answer in (browser.get(address("setujui/")), send(browser, address("setujui/"))):
        assert answer["Location"].startswith("/akun/")
        assert "setujui" in answer["Location"]
    assert send(browser, address("batal/"))["Location"].startswith("/akun/")
    assert firm.reports.count() == 0


def test_an_approver_of_another_firm_is_a_reporter_here(
    firm: Employer, draft: ReportDraft, address: Address, reporter: User
) -> None:
    from employers.actions import team

    other = make.firm()
    team.take_seat(employer=other, user=reporter, role="APPROVER", at=timezone.now())
    browser = Client()
    sign_in_staff(browser, reporter)

    assert send(browser, address("setujui/")).status_code == 403
    assert browser.get(address("batal/")).status_code == 404
    assert firm.reports.count() == 0


def test_an_approval_is_taken_back_until_it_is_due(
    desk: Client, firm: Employer, month: Month, draft: ReportDraft, address: Address
) -> None:
    send(desk, address("setujui/"))

    assert "menjadi Rp0" in text_of(desk.get(address("batal/")))
    answer = send(desk, address("batal/"), "the-very-same-form")
    again = send(desk, address("batal/"), "the-very-same-form")

    assert answer["Location"] == again["Location"] == address("ubah/")
    assert owed(firm, month) == 0
    report = firm.reports.get()
    assert report.ended_because == "WITHDRAWN"
    assert ReportDraft.objects.open().get(employer=firm).rows.listed().count() == 4


def test_an_approval_that_is_due_is_not_taken_back(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address
) -> None:
    long_ago = month.plus(-2)
    rows = rosters.workers(1, month=long_ago)
    rosters.reported(firm, long_ago, rows, by=approver)

    page = address("batal/", long_ago)

    assert desk.get(page)["Location"] == address("", long_ago)
    assert send(desk, page)["Location"] == address("", long_ago)
    assert firm.reports.get().ended_at is None
    assert "Batalkan persetujuan" not in text_of(desk.get(address("", long_ago)))


def test_a_supplement_adds_workers_and_bills_the_difference(
    desk: Client, firm: Employer, month: Month, draft: ReportDraft, address: Address
) -> None:
    send(desk, address("setujui/"))
    before = owed(firm, month)

    begun = send(desk, address("susulan/"), how="SCREEN")
    assert begun["Location"] == address("tambah/")
    send(
        desk,
        address("tambah/"),
        nama="Yang Terlewat",
        nik=make.nik(),
        tanggal_lahir="15/09/1985",
        jenis_kelamin="L",
        mulai_kerja=f"{month.plus(-1).first_day:%d/%m/%Y}",
        upah="8.000.000",
    )
    text = text_of(desk.get(address("setujui/")))
    send(desk, address("setujui/"))

    added = owed(firm, month) - before
    assert added > 0
    assert f"ditambah {rupiah(added)}" in text
    assert list(firm.reports.order_by("version").values_list("kind", flat=True)) == [
        "REGULAR",
        "SUPPLEMENT",
    ]


def test_a_supplement_by_file_goes_to_the_upload(
    desk: Client, draft: ReportDraft, address: Address
) -> None:
    send(desk, address("setujui/"))

    answer = send(desk, address("susulan/"), how="UPLOAD")

    assert answer["Location"] == address("unggah/?untuk=susulan")


def test_a_replacement_takes_off_what_was_too_much(
    desk: Client, firm: Employer, month: Month, draft: ReportDraft, address: Address
) -> None:
    send(desk, address("setujui/"))
    before = owed(firm, month)

    assert send(desk, address("ganti/"), how="SCREEN")["Location"] == address("ubah/")
    row = ReportDraft.objects.open().get(employer=firm).rows.listed().in_order()[0]
    send(desk, address("ubah/"), **{f"upah-{row.number}": "6.900.000"})
    text = text_of(desk.get(address("setujui/")))
    send(desk, address("setujui/"))

    assert f"dikurangi {rupiah(before - owed(firm, month))}" in text
    assert owed(firm, month) < before


def test_a_way_of_changing_must_be_chosen(
    desk: Client, draft: ReportDraft, address: Address
) -> None:
    for page in ("susulan/", "ganti/"):
        assert desk.get(address(page))["Location"] == address()  # nothing is approved yet
    send(desk, address("setujui/"))

    for page in ("susulan/", "ganti/"):
        assert "Pilih cara melaporkan" in text_of(send(desk, address(page)))


def test_a_version_shows_its_lines_as_the_firm_named_them(
    desk: Client, firm: Employer, month: Month, draft: ReportDraft, address: Address
) -> None:
    send(desk, address("setujui/"))
    report = firm.reports.get()
    line = report.lines.select_related("person").order_by("pk")[0]
    name = line.person.name
    line.person.name = "Nama Menurut Orang Lain"
    line.person.save(update_fields=["name"])

    text = text_of(desk.get(address("versi/1/")))

    assert name in text
    assert "Nama Menurut Orang Lain" not in text
    assert line.person.id_number not in text
    assert rupiah(line.total) in text
    assert desk.get(address("versi/2/")).status_code == 404
    assert desk.get(address("versi/99999999999999999999/")).status_code == 404


def test_a_file_known_from_the_approved_report_changes_nothing(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address
) -> None:
    content = rosters.workbook(rosters.workers(2, month=month))
    send(desk, address("unggah/"), file=file(content))
    from employers.actions import reading

    opened = ReportDraft.objects.open().get(employer=firm)
    reading.read_upload(draft_key=opened.pk, at=timezone.now())
    send(desk, address("setujui/"))

    answer = send(desk, address("unggah/"), file=file(content))

    assert answer["Location"] == address()
    assert "File ini sudah diunggah" in text_of(desk.get(address()))
    assert not ReportDraft.objects.open().exists()
