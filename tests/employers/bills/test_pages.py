"""What the pages of a bill say: why it is owed, what is late, and how the money is laid."""

import html
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cilegon_portal.accounts.models import Role
from cilegon_portal.contributions.models import Charge
from cilegon_portal.people.models import Person
from cilegon_portal.rules.months import Month
from cilegon_portal.templatetags.portal import rupiah
from employers.actions.approving import approve
from employers.actions.ending import unfinalise
from employers.actions.estimating import estimate_month
from employers.models import Employment, Terms
from tests import make
from tests.accounts.helpers import sign_in_staff
from tests.employers.billing import months
from tests.employers.bills.rosters import approver_of, months_passport, text

pytestmark = pytest.mark.django_db
WIB = ZoneInfo("Asia/Jakarta")
OCTOBER, SEPTEMBER = Month(2026, 10), Month(2026, 9)
TIMES = "\u00d7"


def in_time(month):
    paid_in = month.plus(1)
    return datetime(paid_in.year, paid_in.number, 5, 10, tzinfo=WIB)


@pytest.fixture(autouse=True)
def stopped_clock(clock):
    """Let the pages of this file stand at `at`."""


@pytest.fixture
def firm():
    return months.firm()


@pytest.fixture
def desk(client, firm):
    sign_in_staff(client, approver_of(firm))
    return client


@pytest.fixture
def report(firm):
    return months.approved(firm, [5_000_000, 15_000_000], month=OCTOBER, at=in_time(OCTOBER))


def address(name, report, *more):
    return reverse(f"employers:{name}", args=[report.employer.reference, report.month, *more])


def bill(desk, report):
    return text(desk.get(address("bill", report)))


def test_a_bill_names_each_rate_its_article_and_its_dates(desk, report):
    page = bill(desk, report)

    assert "1,27%" in page
    assert "PP 44/2015 Ps. 16 ayat (1)" in page
    assert "berlaku sejak 1 Juli 2015" in page
    assert "surat BPJS Ketenagakerjaan tahun 2026, berlaku sejak 1 Maret 2026" in page
    assert "JKP (jaminan kehilangan pekerjaan) tidak ditagih" in page
    assert rupiah(report.total) in page
    assert "TG-" in page


def test_the_last_day_of_a_rate_that_ended_is_said(desk, firm):
    report = months.approved(firm, [5_000_000], month=Month(2025, 2))

    assert "berlaku 1 Maret 2024 sampai 28 Februari 2025" in bill(desk, report)


def test_a_relief_is_said_beside_the_normal_rate(desk, firm):
    Terms.objects.filter(employer=firm).update(is_labour_intensive=True)
    report = months.approved(firm, [5_000_000], month=Month(2026, 1))

    page = bill(desk, report)

    assert "0,635% (biasanya 1,27%)" in page
    assert "PP 7/2025 Ps. 4" in page
    assert "1 Februari 2025 sampai 31 Januari 2026" in page


def test_a_worker_of_a_bill_is_explained_line_by_line(desk, report):
    line = report.lines.order_by("-wage").first()

    page = text(desk.get(address("bill_worker", report, line.pk)))

    assert f"1,27% {TIMES} Rp15.000.000" in page
    assert f"2% {TIMES} Rp11.086.300" in page
    assert "Upah dihitung sampai batas Rp11.086.300." in page
    assert rupiah(line.jp_employer) in page
    assert rupiah(line.total) in page


def test_a_passport_and_a_pensioner_have_no_jp_and_read_why(desk, firm):
    draft = months.draft(firm, [5_000_000], month=OCTOBER)
    months.row(draft, 8, 6_000_000, name="John Smith")
    draft.rows.filter(number=8).update(id_kind=Person.IdKind.PASSPORT, **months_passport(8))
    months.row(draft, 9, 7_000_000, name="Pak Tua", born=date(1960, 1, 1))
    report = approve(draft=draft, by=make.user(), at=in_time(OCTOBER))
    keys = dict(report.lines.values_list("wage", "pk"))

    foreigner = text(desk.get(address("bill_worker", report, keys[6_000_000])))
    pensioner = text(desk.get(address("bill_worker", report, keys[7_000_000])))

    assert "Pemegang paspor tidak ikut JP." in foreigner
    assert "Paspor •••••008" in foreigner
    assert "Pekerja sudah mencapai usia pensiun JP pada bulan ini." in pensioner


def test_a_programme_that_the_size_does_not_ask_for_is_left_out(client):
    small = months.firm(size="MICRO")
    report = months.approved(small, [5_000_000], month=OCTOBER)
    sign_in_staff(client, approver_of(small))

    assert "JHT (jaminan hari tua)" not in bill(client, report)
    line = report.lines.get()
    page = text(client.get(address("bill_worker", report, line.pk)))
    assert "Perusahaan tidak ikut program ini" in page


def test_arrears_of_older_months_are_added_and_the_penalty_is_said_in_words(desk, firm):
    months.approved(firm, [4_000_000], month=SEPTEMBER, at=in_time(SEPTEMBER))
    report = months.approved(firm, [5_000_000], month=OCTOBER, at=in_time(OCTOBER))
    older = months.bill_of(firm, SEPTEMBER)
    asked = Charge.objects.get(kind="PENALTY")

    page = bill(desk, report)

    assert "Tunggakan September 2026" in page
    assert f"2% {TIMES} 1 bulan {TIMES} {rupiah(older.contribution)}" in page
    assert asked.reason in page
    whole = older.outstanding + months.bill_of(firm, OCTOBER).outstanding
    assert f"Bayar {rupiah(whole)}" in page


def test_a_part_payment_is_late_part_by_part(desk, firm):
    report = months.approved(firm, [50_000_000], month=SEPTEMBER, at=in_time(SEPTEMBER))
    late = months.bill_of(firm, SEPTEMBER)
    paid_on = datetime.combine(late.due_on, datetime.min.time(), WIB) + timedelta(days=3)
    make.payment(1_000_000, account=firm.account, at=paid_on)

    page = bill(desk, report)

    left = rupiah(late.outstanding - 1_000_000)
    assert f"2% {TIMES} (1 bulan {TIMES} Rp1.000.000 + 2 bulan {TIMES} {left})" in page
    assert f"Rp1.000.000 dibayar {paid_on.day} Oktober 2026, {left} belum dibayar." in page


def test_an_estimate_says_that_it_is_one(desk, firm):
    months.approved(firm, [4_000_000], month=SEPTEMBER, at=in_time(SEPTEMBER))
    estimate_month(month=OCTOBER, at=make.AT)
    report = firm.reports.standing().of_month(OCTOBER).get()

    assert "Tagihan ini perkiraan. Laporan upah Oktober 2026 belum kami terima" in bill(
        desk, report
    )


def test_a_ceiling_that_was_carried_over_is_said(client, firm, clock):
    clock.at = datetime(2027, 4, 5, 10, tzinfo=WIB)
    sign_in_staff(client, approver_of(firm))
    report = months.approved(firm, [15_000_000], month=Month(2027, 3), at=clock.at)

    page = bill(client, report)

    assert "Batas upah JP untuk Maret 2027 belum diumumkan" in page
    assert "Rp11.086.300" in page


def test_a_bill_shows_each_version_and_what_changed(desk, report):
    people = months.people_of(report)
    draft = months.draft(
        report.employer, [5_500_000, 6_000_000], people=people[:1], month=OCTOBER,
        purpose="REPLACEMENT",
    )  # fmt: skip
    second = approve(draft=draft, by=make.user(name="Ibu Penyetuju"), at=make.AT)

    page = bill(desk, second)

    assert "Versi 1: Laporan upah" in page
    assert "Versi 2: Laporan pengganti" in page
    assert "1 pekerja masuk, 1 keluar, 1 upah berubah" in page
    assert f"Dikurangi {rupiah(report.total - second.total)}" in page


def test_a_withdrawn_month_says_that_nothing_is_asked(desk, firm, clock):
    clock.at = in_time(OCTOBER)
    report = months.approved(firm, [5_000_000], month=OCTOBER, at=clock.at)
    unfinalise(report=report, by=make.user(), at=clock.at)

    page = bill(desk, report)

    assert "Laporan upah bulan ini dibatalkan." in page
    assert desk.get(address("bill_workers", report)).status_code == 404
    assert desk.get(address("bill_pdf", report)).status_code == 200


def test_credit_and_payments_are_shown(desk, report):
    make.payment(report.total + 70_000, account=report.employer.account, at=in_time(OCTOBER))

    page = bill(desk, report)

    assert "Terbayar" in page
    assert "Rp70.000" in page
    assert f"-{rupiah(report.total)}" in page


def test_the_list_shows_every_month_and_what_is_owed(desk, firm, report):
    page = text(desk.get(reverse("employers:bills", args=[firm.reference])))

    assert "Oktober 2026" in page
    assert f"{rupiah(report.total)} belum dibayar" in page


def test_a_firm_without_bills_reads_how_one_comes_about(desk, firm):
    page = text(desk.get(reverse("employers:bills", args=[firm.reference])))

    assert "Belum ada tagihan. Tagihan dibuat setelah laporan upah disetujui." in page


def test_a_name_is_searched_in_the_address_and_a_number_is_not(desk, report):
    line = report.lines.order_by("pk").first()
    name = Employment.objects.get(person=line.person).reported_name
    workers = address("bill_workers", report)

    by_name = desk.post(workers, {"words": name})
    by_number = desk.post(workers, {"words": str(line.person.id_number)})
    nobody = desk.post(workers, {"words": "3672990101800009"})

    assert by_name["Location"].startswith(f"{workers}?q=")
    assert name in text(desk.get(by_name["Location"]))
    assert by_number["Location"] == address("bill_worker", report, line.pk)
    assert "Tidak ada pekerja yang cocok" in text(nobody)


def test_a_worker_is_called_as_the_own_firm_called_him(desk, report):
    person = report.lines.order_by("pk").first().person
    Person.objects.filter(pk=person.pk).update(name="Nama Dari Tempat Lain")

    pages = [text(desk.get(address(name, report))) for name in ("bill_workers", "bill_csv")]

    assert not any("Nama Dari Tempat Lain" in page for page in pages)


def test_the_number_of_a_worker_is_masked_on_the_page_and_whole_in_the_own_export(desk, report):
    number = str(report.lines.order_by("pk").first().person.id_number)

    assert number not in text(desk.get(address("bill_workers", report)))
    assert number in text(desk.get(address("bill_csv", report)))


def test_workers_are_paged_with_as_many_queries_for_few_as_for_many(desk, firm):
    report = months.approved(firm, [5_000_000] * 120, month=OCTOBER, at=in_time(OCTOBER))
    few = months.approved(firm, [5_000_000], month=SEPTEMBER, at=in_time(SEPTEMBER))
    desk.get(address("bill_workers", few))

    counts = []
    for one in (few, report):
        with CaptureQueriesContext(connection) as seen:
            desk.get(address("bill_workers", one))
        counts.append(len(seen))

    assert counts[0] == counts[1]
    last = text(desk.get(address("bill_workers", report), {"page": "3"}))
    assert "101–120 dari 120" in last
    assert desk.get(address("bill_workers", report), {"page": "x'"}).status_code == 200


PAGES = ["bill", "bill_workers", "bill_pay", "bill_pdf", "bill_csv", "bill_xlsx"]


@pytest.mark.parametrize("name", PAGES)
def test_another_firm_meets_no_bill(report, name):
    stranger = Client()
    sign_in_staff(stranger, approver_of(months.firm()))

    assert stranger.get(address(name, report)).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_a_month_without_a_bill_is_not_there(desk, report, name):
    missing = reverse(f"employers:{name}", args=[report.employer.reference, Month(2019, 1)])

    assert desk.get(missing).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_whoever_has_not_signed_in_is_asked_to(client, report, name):
    assert client.get(address(name, report)).status_code == 302


def test_a_worker_of_another_bill_is_not_there(desk, report):
    theirs = months.approved(months.firm(), [5_000_000], month=OCTOBER)
    line = theirs.lines.get()

    assert desk.get(address("bill_worker", report, line.pk)).status_code == 404


def test_a_reporter_reads_bills_too(firm, report):
    reporter = Client()
    sign_in_staff(reporter, make.firm_user(firm, Role.REPORTER), second_factor=False)

    assert reporter.get(address("bill", report)).status_code == 200


def test_documents_are_limited_to_ten_a_minute(desk, report):
    answers = [desk.get(address("bill_csv", report)).status_code for _ in range(11)]

    assert answers == [200] * 10 + [429]


def test_a_formula_in_a_name_calculates_nowhere(desk, report):
    Employment.objects.update(reported_name="=1+1")

    assert "'=1+1" in text(desk.get(address("bill_csv", report)))
    assert "=1+1" in html.unescape(text(desk.get(address("bill_workers", report))))
