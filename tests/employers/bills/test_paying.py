"""Paying: what is asked, the code, what is said before, and what the money does."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from cilegon_portal.accounts.models import DemoMark
from cilegon_portal.contributions.actions import NothingToPay
from cilegon_portal.contributions.models import Bill, PaymentCode
from cilegon_portal.management.commands.check_invariants import violations
from cilegon_portal.rules.months import Month
from cilegon_portal.templatetags.portal import rupiah
from employers.actions.approving import approve
from employers.actions.paying import ask_to_pay, code_deadline
from employers.models import WageReport
from tests import make
from tests.accounts.helpers import sign_in_staff
from tests.employers.billing import months
from tests.employers.bills.rosters import approver_of, text

pytestmark = pytest.mark.django_db
WIB = ZoneInfo("Asia/Jakarta")
OCTOBER, SEPTEMBER = Month(2026, 10), Month(2026, 9)


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
def user(firm):
    return approver_of(firm)


@pytest.fixture
def desk(client, user):
    sign_in_staff(client, user)
    return client


@pytest.fixture
def owed(firm):
    """Let the firm owe two months; return both bills."""
    for month in (SEPTEMBER, OCTOBER):
        months.approved(firm, [5_000_000], month=month, at=in_time(month))
    return [months.bill_of(firm, month) for month in (SEPTEMBER, OCTOBER)]


@pytest.fixture
def page(firm):
    return reverse("employers:bill_pay", args=[firm.reference, OCTOBER])


def test_what_a_part_payment_does_is_said_before_paying(desk, owed, page):
    shown = text(desk.get(page))

    assert "Uang masuk ke bulan yang paling lama dulu, iuran sebelum denda." in shown
    assert "Bayar sebagian mengurangi tunggakan, tetapi belum melindungi pekerja" in shown
    assert rupiah(sum(bill.outstanding for bill in owed)) in shown
    assert not PaymentCode.objects.exists()


def test_one_code_asks_for_every_month_that_is_owed_the_oldest_first(desk, firm, owed, page):
    answer = desk.post(page, {"form_id": "x" * 20})

    code = PaymentCode.objects.get()
    assert answer["Location"] == page
    assert [line.bill for line in code.lines.order_by("position")] == owed
    assert code.amount == sum(bill.outstanding for bill in owed)
    shown = text(desk.get(page))
    assert code.reference in shown
    assert firm.account.virtual_account in shown  # to be copied without its spaces


def test_a_second_press_makes_no_second_code(desk, owed, page):
    for form in ("x" * 20, "x" * 20, "y" * 20):
        desk.post(page, {"form_id": form})

    assert PaymentCode.objects.count() == 1


def test_a_month_pays_nothing_that_came_after_it(firm, user, owed, at):
    code = ask_to_pay(employer=firm, month=SEPTEMBER, by=user, at=at)

    assert [line.bill for line in code.lines.all()] == owed[:1]
    assert code.expires_at == code_deadline(at)


def test_a_bill_that_grew_is_asked_for_by_a_new_code(firm, user, owed, at):
    first = ask_to_pay(employer=firm, month=OCTOBER, by=user, at=at)
    report = WageReport.objects.standing().get(month=OCTOBER.first_day)
    draft = months.draft(
        firm, [6_000_000], people=months.people_of(report), month=OCTOBER, purpose="REPLACEMENT"
    )
    approve(draft=draft, by=user, at=at)

    second = ask_to_pay(employer=firm, month=OCTOBER, by=user, at=at)

    assert second.pk != first.pk
    assert second.amount > first.amount


def test_nothing_is_asked_of_a_firm_that_owes_nothing(desk, firm, user, owed, page, at):
    make.payment(sum(bill.outstanding for bill in owed), account=firm.account, at=at)

    with pytest.raises(NothingToPay):
        ask_to_pay(employer=firm, month=OCTOBER, by=user, at=at)
    assert "Tidak ada yang harus dibayar" in text(desk.get(page))
    assert desk.post(page, {"form_id": "x" * 20}).status_code == 302


def test_money_to_the_number_pays_the_oldest_month_first(firm, owed, at):
    make.payment(owed[0].outstanding + 1_000, account=firm.account, at=at)

    first, second = (Bill.objects.with_sums().get(pk=bill.pk) for bill in owed)
    assert first.outstanding == 0
    assert second.outstanding == owed[1].outstanding - 1_000
    assert not Bill.objects.covering().filter(pk=second.pk).exists()


def test_the_demo_button_brings_the_money_once(desk, firm, owed, page, at, settings):
    settings.DEMO = True
    DemoMark.objects.get_or_create(pk=1, defaults={"marked_at": at})
    desk.post(page, {"form_id": "x" * 20})
    assert "Bayar sekarang (contoh)" in text(desk.get(page))

    for _ in range(2):
        desk.post(f"{page}contoh/", {"form_id": "z" * 20})

    assert all(bill.outstanding == 0 for bill in Bill.objects.with_sums())
    assert firm.account.payments.count() == 1
    assert "sudah dibayar" in text(desk.get(page))
    assert violations() == {}


def test_there_is_no_demo_button_outside_the_demo(desk, owed, page, settings):
    settings.DEMO = False
    desk.post(page, {"form_id": "x" * 20})

    assert "contoh)" not in text(desk.get(page))
    assert desk.post(f"{page}contoh/", {"form_id": "z" * 20}).status_code == 404


def test_another_firm_can_neither_see_nor_pay(client, owed, page):
    sign_in_staff(client, approver_of(months.firm()))

    assert client.get(page).status_code == 404
    assert client.post(page, {"form_id": "x" * 20}).status_code == 404
    assert not PaymentCode.objects.exists()
