"""A firm's bill, explained: what each programme costs and why, what is late, what is paid."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q, Sum, Value
from django.db.models.functions import Least

from cilegon_portal.contributions import rules
from cilegon_portal.contributions.models import (
    Account,
    Allocation,
    Bill,
    Charge,
    ChargeRate,
    Lateness,
    Rate,
    SizeProgramme,
    lateness_of,
)
from cilegon_portal.reference.models import in_force_on
from cilegon_portal.rules.money import Rupiah
from cilegon_portal.rules.months import Month
from employers.models.firm import Employer
from employers.models.report import WageLine, WageReport
from employers.rules.explaining import COLUMNS, Step, Tariff, explain, tariffs_of

NO_CEILING = 2**62  # above every wage


@dataclass(frozen=True)
class ColumnSum:
    """One programme and payer of a bill: for how many workers, of what, and by which row."""

    column: str
    programme: str
    payer: str
    workers: int
    base: Rupiah  # what the share was taken of, all workers together
    amount: Rupiah
    tariff: Tariff | None


@dataclass(frozen=True)
class BillState:
    """A bill with its sums, how late it is, and what is still owed on it."""

    bill: Bill
    late: Lateness
    on: date

    @property
    def is_paid(self) -> bool:
        return self.bill.charged > 0 and self.bill.outstanding == 0

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is asked: the report was withdrawn, or corrected to nothing."""
        return self.bill.charged == 0

    @property
    def is_overdue(self) -> bool:
        return self.bill.outstanding > 0 and self.on > self.bill.due_on

    @property
    def days_left(self) -> int:
        return (self.bill.due_on - self.on).days


@dataclass(frozen=True)
class Change:
    """What one version of a report changed against the version before it."""

    joined: int
    left: int
    wages: int

    @property
    def is_nothing(self) -> bool:
        return not (self.joined or self.left or self.wages)


@dataclass(frozen=True)
class BillExplained:
    """Everything that a firm's bill of one month has to say, on a page and on paper."""

    employer: Employer
    state: BillState
    report: WageReport | None  # None: withdrawn, or billed for another reason
    versions: tuple[WageReport, ...]
    change: Change | None
    columns: tuple[ColumnSum, ...]
    charges: tuple[Charge, ...]
    payments: tuple[Allocation, ...]
    earlier: tuple[BillState, ...]  # the bills of the months before, oldest first
    credit: Rupiah

    @property
    def bill(self) -> Bill:
        return self.state.bill

    @property
    def contribution(self) -> Rupiah:
        return self.bill.contribution

    @property
    def corrections(self) -> list[Charge]:
        """What was charged after the first time: the ways the contribution changed."""
        changes = (row for row in self.charges if row.kind == Charge.Kind.CORRECTION)
        return [row for row in changes if row.for_bill_id is None]

    @property
    def penalties(self) -> list[Charge]:
        """What is asked beside the contribution: penalties and fines, less what is off."""
        beside = {Charge.Kind.PENALTY, Charge.Kind.FINE, Charge.Kind.WAIVER}
        return [row for row in self.charges if row.kind in beside or row.for_bill_id]

    @property
    def arrears(self) -> list[BillState]:
        """The months before this one that are still owed, oldest first."""
        return [row for row in self.earlier if row.bill.outstanding]

    @property
    def arrears_total(self) -> Rupiah:
        return sum(row.bill.outstanding for row in self.arrears)

    @property
    def running(self) -> list[BillState]:
        """The months, this one too, whose penalty has grown and was not charged yet.

        A month that was paid late is among them until a later bill charges its penalty.
        """
        return [row for row in (*self.earlier, self.state) if row.late.running]

    @property
    def running_total(self) -> Rupiah:
        return sum(row.late.running for row in self.running)

    @property
    def to_pay(self) -> Rupiah:
        """What has to be paid now: the older months first, then this one, less the credit."""
        return max(0, self.arrears_total + self.bill.outstanding - self.credit)

    @property
    def is_assumed(self) -> bool:
        """Tell whether a value of the law was carried over because the new one is not known."""
        return any(
            rate.is_assumed_in(self.bill.month)
            for row in self.columns
            if row.tariff
            for rate in row.tariff.rates
        )

    @property
    def assumed_ceiling(self) -> Rupiah | None:
        found = [row.tariff.rate.ceiling for row in self.columns if row.tariff]
        return max((ceiling for ceiling in found if ceiling), default=None)

    @property
    def was_estimated(self) -> bool:
        return any(row.is_estimate for row in self.versions)


def states_of(bills: Iterable[Bill], *, on: date) -> list[BillState]:
    """Return each of these bills, read with sums, with its lateness on day `on`."""
    known = list(bills)
    late = lateness_of(known, on=on)
    return [BillState(bill, late[bill.pk], on) for bill in known]


def explained(employer: Employer, month: Month, *, on: date) -> BillExplained | None:
    """Return the bill of `employer` for `month` as it stands on day `on`; None without one."""
    bills = Bill.objects.filter(account=employer.account_id, month__lte=month.first_day)
    states = states_of(bills.with_sums().select_related("account").oldest_first(), on=on)
    if not states or states[-1].bill.month != month:
        return None
    *earlier, state = states
    versions = versions_of(employer, month)
    report = next((row for row in versions if row.ended_at is None), None)
    charges = tuple(state.bill.charges.select_related("for_bill", "by").order_by("at", "pk"))
    return BillExplained(
        employer=employer,
        state=state,
        report=report,
        versions=versions,
        change=change_of(versions),
        columns=columns_of(report) if report else (),
        charges=charges,
        payments=tuple(payments_of(state.bill)),
        earlier=tuple(earlier),
        credit=Account.objects.with_sums().get(pk=state.bill.account_id).credit,
    )


def versions_of(employer: Employer, month: Month) -> tuple[WageReport, ...]:
    """Return every version of the month's report, the first one first."""
    found = WageReport.objects.filter(employer=employer).of_month(month)
    return tuple(found.select_related("terms", "charge", "approved_by").order_by("version"))


def payments_of(bill: Bill) -> list[Allocation]:
    """Return the money that was laid on `bill`, and taken off it again, as it happened."""
    rows = Allocation.objects.filter(bill=bill).select_related("payment")
    return list(rows.order_by("at", "pk"))


def change_of(versions: Sequence[WageReport]) -> Change | None:
    """Return what the last version changed against the one before it; None for the first."""
    if len(versions) < 2 or versions[-1].ended_at is not None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FILTER (WHERE before.person_id IS NULL),
                   count(*) FILTER (WHERE after.person_id IS NULL),
                   count(*) FILTER (WHERE before.wage <> after.wage)
            FROM (SELECT person_id, wage FROM employers_wageline WHERE report_id = %s) before
            FULL JOIN (SELECT person_id, wage FROM employers_wageline WHERE report_id = %s) after
                ON after.person_id = before.person_id
            """,
            [versions[-2].pk, versions[-1].pk],
        )
        return Change(*cursor.fetchone())


def tariffs_of_report(report: WageReport) -> dict[str, Tariff]:
    """Return by column the rows that priced `report`: those that its charge has kept.

    A version that changed nothing has no charge: then the last one before it says so.
    """
    priced = Charge.objects.filter(
        bill__account__employer=report.employer_id,
        bill__month=report.month.first_day,
        used_rates__isnull=False,
    )
    if report.charge_id:
        priced = priced.filter(pk=report.charge_id)
    fitting = Rate.objects.filter(segment="PU", selector__in=["", str(report.terms.risk_group)])
    kept = fitting.billed().filter(
        pk__in=ChargeRate.objects.filter(charge__in=priced.order_by("-pk").values("pk")[:1]).values(
            "rate"
        )
    )
    tariffs = tariffs_of(kept.as_rules())
    if "jkk" in tariffs:
        return tariffs
    met = ["", *report.terms.conditions()]
    in_force = fitting.billed().filter(in_force_on(report.month.first_day), condition__in=met)
    return tariffs_of(in_force.as_rules())


def programmes_of(report: WageReport) -> frozenset[str]:
    """Return the programmes that the firm took part in, by the terms of `report`."""
    compulsory = rules.programmes_of(
        report.terms.size, report.month, SizeProgramme.objects.compulsory().as_rules()
    )
    return report.terms.programmes(compulsory)


def columns_of(report: WageReport) -> tuple[ColumnSum, ...]:
    """Return what each programme of `report` costs each payer; those not taken are left out."""
    tariffs, taken = tariffs_of_report(report), programmes_of(report)
    wanted = [
        (column, programme, payer)
        for column, (programme, payer) in COLUMNS.items()
        if programme in taken or getattr(report, column)
    ]
    sums: dict[str, Any] = {}
    for column, _, _ in wanted:
        tariff = tariffs.get(column)
        ceiling = tariff.rate.ceiling if tariff else None
        counted = Least(F("wage"), Value(ceiling or NO_CEILING))
        sums[f"{column}_workers"] = Count("pk", filter=Q(**{f"{column}__gt": 0}))
        sums[f"{column}_base"] = Sum(counted, filter=Q(**{f"{column}__gt": 0}))
    found = WageLine.objects.filter(report=report).aggregate(**sums)
    return tuple(
        ColumnSum(
            column=column,
            programme=programme,
            payer=payer,
            workers=found[f"{column}_workers"],
            base=found[f"{column}_base"] or 0,
            amount=getattr(report, column),
            tariff=tariffs.get(column),
        )
        for column, programme, payer in wanted
    )


def steps_of(line: WageLine, *, tariffs: dict[str, Tariff], taken: frozenset[str]) -> list[Step]:
    """Return the six amounts of `line`, each with its base, its rate and its article."""
    return [
        explain(
            column,
            wage=line.wage,
            amount=getattr(line, column),
            tariffs=tariffs,
            is_taken=programme in taken or getattr(line, column) > 0,
        )
        for column, (programme, _) in COLUMNS.items()
    ]
