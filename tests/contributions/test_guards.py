"""What the database refuses, whoever asks and by whatever road."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from cilegon_portal.contributions import actions
from cilegon_portal.contributions.models import (
    Allocation,
    Bill,
    Charge,
    ChargeRate,
    CodeLine,
    Payment,
    PaymentCode,
    Rate,
    Repricing,
    Rollup,
)
from tests import make
from tests.make import AT, NOVEMBER

pytestmark = pytest.mark.django_db

WRITTEN_ONCE = ["bill", "charge", "chargerate", "payment", "allocation"]


def refused(name: str):
    return pytest.raises(IntegrityError, match=name)


@pytest.fixture
def bought() -> PaymentCode:
    """Return a code whose one month is bought."""
    code = make.code(make.account())
    make.payment(8_400, code=code)
    return code


@pytest.fixture
def bill() -> Bill:
    """Return a firm's bill of 100.000, unpaid."""
    return make.firm_bill(100_000)


@pytest.mark.parametrize("table", WRITTEN_ONCE)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_ledger_rows_are_written_once(bought, table, statement):
    sql = statement.format(f"contributions_{table}")
    raw("SET CONSTRAINTS ALL IMMEDIATE")
    with refused("are written once"):
        raw(sql + (" CASCADE" if "TRUNCATE" in sql else ""))


def test_every_guard_stands_in_the_database():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
            " WHERE NOT tgisinternal AND tgname NOT LIKE 'pgtrigger%' AND tgenabled = 'O'"
            " AND tgrelid::regclass::text LIKE 'contributions%'"
        )
        found = set(cursor.fetchall())
    guards = {"ledger_row_is_written_once", "ledger_table_is_never_emptied"}
    expected = {(f"contributions_{table}", guard) for table in WRITTEN_ONCE for guard in guards}
    expected |= {
        ("contributions_charge", "charge_sums_hold"),
        ("contributions_charge", "bpu_has_neither_penalty_nor_fine"),
        ("contributions_allocation", "allocation_sums_hold"),
        ("contributions_allocation", "allocation_money_is_there"),
        ("contributions_payment", "payment_sums_hold"),
        ("contributions_rate", "rate_used_is_locked"),
    }
    assert found == expected


def allocation(payment: Payment, bill: Bill, amount: int, **more) -> Allocation:
    return Allocation.objects.create(payment=payment, bill=bill, amount=amount, at=AT, **more)


def charge(bill: Bill, kind: str, **more) -> Charge:
    return Charge.objects.create(
        bill=bill, kind=kind, at=AT, **{"reason_code": "X", "reason": "Sebab", **more}
    )


def payment(amount: int, source: Payment | None = None, **more) -> Payment:
    return Payment.objects.create(
        amount=amount,
        source=source,
        paid_at=AT,
        at=AT,
        **{"channel": "VA", "external_reference": "X1", "reason": "Sebab", **more},
    )


def test_no_more_money_lies_on_a_bill_than_it_asks_for(bill):
    paid = make.payment(150_000, account=bill.account)
    with refused("outstanding_is_not_negative"):
        allocation(paid, bill, 1)


def test_a_charge_does_not_push_a_bill_below_the_money_on_it(bill):
    make.payment(100_000, account=bill.account)
    with refused("outstanding_is_not_negative"):
        charge(bill, "CORRECTION", jkk=-1)


def test_no_part_of_a_bill_falls_below_nothing(bill):
    with refused("charge_sum_is_not_negative"):
        charge(bill, "CORRECTION", jkm=-1)


def test_more_is_not_spent_than_came(bill):
    other = make.firm_bill(100_000)
    paid = make.payment(60_000, account=bill.account)
    with refused("credit_is_not_negative"):
        allocation(paid, other, 1)


def test_money_in_suspense_pays_nothing(bill):
    with refused("money_in_suspense_pays_nothing"):
        allocation(make.payment(5_000), bill, 5_000)


def test_a_reversing_allocation_is_exactly_the_negative(bill):
    make.payment(100_000, account=bill.account)
    first = Allocation.objects.get()
    with refused("allocation_reversal_is_exact"), transaction.atomic():
        allocation(first.payment, bill, -1, reverses=first)
    allocation(first.payment, bill, -100_000, reverses=first)
    with refused("contributions_allocation_reverses_id"):
        allocation(first.payment, bill, -100_000, reverses=first)


def test_a_sum_of_allocations_is_never_negative(bill):
    make.payment(100_000, account=bill.account)
    first = Allocation.objects.get()
    other = make.firm_bill(50_000)
    with refused(r"allocation_(sum_is_not_negative|reversal_is_exact)"):
        allocation(first.payment, other, -100_000, reverses=first)


@pytest.mark.parametrize("kind", ["PENALTY", "FINE"])
def test_an_own_account_worker_has_neither_penalty_nor_fine(bought, kind):
    bill = Bill.objects.get()
    parts: dict[str, Any] = {"penalty": 1, "for_bill": bill} if kind == "PENALTY" else {"fine": 1}
    with refused("bpu_has_neither_penalty_nor_fine"):
        charge(bill, kind, **parts)


def test_a_later_row_comes_from_a_receipt():
    first = make.payment(5_000)
    clerk, head = make.user(), make.user()
    moved = actions.move(payment=first, to=make.account(), reason="Salah", by=clerk, at=AT)[1]
    with refused("payment_source_is_received"):
        payment(-1, moved, kind="REFUNDED", by=clerk, approved_by=head, account=moved.account)


def test_moved_money_adds_up_to_zero():
    with refused("moved_money_adds_up_to_zero"):
        payment(100, make.payment(5_000), kind="MOVED")


def test_no_more_goes_back_than_came():
    clerk, head = make.user(), make.user()
    with refused("credit_is_not_negative"):
        payment(-5_001, make.payment(5_000), kind="REFUNDED", by=clerk, approved_by=head)


def test_who_recorded_a_receipt_does_not_reverse_it():
    clerk = make.user()
    first = make.payment(5_000, by=clerk)
    for by in (clerk, None):
        with refused("payment_is_reversed_by_another"), transaction.atomic():
            payment(-5_000, first, kind="REVERSED", by=by)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("payment_sign_fits_its_kind", {"amount": 0}),
        ("payment_sign_fits_its_kind", {"amount": -5}),
        ("payment_later_rows_name_their_source", {"kind": "MOVED", "amount": 5}),
    ],
)
def test_a_payment_row_makes_sense(name, change):
    with refused(name):
        payment(**{"amount": 5, "reason": "Sebab", **change})


def test_a_later_row_has_a_reason():
    first = make.payment(5_000)
    with refused("payment_later_rows_have_a_reason"):
        payment(-5_000, first, kind="REVERSED", by=make.user(), reason="")


def test_a_refund_is_approved_by_another():
    first, clerk = make.payment(5_000), make.user()
    with refused("payment_refund_is_approved_by_another"):
        payment(-5_000, first, kind="REFUNDED", by=clerk, approved_by=clerk)


def test_a_reference_is_received_once_a_channel():
    payment(5)
    with refused("payment_reference_stands_once_a_channel"):
        payment(5)


def test_an_allocation_has_the_sign_of_what_it_does(bill):
    paid = make.payment(5_000, account=make.account())
    with refused("allocation_sign_fits"):
        allocation(paid, bill, -1)


@pytest.mark.parametrize(
    "columns",
    [
        {"kind": "CONTRIBUTION", "penalty": 1},
        {"kind": "CONTRIBUTION", "jkk": -1},
        {"kind": "PENALTY", "penalty": 1},  # says for which month
        {"kind": "FINE", "fine": 0},
        {"kind": "WAIVER", "penalty": 1},
        {"kind": "WAIVER", "jkk": -1},
    ],
)
def test_the_columns_of_a_charge_fit_its_kind(bill, columns):
    with refused("charge_columns_fit_its_kind"):
        charge(bill, **columns)


def test_a_charge_has_a_reason(bill):
    with refused("charge_has_a_reason"):
        charge(bill, "CORRECTION", jkk=1, reason="")


def test_a_rate_is_named_once_by_a_charge(bought):
    used = ChargeRate.objects.order_by("pk")[0]
    with refused("charge_rate_stands_once"):
        ChargeRate.objects.create(charge=used.charge, rate=used.rate)


def test_a_bill_is_one_an_account_and_month(bill):
    with refused("bill_is_one_an_account_and_month"):
        Bill.objects.create(
            account=bill.account, month=bill.month, due_on=bill.due_on, sector="OTHER", made_at=AT
        )


def raw(sql: str, params: Sequence[Any] = ()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def test_a_month_is_a_first_day(bill, bought):
    with refused("bill_month_is_a_first_day"), transaction.atomic():
        raw(
            "INSERT INTO contributions_bill (account_id, month, due_on, sector, campaign_code,"
            " made_at) VALUES (%s, %s, %s, 'OTHER', '', %s)",
            [bill.account_id, date(2026, 1, 2), date(2026, 1, 2), AT],
        )
    with refused("code_line_month_is_a_first_day"):
        raw("UPDATE contributions_codeline SET month = '2026-11-02'")


def test_a_virtual_account_stands_once():
    first, second = make.account(), make.account()
    second.virtual_account = first.virtual_account
    with refused("account_virtual_account_stands_once"):
        second.save()


def test_a_code_is_open_once_an_account_and_has_its_own_reference():
    code = make.code(make.account())
    twin = PaymentCode(account=code.account, amount=1, made_at=AT, expires_at=AT, reference="X")
    with refused("payment_code_is_open_once_an_account"), transaction.atomic():
        twin.save()
    twin.account, twin.reference = make.account(), code.reference
    with refused("payment_code_reference_stands_once"):
        twin.save()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("payment_code_closing_is_whole", {"closed_at": AT}),
        ("payment_code_closing_is_whole", {"closed_because": "PAID"}),
        ("payment_code_amount_is_not_negative", {"amount": -1}),
    ],
)
def test_a_code_makes_sense(name, change):
    code = make.code(make.account())
    with refused(name):
        PaymentCode.objects.filter(pk=code.pk).update(**change)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("code_line_is_a_month_or_a_bill", {"due": 5}),
        ("code_line_is_a_month_or_a_bill", {"sector": ""}),
        ("code_line_is_a_month_or_a_bill", {"income": None}),
        ("code_line_position_stands_once", {"position": 2}),
        ("code_line_month_stands_once", {"month": NOVEMBER.plus(1)}),
    ],
)
def test_a_code_line_makes_sense(name, change):
    code = make.code(make.account(), 2)
    with refused(name):
        CodeLine.objects.filter(code=code, position=1).update(**change)


def test_a_repricing_is_whole_waits_once_and_is_approved_by_another():
    clerk = make.user()
    row = {"month": NOVEMBER, "bills": 1, "surplus": 1, "asked_by": clerk, "asked_at": AT}
    with refused("repricing_is_approved_by_another"), transaction.atomic():
        Repricing.objects.create(**row, approved_by=clerk, approved_at=AT)
    with refused("repricing_approval_is_whole"), transaction.atomic():
        Repricing.objects.create(**row, approved_by=make.user())
    Repricing.objects.create(**row)
    with refused("repricing_waits_once_a_month"):
        Repricing.objects.create(**row)


def test_a_cell_of_the_rollup_stands_once():
    cell = {"cash_month": NOVEMBER, "month": NOVEMBER, "segment": "BPU", "sector": "OTHER"}
    Rollup.objects.create(**cell, amount=1)
    with refused("rollup_cell_stands_once"):
        Rollup.objects.create(**cell, amount=2)


def test_a_used_rate_changes_no_more(bought):
    line = bought.lines.get()
    rate = Rate.objects.get(pk=line.rates[0])
    for change in ({"value": 1}, {"valid_until": NOVEMBER.first_day}, {"selector": "X"}):
        with refused("Tarif ini sudah dipakai"), transaction.atomic():
            Rate.objects.filter(pk=rate.pk).update(**change)
    with refused("Tarif ini sudah dipakai"):
        raw("DELETE FROM contributions_rate WHERE id = %s", [rate.pk])


def test_a_used_rate_may_end_after_the_last_month_that_used_it(bought):
    rate = Rate.objects.get(pk=bought.lines.get().rates[0])
    rate.valid_until = NOVEMBER.plus(1).first_day
    rate.legal_basis = "PP baru"
    rate.save()
    assert rate.last_used_month() == NOVEMBER


def test_a_rate_on_a_code_line_is_used_though_nothing_is_paid():
    line = make.code(make.account()).lines.get()
    with refused("rate_used_is_locked|Tarif ini sudah dipakai"):
        Rate.objects.filter(pk=line.rates[0]).update(value=1)


def test_an_unused_rate_changes_freely():
    Rate.objects.filter(segment="PU", programme="JKM", role="BASE").update(value=4_000)
