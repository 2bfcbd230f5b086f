"""Lets the made-up firms report month after month, the office estimate, and the firms pay.

Reports are priced and billed by the very statements that approve one (`employers.actions`), many
firms at a time: one wave for each who approves, a month.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby

from django.db import connection

from cilegon_portal.contributions.actions import Money, post_moneys
from cilegon_portal.contributions.actions.locks import lock_accounts
from cilegon_portal.contributions.models import Bill, Payment
from cilegon_portal.management.demo.firm_writing import Written
from cilegon_portal.management.demo.firms import DEMO_FIRM, MONTHS, Habit
from cilegon_portal.management.demo.plan import WIB
from cilegon_portal.management.demo.second_thoughts import think_again
from cilegon_portal.reference.models import MinimumWage, in_force_on
from cilegon_portal.rules.months import Month
from employers.actions import tariffs
from employers.actions.estimating import estimate_month
from employers.actions.issuing import REPORTED, issue
from employers.actions.pricing import due_date_of, fill_tariff
from employers.models import WageReport

LATELY = timedelta(hours=18)  # before the demo begins
LINE_TABLE = """
CREATE TEMP TABLE made_up_line
    (employer_id bigint, month date, person_id bigint, wage bigint, id_kind text, birth_date date)
    ON COMMIT DROP
"""
COPY_LINES = "COPY made_up_line FROM STDIN"
ASKED = """
    SELECT employer_id, %(month)s::date AS month, NULL::bigint AS from_id, 'REGULAR' AS kind
    FROM unnest(%(employers)s::bigint[]) AS asked (employer_id)
"""
PRICE = f"""
INSERT INTO priced
SELECT line.n, line.person_id, line.wage, {tariffs.AMOUNTS}
FROM (
    SELECT billing.n, billing.tariff, made_up.person_id, made_up.wage,
           made_up.id_kind = 'NIK' AND made_up.birth_date > billing.born_after AS has_jp
    FROM billing JOIN made_up_line made_up
        ON made_up.employer_id = billing.employer_id AND made_up.month = billing.month
) line
JOIN tariff ON tariff.key = line.tariff
ORDER BY line.n, line.person_id
"""  # noqa: S608 (constants)


@dataclass
class Year:
    """The months that the firms have reported until the day of the demo."""

    written: Sequence[Written]
    now: datetime
    dice: random.Random
    payments: int = 0

    def tell(self) -> None:
        """Write report after report, estimate and payment, in the order of the days."""
        this_month = Month.of(self.now.date())
        months = [this_month.plus(-number) for number in range(MONTHS, 0, -1)]
        lay_out_lines(self.written, months)
        for month in months:
            self.tell_month(month)
        think_again(self.written, this_month.plus(-2), dice=self.dice, at=self.now - LATELY)

    def tell_month(self, month: Month) -> None:
        reporting = [it for it in self.written if it.firm.reports_in(month)]
        for at, wave in sorted(self.waves(month, reporting), key=lambda it: it[0]):
            if at <= self.now:
                report(month, wave, at=at)
        due = datetime.combine(due_date_of(month), time(14), tzinfo=WIB)
        self.pay(self.in_time(month), paid_at=due - timedelta(days=2), month=month)
        after = due + timedelta(hours=11)
        if after <= self.now:
            estimate_month(month=month, at=after)
            self.pay(self.late(month), paid_at=after + timedelta(days=6), month=None)

    def waves(
        self, month: Month, reporting: Sequence[Written]
    ) -> Iterator[tuple[datetime, list[Written]]]:
        """Yield who reports together, and when: the same person approves, new firms apart."""

        def wave(it: Written) -> tuple[int, bool]:
            return it.approver.pk, it.firm.first_month == month

        for _, group in groupby(sorted(reporting, key=wave), key=wave):
            firms = list(group)
            is_demo = firms[0].firm.number == DEMO_FIRM  # always on the first: nothing else waits
            day = month.plus(1).first_day.replace(day=1 if is_demo else self.dice.randint(1, 10))
            yield datetime.combine(day, time(8, self.dice.randint(0, 59)), tzinfo=WIB), firms

    def in_time(self, month: Month) -> list[Written]:
        punctual = {Habit.PUNCTUAL, Habit.SILENT, Habit.UNPAID, Habit.PARTIAL}
        return [it for it in self.written if it.firm.habit in punctual and it.firm.pays(month)]

    def late(self, month: Month) -> list[Written]:
        """Return who pays after the day: all that is open, unless they wait one month more."""
        late = [it for it in self.written if it.firm.habit is Habit.LATE]
        return [it for it in late if it.firm.first_month <= month and self.dice.random() < 0.7]

    def pay(self, payers: Sequence[Written], *, paid_at: datetime, month: Month | None) -> None:
        """Post what these firms pay: their open bill of `month`, or all that is open."""
        if paid_at > self.now:
            return
        accounts = {it.account.pk: it for it in payers}
        open_bills = Bill.objects.outstanding().filter(account__in=accounts).order_by("account")
        if month is not None:
            open_bills = open_bills.filter(month=month.first_day)
        owed: dict[int, int] = {}
        for bill in open_bills:
            owed[bill.account_id] = owed.get(bill.account_id, 0) + bill.outstanding
        moneys = [self.money(accounts[key], owed[key], paid_at) for key in sorted(owed)]
        post_moneys(moneys=moneys, by=None, at=paid_at + timedelta(hours=3), tells_payers=False)

    def money(self, payer: Written, amount: int, paid_at: datetime) -> Money:
        """Return what a firm transfers: one in a hundred a little too much."""
        self.payments += 1
        if payer.firm.habit is Habit.PARTIAL:
            amount = amount // 2
        elif self.dice.random() < 0.01:
            amount += 100_000
        return Money(
            channel=Payment.Channel.VA,
            external_reference=f"CONTOH-PU-{self.payments:06}",
            amount=amount,
            paid_at=paid_at - timedelta(minutes=self.dice.randint(0, 300)),
            virtual_account=payer.account.virtual_account,
        )


def lay_out_lines(written: Sequence[Written], months: Sequence[Month]) -> None:
    """Copy who earned what in which month into a table of this transaction."""
    minimum = {
        month: MinimumWage.objects.get(in_force_on(month.first_day)).amount for month in months
    }
    with connection.cursor() as cursor:
        cursor.execute(LINE_TABLE)
        with cursor.copy(COPY_LINES) as copy:
            for row in lines_of(written, minimum):
                copy.write_row(row)
        cursor.execute("ANALYZE made_up_line")


def lines_of(written: Sequence[Written], minimum: dict[Month, int]) -> Iterator[tuple[object, ...]]:
    for it in written:
        for month, lowest in minimum.items():
            if not it.firm.reports_in(month):
                continue
            for worker in it.firm.workers:
                if worker.is_there_in(month):
                    yield (
                        it.employer.pk,
                        month.first_day,
                        it.persons[worker],
                        worker.wage(lowest),
                        worker.id_kind,
                        worker.birth_date,
                    )


def report(month: Month, wave: Sequence[Written], *, at: datetime) -> None:
    """Approve `month` for all firms of the wave, and bill them."""
    is_first = wave[0].firm.first_month == month
    source = WageReport.Source.UPLOAD if is_first else WageReport.Source.SAME
    lock_accounts([it.account.pk for it in wave])
    employers = [it.employer.pk for it in wave]
    with connection.cursor() as cursor:
        cursor.execute(tariffs.WORK_TABLES)
        cursor.execute(tariffs.lay_out(ASKED), {"month": month.first_day, "employers": employers})
    fill_tariff()
    with connection.cursor() as cursor:
        cursor.execute(PRICE)
    issue(months=[month], words=REPORTED, source=source, by=wave[0].approver, at=at)
