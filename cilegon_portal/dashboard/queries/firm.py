"""Everything the desk shows of one firm: terms, people, reports, bills, and what happened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.models import Allocation, Bill, Payment
from cilegon_portal.contributions.models.ledger import sum_of
from cilegon_portal.dashboard.queries.events import Event, newest_first
from cilegon_portal.dashboard.queries.firms import at_the_desk, reported_month
from cilegon_portal.rules.money import Rupiah
from cilegon_portal.rules.months import Month
from cilegon_portal.templatetags.portal import grouped, month_name, rupiah
from employers.models import Contact, Decision, Employer, Employment, Seat, Terms, WageReport
from employers.models.firm import EmployerQuerySet

USUAL_MONTHS = 12
MOST_EVENTS = 200
ESTIMATE = WageReport.Kind.ESTIMATE
KINDS = {
    "keputusan": "Keputusan",
    "laporan": "Laporan upah",
    "uang": "Uang",
    "orang": "Pengguna",
}


def firm_at_the_desk(user: User) -> EmployerQuerySet:
    """Return the firms of the desk with what stands at the head of a firm's page, in one query."""
    return (
        at_the_desk(user)
        .select_related(
            "line_of_business", "kelurahan__kecamatan", "account__officer", "decided_by"
        )
        .annotate(
            workers=count_of(Employment.objects.standing()),
            once=count_of(Employment.objects.all()),
            differing=count_of(Employment.objects.differing()),
            credit=sum_of(Payment.objects.all(), "account", "amount", of="account")
            - sum_of(Allocation.objects.all(), "payment__account", "amount", of="account"),
        )
    )


def count_of(rows: QuerySet[Employment]) -> Coalesce:
    counted = rows.filter(employer=OuterRef("pk")).order_by().values("employer")
    return Coalesce(
        Subquery(counted.annotate(count=Count("pk")).values("count")),
        0,
        output_field=IntegerField(),
    )


@dataclass(frozen=True)
class FirmMonth:
    """A month of a firm: the report that counts, and the bill."""

    month: Month
    report: WageReport | None
    bill: Bill | None
    is_late: bool

    @property
    def state(self) -> tuple[str, str]:
        """The words and the kind of chip that say how the bill stands."""
        if self.bill is None:
            return ("Belum ditagih", "")
        if self.bill.outstanding <= 0:
            return ("Lunas", "good")
        return ("Terlambat", "bad") if self.is_late else ("Belum dibayar", "warn")


@dataclass(frozen=True)
class FirmDesk:
    """The parts of a firm's page below its facts."""

    terms: list[Terms]
    contacts: list[Contact]
    seats: list[Seat]
    decisions: list[Decision]
    reports: list[WageReport]
    bills: list[Bill]
    payments: list[Payment]
    on: date
    shows_every_month: bool

    @property
    def current_terms(self) -> Terms | None:
        month = Month.of(self.on)
        found = [it for it in self.terms if it.valid_from <= month]
        return found[0] if found else (self.terms[-1] if self.terms else None)

    @property
    def months(self) -> list[FirmMonth]:
        """The months that were reported or billed, newest first: a year of them, or all."""
        bills = {bill.month: bill for bill in self.bills}
        reports = {report.month: report for report in self.reports if report.ended_at is None}
        months = sorted({*bills, *reports}, reverse=True)
        shown = months if self.shows_every_month else months[:USUAL_MONTHS]
        return [self.firm_month(reports.get(it), bills.get(it), it) for it in shown]

    @property
    def has_more_months(self) -> bool:
        return not self.shows_every_month and len(self.bills) > USUAL_MONTHS

    def firm_month(self, report: WageReport | None, bill: Bill | None, month: Month) -> FirmMonth:
        return FirmMonth(month, report, bill, is_late=bill is not None and bill.due_on < self.on)

    @property
    def overdue(self) -> Rupiah:
        """What is owed of the months that were due."""
        return sum(bill.outstanding for bill in self.bills if bill.due_on < self.on)


def desk_of_firm(firm: Employer, *, on: date, every_month: bool = False) -> FirmDesk:
    """Return what the desk shows of `firm`, in a fixed number of queries."""
    decisions = firm.decisions.select_related("by").prefetch_related("evidence")
    reports = firm.reports.select_related("approved_by", "ended_by").newest_first()
    account = firm.account_id
    payments = Payment.objects.filter(account=account).select_related("by").newest_first()
    return FirmDesk(
        terms=list(firm.terms.filter(replaced_at=None).select_related("by").newest_first()),
        contacts=list(firm.contacts.order_by("kind", "pk")),
        seats=list(firm.seats.filter(ended_at=None).select_related("user").in_order()),
        decisions=list(decisions.order_by("-at", "-pk")[:MOST_EVENTS]),
        reports=list(reports[:MOST_EVENTS]),
        bills=list(Bill.objects.filter(account=account).with_sums().order_by("-month", "-pk")),
        payments=list(payments[:MOST_EVENTS]),
        on=on,
        shows_every_month=every_month,
    )


def timeline(firm: Employer, desk: FirmDesk, *, kind: str = "") -> list[Event]:
    """Return what happened to `firm`, newest first and deadlines on top; of one kind if named."""
    events = [
        *deadlines(firm, desk),
        *(decided(it) for it in desk.decisions),
        *(termed(it) for it in desk.terms),
        *(event for it in desk.reports for event in reported(it)),
        *(paid(it) for it in desk.payments),
        *(seated(it) for it in desk.seats if it.taken_at),
    ]
    wanted = [it for it in events if not kind or it.kind == kind or it.is_pinned]
    return newest_first(wanted)[:MOST_EVENTS]


def deadlines(firm: Employer, desk: FirmDesk) -> Iterator[Event]:
    """Yield what waits for somebody now."""
    if firm.state == Employer.State.SENT:
        yield Event(None, "Menunggu keputusan kantor", "Kantor", "clock", is_pinned=True)
    month = reported_month(desk.on)
    begins_later = firm.first_month is not None and firm.first_month > month
    is_reported = any(
        it.month == month and it.ended_at is None and it.kind != ESTIMATE for it in desk.reports
    )
    if firm.state == Employer.State.ACTIVE and not begins_later and not is_reported:
        title = f"Laporan upah {month_name(month)} belum disetujui"
        yield Event(None, title, "Perusahaan", "clock", is_pinned=True)
    if desk.overdue > 0:
        title = f"Tunggakan {rupiah(desk.overdue)}"
        yield Event(None, title, "Perusahaan", "alert", is_pinned=True)


def decided(decision: Decision) -> Event:
    proofs = [f"{it.get_kind_display()}: {it.number}" for it in decision.evidence.all()]
    cause = [decision.get_cause_display()] if decision.cause else []
    text = ". ".join([*cause, *([decision.reason] if decision.reason else []), *proofs])
    is_sent = decision.kind == Decision.Kind.SENT
    return Event(
        decision.at,
        decision.get_kind_display(),
        decision.by.name,
        "building" if is_sent else "check",
        text=text,
        channel="Portal" if is_sent else "Kantor",
        kind="keputusan",
    )


def termed(terms: Terms) -> Event:
    size = terms.get_size_display()
    return Event(
        terms.at,
        f"Ketentuan iuran mulai {month_name(terms.valid_from)}",
        terms.by.name if terms.by else "Portal",
        "gear",
        text=f"{size}, kelompok risiko {terms.risk_group}. {terms.reason}",
        is_system=terms.by is None,
        channel="Kantor",
        kind="keputusan",
    )


def reported(report: WageReport) -> Iterator[Event]:
    """Yield the approval of a report, and its ending if it has ended."""
    name = f"{report.get_kind_display()} {month_name(report.month)}"
    by = report.approved_by
    yield Event(
        report.approved_at,
        name,
        by.name if by else "Portal",
        "file" if by else "robot",
        text=f"{grouped(report.workers)} pekerja, iuran {rupiah(report.total)}",
        is_system=by is None,
        channel=report.get_source_display(),
        kind="laporan",
    )
    if report.ended_at is not None:
        ender = report.ended_by
        yield Event(
            report.ended_at,
            f"{name}, versi {report.version}: {report.get_ended_because_display().lower()}",
            ender.name if ender else "Portal",
            "ended",
            is_system=ender is None,
            kind="laporan",
        )


def paid(payment: Payment) -> Event:
    return Event(
        payment.paid_at,
        f"Uang {payment.get_kind_display().lower()}: {rupiah(payment.amount)}",
        payment.by.name if payment.by else "Portal",
        "wallet",
        text=payment.reason or payment.external_reference,
        is_system=payment.by is None,
        channel=payment.get_channel_display(),
        kind="uang",
    )


def seated(seat: Seat) -> Event:
    return Event(
        seat.taken_at,
        f"{seat.get_role_display()} bergabung",
        seat.user.name if seat.user else "Perusahaan",
        "person",
        kind="orang",
    )
