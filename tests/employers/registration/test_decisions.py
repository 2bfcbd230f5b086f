"""What the office decides about a firm, and that the firm hears of it."""

from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cilegon_portal.accounts.models import Role
from cilegon_portal.contributions.models import Account
from cilegon_portal.outbox.models import Message
from cilegon_portal.rules.months import Month
from employers.actions import decisions, registration
from employers.actions.decisions import Proof
from employers.models import Decision, Employer, Evidence, Terms
from tests import make

pytestmark = pytest.mark.django_db
State = Employer.State


@pytest.fixture
def sent(at: datetime) -> Employer:
    employer = make.registering(at=at)
    return decisions.send(employer=employer, by=approver_of(employer), at=at)


def approver_of(employer: Employer):
    return employer.seats.taken().get(role=Role.APPROVER).user


def approve(employer: Employer, at: datetime, **more) -> Employer:
    given: dict[str, Any] = {
        "npp": "",
        "size": "LARGE",
        "risk_group": 4,
        "officer": None,
        "reason": "",
    }
    return decisions.approve_firm(employer=employer, by=make.user(), at=at, **given | more)


def texts_to(employer: Employer) -> list[str]:
    sent = Message.objects.filter(to=approver_of(employer).email).order_by("pk")
    return [message.text for message in sent]


def test_an_approved_firm_has_an_account_terms_and_a_decision(sent: Employer, at: datetime):
    officer = make.user(name="Petugas Lapangan")

    firm = approve(sent, at, npp="15070955", officer=officer)

    terms = Terms.objects.get(employer=firm)
    assert firm.state == State.ACTIVE
    assert firm.npp == "15070955"
    assert firm.account.kind == Account.Kind.PU
    assert (firm.account.name, firm.account.phone) == (firm.name, "+6281234567000")
    assert firm.account.officer == officer
    assert (terms.valid_from, terms.valid_until) == (Month(2026, 11), None)
    assert (terms.size, terms.risk_group) == ("LARGE", 4)
    assert [row.kind for row in firm.decisions.order_by("pk")] == ["SENT", "APPROVED"]
    assert "disetujui" in texts_to(firm)[-1]


def test_what_a_micro_firm_chose_stands_in_its_first_terms(at: datetime):
    firm = make.firm(size="MICRO", wants_jht=True, wants_jp=False, at=at)

    terms = Terms.objects.get(employer=firm)

    assert (terms.with_jht, terms.with_jp) == (True, False)


def test_everybody_of_the_firm_hears_of_a_decision_once(sent: Employer, at: datetime):
    reporter = make.firm_user(sent, Role.REPORTER)

    approve(sent, at)

    told = Message.objects.filter(subject__startswith="Pendaftaran disetujui")
    assert {message.to for message in told} == {approver_of(sent).email, reporter.email}


def test_the_firm_is_told_its_number_and_by_when_the_office_answers(sent: Employer):
    text = texts_to(sent)[-1]

    assert sent.reference in text
    assert "30 November 2026" in text  # five working days after Monday the 23rd


def test_a_returned_registration_is_put_right_and_sent_again(sent: Employer, at: datetime):
    firm = decisions.return_firm(employer=sent, reason="NIB salah", by=make.user(), at=at)
    firm = registration.answer(employer=firm, nib="1234567890123")
    firm = decisions.send(employer=firm, by=approver_of(firm), at=at)

    assert firm.state == State.SENT
    assert firm.decided_by is None
    assert "NIB salah" in texts_to(firm)[-2]


def test_a_rejected_registration_stays_rejected(sent: Employer, at: datetime):
    firm = decisions.reject_firm(employer=sent, reason="Bukan di Cilegon", by=make.user(), at=at)

    assert "Bukan di Cilegon" in texts_to(firm)[-1]
    with pytest.raises(decisions.NotWaiting):
        decisions.send(employer=firm, by=approver_of(firm), at=at)
    with pytest.raises(registration.NotOpen):
        registration.answer(employer=firm, name="PT Lain")


def test_what_was_sent_changes_no_more(sent: Employer):
    with pytest.raises(registration.NotOpen):
        registration.answer(employer=sent, name="PT Lain")


def test_an_unfinished_registration_is_not_sent(at: datetime):
    employer = make.registering(at=at, head_count=None)

    with pytest.raises(decisions.Unfinished) as refusal:
        decisions.send(employer=employer, by=approver_of(employer), at=at)

    assert refusal.value.titles == ["Unggah data pekerja"]


@pytest.mark.parametrize("decide", ["approve", "return", "reject"])
def test_only_a_waiting_registration_is_decided(decide: str, at: datetime):
    employer = make.registering(at=at)

    with pytest.raises(decisions.NotWaiting):
        decided(decide, employer, at)


@pytest.mark.parametrize("decide", ["approve", "return", "reject"])
def test_nobody_decides_about_a_firm_of_his_own(decide: str, sent: Employer, at: datetime):
    with pytest.raises(decisions.OwnFirm):
        decided(decide, sent, at, by=approver_of(sent))


def decided(decide: str, employer: Employer, at: datetime, by=None) -> Employer:
    by = by or make.user()
    if decide == "approve":
        return decisions.approve_firm(
            employer=employer,
            npp="",
            size="LARGE",
            risk_group=1,
            officer=None,
            reason="",
            by=by,
            at=at,
        )
    act = decisions.return_firm if decide == "return" else decisions.reject_firm
    return act(employer=employer, reason="Alasan", by=by, at=at)


def test_two_active_firms_never_share_an_npp(sent: Employer, at: datetime):
    make.firm(npp="15070955", at=at)

    with pytest.raises(decisions.NppTaken):
        approve(sent, at, npp="15070955")

    sent.refresh_from_db()
    assert (sent.state, sent.account) == (State.SENT, None)
    other = make.firm(npp="15070956", at=at)
    with (
        pytest.raises(IntegrityError, match="employer_npp_stands_once_among_active"),
        transaction.atomic(),
    ):
        Employer.objects.filter(pk=other.pk).update(npp="15070955")


def letters(*kinds: str) -> list[Proof]:
    return [Proof(kind, number=f"{place}/X/2026") for place, kind in enumerate(kinds)]


def close(firm: Employer, at: datetime, cause: str, *kinds: str) -> Employer:
    return decisions.close_firm(
        employer=firm,
        cause=cause,
        last_month=Month(2026, 10),
        evidence=letters(*kinds),
        reason="Tutup",
        by=make.user(),
        at=at,
    )


def reopen(firm, first_month, at):
    return decisions.reopen_firm(
        employer=firm, first_month=first_month, reason="Buka lagi", by=make.user(), at=at
    )


def test_a_firm_is_closed_on_its_evidence_and_may_be_opened_again(at: datetime):
    firm = make.firm(at=at)

    closed = close(firm, at, "DISSOLVED", "FIRM_LETTER", "AGENCY_LETTER")
    assert (closed.state, closed.last_month) == (State.CLOSED, Month(2026, 10))
    assert Evidence.objects.filter(decision__employer=firm).count() == 2

    with pytest.raises(decisions.NotAfterClosing):
        reopen(firm, Month(2026, 10), at)
    opened = reopen(firm, Month(2026, 11), at)
    assert (opened.state, opened.last_month) == (State.ACTIVE, None)
    with pytest.raises(decisions.NotClosed):
        reopen(firm, Month(2026, 11), at)


def test_a_firm_is_not_closed_without_its_evidence(at: datetime):
    firm = make.firm(at=at)

    with pytest.raises(decisions.EvidenceMissing) as refusal:
        close(firm, at, "VANISHED", "VISIT_REPORT", "WITNESS")

    assert refusal.value.sentences == ["Isi dua saksi dari luar badan usaha"]
    firm.refresh_from_db()
    assert firm.state == State.ACTIVE
    with pytest.raises(decisions.NotActive):
        close(make.registering(at=at), at, "VANISHED")


def test_the_office_lets_a_firm_upload_large_files(at: datetime):
    firm = make.firm(at=at)

    firm = decisions.set_upload_limit(
        employer=firm, is_large=True, reason="18.000 pekerja", by=make.user(), at=at
    )

    assert firm.may_upload_large
    assert firm.decisions.filter(kind=Decision.Kind.LIMITS, reason="18.000 pekerja").exists()
