"""Money comes in, buys months and leaves credit; every rupiah stays somewhere."""

import pytest

from cilegon_portal.contributions.actions import (
    NothingToPay,
    close_expired_codes,
    covered_months,
    issue_code,
    post_payments,
)
from cilegon_portal.contributions.models import (
    Account,
    Allocation,
    Bill,
    Charge,
    ChargeRate,
    Payment,
    Rollup,
)
from cilegon_portal.rules.months import Month
from tests import make
from tests.make import AT, DAY, NOVEMBER

pytestmark = pytest.mark.django_db


def credit(account: Account) -> int:
    return Account.objects.with_sums().get(pk=account.pk).credit


def test_a_fisherman_pays_and_is_covered():
    fisher = make.account()
    code = make.code(fisher)
    assert code.amount == 8_400

    make.payment(8_400, code=code)

    assert covered_months(fisher) == [NOVEMBER]
    assert credit(fisher) == 0
    code.refresh_from_db()
    assert (code.closed_because, code.closed_at) == ("PAID", AT)
    charge = Charge.objects.get()
    assert (charge.jkk, charge.jkm, charge.jht, charge.kind) == (5_000, 3_400, 0, "CONTRIBUTION")
    assert {used.rate_id for used in ChargeRate.objects.filter(charge=charge)} == set(
        code.lines.get().rates
    )
    assert Rollup.objects.get().amount == 8_400


def test_nobody_owes_a_month_that_was_only_asked_for():
    make.code(make.account(), 12)
    assert not Bill.objects.exists()
    assert not Charge.objects.exists()


def test_short_money_buys_the_oldest_months_whole():
    fisher = make.account()
    code = make.code(fisher, 3)
    make.payment(8_400 * 2 + 100, code=code)
    assert covered_months(fisher) == [NOVEMBER, NOVEMBER.plus(1)]
    assert credit(fisher) == 100
    code.refresh_from_db()
    assert code.closed_at is None

    make.payment(16_800 - 100, code=code)  # January 2027: the relief has ended
    assert covered_months(fisher) == [NOVEMBER, NOVEMBER.plus(1), NOVEMBER.plus(2)]
    assert credit(fisher) == 0


def test_the_first_month_that_does_not_fit_stops_those_behind_it():
    fisher = make.account()
    code = make.code(fisher, 2, first=Month(2026, 3))  # March 16.800, April 8.400
    make.payment(10_000, code=code)
    assert covered_months(fisher) == []
    assert credit(fisher) == 10_000


def test_a_code_asks_for_the_oldest_month_first_in_whatever_order_they_came():
    fisher = make.account()
    orders = [make.order(fisher, NOVEMBER.plus(number)) for number in (1, 0)]
    code = issue_code(account=fisher, orders=orders, expires_at=AT + DAY, by=None, at=AT)
    make.payment(8_400, code=code)
    assert covered_months(fisher) == [NOVEMBER]


@pytest.mark.parametrize("kind", ["PU", "GROUP", "SPONSOR"])
def test_months_are_bought_for_own_account_workers_only(kind):
    with pytest.raises(ValueError, match="own-account"):
        make.code(make.account(kind))


def test_money_over_the_amount_is_credit_of_the_payer_and_pays_the_next_code():
    fisher = make.account()
    make.payment(8_400 + 5_000, code=make.code(fisher))
    assert credit(fisher) == 5_000

    second = make.code(fisher, first=NOVEMBER.plus(1))
    assert second.amount == 3_400
    make.payment(3_400, code=second)
    assert covered_months(fisher) == [NOVEMBER, NOVEMBER.plus(1)]
    assert Allocation.objects.filter(bill__month=NOVEMBER.plus(1).first_day).count() == 2


def test_a_code_that_credit_pays_whole_comes_back_paid():
    fisher = make.account()
    make.payment(20_000, account=fisher)
    code = make.code(fisher, 2)
    assert (code.closed_because, code.amount) == ("PAID", 0)
    assert covered_months(fisher) == [NOVEMBER, NOVEMBER.plus(1)]
    assert credit(fisher) == 3_200


def test_unknown_money_lies_in_suspense_and_is_not_dropped():
    payment = make.payment(50_000)
    assert payment.account is None
    assert list(Payment.objects.in_suspense()) == [payment]
    assert not Allocation.objects.exists()


def test_money_for_an_account_alone_pays_its_open_code():
    fisher = make.account()
    make.code(fisher)
    make.payment(8_400, account=fisher)
    assert covered_months(fisher) == [NOVEMBER]


def test_a_reference_is_posted_once_a_channel():
    fisher = make.account()
    first = make.money(8_400, code=make.code(fisher), reference="A1")
    again = post_payments(moneys=[first, first], by=None, at=AT)
    more = post_payments(moneys=[first], by=None, at=AT)
    assert [posted.is_new for posted in again + more] == [True, False, False]
    assert len({posted.payment.pk for posted in again + more}) == 1
    other = post_payments(
        moneys=[make.money(8_400, reference="A1", channel="QRIS")], by=None, at=AT
    )
    assert other[0].is_new


def test_a_group_pays_for_its_members_and_keeps_the_rest():
    group = make.account("GROUP")
    members = [make.account() for _ in range(3)]
    code = make.code(group, members=members)
    make.payment(8_400 * 2 + 1_000, code=code)
    assert [covered_months(member) for member in members] == [[NOVEMBER], [NOVEMBER], []]
    assert credit(group) == 1_000
    assert [credit(member) for member in members] == [0, 0, 0]


def test_a_group_and_its_member_in_one_file_buy_a_month_once():
    group, member, other = make.account("GROUP"), make.account(), make.account()
    ours = make.code(group, members=[member, other])
    own = make.code(member)
    post_payments(
        moneys=[make.money(8_400, code=own), make.money(16_800, code=ours)], by=None, at=AT
    )
    assert covered_months(member) == [NOVEMBER]
    assert covered_months(other) == [NOVEMBER]
    assert credit(group) + credit(member) == 8_400
    assert Bill.objects.count() == 2


def test_money_of_two_codes_in_one_file_pays_each_its_own():
    fisher = make.account()
    old = make.code(fisher)
    new = make.code(fisher, first=NOVEMBER.plus(1))
    moneys = [make.money(5_000, code=old), make.money(8_400, code=new)]
    post_payments(moneys=moneys, by=None, at=AT)
    assert covered_months(fisher) == [NOVEMBER.plus(1)]
    assert credit(fisher) == 5_000


def test_what_is_over_of_a_later_code_in_one_file_pays_the_open_code_named_before():
    fisher = make.account()
    old = make.code(fisher)
    new = make.code(fisher, first=NOVEMBER.plus(1))
    moneys = [make.money(5_000, code=new), make.money(8_400 + 3_400, code=old)]
    post_payments(moneys=moneys, by=None, at=AT)
    assert covered_months(fisher) == [NOVEMBER, NOVEMBER.plus(1)]
    assert credit(fisher) == 0


def test_paying_twice_leaves_the_second_as_credit():
    fisher = make.account()
    code = make.code(fisher)
    make.payment(8_400, code=code, channel="VA")
    make.payment(8_400, code=code, channel="QRIS")
    assert covered_months(fisher) == [NOVEMBER]
    assert credit(fisher) == 8_400


def test_late_money_buys_the_unsold_lines_at_their_present_price_if_it_suffices():
    fisher = make.account()
    code = make.code(fisher, 2, days=1)
    close_expired_codes(at=AT + 2 * DAY)
    make.payment(16_800, code=code, at=AT + 2 * DAY)
    assert covered_months(fisher) == [NOVEMBER, NOVEMBER.plus(1)]


def test_late_money_that_does_not_suffice_for_all_is_credit():
    fisher = make.account()
    code = make.code(fisher, 2, days=1)
    make.payment(16_700, code=code, at=AT + 2 * DAY)
    assert covered_months(fisher) == []
    assert credit(fisher) == 16_700


def test_money_of_the_last_day_keeps_its_price_though_it_is_told_later():
    fisher = make.account()
    code = make.code(fisher, 2, days=1)
    close_expired_codes(at=AT + 2 * DAY)
    told = make.money(8_400, code=code, at=AT)
    post_payments(moneys=[told], by=None, at=AT + 2 * DAY)
    assert covered_months(fisher) == [NOVEMBER]


def test_money_on_a_replaced_code_buys_its_lines_and_then_the_open_code():
    fisher = make.account()
    old = make.code(fisher, 1)
    new = make.code(fisher, 2, first=NOVEMBER)
    old.refresh_from_db()
    assert old.closed_because == "REPLACED"
    make.payment(16_800, code=old)
    assert covered_months(fisher) == [NOVEMBER, NOVEMBER.plus(1)]
    new.refresh_from_db()
    assert new.closed_because == "PAID"


def test_a_code_leaves_out_months_bought_already():
    fisher = make.account()
    make.payment(8_400, code=make.code(fisher))
    code = make.code(fisher, 2)
    assert [line.month for line in code.lines.all()] == [NOVEMBER.plus(1)]
    with pytest.raises(NothingToPay):
        make.code(fisher, 1)


def test_the_first_bill_is_due_on_the_later_of_the_legal_day_and_the_last_day_of_the_code():
    fisher = make.account()
    code = make.code(fisher, 2)
    assert [str(line.due_on) for line in code.lines.order_by("month")] == [
        "2026-11-30",
        "2026-12-15",
    ]
    make.payment(16_800, code=code)
    assert {str(bill.due_on) for bill in Bill.objects.all()} == {"2026-11-30", "2026-12-15"}


def test_a_month_that_no_law_prices_is_refused():
    from cilegon_portal.contributions.rules import NoRate

    fisher = make.account()
    with pytest.raises(NoRate):
        issue_code(
            account=fisher,
            orders=[make.order(fisher, Month(2014, 1))],
            expires_at=AT + DAY,
            by=None,
            at=AT,
        )
