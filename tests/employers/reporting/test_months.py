"""The list of months, the question how a month is reported, and the month itself."""

from collections.abc import Callable

from django.test import Client
from django.utils import timezone

from cilegon_portal.accounts.models import User
from cilegon_portal.rules.months import Month
from cilegon_portal.templatetags.portal import date_id, month_name, rupiah
from employers.models import Employer, ReportDraft, WageReport
from tests import make
from tests.employers.reporting import rosters
from tests.employers.reporting.pages import send, text_of

Address = Callable[..., str]


def test_the_list_names_every_month_and_leads_to_the_oldest(
    desk: Client, firm: Employer, month: Month
) -> None:
    text = text_of(desk.get(f"/perusahaan/{firm.reference}/upah/"))

    for months_ago in range(3):
        assert month_name(month.plus(-months_ago)) in text
    assert f"Laporkan upah {month_name(month.plus(-2))}" in text
    assert month_name(month.plus(-3)) not in text
    assert f"{month_name(month.plus(1))} Belum dilaporkan" not in text


def test_the_list_says_how_each_month_stands(
    desk: Client, firm: Employer, month: Month, approver: User
) -> None:
    rows = rosters.workers(2, month=month.plus(-2))
    report = rosters.reported(firm, month.plus(-2), rows, by=approver)
    rosters.prepared(firm, month.plus(-1), [["1", *rows[0][1:]]], by=approver)

    text = text_of(desk.get(f"/perusahaan/{firm.reference}/upah/"))

    assert f"{month_name(month.plus(-2))} Disetujui 2 {rupiah(report.total)}" in text
    assert f"{month_name(month.plus(-1))} Perlu diperbaiki" in text
    assert f"{month_name(month)} Belum dilaporkan" in text
    assert f"Lanjutkan laporan {month_name(month.plus(-1))}" in text


def test_a_firm_without_a_report_cannot_repeat_one(desk: Client, address: Address) -> None:
    text = text_of(desk.get(address()))

    assert "Unggah file" in text
    assert "Sama seperti bulan lalu" not in text

    answer = send(desk, address("sama/"))

    assert answer["Location"] == address()
    assert "Belum ada laporan yang bisa diulang" in text_of(desk.get(address()))


def test_the_way_must_be_chosen(desk: Client, address: Address) -> None:
    answer = send(desk, address())

    assert "Pilih cara melaporkan bulan ini" in text_of(answer)
    assert "<title>Kesalahan: " in answer.content.decode()


def test_like_the_last_month_is_two_presses(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address
) -> None:
    before = month.plus(-1)
    last = rosters.reported(firm, before, rosters.workers(3, month=before), by=approver)

    chosen = send(desk, address(), how="SAME")
    assert chosen["Location"] == address("setujui/")
    assert rupiah(last.total) in text_of(desk.get(address("setujui/")))
    approved = send(desk, address("setujui/"))

    assert approved["Location"] == f"/perusahaan/{firm.reference}/tagihan/{month}/"
    report = WageReport.objects.standing().get(employer=firm, month=month.first_day)
    assert (report.workers, report.wages, report.source) == (3, last.wages, "SAME")


def test_a_button_repeats_the_last_month_at_once(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address
) -> None:
    before = month.plus(-1)
    rosters.reported(firm, before, rosters.workers(1, month=before), by=approver)

    assert send(desk, address("sama/"))["Location"] == address("setujui/")
    assert send(desk, address("sama/"))["Location"] == address()


def test_on_screen_begins_with_the_last_workers(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address
) -> None:
    before = month.plus(-1)
    rows = rosters.workers(2, month=before)
    rosters.reported(firm, before, rows, by=approver)

    answer = send(desk, address(), how="SCREEN")

    assert answer["Location"] == address("ubah/")
    text = text_of(desk.get(address("ubah/")))
    assert all(str(row[2]) in text for row in rows)


def test_a_second_press_makes_no_second_draft(
    desk: Client, firm: Employer, address: Address
) -> None:
    first = send(desk, address(), "the-very-same-form", how="SCREEN")
    second = send(desk, address(), "the-very-same-form", how="SCREEN")

    assert first["Location"] == address("ubah/")
    assert second.status_code == 302
    assert ReportDraft.objects.filter(employer=firm).count() == 1


def test_a_month_shows_its_versions_and_what_can_be_done(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address
) -> None:
    report = rosters.reported(firm, month, rosters.workers(2, month=month), by=approver)

    text = text_of(desk.get(address()))

    assert "Versi 1: Laporan upah" in text
    assert rupiah(report.total) in text
    assert approver.name in text
    for offer in ("laporan susulan", "laporan pengganti", "Batalkan persetujuan"):
        assert offer in text


def test_an_estimate_says_so_and_is_replaced_by_a_report(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address
) -> None:
    before = month.plus(-1)
    rows = rosters.workers(2, month=before)
    rosters.reported(firm, before, rows, by=approver)
    from employers.actions.estimating import estimate_month

    estimate_month(month=month, at=timezone.now())

    assert "Tagihan ini perkiraan" in text_of(desk.get(address()))
    assert "Perkiraan" in text_of(desk.get(f"/perusahaan/{firm.reference}/upah/"))
    send(desk, address(), how="SAME")
    send(desk, address("setujui/"))
    kinds = firm.reports.of_month(month).order_by("version").values_list("kind", flat=True)
    assert list(kinds) == ["ESTIMATE", "REGULAR"]


def test_months_out_of_range_are_not_there(desk: Client, month: Month, address: Address) -> None:
    for other in (month.plus(-3), month.plus(1), Month(1900, 1), Month(9999, 12)):
        for page in ("", "unggah/", "hasil/", "setujui/", "contoh.xlsx"):
            assert desk.get(address(page, other)).status_code == 404


def test_a_closed_firm_reads_its_months_and_writes_none(
    desk: Client, firm: Employer, month: Month, address: Address
) -> None:
    Employer.objects.filter(pk=firm.pk).update(state="CLOSED", last_month=month)

    assert "Bulan ini tidak dilaporkan" in text_of(desk.get(address()))
    assert send(desk, address(), how="SCREEN")["Location"] == address()
    assert ReportDraft.objects.count() == 0


def test_a_firm_that_waits_or_was_refused_is_led_home(
    desk: Client, firm: Employer, address: Address
) -> None:
    for state in ("SENT", "REJECTED"):
        Employer.objects.filter(pk=firm.pk).update(state=state)

        for page in (address(), address("unggah/"), f"/perusahaan/{firm.reference}/upah/"):
            assert desk.get(page)["Location"] == f"/perusahaan/{firm.reference}/"


def test_a_first_month_is_prepared_before_it_begins_and_approved_in_it(
    desk: Client, firm: Employer, month: Month, address: Address
) -> None:
    coming = month.plus(1)
    firm.terms.update(valid_from=coming.first_day)
    draft = make.first_workers(firm, [7_000_000], month=coming)

    answer = desk.get(address("setujui/", coming))
    assert f"Laporan ini bisa disetujui mulai {date_id(coming.first_day)}" in text_of(answer)
    assert "Setujui data upah" not in answer.content.decode()
    send(desk, address("setujui/", coming))
    draft.refresh_from_db()
    assert draft.closed_at is None
    assert desk.get(address("", month)).status_code == 404


def test_a_draft_is_thrown_away_after_a_question(
    desk: Client, firm: Employer, month: Month, approver: User, address: Address
) -> None:
    draft = rosters.prepared(firm, month, rosters.workers(1, month=month), by=approver)

    assert "Buang isian ini?" in text_of(desk.get(address("buang/")))
    answer = send(desk, address("buang/"))

    draft.refresh_from_db()
    assert draft.closed_because == "DISCARDED"
    assert answer["Location"] == f"/perusahaan/{firm.reference}/upah/"
    assert desk.get(address("buang/"))["Location"] == address()


def test_pages_of_a_draft_lead_to_the_month_where_there_is_none(
    desk: Client, address: Address
) -> None:
    for page in ("hasil/", "ubah/", "ubah/2/", "tambah/", "banding/", "setujui/", "perbaikan.xlsx"):
        assert desk.get(address(page))["Location"] == address(), page


def test_who_has_no_seat_finds_nothing(client: Client, month: Month, address: Address) -> None:
    from tests import make
    from tests.accounts.helpers import sign_in_staff

    assert "/masuk/" in client.get(address())["Location"]
    other = make.firm(first=month)
    sign_in_staff(client, rosters.approver_of(other))
    assert client.get(address()).status_code == 404
    assert client.post(address(), {"how": "SCREEN"}).status_code == 404
