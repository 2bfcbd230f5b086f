"""The queue of registrations, and what the office decides about them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cilegon_portal.accounts.models import Role
from employers.actions import decisions
from employers.models import Decision, Employer, Seat
from tests import make
from tests.accounts.helpers import member, sign_in_staff

QUEUE = reverse("dashboard:registrations")
GIVEN = {
    "form_id": "f" * 20,
    "answer": "approve",
    "npp": "",
    "size": "MEDIUM",
    "risk_group": "3",
    "officer": "",
    "reason": "",
}


def sent(**answers) -> Employer:
    asked = make.registering(**answers)
    return decisions.send(employer=asked, by=make.firm_user(asked), at=make.AT)


def page_of(firm: Employer) -> str:
    return reverse("dashboard:registration", args=[firm.reference])


def test_the_queue_shows_what_waits_oldest_first(office):
    later = sent(name="PT Kemudian")
    Employer.objects.filter(pk=later.pk).update(sent_at=make.AT + make.DAY)
    sent(name="PT Lebih Dulu")
    make.firm(name="PT Sudah Aktif")

    page = office.get(QUEUE).content.decode()

    assert page.index("PT Lebih Dulu") < page.index("PT Kemudian")
    assert "PT Sudah Aktif" not in page


def test_an_empty_queue_says_so(office):
    assert "Tidak ada yang menunggu" in office.get(QUEUE).content.decode()


def test_the_queue_costs_the_same_for_many(office):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert office.get(QUEUE).status_code == 200
        return len(seen)

    queries()
    sent()
    few = queries()
    for _ in range(20):
        sent()

    assert queries() == few
    assert few <= 15


def test_an_approval_opens_the_account_and_the_terms(office, officer):
    firm = sent()
    page = office.get(page_of(firm)).content.decode()
    assert firm.nib in page

    answer = office.post(
        page_of(firm),
        GIVEN | {"npp": "BJ012345", "officer": str(officer.pk), "is_labour_intensive": "on"},
    )

    firm.refresh_from_db()
    assert answer.headers["Location"] == QUEUE
    assert (firm.state, firm.npp, firm.decided_by) == ("ACTIVE", "BJ012345", officer)
    assert firm.account.officer == officer
    assert firm.terms.get().is_labour_intensive


def test_a_second_press_decides_once(office):
    firm = sent()

    first = office.post(page_of(firm), GIVEN)
    second = office.post(page_of(firm), GIVEN)

    assert first.headers["Location"] == second.headers["Location"]
    assert Decision.objects.filter(employer=firm, kind="APPROVED").count() == 1


def test_a_colleague_who_was_faster_is_told(office, officer):
    firm = sent()
    decisions.reject_firm(employer=firm, reason="Bukan badan usaha", by=officer, at=make.AT)

    answer = office.post(page_of(firm), GIVEN, follow=True)

    assert "sudah diputuskan" in answer.content.decode()
    assert Decision.objects.filter(employer=firm, kind="APPROVED").count() == 0


@pytest.mark.parametrize(("answer", "state"), [("return", "RETURNED"), ("reject", "REJECTED")])
def test_to_return_or_reject_needs_a_reason_and_nothing_else(office, answer, state):
    firm = sent()
    asked = {"form_id": "f" * 20, "answer": answer}

    refused = office.post(page_of(firm), asked).content.decode()
    short = office.post(page_of(firm), asked | {"reason": "pendek"}).content.decode()
    office.post(page_of(firm), asked | {"reason": "NIB tidak sama dengan akta"})

    firm.refresh_from_db()
    assert "Isi alasan" in refused
    assert "Alasan paling sedikit 10 huruf" in short
    assert firm.state == state
    assert "NIB tidak sama dengan akta" in firm.decisions.latest("pk").reason


def test_to_approve_needs_size_and_risk(office):
    firm = sent()

    page = office.post(page_of(firm), GIVEN | {"size": "", "risk_group": "9"}).content.decode()

    assert "Pilih skala usaha" in page
    firm.refresh_from_db()
    assert firm.state == "SENT"


def test_an_npp_that_another_firm_has_is_told_at_its_field(office):
    make.firm(npp="BJ012345")
    firm = sent()

    page = office.post(page_of(firm), GIVEN | {"npp": "BJ012345"}).content.decode()

    assert "NPP ini sudah dipakai badan usaha lain" in page


def test_a_number_that_another_firm_has_is_shown_before_deciding(office):
    known = make.firm(name="PT Kembar", nib="9120001112223")
    firm = sent(nib="9120001112223")

    page = office.get(page_of(firm)).content.decode()

    assert "Nomor yang sama sudah tercatat" in page
    assert known.reference in page


def test_nobody_decides_about_a_firm_of_their_own(client, db):
    firm = sent()
    officer = member(Role.OFFICER, email="dua@kantor.contoh.test")
    Seat.objects.create(
        employer=firm, user=officer, role="REPORTER", invited_at=make.AT, taken_at=make.AT
    )
    sign_in_staff(client, officer)

    page = client.post(page_of(firm), GIVEN).content.decode()

    assert "Minta rekan lain" in page


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.OUTREACH, Role.AUDITOR, Role.ADMIN])
def test_only_the_deciding_roles_open_the_queue(client, db, role):
    firm = sent()
    sign_in_staff(client, member(role, email="x@kantor.contoh.test"))

    assert client.get(QUEUE).status_code == 403
    assert client.post(page_of(firm), GIVEN).status_code == 403
