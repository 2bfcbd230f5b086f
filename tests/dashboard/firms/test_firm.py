"""The page of one firm: what it shows, to whom, and at which price."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cilegon_portal.accounts.models import Role
from cilegon_portal.rules.months import Month
from employers.actions import decisions, registration
from tests import make
from tests.accounts.helpers import member, sign_in_staff

MOST_QUERIES = 15
PHONE = "+6281234567000"  # of every contact that the builder makes


def page_of(firm) -> str:
    return reverse("dashboard:firm", args=[firm.reference])


def read(client, firm, **asked) -> str:
    answer = client.get(page_of(firm), asked)
    assert answer.status_code == 200
    page: str = answer.content.decode()
    return page


def last_month() -> Month:
    return Month.of(timezone.localdate()).plus(-1)


@pytest.fixture
def firm(db):
    return make.firm(name="PT Baja Cilegon", npp="BJ012345", first=last_month().plus(-3))


def test_the_page_shows_the_facts_the_terms_and_the_people(office, firm):
    page = read(office, firm)

    for words in ("PT Baja Cilegon", "BJ012345", firm.nib, "Ibu Rini", "Kelompok 3", "Menengah"):
        assert words in page
    assert firm.account.virtual_account in page
    assert firm.seats.get().user.name in page


def test_each_month_stands_with_its_report_and_its_bill(office, firm):
    month = last_month().plus(-2)
    make.wage_report(firm, month, workers=120, jkk=500_000)
    make.wage_report(firm, month.plus(1), kind="ESTIMATE", workers=118)
    make.firm_bill(500_000, month, firm=firm.account)
    make.payment(200_000, account=firm.account)

    page = read(office, firm)

    assert "Perkiraan (belum ada laporan)" in page
    assert "Rp500.000" in page
    assert "Rp300.000" in page
    assert "Terlambat" in page
    assert "Tunggakan Rp300.000" in page  # on top of the timeline


def test_a_year_of_months_is_shown_and_all_of_them_when_asked(office, firm):
    for number in range(15):
        make.firm_bill(100_000, last_month().plus(-number), firm=firm.account)

    usual = read(office, firm)

    assert usual.count("Rp100.000</td>") == 2 * 12  # charged and left
    assert "?bulan=semua" in usual
    assert read(office, firm, bulan="semua").count("Rp100.000</td>") == 2 * 15


def test_employments_are_counted_and_differences_lead_to_their_queue(office, firm):
    make.employment(firm)
    make.employment(firm, is_different=True)
    make.employment(firm, ended_on=timezone.localdate(), cause="RESIGNED")

    page = read(office, firm)

    assert "3 hubungan kerja pernah tercatat" in page
    assert "1 pekerja dilaporkan berbeda" in page
    assert f"?perusahaan={firm.reference}" in page


def test_the_timeline_tells_everything_and_one_kind_when_asked(office, firm):
    make.wage_report(firm, last_month(), workers=7)
    make.payment(100_000, account=firm.account, reference="BUKTI-7")

    everything = read(office, firm)
    money = read(office, firm, jenis="uang")
    nonsense = read(office, firm, jenis="\x00")

    assert "Pendaftaran disetujui" in everything
    assert "BUKTI-7" in everything
    assert "BUKTI-7" in money
    assert "Pendaftaran disetujui" not in money
    assert "Pendaftaran disetujui" in nonsense


def test_what_waits_stands_on_top_of_the_timeline(office, firm):
    page = read(office, firm)

    pinned = page.index("timeline__item--pinned")
    assert "belum disetujui" in page[pinned:]
    assert pinned < page.index("Pendaftaran dikirim")


@pytest.mark.parametrize(
    ("role", "is_whole"),
    [
        (Role.SERVICE, True),
        (Role.INSPECTOR, True),
        (Role.OUTREACH, False),
        (Role.AUDITOR, False),
    ],
)
def test_the_number_of_a_contact_is_whole_for_those_who_call(client, firm, role, is_whole):
    sign_in_staff(client, member(role, email="x@kantor.contoh.test"))

    assert (PHONE in read(client, firm)) is is_whole


def test_only_those_who_change_a_firm_are_offered_it(client, firm):
    sign_in_staff(client, member(Role.AUDITOR, email="x@kantor.contoh.test"))

    page = read(client, firm)

    assert "Ubah ketentuan" not in page
    assert "Nonaktifkan" not in page


@pytest.mark.parametrize("state", ["SENT", "RETURNED", "REJECTED"])
def test_a_registration_has_a_page_before_it_is_taken_in(office, officer, state):
    asked = make.registering()
    decisions.send(employer=asked, by=make.firm_user(asked), at=make.AT)
    if state == "RETURNED":
        decisions.return_firm(employer=asked, reason="NIB salah", by=officer, at=make.AT)
    if state == "REJECTED":
        decisions.reject_firm(employer=asked, reason="Bukan badan usaha", by=officer, at=make.AT)

    assert asked.name in read(office, asked)


def test_what_was_never_sent_and_what_is_not_there_are_the_same_page(office):
    draft = registration.start_firm(by=make.firm_user(), at=make.AT)

    assert office.get(page_of(draft)).status_code == 404
    for nobodys in ("CLG-0000-0001", "\x00", "x", "9" * 300):
        assert office.get(reverse("dashboard:firm", args=[nobodys])).status_code == 404


def test_a_long_history_costs_the_queries_of_a_short_one(office, firm):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            read(office, firm)
        return len(seen)

    queries()  # what is asked once a process
    make.wage_report(firm, last_month())
    make.firm_bill(100_000, last_month(), firm=firm.account)
    few = queries()
    for number in range(1, 12):
        make.wage_report(firm, last_month().plus(-number))
        make.firm_bill(100_000, last_month().plus(-number), firm=firm.account)
        make.payment(1_000, account=firm.account)
        make.firm_user(firm, Role.REPORTER)

    assert queries() == few
    assert few <= MOST_QUERIES
