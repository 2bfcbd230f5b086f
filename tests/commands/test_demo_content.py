"""What `demo` writes: everybody's state, prices by the month, and nobody real."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from cilegon_portal.accounts.models import STAFF_ROLES, Role, User
from cilegon_portal.contributions.models import Account, Charge, CodeLine, Payment, PaymentCode
from cilegon_portal.outbox.models import Message
from cilegon_portal.people.models import Person
from cilegon_portal.rules.nik import read_nik
from cilegon_portal.rules.phones import read_phone
from cilegon_portal.rules.reference import read_reference
from cilegon_portal.rules.virtual_account import read_virtual_account
from participants.actions.membership import memberships
from participants.models import Enrolment
from tests.commands.test_demo import NOW, demo
from tests.contributions import law

pytestmark = pytest.mark.django_db


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
    for person in Person.objects.select_related("user"):
        nik = read_nik(str(person.id_number), NOW.date())
        assert nik.region == "367299"
        assert (nik.birth_date, nik.sex) == (person.birth_date, person.sex)
        assert person.user
        assert person.user.phone
        assert person.user.phone.startswith(("+62812990", "+62812999"))
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


def test_no_message_leaves_for_money_of_the_past(filled):
    assert not Message.objects.exists()
