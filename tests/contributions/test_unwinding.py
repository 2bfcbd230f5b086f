"""Money is reversed, moved, refunded; bills are lowered; nothing is lost on the way."""

import pytest

from cilegon_portal.contributions import actions
from cilegon_portal.contributions.actions import covered_months
from cilegon_portal.contributions.models import Account, Allocation, Bill, Charge, Payment
from cilegon_portal.management.commands.check_invariants import violations
from tests import make
from tests.make import AT, NOVEMBER

pytestmark = pytest.mark.django_db


def credit(account: Account) -> int:
    return Account.objects.with_sums().get(pk=account.pk).credit


def outstanding(bill: Bill) -> int:
    return Bill.objects.with_sums().get(pk=bill.pk).outstanding


@pytest.fixture(autouse=True)
def sums_hold_afterwards(db):
    yield
    assert violations() == {}


def test_a_reversed_receipt_leaves_the_month_unsold():
    fisher = make.account()
    paid = make.payment(8_400, code=make.code(fisher))
    row = actions.reverse(payment=paid, reason="Salah catat", by=make.user(), at=AT)
    assert (row.kind, row.amount, row.source) == ("REVERSED", -8_400, paid)
    assert covered_months(fisher) == []
    assert credit(fisher) == 0
    assert [charge.kind for charge in Charge.objects.order_by("pk")] == [
        "CONTRIBUTION",
        "CORRECTION",
    ]
    make.payment(8_400, code=make.code(fisher))  # it can be bought again, on the same bill
    assert covered_months(fisher) == [NOVEMBER]
    assert Bill.objects.count() == 1


def test_an_open_code_asks_again_for_credit_that_was_none():
    fisher = make.account()
    paid = make.payment(5_000, account=fisher)
    code = make.code(fisher)
    actions.reverse(payment=paid, reason="Salah catat", by=make.user(), at=AT)
    code.refresh_from_db()
    assert code.amount == 8_400


def test_money_of_others_for_the_same_month_returns_to_their_credit():
    fisher = make.account()
    first = make.payment(5_000, account=fisher)
    make.payment(3_400, code=make.code(fisher))
    actions.reverse(payment=first, reason="Salah catat", by=make.user(), at=AT)
    assert covered_months(fisher) == []
    assert credit(fisher) == 3_400


def test_a_firm_owes_again_what_a_reversed_receipt_had_paid():
    bill = make.firm_bill(100_000)
    paid = make.payment(60_000, account=bill.account)
    assert outstanding(bill) == 40_000
    actions.reverse(payment=paid, reason="Salah catat", by=make.user(), at=AT)
    assert outstanding(bill) == 100_000


def test_who_recorded_a_receipt_does_not_reverse_it():
    clerk = make.user()
    paid = make.payment(5_000, by=clerk)
    with pytest.raises(actions.SamePerson):
        actions.reverse(payment=paid, reason="Salah", by=clerk, at=AT)


def test_a_receipt_is_reversed_once():
    clerk, paid = make.user(), make.payment(5_000)
    row = actions.reverse(payment=paid, reason="Salah", by=clerk, at=AT)
    with pytest.raises(actions.AlreadyReversed):
        actions.reverse(payment=paid, reason="Salah", by=clerk, at=AT)
    with pytest.raises(ValueError, match="a receipt is reversed"):
        actions.reverse(payment=row, reason="Salah", by=clerk, at=AT)


def test_a_receipt_that_moved_on_is_not_reversed_until_it_is_back():
    clerk, fisher = make.user(), make.account()
    paid = make.payment(8_400)
    code = make.code(fisher)
    moved = actions.move(payment=paid, to=fisher, reason="Dikenali", by=clerk, at=AT)[1]
    code.refresh_from_db()
    assert (covered_months(fisher), code.closed_because) == ([NOVEMBER], "PAID")
    with pytest.raises(actions.MoneyMovedOn):
        actions.reverse(payment=paid, reason="Salah", by=clerk, at=AT)
    actions.move(payment=moved, to=None, reason="Bukan dia", by=clerk, at=AT)
    assert covered_months(fisher) == []
    actions.reverse(payment=paid, reason="Salah", by=clerk, at=AT)
    assert not Payment.objects.in_suspense().exists()


def test_a_receipt_refunded_in_part_is_not_reversed():
    clerk, head, paid = make.user(), make.user(), make.payment(5_000)
    actions.refund(payment=paid, amount=1, reason="Minta", by=clerk, approved_by=head, at=AT)
    with pytest.raises(actions.MoneyMovedOn):
        actions.reverse(payment=paid, reason="Salah", by=clerk, at=AT)


def test_money_in_suspense_finds_its_account_and_pays():
    fisher = make.account()
    make.code(fisher)
    paid = make.payment(10_000)
    actions.move(payment=paid, to=fisher, reason="Dikenali", by=make.user(), at=AT)
    assert covered_months(fisher) == [NOVEMBER]
    assert credit(fisher) == 1_600
    assert not Payment.objects.in_suspense().exists()


def test_money_on_the_wrong_account_is_moved_with_what_it_paid():
    wrong, right = make.account(), make.account()
    paid = make.payment(8_400, code=make.code(wrong))
    make.code(right)
    actions.move(payment=paid, to=right, reason="Salah akun", by=make.user(), at=AT)
    assert (covered_months(wrong), covered_months(right)) == ([], [NOVEMBER])
    assert (credit(wrong), credit(right)) == (0, 0)


def test_a_part_is_moved_from_credit_only():
    fisher, other = make.account(), make.account()
    paid = make.payment(10_000, code=make.code(fisher))
    with pytest.raises(actions.NotEnoughMoney) as refused:
        actions.move(payment=paid, to=other, amount=1_601, reason="Bagi", by=make.user(), at=AT)
    assert refused.value.free == 1_600
    actions.move(payment=paid, to=other, amount=600, reason="Bagi", by=make.user(), at=AT)
    assert (credit(fisher), credit(other)) == (1_000, 600)


def test_money_that_is_put_back_waits_in_suspense_again():
    fisher, clerk = make.account(), make.user()
    known, unknown = make.payment(8_400, account=fisher), make.payment(5_000)
    back = actions.move(payment=known, to=None, reason="Bukan dia", by=clerk, at=AT)[1]
    there = actions.move(payment=unknown, to=fisher, amount=3_000, reason="X", by=clerk, at=AT)[1]
    actions.move(payment=there, to=None, amount=1_000, reason="Bukan dia", by=clerk, at=AT)
    waiting = {payment: payment.left for payment in Payment.objects.in_suspense()}
    assert waiting == {back: 8_400, unknown: 3_000}
    actions.move(payment=back, to=fisher, reason="Dia juga", by=clerk, at=AT)
    assert set(Payment.objects.in_suspense()) == {unknown}
    assert credit(fisher) == 8_400 + 2_000


def test_nothing_is_no_part_and_moves_nothing():
    fisher, other = make.account(), make.account()
    paid = make.payment(10_000, account=fisher)
    for amount in (0, -1):
        with pytest.raises(actions.NotEnoughMoney):
            actions.move(
                payment=paid, to=other, amount=amount, reason="Bagi", by=make.user(), at=AT
            )
    assert (credit(fisher), credit(other)) == (10_000, 0)


def test_money_is_not_moved_to_where_it_lies():
    fisher = make.account()
    places = [(make.payment(8_400, code=make.code(fisher)), fisher), (make.payment(5_000), None)]
    for paid, here in places:
        with pytest.raises(ValueError, match="another account"):
            actions.move(payment=paid, to=here, reason="Salah akun", by=make.user(), at=AT)
    assert covered_months(fisher) == [NOVEMBER]


def test_a_refund_comes_from_credit_and_an_open_code_asks_for_it_again():
    fisher, clerk, head = make.account(), make.user(), make.user()
    paid = make.payment(5_000, account=fisher)
    code = make.code(fisher)
    assert code.amount == 3_400
    with pytest.raises(actions.SamePerson):
        actions.refund(payment=paid, amount=1, reason="Minta", by=clerk, approved_by=clerk, at=AT)
    with pytest.raises(actions.NotEnoughMoney):
        actions.refund(
            payment=paid, amount=5_001, reason="Minta", by=clerk, approved_by=head, at=AT
        )
    actions.refund(payment=paid, amount=5_000, reason="Minta", by=clerk, approved_by=head, at=AT)
    code.refresh_from_db()
    assert (credit(fisher), code.amount) == (0, 8_400)


def test_money_in_suspense_is_refunded_too():
    paid = make.payment(5_000)
    actions.refund(
        payment=paid,
        amount=5_000,
        reason="Bukan untuk kami",
        by=make.user(),
        approved_by=make.user(),
        at=AT,
    )
    assert not Payment.objects.in_suspense().exists()


def test_a_firm_pays_its_oldest_month_first():
    firm = make.account("PU")
    later = make.firm_bill(50_000, NOVEMBER, firm=firm)
    older = make.firm_bill(50_000, NOVEMBER.plus(-1), firm=firm)
    make.payment(70_000, account=firm)
    assert (outstanding(older), outstanding(later)) == (0, 30_000)
    assert covered_months(firm) == [NOVEMBER.plus(-1)]


def test_a_firms_money_that_names_no_code_pays_its_oldest_month_whatever_its_open_code_asks():
    firm = make.account("PU")
    older = make.firm_bill(50_000, NOVEMBER.plus(-1), firm=firm)
    later = make.firm_bill(50_000, NOVEMBER, firm=firm)
    code = actions.issue_code(
        account=firm, orders=[], bills=[later], expires_at=AT + make.DAY, by=None, at=AT
    )
    make.payment(50_000, account=firm)
    assert (outstanding(older), outstanding(later)) == (0, 50_000)
    make.payment(50_000, code=code)
    assert outstanding(later) == 0


def test_credit_pays_the_next_bill_by_itself():
    firm = make.account("PU")
    make.payment(70_000, account=firm)
    bill = make.firm_bill(50_000, firm=firm)
    assert (outstanding(bill), credit(firm)) == (0, 20_000)


def test_a_code_for_bills_is_paid_in_part_and_closed_when_all_is_paid():
    firm = make.account("PU")
    bills = [make.firm_bill(50_000, NOVEMBER.plus(number), firm=firm) for number in (0, 1)]
    code = actions.issue_code(
        account=firm, orders=[], bills=bills, expires_at=AT + make.DAY, by=None, at=AT
    )
    assert code.amount == 100_000
    make.payment(60_000, code=code)
    code.refresh_from_db()
    assert ([outstanding(bill) for bill in bills], code.amount) == ([0, 40_000], 40_000)
    make.payment(40_000, code=code)
    code.refresh_from_db()
    assert code.closed_because == "PAID"


def test_a_lowered_bill_gives_its_surplus_back_to_credit():
    bill = make.firm_bill(100_000)
    make.payment(60_000, account=bill.account)
    make.payment(40_000, account=bill.account)
    actions.correct(
        bill=bill,
        change=actions.Parts(jkk=-50_000),
        reason_code="REPORT",
        reason="Laporan pengganti",
        by=None,
        at=AT,
    )
    assert (outstanding(bill), credit(bill.account)) == (0, 50_000)
    assert [row.amount for row in Allocation.objects.order_by("pk")] == [
        60_000, 40_000, -60_000, -40_000, 50_000,
    ]  # fmt: skip


def test_the_surplus_of_one_bill_pays_the_next():
    firm = make.account("PU")
    first = make.firm_bill(100_000, firm=firm)
    make.payment(100_000, account=firm)
    second = make.firm_bill(30_000, NOVEMBER.plus(1), firm=firm)
    actions.correct(
        bill=first,
        change=actions.Parts(jkk=-20_000),
        reason_code="REPORT",
        reason="Laporan pengganti",
        by=None,
        at=AT,
    )
    assert (outstanding(first), outstanding(second), credit(firm)) == (0, 10_000, 0)


def test_a_month_is_billed_once_and_a_bpu_month_never_by_hand():
    bill = make.firm_bill(100_000)
    with pytest.raises(actions.AlreadyBilled):
        make.firm_bill(1, firm=bill.account)
    fisher = make.account()
    with pytest.raises(actions.MonthIsBought):
        make.firm_bill(1, firm=fisher)
    make.payment(8_400, code=make.code(fisher))
    with pytest.raises(actions.MonthIsBought):
        actions.correct(
            bill=Bill.objects.get(account=fisher),
            change=actions.Parts(jkk=-1),
            reason_code="X",
            reason="Sebab",
            by=None,
            at=AT,
        )


def test_a_penalty_grows_by_two_percent_a_started_month():
    bill = make.firm_bill(10_000_000, NOVEMBER.plus(-9))  # February 2026, due 15 March
    assert actions.penalty_of(bill, on=bill.due_on) == 0
    assert actions.penalty_of(bill, on=bill.due_on + make.DAY) == 200_000
    assert actions.penalty_of(bill, on=bill.due_on.replace(month=4, day=20)) == 400_000


def test_money_stops_the_penalty_from_the_day_it_was_paid_and_pays_the_contribution_first():
    bill = make.firm_bill(10_000_000, NOVEMBER.plus(-9))
    day_after = AT.replace(month=3, day=16)
    make.payment(4_000_000, account=bill.account, at=day_after)
    assert actions.penalty_of(bill, on=AT.date().replace(month=3, day=20)) == 200_000
    assert actions.penalty_of(bill, on=AT.date().replace(month=4, day=20)) == 320_000


def test_what_was_charged_for_a_late_month_is_not_asked_again():
    bill = make.firm_bill(10_000_000, NOVEMBER.plus(-9))
    later = make.firm_bill(1, NOVEMBER, firm=bill.account)
    Charge.objects.create(
        bill=later,
        kind="PENALTY",
        penalty=150_000,
        for_bill=bill,
        reason_code="LATE",
        reason="Terlambat",
        at=AT,
    )
    assert actions.penalty_of(bill, on=AT.date().replace(month=3, day=20)) == 50_000


def test_a_penalty_that_was_waived_is_not_asked_again():
    bill = make.firm_bill(10_000_000, NOVEMBER.plus(-9))
    later = make.firm_bill(1, NOVEMBER, firm=bill.account)
    for kind, penalty in (("PENALTY", 200_000), ("WAIVER", -200_000)):
        Charge.objects.create(
            bill=later,
            kind=kind,
            penalty=penalty,
            for_bill=bill,
            reason_code="LATE",
            reason="Terlambat",
            at=AT,
        )
    assert actions.penalty_of(bill, on=AT.date().replace(month=3, day=20)) == 0
    assert actions.penalty_of(bill, on=AT.date().replace(month=4, day=20)) == 200_000


def test_an_own_account_worker_pays_no_penalty():
    fisher = make.account()
    make.payment(8_400, code=make.code(fisher))
    assert actions.penalty_of(Bill.objects.get(), on=AT.date().replace(year=2027)) == 0
