"""What `demo` writes: everybody's state, prices by the month, and nobody real."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from cilegon_portal.accounts.demo import MEMBERS
from cilegon_portal.accounts.models import STAFF_ROLES, Role, User
from cilegon_portal.contributions.models import (
    Account,
    Bill,
    Charge,
    CodeLine,
    Payment,
    PaymentCode,
)
from cilegon_portal.outbox.models import Message
from cilegon_portal.people.models import Person
from cilegon_portal.rules.months import Month
from cilegon_portal.rules.nik import read_nik
from cilegon_portal.rules.phones import read_phone
from cilegon_portal.rules.reference import read_reference
from cilegon_portal.rules.virtual_account import read_virtual_account
from employers.actions.comparing import ready_to_approve
from employers.actions.first_workers import first_workers
from employers.actions.registration import open_tasks
from employers.models import Contact, Decision, Employer, Employment, WageReport
from employers.rules.closing import missing_evidence
from participants.actions.membership import memberships
from participants.models import Enrolment
from tests.commands.test_demo import NOW, demo
from tests.contributions import law

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)


@pytest.fixture(scope="module")
def filled(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """Fill the database once for all tests of this file; every test rolls back to it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield demo(scale="0.02")
        transaction.set_rollback(True)


def test_every_state_is_there_and_the_told_phones_are_in_it(filled):
    told = filled["phones"]

    found = memberships(Enrolment.objects.all(), at=NOW)

    states = Counter(membership.status for membership in found)
    assert set(states) == {
        "Aktif", "Masa tenggang", "Berakhir", "Belum dibayar", "Menunggu pembayaran",
    }  # fmt: skip
    assert states["Aktif"] > states["Berakhir"] > states["Menunggu pembayaran"] > 0
    by_phone = {membership.enrolment.person.user.phone: membership for membership in found}
    assert by_phone[read_phone(told["ACTIVE"])].is_active
    assert by_phone[read_phone(told["GRACE"])].is_in_grace
    assert by_phone[read_phone(told["ENDED"])].is_ended
    assert by_phone[read_phone(told["APPLICANT"])].is_new


def test_every_month_was_bought_at_the_price_of_that_month(filled):
    basis = {jkk: jht for _, _, jkk, jht in law.BANDS}

    wrong = []
    for line in CodeLine.objects.select_related("code"):
        start, end = law.BPU_TRANSPORT if line.sector == "TRANSPORT" else law.BPU_OTHER
        is_halved = start <= line.month.first_day < end
        jkk = max(jkk for income, _, jkk, _ in law.BANDS if income <= (line.income or 0))
        expected = (jkk // 2, 3_400) if is_halved else (jkk, 6_800)
        if (line.jkk, line.jkm, line.jht) != (*expected, basis[jkk] if line.with_jht else 0):
            wrong.append(line.pk)

    assert wrong == []
    sold = Charge.objects.filter(kind=Charge.Kind.CONTRIBUTION)
    assert sold.filter(jkk=5_000).exists()
    assert sold.filter(jkk=10_000, bill__month__lt=date(2026, 1, 1)).exists()


def test_the_ledger_holds(filled):
    call_command("check_invariants", stdout=StringIO())


def test_the_odd_cases_are_there(filled):
    assert Payment.objects.filter(account=None).count() == 1
    assert Payment.objects.filter(kind=Payment.Kind.REVERSED).count() == 1
    credit: list[int] = [vars(account)["credit"] for account in Account.objects.with_sums()]
    assert sum(amount > 0 for amount in credit) >= 2
    assert Payment.objects.filter(channel=Payment.Channel.CASH, by__isnull=False).exists()
    assert PaymentCode.objects.filter(closed_because=PaymentCode.Closed.EXPIRED).exists()


def test_nobody_real_is_in_it_and_nothing_lies_in_the_future(filled):
    for person in Person.objects.filter(id_kind="NIK"):
        nik = read_nik(str(person.id_number), NOW.date())
        assert nik.region == "367299"
        assert (nik.birth_date, nik.sex) == (person.birth_date, person.sex)
    phones = [*User.objects.exclude(phone=None).values_list("phone", flat=True)]
    phones += Contact.objects.values_list("phone", flat=True)
    assert all(phone.startswith(("+62812990", "+62812998", "+62812999")) for phone in phones)
    assert all(name.endswith("Contoh") for name in Employer.objects.values_list("name", flat=True))
    assert not Decision.objects.filter(at__gt=NOW).exists()
    assert not WageReport.objects.filter(approved_at__gt=NOW).exists()
    assert not Payment.objects.filter(paid_at__gt=NOW).exists()
    assert not Payment.objects.filter(at__gt=NOW).exists()
    assert not PaymentCode.objects.filter(made_at__gt=NOW).exists()
    assert all(
        read_reference(code) for code in PaymentCode.objects.values_list("reference", flat=True)
    )
    assert all(
        read_virtual_account(number)
        for number in Account.objects.values_list("virtual_account", flat=True)
    )


def test_every_role_of_the_staff_and_of_a_firm_can_sign_in(filled):
    names = set(User.objects.filter(email__isnull=False).values_list("groups__name", flat=True))
    assert names == {role.value for role in STAFF_ROLES | {Role.REPORTER, Role.APPROVER}}
    assert User.objects.filter(groups__name=Role.WORKER).count() == 180


def test_registrations_stand_in_every_state_and_sixty_firms_were_taken_in(filled):
    states = Counter(Employer.objects.values_list("state", flat=True))

    assert set(states) == set(Employer.State.values)
    assert states["ACTIVE"] + states["CLOSED"] == 60
    assert min(states.values()) >= 2
    kinds = set(Decision.objects.values_list("kind", flat=True))
    assert kinds == {"SENT", "APPROVED", "RETURNED", "REJECTED", "CLOSED"}
    for closing in Decision.objects.filter(kind="CLOSED"):
        proof = [*closing.evidence.values_list("kind", flat=True)]
        assert missing_evidence(closing.cause, proof) == []


def test_registrations_that_wait_or_were_returned_list_their_first_workers(filled):
    for firm in Employer.objects.exclude(state="DRAFT").filter(account=None):
        listed = first_workers(firm)
        if firm.state == "REJECTED":
            assert listed is None
            continue
        assert listed is not None
        assert listed.is_whole
        assert listed.workers == firm.head_count
        assert ready_to_approve(listed.draft) == []
        assert open_tasks(firm) == []


def test_one_firm_is_big_and_a_year_is_reported(filled):
    reports = WageReport.objects.standing()
    biggest = reports.of_month(OCTOBER).order_by("-workers")[0]

    assert 2_450 <= biggest.workers <= 2_550
    assert set(reports.values_list("month", flat=True)) == {OCTOBER.plus(-it) for it in range(12)}
    assert set(WageReport.objects.values_list("kind", flat=True)) == {
        "REGULAR", "ESTIMATE", "SUPPLEMENT", "REPLACEMENT",
    }  # fmt: skip
    assert Employment.objects.differing().exists()
    assert Person.objects.filter(id_kind="PASSPORT").exists()


def test_every_active_firm_is_billed_for_every_month_that_is_over(filled):
    active = Employer.objects.filter(state="ACTIVE")

    for firm in active:
        reported = firm.reports.standing().order_by("month").values_list("month", flat=True)
        first = firm.first_month
        assert first
        assert list(reported) == [first.plus(it) for it in range(OCTOBER.months_since(first) + 1)]


def test_most_firms_owe_nothing_and_some_are_in_arrears(filled):
    late = Bill.objects.outstanding().filter(account__kind="PU", due_on__lt=NOW.date())
    owing = set(late.values_list("account", flat=True))

    assert 5 <= len(owing) <= 25
    silent = WageReport.objects.filter(kind="ESTIMATE").values_list("employer__account", flat=True)
    assert owing & set(silent)


def test_two_sign_ins_act_for_one_middle_sized_firm_with_a_month_to_report(filled):
    firms = [
        set(Employer.objects.of_seats(user, role))
        for role in (Role.REPORTER, Role.APPROVER)
        for user in User.objects.filter(email=MEMBERS[role][0])
    ]

    assert len(firms) == 2
    assert firms[0] == firms[1]
    [firm] = firms[0]
    assert (firm.state, firm.stated_size) == ("ACTIVE", "MEDIUM")
    assert 110 <= firm.reports.standing().of_month(OCTOBER).get().workers <= 120
    assert not firm.reports.of_month(OCTOBER.plus(1)).exists()
    assert not firm.drafts.exists()


def test_no_message_leaves_for_money_of_the_past(filled):
    assert not Message.objects.exists()
