"""The list of firms: what it shows of each, how it is filtered, sorted and found."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone

from cilegon_portal.accounts.models import Role, User
from cilegon_portal.contributions.models import Allocation, Charge, SizeProgramme
from cilegon_portal.contributions.models.ledger import sum_of
from cilegon_portal.reference.models import Kecamatan
from cilegon_portal.rules.months import Month
from cilegon_portal.rules.reference import read_reference
from cilegon_portal.tables import Column, Filter, Kind, Table
from cilegon_portal.templatetags.portal import month_name
from employers.models import Employer, Employment, Terms, WageReport
from employers.models.firm import EmployerQuerySet

FIRMS = "firms"  # under this name saved filters and chosen columns are kept
OUTSIDE = "LUAR"
TONES = {
    Employer.State.SENT: "calm",
    Employer.State.RETURNED: "warn",
    Employer.State.REJECTED: "bad",
    Employer.State.ACTIVE: "good",
    Employer.State.CLOSED: "",
}
STATES = [(state.value, state.label) for state in TONES]
RISKS = [(str(group), f"Kelompok {group}") for group in range(1, 6)]
REPORTED, ESTIMATED, SILENT = "SUDAH", "PERKIRAAN", "BELUM"
REPORT_TONES = {"Sudah": "good", "Perkiraan": "warn", "Belum": "bad"}
OWES, OWES_NOTHING = "YA", "TIDAK"


def at_the_desk(user: User) -> EmployerQuerySet:
    """Return the firms that the desk sees: not those whose registration was never sent."""
    return Employer.objects.visible_to(user).exclude(state=Employer.State.DRAFT)


def numbered(firms: EmployerQuerySet, reference: str) -> EmployerQuerySet:
    """Filter to the firm of this number as it stands in an address; none for what is no number."""
    number = read_reference(reference)
    return firms.filter(reference=number) if number else firms.none()


def listed(user: User, *, on: date) -> QuerySet[Employer]:
    """Return the firms with what their list shows, in one query."""
    terms = Terms.objects.in_force_in(Month.of(on)).filter(employer=OuterRef("pk"))
    reports = WageReport.objects.standing().filter(employer=OuterRef("pk"))
    newest = reports.order_by("-month")
    asked = reports.of_month(reported_month(on))
    return (
        at_the_desk(user)
        .select_related("line_of_business", "kelurahan__kecamatan", "account__officer")
        .annotate(
            size=Subquery(terms.values("size")[:1]),
            risk_group=Subquery(terms.values("risk_group")[:1]),
            workers=Subquery(newest.values("workers")[:1]),
            reported_until=Subquery(newest.values("month")[:1]),
            asked_kind=Subquery(asked.values("kind")[:1]),
            overdue=overdue(on),
        )
    )


def overdue(on: date) -> Any:
    """Return what a firm owes of the months that were due before day `on`."""
    late = {"bill__due_on__lt": on}
    charged = sum_of(Charge.objects.filter(**late), "bill__account", "total", of="account")
    paid = sum_of(Allocation.objects.filter(**late), "bill__account", "amount", of="account")
    return charged - paid


def reported_month(on: date) -> Month:
    """Return the month whose report is due next: the one before day `on`."""
    return Month.of(on).plus(-1)


def firm_table(on: date) -> Table:
    """Return the declaration of the list as it stands on day `on`."""
    return Table(
        name=FIRMS,
        caption="Perusahaan",
        columns=firm_columns(reported_month(on)),
        filters=firm_filters(on),
        link=lambda firm: reverse("dashboard:firm", args=[firm.reference]),
        sort="nama",
    )


def firm_columns(month: Month) -> tuple[Column, ...]:
    return (
        Column("nama", "Nama", lambda firm: firm.title, sort="name", is_fixed=True),
        Column(
            "nomor", "Nomor portal", reference_of, sort="reference", kind=Kind.ID, is_usual=False
        ),
        Column("npp", "NPP", lambda firm: firm.npp, sort="npp", kind=Kind.ID),
        Column("status", "Status", state_of, sort="state", tone=lambda firm: TONES[firm.state]),
        Column(
            "kecamatan",
            "Kecamatan",
            kecamatan_of,
            sort="kelurahan__kecamatan__name",
            is_usual=False,
        ),
        Column("usaha", "Bidang usaha", line_of, sort="line_of_business__name", is_usual=False),
        Column("skala", "Skala", size_of, sort="size", is_usual=False),
        Column("risiko", "Risiko", lambda firm: firm.risk_group, sort="risk_group", is_usual=False),
        Column("pekerja", "Pekerja", lambda firm: firm.workers, sort="workers", kind=Kind.NUMBER),
        Column(
            "laporan",
            f"Laporan {short(month)}",
            lambda firm: asked_of(firm, month),
            sort="asked_kind",
            tone=lambda firm: REPORT_TONES.get(asked_of(firm, month), ""),
        ),
        Column(
            "sampai",
            "Laporan terakhir",
            lambda firm: firm.reported_until,
            sort="reported_until",
            kind=Kind.MONTH,
            is_usual=False,
        ),
        Column("tunggakan", "Tunggakan", owed_by, sort="overdue", kind=Kind.MONEY),
        Column("petugas", "Petugas", officer_of, sort="account__officer__name", is_usual=False),
        Column(
            "diputuskan",
            "Diputuskan",
            lambda firm: firm.decided_at and timezone.localdate(firm.decided_at),
            sort="decided_at",
            kind=Kind.DAY,
            is_usual=False,
        ),
    )


def short(month: Month) -> str:
    """Return "Okt 2026"."""
    return f"{month_name(month)[:3]} {month.year}"


def reference_of(firm: Any) -> str:
    return str(firm.reference)


def state_of(firm: Any) -> str:
    return str(firm.get_state_display())


def kecamatan_of(firm: Any) -> str:
    return str(firm.kelurahan.kecamatan) if firm.kelurahan else "Di luar Cilegon"


def line_of(firm: Any) -> str:
    return str(firm.line_of_business or "")


def size_of(firm: Any) -> str:
    return str(SizeProgramme.Size(firm.size).label) if firm.size else ""


def officer_of(firm: Any) -> str:
    return firm.account.officer.name if firm.account and firm.account.officer else ""


def owed_by(firm: Any) -> int | None:
    return firm.overdue if firm.is_registered else None


def asked_of(firm: Any, month: Month) -> str:
    """Return whether the firm has reported `month`; nothing of a firm that need not."""
    if firm.asked_kind:
        return "Perkiraan" if firm.asked_kind == WageReport.Kind.ESTIMATE else "Sudah"
    begins_later = firm.first_month is not None and firm.first_month > month
    return "" if firm.state != Employer.State.ACTIVE or begins_later else "Belum"


def choice(
    name: str, label: str, choices: Any, narrow: Callable[[QuerySet[Any], Any], QuerySet[Any]]
) -> Filter:
    """Return a filter with one choice of several; the first choice takes them all."""
    every = [("", "Semua"), *(choices() if callable(choices) else choices)]
    return Filter(name, forms.ChoiceField(label=label, choices=every, required=False), narrow)


def firm_filters(on: date) -> tuple[Filter, ...]:
    month = reported_month(on)
    words = forms.CharField(label="Nama atau nomor", max_length=120, required=False)
    return (
        Filter("q", words, named),
        choice("f_status", "Status", STATES, lambda rows, it: rows.filter(state=it)),
        choice("f_kec", "Kecamatan", kecamatan_choices, placed),
        choice("f_skala", "Skala usaha", SizeProgramme.Size.choices, of_size(on)),
        choice("f_risiko", "Risiko JKK", RISKS, of_risk(on)),
        choice("f_lapor", f"Laporan {short(month)}", REPORT_CHOICES, reporting(month)),
        choice("f_tunggak", "Tunggakan", OWING_CHOICES, owing),
        choice("f_petugas", "Petugas", officer_choices, of_officer),
    )


REPORT_CHOICES = [(REPORTED, "Sudah"), (ESTIMATED, "Perkiraan"), (SILENT, "Belum")]
OWING_CHOICES = [(OWES, "Ada"), (OWES_NOTHING, "Tidak ada")]


def kecamatan_choices() -> list[tuple[str, str]]:
    found = Kecamatan.objects.order_by("name").values_list("code", "name")
    return [*found, (OUTSIDE, "Di luar Cilegon")]


def officer_choices() -> list[tuple[str, str]]:
    officers = User.objects.filter(groups__name=Role.OFFICER).order_by("name", "pk")
    return [(str(key), name) for key, name in officers.values_list("pk", "name")]


def named(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    """Filter to a portal number, an NPP, NIB or NPWP as typed, or a part of the name."""
    typed = "".join(sign for sign in words.upper() if sign.isalnum())
    found = Q(name__icontains=" ".join(words.split()))
    if reference := read_reference(words):
        found |= Q(reference=reference)
    if typed:
        found |= Q(npp=typed) | Q(nib=typed) | Q(npwp=typed)
    return rows.filter(found)


def placed(rows: QuerySet[Any], code: str) -> QuerySet[Any]:
    if code == OUTSIDE:
        return rows.filter(kelurahan=None)
    return rows.filter(kelurahan__kecamatan__code=code)


def of_officer(rows: QuerySet[Any], key: str) -> QuerySet[Any]:
    return rows.filter(account__officer=key)


def of_size(on: date) -> Callable[[QuerySet[Any], Any], QuerySet[Any]]:
    terms = Terms.objects.in_force_in(Month.of(on)).filter(employer=OuterRef("pk"))
    return lambda rows, size: rows.filter(Exists(terms.filter(size=size)))


def of_risk(on: date) -> Callable[[QuerySet[Any], Any], QuerySet[Any]]:
    terms = Terms.objects.in_force_in(Month.of(on)).filter(employer=OuterRef("pk"))
    return lambda rows, group: rows.filter(Exists(terms.filter(risk_group=group)))


def reporting(month: Month) -> Callable[[QuerySet[Any], Any], QuerySet[Any]]:
    """Return what filters to firms that reported `month`, were estimated, or kept silent."""
    reports = WageReport.objects.standing().of_month(month).filter(employer=OuterRef("pk"))
    estimates = reports.filter(kind=WageReport.Kind.ESTIMATE)

    def narrow(rows: QuerySet[Any], answer: str) -> QuerySet[Any]:
        if answer == REPORTED:
            return rows.filter(Exists(reports.exclude(kind=WageReport.Kind.ESTIMATE)))
        if answer == ESTIMATED:
            return rows.filter(Exists(estimates))
        begun = Q(first_month=None) | Q(first_month__lte=month)
        return rows.filter(begun, ~Exists(reports), state=Employer.State.ACTIVE)

    return narrow


def owing(rows: QuerySet[Any], answer: str) -> QuerySet[Any]:
    return rows.filter(overdue__gt=0) if answer == OWES else rows.filter(overdue__lte=0)


@dataclass(frozen=True)
class Waiting:
    """A registration that waits, and for how many days."""

    firm: Employer
    days: int


def waiting_since(firms: Iterable[Employer], *, on: date) -> list[Waiting]:
    """Return each firm with the days since its registration was sent."""
    return [Waiting(it, (on - timezone.localdate(it.sent_at)).days) for it in firms if it.sent_at]


def differing(user: User, *, of: str = "") -> QuerySet[Employment]:
    """Return what firms reported otherwise than the register, not settled; of one firm if named."""
    reference = read_reference(of)
    rows = Employment.objects.differing().filter(employer__in=at_the_desk(user))
    rows = rows.select_related("employer", "person")
    return rows.filter(employer__reference=reference) if reference else rows
