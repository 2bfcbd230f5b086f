"""The ledger once more, as plain Python that shares no code with the posting SQL.

It keeps what is free of each receipt on each account, what lies on each bill, and the codes; and
does to them what the design says. The property test compares it with the database after each step.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cilegon_portal.contributions import rules
from cilegon_portal.rules.months import Month


@dataclass
class Laid:
    root: int
    payer: int
    amount: int


@dataclass
class ModelBill:
    account: int
    month: Month
    parts: tuple[int, int, int] = (0, 0, 0)
    line: "ModelLine | None" = None
    laid: list[Laid] = field(default_factory=list)

    @property
    def charged(self) -> int:
        return sum(self.parts)

    @property
    def allocated(self) -> int:
        return sum(laid.amount for laid in self.laid)

    @property
    def outstanding(self) -> int:
        return self.charged - self.allocated


@dataclass
class ModelLine:
    account: int
    month: Month
    due: int = 0  # a PU bill when not 0
    parts: tuple[int, int, int] = (0, 0, 0)
    asks: dict[str, Any] = field(default_factory=dict)  # what price_bpu_month is asked with


@dataclass
class ModelCode:
    payer: int
    lines: list[ModelLine]
    expires_at: datetime
    amount: int
    state: str = ""


class Model:
    def __init__(self, kinds: dict[int, str]) -> None:
        self.kinds = kinds
        self.rates: list[rules.Rate] = []
        self.paid_at: dict[int, datetime] = {}
        self.names: dict[int, int | None] = {}  # root -> the code that the money named
        self.waiting: set[int | None] = set()  # codes whose own turn is still to come
        self.free: dict[tuple[int, int | None], int] = {}  # (root, account) -> rupiah
        self.bills: dict[tuple[int, Month], ModelBill] = {}
        self.codes: dict[int, ModelCode] = {}

    # --- reading ---

    def credit(self, account: int) -> int:
        return sum(self.pots(account).values())

    def pots(self, account: int) -> dict[int, int]:
        """Return what may be spent of each receipt: not what waits for another code's turn."""
        return {
            root: free
            for (root, owner), free in self.free.items()
            if owner == account and free > 0 and self.names.get(root) not in self.waiting
        }

    def bill(self, account: int, month: Month) -> ModelBill:
        return self.bills.setdefault((account, month), ModelBill(account, month))

    def covered(self, account: int) -> list[Month]:
        return sorted(
            bill.month
            for bill in self.bills.values()
            if bill.account == account and bill.charged > 0 and bill.outstanding <= 0
        )

    def price(self, line: ModelLine) -> tuple[int, int, int]:
        price = rules.price_bpu_month(line.month, rates=self.rates, **line.asks)
        return (price.jkk, price.jkm, price.jht)

    def unsold(self, line: ModelLine) -> int:
        bill = self.bill(line.account, line.month)
        if line.due:
            return min(line.due, bill.outstanding)
        return 0 if bill.charged else sum(line.parts)

    def is_dear(self, line: ModelLine, month: Month) -> bool:
        """Tell whether a month that is still for sale costs less now than its line says."""
        if line.due or line.month != month or not self.unsold(line):
            return False
        return sum(self.price(line)) < sum(line.parts)

    def open_code(self, account: int) -> int | None:
        found = [
            key for key, code in self.codes.items() if code.payer == account and not code.state
        ]
        return found[0] if found else None

    # --- money on bills ---

    def lay(self, payer: int, bill: ModelBill, amount: int) -> None:
        for root in sorted(self.pots(payer), key=lambda root: (self.paid_at[root], root)):
            part = min(amount, self.free[root, payer])
            if part:
                self.free[root, payer] -= part
                bill.laid.append(Laid(root, payer, part))
                amount -= part
        assert amount == 0

    def lift(self, bill: ModelBill, laid: Laid) -> None:
        bill.laid.remove(laid)
        self.free[laid.root, laid.payer] += laid.amount

    def lower(self, bill: ModelBill, surplus: int) -> set[int]:
        """Take `surplus` off, newest money first; return who is touched."""
        touched = set()
        while surplus > 0:
            newest = bill.laid[-1]
            bill.laid.pop()
            self.free[newest.root, newest.payer] += newest.amount
            touched |= {newest.payer, bill.account}
            surplus -= newest.amount
            if surplus < 0:
                self.free[newest.root, newest.payer] += surplus
                bill.laid.append(Laid(newest.root, newest.payer, -surplus))
        return touched

    # --- credit pays by itself ---

    def settle(self, tasks: dict[int, list[tuple[str, int | None]]]) -> None:
        while any(tasks.values()):
            taken: set[int] = set()
            for payer in sorted(payer for payer, left in tasks.items() if left):
                kind, code = tasks[payer][0]
                reach = {payer}
                if code is not None:
                    reach |= {line.account for line in self.codes[code].lines}
                if not reach & taken:
                    tasks[payer].pop(0)
                    if kind != "BILLS":
                        self.waiting = {later for _, later in tasks[payer]} - {code, None}
                    self.take_turn(payer, kind, code)
                    self.waiting = set()
                taken |= reach

    def take_turn(self, payer: int, kind: str, code: int | None) -> None:
        if kind == "BILLS":
            self.pay_own_bills(payer)
        elif kind == "LATE":
            self.buy_late(payer, self.codes[code].lines)
        else:
            self.buy_in_order(payer, self.codes[code].lines)

    def pay_own_bills(self, payer: int) -> None:
        for bill in sorted(self.bills.values(), key=lambda bill: bill.month):
            if bill.account == payer and bill.outstanding > 0:
                self.lay(payer, bill, min(bill.outstanding, self.credit(payer)))

    def buy_late(self, payer: int, lines: list[ModelLine]) -> None:
        wanted = [line for line in lines if not line.due and self.unsold(line)]
        prices = [self.price(line) for line in wanted]
        if sum(map(sum, prices)) <= self.credit(payer):
            for line, parts in zip(wanted, prices, strict=True):
                self.buy(payer, line, parts)

    def buy_in_order(self, payer: int, lines: list[ModelLine]) -> None:
        for line in lines:
            cost = self.unsold(line)
            if line.due:
                bill = self.bill(line.account, line.month)
                self.lay(payer, bill, min(cost, self.credit(payer)))
            elif cost > self.credit(payer):
                return
            elif cost:
                self.buy(payer, line, line.parts)

    def buy(self, payer: int, line: ModelLine, parts: tuple[int, int, int]) -> None:
        bill = self.bill(line.account, line.month)
        bill.parts, bill.line = parts, line
        self.lay(payer, bill, sum(parts))

    def spend(self, accounts: Iterable[int], at: datetime) -> None:
        tasks: dict[int, list[tuple[str, int | None]]] = {}
        for account in accounts:
            tasks[account] = [("BILLS", None)] if self.kinds[account] == "PU" else []
            code = self.open_code(account)
            if code is not None and self.codes[code].expires_at > at:
                tasks[account].append(("CODE", code))
        self.settle(tasks)

    def finish(self) -> None:
        for code in self.codes.values():
            if code.state:
                continue
            left = sum(self.unsold(line) for line in code.lines)
            if left == 0:
                code.state = "PAID"
            else:
                code.amount = max(0, left - self.credit(code.payer))

    # --- the verbs ---

    def issue(self, key: int, code: ModelCode, at: datetime) -> None:
        before = self.open_code(code.payer)
        if before is not None:
            self.codes[before].state = "REPLACED"
        self.codes[key] = code
        if self.credit(code.payer):
            self.spend([code.payer], at)
            self.finish()
            if code.state:
                code.amount = 0

    def expire(self, at: datetime) -> None:
        for code in self.codes.values():
            if not code.state and code.expires_at <= at:
                code.state = "EXPIRED"

    def post(
        self,
        news: list[tuple[int, int | None, int | None, int, datetime]],
        at: datetime,
    ) -> None:
        """Post new receipts: (root, account, code named, amount, paid at), in order."""
        tasks: dict[int, list[tuple[str, int | None]]] = {}
        for root, account, name, amount, paid_at in news:
            self.paid_at[root], self.names[root] = paid_at, name
            self.free[root, account] = amount
            if account is not None:
                tasks.setdefault(account, [])
        named = dict.fromkeys(code for _, _, code, _, _ in news if code is not None)
        for key in named:
            code = self.codes[key]
            first = min(paid for _, _, other, _, paid in news if other == key)
            in_time = code.state in {"", "EXPIRED"} and first < code.expires_at
            tasks[code.payer].append(("CODE" if in_time else "LATE", key))
        for account, left in tasks.items():
            last = left[-1][1] if left else None
            if self.kinds[account] == "PU":
                left.append(("BILLS", None))
            found = self.open_code(account)
            if found is not None and found != last and self.codes[found].expires_at > at:
                left.append(("CODE", found))
        self.settle(tasks)
        self.finish()

    def unwind(self, root: int, account: int | None) -> set[int]:
        touched = set() if account is None else {account}
        for bill in self.bills.values():
            ours = [laid for laid in bill.laid if (laid.root, laid.payer) == (root, account)]
            if not ours:
                continue
            is_bought = self.kinds[bill.account] == "BPU"
            for laid in list(bill.laid) if is_bought else ours:
                touched |= {laid.payer, bill.account}
                self.lift(bill, laid)
            if is_bought:
                bill.parts = (0, 0, 0)
        return touched

    def reverse(self, root: int, account: int | None, at: datetime) -> None:
        touched = self.unwind(root, account)
        self.free[root, account] = 0
        self.spend(touched, at)
        self.finish()

    def move(
        self, root: int, origin: int | None, to: int | None, amount: int | None, at: datetime
    ) -> None:
        touched = self.unwind(root, origin) if amount is None else set()
        moved = self.free[root, origin] if amount is None else amount
        self.free[root, origin] -= moved
        self.free[root, to] = self.free.get((root, to), 0) + moved
        self.spend(touched | {one for one in (origin, to) if one is not None}, at)
        self.finish()

    def refund(self, root: int, account: int | None, amount: int) -> None:
        self.free[root, account] -= amount
        self.finish()

    def charge(self, account: int, month: Month, amount: int, at: datetime) -> None:
        self.bill(account, month).parts = (amount, 0, 0)
        self.spend([account], at)
        self.finish()

    def correct(self, account: int, month: Month, change: int, at: datetime) -> None:
        bill = self.bill(account, month)
        touched = self.lower(bill, bill.allocated - (bill.charged + change)) | {account}
        bill.parts = (bill.parts[0] + change, *bill.parts[1:])
        self.spend(touched, at)
        self.finish()

    def reprice(self, month: Month, at: datetime) -> tuple[int, int]:
        """Return how many bills were lowered, and by how much together."""
        for code in self.codes.values():
            if not code.state and any(self.is_dear(line, month) for line in code.lines):
                code.state = "REPLACED"
        touched: set[int] = set()
        bills = given_back = 0
        for bill in list(self.bills.values()):
            if bill.month != month or self.kinds[bill.account] != "BPU" or not bill.charged:
                continue
            assert bill.line is not None
            present = self.price(bill.line)
            surplus = bill.charged - sum(present)
            if surplus > 0:
                touched |= self.lower(bill, surplus)
                bill.parts = present
                bills, given_back = bills + 1, given_back + surplus
        self.spend(touched, at)
        self.finish()
        return bills, given_back
