"""The same month billed by Django: objects in bulk, or one save() a row, priced by the rule."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import groupby
from typing import Any

BATCH = 5_000
NAMES = ("jkk", "jkm", "jht_employer", "jht_worker", "jp_employer", "jp_worker")


class Prices:
    """The pure rule with everything it asks for in a month, read once."""

    def __init__(self, month: Any) -> None:
        from cilegon_portal.contributions.models import Rate, SizeProgramme
        from employers.actions.pricing import pension_age_in

        rates = Rate.objects.of_segment("PU").billed().as_rules()
        self.month = month
        self.rates = [rate for rate in rates if rate.is_in_force_in(month)]
        self.duties = SizeProgramme.objects.compulsory().as_rules()
        self.pension_age = pension_age_in(month)

    def programmes(self, terms: Any) -> frozenset[str]:
        from cilegon_portal.contributions.rules import programmes_of

        found: frozenset[str] = terms.programmes(programmes_of(terms.size, self.month, self.duties))
        return found

    def of(self, wage: int, terms: Any, programmes: frozenset[str], kind: str, born: date) -> Any:
        from cilegon_portal.contributions.rules import price_pu_month
        from employers.rules.eligibility import has_jp

        if not has_jp(self.month, id_kind=kind, birth_date=born, pension_age=self.pension_age):
            programmes -= {"JP"}
        return price_pu_month(
            self.month,
            wage=wage,
            risk_group=terms.risk_group,
            programmes=programmes,
            rates=self.rates,
            conditions=terms.conditions(),
        )


def months_of(month: Any, prices: Prices) -> Iterator[tuple[Any, Any, list[Any], set[int]]]:
    """Yield each active firm: its terms, its lines of this month unsaved, and the rates used."""
    from employers.models import Employer, Employment, Terms, WageLine

    firms = {it.pk: it for it in Employer.objects.active().select_related("account")}
    terms = {it.employer_id: it for it in Terms.objects.in_force_in(month)}
    spells = Employment.objects.filter(employer__state="ACTIVE").exclude(
        ended_on__lt=month.first_day
    )
    born = {
        (employer, person): day
        for employer, person, day in spells.values_list(
            "employer_id", "person_id", "reported_birth_date"
        )
    }
    known = (
        WageLine.objects.standing()
        .of_month(month.plus(-1))
        .filter(report__employer__state="ACTIVE")
        .order_by("report__employer", "person")
        .values_list("report__employer", "person", "wage", "person__id_kind")
    )
    for firm, lines in groupby(known.iterator(chunk_size=BATCH), key=lambda it: it[0]):
        programmes = prices.programmes(terms[firm])
        made, used = [], set()
        for _, person, wage, kind in lines:
            if (firm, person) in born:
                price = prices.of(wage, terms[firm], programmes, kind, born[firm, person])
                parts = {name: getattr(price, name) for name in NAMES}
                made.append(WageLine(person_id=person, month=month, wage=wage, **parts))
                used.update(price.rate_ids)
        yield firms[firm], terms[firm], made, used


def rows_of(month: Any, due_on: date, at: datetime, found: Any) -> tuple[Any, Any, Any, Any]:
    """Return the bill, the charge, the report and the rates of one firm, none of them saved."""
    from cilegon_portal.contributions.models import Bill, Charge, ChargeRate
    from employers.models import WageReport

    firm, terms, lines, used = found
    sums = {name: sum(getattr(line, name) for line in lines) for name in NAMES}
    bill = Bill(account=firm.account, month=month, due_on=due_on, sector="OTHER", made_at=at)
    charge = Charge(
        bill=bill,
        kind=Charge.Kind.CONTRIBUTION,
        jkk=sums["jkk"],
        jkm=sums["jkm"],
        jht=sums["jht_employer"] + sums["jht_worker"],
        jp=sums["jp_employer"] + sums["jp_worker"],
        reason_code="ESTIMATE",
        reason="Perkiraan",
        at=at,
    )
    report = WageReport(
        employer=firm,
        month=month,
        version=1,
        kind="ESTIMATE",
        source="OFFICE",
        terms=terms,
        workers=len(lines),
        wages=sum(line.wage for line in lines),
        charge=charge,
        approved_at=at,
        **sums,
    )
    return bill, charge, report, [ChargeRate(charge=charge, rate_id=rate) for rate in used]


def bill_in_bulk(month: Any, due_on: date, at: datetime) -> int:
    """Bill the month with bulk_create; return how many lines were written."""
    from django.db import transaction

    from cilegon_portal.contributions.models import Bill, Charge, ChargeRate
    from employers.models import WageLine, WageReport

    with transaction.atomic():
        found = list(months_of(month, Prices(month)))
        rows = [rows_of(month, due_on, at, it) for it in found]
        Bill.objects.bulk_create([row[0] for row in rows], batch_size=BATCH)
        for bill, charge, _, _ in rows:
            charge.bill = bill
        Charge.objects.bulk_create([row[1] for row in rows], batch_size=BATCH)
        for _, charge, report, rates in rows:
            report.charge = charge
            for rate in rates:
                rate.charge = charge
        ChargeRate.objects.bulk_create([it for row in rows for it in row[3]], batch_size=BATCH)
        WageReport.objects.bulk_create([row[2] for row in rows], batch_size=BATCH)
        lines = []
        for (_, _, made, _), (_, _, report, _) in zip(found, rows, strict=True):
            for line in made:
                line.report = report
            lines += made
        WageLine.objects.bulk_create(lines, batch_size=BATCH)
        return len(lines)


def bill_row_by_row(month: Any, due_on: date, at: datetime) -> int:
    """Bill the month with one save() a row, each committed by itself, as Django does unasked.

    Returns how many lines were written.
    """
    count = 0
    for found in list(months_of(month, Prices(month))):
        bill, charge, report, rates = rows_of(month, due_on, at, found)
        bill.save()
        charge.bill = bill
        charge.save()
        for rate in rates:
            rate.charge = charge
            rate.save()
        report.charge = charge
        report.save()
        for line in found[2]:
            line.report = report
            line.save()
            count += 1
    return count
