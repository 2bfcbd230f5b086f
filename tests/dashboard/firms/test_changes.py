"""What the office changes about a firm: closed with evidence, opened again, larger files."""

import pytest
from django.urls import reverse

from cilegon_portal.accounts.models import Role
from cilegon_portal.rules.months import Month
from employers.models import Decision, Employer, Evidence, Seat
from tests import make
from tests.accounts.helpers import member, sign_in_staff

REASON = "Surat perusahaan diterima di loket"
CLOSED = {
    "form_id": "c" * 20,
    "cause": "DISSOLVED",
    "last_month_month": "10",
    "last_month_year": "2026",
    "reason": REASON,
}
LETTER = {"kind": "FIRM_LETTER", "number": "012/DIR/XI/2026", "dated_on_day": "3"}
LETTER |= {"dated_on_month": "November", "dated_on_year": "2026"}
AGENCY = {"kind": "AGENCY_LETTER", "number": "503/117/DPMPTSP"}
VISIT = {"kind": "VISIT_REPORT", "number": "BA-7/2026"}
RW = {"kind": "WITNESS", "number": "Pak Juhri", "note": "Ketua RW 04"}
RT = {"kind": "WITNESS", "number": "Bu Sarmi", "note": "Ketua RT 02"}


def address(name: str, firm: Employer) -> str:
    return reverse(f"dashboard:{name}", args=[firm.reference])


def evidence(*papers: dict[str, str]) -> dict[str, str]:
    return {
        f"bukti{number}-{name}": value
        for number, paper in enumerate(papers, start=1)
        for name, value in paper.items()
    }


@pytest.fixture
def firm(db) -> Employer:
    return make.firm(name="PT Pamit")


def closed(firm: Employer, client) -> Employer:
    client.post(address("close_firm", firm), CLOSED | evidence(LETTER, AGENCY))
    firm.refresh_from_db()
    return firm


def test_a_firm_is_closed_with_the_papers_that_its_cause_asks_for(office, officer, firm):
    answer = office.post(address("close_firm", firm), CLOSED | evidence(LETTER, AGENCY))

    firm.refresh_from_db()
    decision = Decision.objects.get(employer=firm, kind="CLOSED")
    assert answer.headers["Location"] == address("firm", firm)
    assert (firm.state, firm.last_month) == ("CLOSED", Month(2026, 10))
    assert (decision.cause, decision.reason, decision.by) == ("DISSOLVED", REASON, officer)
    letter = Evidence.objects.get(decision=decision, kind="FIRM_LETTER")
    assert (letter.number, letter.dated_on.isoformat()) == ("012/DIR/XI/2026", "2026-11-03")
    page = office.get(address("firm", firm)).content.decode()
    assert "012/DIR/XI/2026" in page
    assert "Nonaktif" in page


@pytest.mark.parametrize(
    ("cause", "papers", "sentence"),
    [
        ("DISSOLVED", [], "Isi surat dari badan usaha atau surat instansi perizinan"),
        ("DISSOLVED", [LETTER], "Isi juga surat instansi perizinan"),
        ("VANISHED", [RW, RT], "Isi berita acara kunjungan"),
        ("VANISHED", [VISIT, RW], "Isi dua saksi"),
        ("BANKRUPT", [VISIT], "Isi putusan pengadilan atau pengumuman koran"),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_closed(office, firm, cause, papers, sentence):
    given = CLOSED | {"cause": cause} | evidence(*papers)

    page = office.post(address("close_firm", firm), given).content.decode()

    firm.refresh_from_db()
    assert sentence in page
    assert firm.state == "ACTIVE"
    for paper in papers:
        assert paper["number"] in page  # what was typed stays


def test_a_vanished_firm_needs_the_visit_and_two_witnesses(office, firm):
    given = CLOSED | {"cause": "VANISHED"} | evidence(VISIT, RW, RT)

    office.post(address("close_firm", firm), given)

    firm.refresh_from_db()
    assert firm.state == "CLOSED"
    assert Evidence.objects.filter(kind="WITNESS").count() == 2


def test_a_paper_without_a_number_or_a_kind_is_told_at_its_field(office, firm):
    given = CLOSED | evidence({"kind": "FIRM_LETTER"}, {"number": "7/2026"})

    page = office.post(address("close_firm", firm), given).content.decode()

    assert page.count("Isi nomor surat atau nama saksi") == 2  # summary and field
    assert page.count("Pilih jenis bukti") == 2


def test_the_page_says_beforehand_what_each_cause_asks_for(office, firm):
    page = office.get(address("close_firm", firm)).content.decode()

    assert "isi putusan pengadilan atau pengumuman koran" in page
    assert "isi dua saksi dari luar badan usaha" in page


def test_a_closed_firm_is_opened_again_with_a_reason(office, firm):
    closed(firm, office)
    page = address("reopen_firm", firm)

    asked = {"form_id": "r" * 20, "first_month_month": "11", "first_month_year": "2026"}
    refused = office.post(page, asked).content.decode()
    reason = {"reason": "Usaha berjalan lagi sejak November"}
    too_early = office.post(page, asked | reason | {"first_month_month": "1"}).content.decode()
    office.post(page, asked | reason)

    firm.refresh_from_db()
    assert "Isi alasan" in refused
    assert "Pilih bulan sesudah bulan iuran terakhir" in too_early
    assert (firm.state, firm.last_month) == ("ACTIVE", None)


def test_only_a_closed_firm_is_opened_and_only_an_active_one_closed(office, firm):
    assert office.get(address("reopen_firm", firm)).status_code == 404

    closed(firm, office)
    for name in ("close_firm", "upload_limit", "change_terms"):
        assert office.get(address(name, firm)).status_code == 404


def test_larger_files_are_allowed_and_taken_back_with_a_reason(office, officer, firm):
    page = address("upload_limit", firm)

    office.post(page, {"form_id": "u" * 20, "is_large": "on", "reason": "2.500 pekerja sebulan"})
    firm.refresh_from_db()
    assert firm.may_upload_large
    assert "150.000 baris, 40 MB" in office.get(address("firm", firm)).content.decode()

    office.post(page, {"form_id": "v" * 20, "reason": "Tidak diperlukan lagi"})
    firm.refresh_from_db()
    assert not firm.may_upload_large
    assert Decision.objects.filter(employer=firm, kind="LIMITS", by=officer).count() == 2


def test_a_second_press_changes_a_firm_once(office, firm):
    given = {"form_id": "u" * 20, "is_large": "on", "reason": "2.500 pekerja sebulan"}

    for _ in range(3):
        assert office.post(address("upload_limit", firm), given).status_code == 302

    assert Decision.objects.filter(employer=firm, kind="LIMITS").count() == 1


@pytest.mark.parametrize("name", ["close_firm", "upload_limit"])
def test_nobody_changes_a_firm_of_their_own(office, officer, firm, name):
    Seat.objects.create(
        employer=firm, user=officer, role="REPORTER", invited_at=make.AT, taken_at=make.AT
    )

    page = office.post(address(name, firm), CLOSED | evidence(LETTER, AGENCY)).content.decode()

    assert "Minta rekan lain" in page


@pytest.mark.parametrize("role", [Role.SERVICE, Role.INSPECTOR, Role.AUDITOR, Role.ADMIN])
def test_only_officers_and_heads_change_a_firm(client, firm, role):
    sign_in_staff(client, member(role, email="x@kantor.contoh.test"))

    for name in ("close_firm", "upload_limit", "change_terms", "reopen_firm"):
        assert client.post(address(name, firm), CLOSED).status_code == 403


def test_the_month_of_closing_is_the_one_that_was_typed(office, firm):
    given = CLOSED | {"last_month_month": "13"} | evidence(LETTER, AGENCY)

    page = office.post(address("close_firm", firm), given).content.decode()

    assert "Bulan iuran terakhir harus bulan yang ada" in page
