"""Random walks through the ledger: after each step the database says what plain Python says.

Each walk is a transaction of its own that is rolled back, and its seed makes it again.
"""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Coalesce
from hypothesis import HealthCheck, example, given, settings, strategies as st

from cilegon_portal.contributions import actions
from cilegon_portal.contributions.models import Account, Bill, Payment, PaymentCode, Rate
from cilegon_portal.management.commands.check_invariants import violations
from cilegon_portal.rules.months import Month
from tests import make
from tests.contributions.ledger_model import Model, ModelCode, ModelLine
from tests.make import AT

MONTHS = [Month(2026, 11).plus(number) for number in range(5)]  # the relief ends on the way
STEPS = 30
PAYERS = ["BPU", "BPU", "BPU", "GROUP", "PU"]


class Walk:
    """Three workers, their group and a firm; codes, money and mistakes as they come."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311 (a walk that can be walked again)
        self.at = AT
        self.accounts = [
            make.account(kind, sector="TRANSPORT" if number == 1 else "OTHER")
            for number, kind in enumerate(PAYERS)
        ]
        self.recorder, self.clerk, self.head = make.user(), make.user(), make.user()
        self.model = Model({account.pk: account.kind for account in self.accounts})
        self.load_rates()
        self.known: list[actions.Money] = []
        self.roots: dict[int, Payment] = {}

    def step(self) -> None:
        """Take one step: what happens often is drawn often."""
        often: dict[Callable[[], None], int] = {
            self.ask_for_months: 8,
            self.ask_for_bills: 2,
            self.money_comes: 12,
            self.a_firm_is_billed: 3,
            self.a_bill_is_corrected: 2,
            self.a_receipt_is_reversed: 3,
            self.a_receipt_is_moved: 3,
            self.money_goes_back: 2,
            self.time_passes: 5,
            self.the_law_reaches_back: 2,
        }
        (chosen,) = self.dice.choices(list(often), weights=list(often.values()))
        chosen()

    def load_rates(self) -> None:
        self.model.rates = Rate.objects.of_segment("BPU").billed().as_rules()

    # --- steps ---

    def ask_for_months(self) -> None:
        payer, days = self.dice.randrange(4), self.dice.randint(1, 4)
        first, count = self.dice.randrange(4), self.dice.randint(1, 3)
        income = self.dice.choice([1_000_000, 1_250_000, 3_000_000])
        funding = self.dice.choice(["SELF", "SELF", "SELF", "APBD", "DONOR"])
        with_jht = self.dice.random() < 0.3
        account = self.accounts[payer]
        members = self.accounts[:3] if account.kind == "GROUP" else [account]
        orders = [
            make.order(member, month, income=income, funding=funding, with_jht=with_jht)
            for month in MONTHS[first : first + count]
            for member in members
        ]
        lines = [self.line(order) for order in orders]
        lines = [line for line in lines if self.model.unsold(line)]
        self.issue(account, lines, days, orders=orders)

    def ask_for_bills(self) -> None:
        days = self.dice.randint(1, 4)
        firm = self.accounts[4]
        owed = [
            bill
            for bill in self.model.bills.values()
            if bill.account == firm.pk and bill.outstanding > 0
        ]
        owed.sort(key=lambda bill: bill.month)
        lines = [ModelLine(firm.pk, bill.month, due=bill.outstanding) for bill in owed]
        self.issue(firm, lines, days, bills=list(Bill.objects.filter(account=firm)))

    def money_comes(self) -> None:
        moneys = [self.draw_money() for _ in range(self.dice.randint(1, 3))]
        posted = actions.post_payments(moneys=moneys, by=self.recorder, at=self.at)
        codes = {code.reference: code for code in PaymentCode.objects.all()}
        by_number = {account.virtual_account: account for account in self.accounts}
        news = []
        for money, result in zip(moneys, posted, strict=True):
            assert result.is_new == (money not in self.known)
            if not result.is_new:
                continue
            self.known.append(money)
            root = result.payment.pk
            self.roots[root] = result.payment
            code = codes.get(money.code)
            account = code.account_id if code else None
            if account is None and money.virtual_account:
                account = by_number[money.virtual_account].pk
            assert result.payment.account_id == account
            news.append((root, account, code.pk if code else None, money.amount, money.paid_at))
        self.model.post(news, self.at)
        self.compare()

    def a_firm_is_billed(self) -> None:
        month, amount = self.dice.choice(MONTHS), self.dice.randint(1, 60_000)
        firm = self.accounts[4]
        if self.model.bill(firm.pk, month).charged:
            return
        actions.charge_month(
            account=firm,
            month=month,
            parts=actions.Parts(jkk=amount),
            due_on=month.plus(1).first_day,
            reason_code="REPORT",
            reason="Laporan upah",
            by=self.clerk,
            at=self.at,
        )
        self.model.charge(firm.pk, month, amount, self.at)
        self.compare()

    def a_bill_is_corrected(self) -> None:
        month, new = self.dice.choice(MONTHS), self.dice.randint(0, 60_000)
        firm = self.accounts[4]
        charged = self.model.bill(firm.pk, month).charged
        if not charged or new == charged:
            return
        actions.correct(
            bill=Bill.objects.get(account=firm, month=month.first_day),
            change=actions.Parts(jkk=new - charged),
            reason_code="REPORT",
            reason="Laporan pengganti",
            by=self.clerk,
            at=self.at,
        )
        self.model.correct(firm.pk, month, new - charged, self.at)
        self.compare()

    def a_receipt_is_reversed(self) -> None:
        if not self.roots:
            return
        root = self.dice.choice(sorted(self.roots))
        payment = self.roots[root]
        later = Payment.objects.filter(source=root)
        moved_on = sum(row.amount for row in later if row.account_id == payment.account_id)
        is_whole = not moved_on and not later.exclude(kind="MOVED").exists()
        try:
            actions.reverse(payment=payment, reason="Salah catat", by=self.clerk, at=self.at)
        except (actions.AlreadyReversed, actions.MoneyMovedOn):
            assert not is_whole
        else:
            assert is_whole
            self.model.reverse(root, payment.account_id, self.at)
        self.compare()

    def a_receipt_is_moved(self) -> None:
        if not self.roots:
            return
        row, to = self.dice.choice(self.lying()), self.dice.randrange(6)
        root = row.source_id or row.pk
        account = None if to == 5 else self.accounts[to]
        free = self.model.free[root, row.account_id]
        amount = self.dice.choice([None, self.dice.randint(1, max(1, free))])
        laid = self.laid(root, row.account_id)
        is_here = row.account_id == (account.pk if account else None)
        if is_here or (free + laid if amount is None else free) == 0:
            return
        actions.move(
            payment=row, to=account, amount=amount, reason="Salah akun", by=self.clerk, at=self.at
        )
        self.model.move(root, row.account_id, account.pk if account else None, amount, self.at)
        self.compare()

    def money_goes_back(self) -> None:
        if not self.roots:
            return
        row = self.dice.choice(self.lying())
        root = row.source_id or row.pk
        free = self.model.free[root, row.account_id]
        wanted = self.dice.choice([free + 1, self.dice.randint(1, free + 1)])
        try:
            actions.refund(
                payment=row,
                amount=wanted,
                reason="Diminta kembali",
                by=self.clerk,
                approved_by=self.head,
                at=self.at,
            )
        except actions.NotEnoughMoney:
            assert wanted == free + 1
        else:
            assert wanted <= free
            self.model.refund(root, row.account_id, wanted)
        self.compare()

    def time_passes(self) -> None:
        self.at += timedelta(hours=self.dice.randint(1, 60))
        if self.dice.random() < 0.5:
            actions.close_expired_codes(at=self.at)
            self.model.expire(self.at)

    def the_law_reaches_back(self) -> None:
        month, share = self.dice.choice(MONTHS[2:]), self.dice.choice([900_000, 300_000])
        if not Rate.objects.filter(
            role="RELIEF", segment="BPU", programme="JKK", selector="OTHER"
        ).in_force_on(month.first_day):
            Rate.objects.create(
                programme="JKK",
                segment="BPU",
                payer="PARTICIPANT",
                selector="OTHER",
                role="RELIEF",
                condition="NOT_STATE_FUNDED",
                measure="NORMAL_PPM",
                value=share,
                valid_from=month.first_day,
                valid_until=month.plus(1).first_day,
                legal_basis="PP surut",
            )
            self.load_rates()
        try:
            asked = actions.propose_repricing(month=month, by=self.clerk, at=self.at)
        except actions.NothingToReprice:
            assert self.model.reprice(month, self.at) == (0, 0)
        else:
            done = actions.approve_repricing(repricing=asked, by=self.head, at=self.at)
            assert self.model.reprice(month, self.at) == (done.bills, done.surplus)
            assert actions.preview_repricing(month=month).bills == 0
        self.compare()

    # --- helpers ---

    def line(self, order: actions.MonthOrder) -> ModelLine:
        line = ModelLine(
            order.account_id,
            order.month,
            asks={
                "income": order.income,
                "sector": order.sector,
                "with_jht": order.with_jht,
                "funding": order.funding,
                "apbdes_relief": False,
            },
        )
        line.parts = self.model.price(line)
        return line

    def issue(self, account, lines, days, *, orders=(), bills=()):
        expires_at = self.at + timedelta(days=days)
        try:
            code = actions.issue_code(
                account=account,
                orders=orders,
                bills=bills,
                expires_at=expires_at,
                by=self.clerk,
                at=self.at,
            )
        except actions.NothingToPay:
            assert not lines
            return
        amount = sum(line.due or sum(line.parts) for line in lines)
        self.model.issue(code.pk, ModelCode(account.pk, lines, expires_at, amount), self.at)
        self.compare()

    def draw_money(self) -> actions.Money:
        choice, amount = self.dice.randrange(12), self.dice.randint(1, 90_000)
        if choice == 0 and self.known:
            return self.dice.choice(self.known)
        codes = list(PaymentCode.objects.order_by("pk"))
        if choice <= 8 and codes:
            code = self.dice.choice([codes[-1], self.dice.choice(codes)])
            total = sum(line.due + line.jkk + line.jkm + line.jht for line in code.lines.all())
            exact = self.dice.choice([max(1, code.amount), total])
            amount = self.dice.choice([exact, exact, exact + 500, exact // 2 + 1, amount])
            paid_at = self.at - timedelta(hours=self.dice.choice([0, 0, 5, 30, 48]))
            return make.money(amount, code=code, at=paid_at)
        if choice == 9:
            return make.money(amount, at=self.at)
        return make.money(amount, account=self.dice.choice(self.accounts), at=self.at)

    def lying(self) -> list[Payment]:
        """Return the rows that put money somewhere."""
        return list(Payment.objects.filter(amount__gt=0).order_by("pk"))

    def lying_free(self) -> dict[tuple[int, int | None], int]:
        """Return what is free of each receipt on each account, as the database has it."""
        free: Counter[tuple[int, int | None]] = Counter()
        for row in Payment.objects.annotate(laid=Coalesce(Sum("allocations__amount"), 0)):
            free[row.source_id or row.pk, row.account_id] += row.amount - row.laid
        return {pot: amount for pot, amount in free.items() if amount}

    def laid(self, root: int, payer: int | None) -> int:
        return sum(
            laid.amount
            for bill in self.model.bills.values()
            for laid in bill.laid
            if (laid.root, laid.payer) == (root, payer)
        )

    def compare(self) -> None:
        credit = {account.pk: account.credit for account in Account.objects.with_sums()}
        for account in self.accounts:
            assert credit[account.pk] == self.model.credit(account.pk)
            assert actions.covered_months(account) == self.model.covered(account.pk)
        bills = {
            (bill.account_id, bill.month): (bill.charged, bill.allocated)
            for bill in Bill.objects.with_sums()
        }
        for key, bill in self.model.bills.items():
            assert bills.get(key, (0, 0)) == (bill.charged, bill.allocated)
        suspense = {row.source_id or row.pk: row.left for row in Payment.objects.in_suspense()}
        assert suspense == {
            root: free
            for (root, account), free in self.model.free.items()
            if account is None and free
        }
        assert self.lying_free() == {pot: free for pot, free in self.model.free.items() if free}
        for code in PaymentCode.objects.all():
            model = self.model.codes[code.pk]
            assert (code.closed_because, code.amount) == (model.state, model.amount)


@settings(
    max_examples=30,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 1_000_000))
@example(seed=1)
@pytest.mark.usefixtures("committed")
def test_the_ledger_agrees_with_plain_python_on_every_walk(seed):
    with transaction.atomic():
        walk = Walk(seed)
        for _ in range(STEPS):
            walk.step()
        assert violations() == {}
        transaction.set_rollback(True)
