"""Random walks through the ledger: after each step the database says what plain Python says."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from cilegon_portal.contributions import actions
from cilegon_portal.contributions.models import Account, Bill, Payment, PaymentCode, Rate
from cilegon_portal.management.commands.check_invariants import violations
from cilegon_portal.rules.months import Month
from tests import make
from tests.contributions.ledger_model import Model, ModelCode, ModelLine
from tests.make import AT

MONTHS = [Month(2026, 11).plus(number) for number in range(5)]  # the relief ends on the way
PAYERS = ["BPU", "BPU", "BPU", "GROUP", "PU"]


class Ledger(RuleBasedStateMachine):
    """Three workers, their group and a firm; codes, money and mistakes as they come."""

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
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

    def teardown(self) -> None:
        try:
            assert connection.needs_rollback or violations() == {}
        finally:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    def load_rates(self) -> None:
        self.model.rates = Rate.objects.of_segment("BPU").billed().as_rules()

    # --- steps ---

    @rule(
        payer=st.integers(0, 3),
        months=st.lists(st.sampled_from(MONTHS), min_size=1, max_size=4, unique=True),
        income=st.sampled_from([1_000_000, 1_250_000, 3_000_000]),
        funding=st.sampled_from(["SELF", "SELF", "APBD", "DONOR"]),
        with_jht=st.booleans(),
        days=st.integers(1, 4),
    )
    def ask_for_months(self, payer, months, income, funding, with_jht, days):
        account = self.accounts[payer]
        members = self.accounts[:3] if account.kind == "GROUP" else [account]
        orders = [
            make.order(member, month, income=income, funding=funding, with_jht=with_jht)
            for month in sorted(months)
            for member in members
        ]
        lines = [self.line(order) for order in orders]
        lines = [line for line in lines if self.model.unsold(line)]
        self.issue(account, lines, days, orders=orders)

    @rule(days=st.integers(1, 4))
    def ask_for_bills(self, days):
        firm = self.accounts[4]
        owed = [
            bill
            for bill in self.model.bills.values()
            if bill.account == firm.pk and bill.outstanding > 0
        ]
        owed.sort(key=lambda bill: bill.month)
        lines = [ModelLine(firm.pk, bill.month, due=bill.outstanding) for bill in owed]
        self.issue(firm, lines, days, bills=list(Bill.objects.filter(account=firm)))

    @rule(data=st.data(), count=st.integers(1, 3))
    def money_comes(self, data, count):
        moneys = [self.draw_money(data) for _ in range(count)]
        posted = actions.post_payments(moneys=moneys, by=self.recorder, at=self.at)
        codes = {code.reference: code for code in PaymentCode.objects.all()}
        by_number = {account.virtual_account: account for account in self.accounts}
        news = []
        for money, result in zip(moneys, posted, strict=True):
            assert result.is_new == (money.external_reference not in self.seen())
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

    @rule(month=st.sampled_from(MONTHS), amount=st.integers(1, 60_000))
    def a_firm_is_billed(self, month, amount):
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

    @rule(month=st.sampled_from(MONTHS), new=st.integers(0, 80_000))
    def a_bill_is_corrected(self, month, new):
        firm = self.accounts[4]
        charged = self.model.bill(firm.pk, month).charged
        if not charged or new == charged:
            return
        actions.correct(
            bill=Bill.objects.get(account=firm, month=month),
            change=actions.Parts(jkk=new - charged),
            reason_code="REPORT",
            reason="Laporan pengganti",
            by=self.clerk,
            at=self.at,
        )
        self.model.correct(firm.pk, month, new - charged, self.at)
        self.compare()

    @precondition(lambda self: self.roots)
    @rule(data=st.data())
    def a_receipt_is_reversed(self, data):
        root = data.draw(st.sampled_from(sorted(self.roots)))
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

    @precondition(lambda self: self.roots)
    @rule(data=st.data(), to=st.integers(0, 5), whole=st.booleans())
    def a_receipt_is_moved(self, data, to, whole):
        row = data.draw(st.sampled_from(self.lying()))
        root = row.source_id or row.pk
        account = None if to == 5 else self.accounts[to]
        free = self.model.free[root, row.account_id]
        amount = None if whole else data.draw(st.integers(1, max(1, free)))
        laid = self.laid(root, row.account_id)
        if (free + laid if whole else free) == 0 or (account and account.pk == row.account_id):
            return
        actions.move(
            payment=row, to=account, amount=amount, reason="Salah akun", by=self.clerk, at=self.at
        )
        self.model.move(root, row.account_id, account.pk if account else None, amount, self.at)
        self.compare()

    @precondition(lambda self: self.roots)
    @rule(data=st.data())
    def money_goes_back(self, data):
        row = data.draw(st.sampled_from(self.lying()))
        root = row.source_id or row.pk
        free = self.model.free[root, row.account_id]
        wanted = data.draw(st.integers(1, free + 1))
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

    @rule(hours=st.integers(1, 60), closing=st.booleans())
    def time_passes(self, hours, closing):
        self.at += timedelta(hours=hours)
        if closing:
            actions.close_expired_codes(at=self.at)
            self.model.expire(self.at)

    @rule(month=st.sampled_from(MONTHS[2:]), share=st.sampled_from([900_000, 300_000]))
    def the_law_reaches_back(self, month, share):
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

    def seen(self) -> set[str]:
        return {money.external_reference for money in self.known}

    def draw_money(self, data) -> actions.Money:
        choice = data.draw(st.integers(0, 9))
        if choice == 0 and self.known:
            known: actions.Money = data.draw(st.sampled_from(self.known))
            return known
        codes = list(PaymentCode.objects.order_by("pk"))
        amount = data.draw(st.integers(1, 90_000))
        if choice <= 6 and codes:
            code = data.draw(st.sampled_from(codes))
            exact = max(1, code.amount)
            amount = data.draw(st.sampled_from([exact, exact, exact + 500, amount]))
            hours = data.draw(st.integers(0, 48))
            paid_at = self.at - timedelta(hours=hours)
            return make.money(amount, code=code, at=paid_at)
        if choice == 7:
            return make.money(amount, at=self.at)
        return make.money(amount, account=data.draw(st.sampled_from(self.accounts)), at=self.at)

    def lying(self) -> list[Payment]:
        """Return the rows that put money somewhere."""
        return list(Payment.objects.filter(amount__gt=0).order_by("pk"))

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
        suspense = {payment.pk: payment.left for payment in Payment.objects.in_suspense()}
        ours = {
            root: free
            for (root, account), free in self.model.free.items()
            if account is None and free and self.roots[root].account_id is None
        }
        assert suspense == ours
        for code in PaymentCode.objects.all():
            model = self.model.codes[code.pk]
            assert (code.closed_because, code.amount) == (model.state, model.amount)


@pytest.mark.django_db
def test_the_ledger_agrees_with_plain_python_on_every_walk():
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=40,
            stateful_step_count=14,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
