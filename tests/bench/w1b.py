"""W1b: one firm's month, from its spreadsheet to the cover, beside a loop of save() over the rows.

The loop does what a first version in Django does: keep the row, look the person up, write the
employment, price by the rule, save the line; then bill, payment, allocation, and who is covered.
Each save() commits, as Django does unasked.
"""

import gc
import sys
import time
from io import BytesIO
from statistics import median
from typing import Any

from tests.bench import place
from tests.bench.billing_orm import NAMES, Prices
from tests.bench.rosters import HEADER, SIZE, Crew

WORKERS = 10_000
LOOPED = 500  # workers of the loop; its time is extrapolated (x)
MOST_STATEMENTS = 60
# Quoted, not run: openIMIS 1.11, report -> bill -> payment of one firm with 10 000 workers.
OPENIMIS = (1_321, 750_089)


def sheet(crew: Crew) -> bytes:
    import xlsxwriter

    out = BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        page = book.add_worksheet("Upah")
        page.write_row(0, 0, HEADER)
        for number, hand in enumerate(crew.hands, start=1):
            page.write_row(number, 0, hand.cells())
    return out.getvalue()


def portal(crew: Crew, content: bytes, at: Any) -> int:
    """Let the month pass as it does in the portal; return how many are covered."""
    from cilegon_portal.contributions.actions import Money, post_moneys
    from cilegon_portal.sheets import WEB
    from cilegon_portal.sheets.uploads import keep_bytes
    from employers.actions.approving import approve
    from employers.actions.drafts import start_upload
    from employers.actions.reading import read_upload
    from employers.models import WageLine

    kept = keep_bytes(content, limits=WEB)
    draft = start_upload(
        employer=crew.employer, month=crew.month, purpose="REGULAR", kept=kept,
        by=crew.approver, at=at,
    ).draft  # fmt: skip
    assert draft
    read_upload(draft_key=draft.pk, at=at)
    report = approve(draft=draft, by=crew.approver, at=at)
    money = Money(
        channel="VA",
        external_reference=f"{crew.name} {crew.month}",
        amount=report.total,
        paid_at=at,
        virtual_account=crew.employer.account.virtual_account,
    )
    post_moneys(moneys=[money], by=None, at=at)
    return WageLine.objects.covering().filter(report=report).count()


def loop(crew: Crew, content: bytes, at: Any) -> int:
    """Let the month pass row by row; return how many are covered."""
    from openpyxl import load_workbook

    from cilegon_portal.contributions.models import (
        Allocation,
        Bill,
        Charge,
        ChargeRate,
        Payment,
        Rollup,
    )
    from cilegon_portal.fields import blind_index
    from cilegon_portal.people.models import Person
    from employers.actions.pricing import due_date_of
    from employers.actions.terms import terms_in
    from employers.models import DraftRow, Employment, ReportDraft, WageLine, WageReport

    prices, firm, month = Prices(crew.month), crew.employer, crew.month
    terms: Any = terms_in(firm, month)
    programmes = prices.programmes(terms)
    made, used = [], set()
    draft = ReportDraft.objects.create(
        employer=firm, month=month, source="UPLOAD", state="READY", made_by=crew.approver,
        made_at=at, expires_at=at, rows_total=len(crew.hands),
    )  # fmt: skip
    rows = load_workbook(BytesIO(content), read_only=True).active.iter_rows(min_row=2)
    for number, (hand, _) in enumerate(zip(crew.hands, rows, strict=True), start=2):
        index = blind_index("person.id", hand.nik)
        DraftRow(
            draft=draft, number=number, id_kind="NIK", id_number=hand.nik, id_index=index,
            name=hand.name, birth_date=hand.birth_date, sex="L", started_on=hand.started_on,
            wage=hand.wage,
        ).save()  # fmt: skip
        person = Person.objects.filter(id_kind="NIK", id_index=index).first()
        if person is None:
            person = Person(
                id_number=hand.nik, id_index=index, name=hand.name, sex="L",
                birth_date=hand.birth_date, registered_at=at,
            )  # fmt: skip
            person.save()
        if not Employment.objects.filter(employer=firm, person=person, ended_on=None).exists():
            Employment(
                employer=firm, person=person, reported_name=hand.name,
                reported_birth_date=hand.birth_date, started_on=hand.started_on,
            ).save()  # fmt: skip
        price = prices.of(hand.wage, terms, programmes, "NIK", hand.birth_date)
        parts = {name: getattr(price, name) for name in NAMES}
        made.append(WageLine(person=person, month=month, wage=hand.wage, **parts))
        used.update(price.rate_ids)
    sums = {name: sum(getattr(line, name) for line in made) for name in NAMES}
    bill = Bill.objects.create(
        account=firm.account, month=month, due_on=due_date_of(month), sector="OTHER", made_at=at
    )
    charge = Charge.objects.create(
        bill=bill, kind="CONTRIBUTION", jkk=sums["jkk"], jkm=sums["jkm"],
        jht=sums["jht_employer"] + sums["jht_worker"],
        jp=sums["jp_employer"] + sums["jp_worker"], reason_code="REPORT", reason="Laporan",
        at=at,
    )  # fmt: skip
    for rate in used:
        ChargeRate.objects.create(charge=charge, rate_id=rate)
    report = WageReport.objects.create(
        employer=firm, month=month, version=1, kind="REGULAR", source="UPLOAD", terms=terms,
        workers=len(made), wages=sum(line.wage for line in made), charge=charge,
        approved_by=crew.approver, approved_at=at, **sums,
    )  # fmt: skip
    for line in made:
        line.report = report
        line.save()
    payment = Payment.objects.create(
        account=firm.account, channel="VA", external_reference=f"{crew.name} {month}",
        amount=sum(sums.values()), paid_at=at, at=at,
    )  # fmt: skip
    Allocation.objects.create(payment=payment, bill=bill, amount=payment.amount, at=at)
    cell, _ = Rollup.objects.get_or_create(
        cash_month=month, month=month, segment="PU", sector="OTHER", defaults={"amount": 0}
    )
    cell.amount += payment.amount
    cell.save()
    draft.closed_at, draft.closed_because = at, "APPROVED"
    draft.save()
    return sum(
        Bill.objects.covering().filter(account=firm.account, month=line.month.first_day).exists()
        for line in WageLine.objects.filter(report=report)
    )


def run() -> bool:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from cilegon_portal.management.commands.check_invariants import violations
    from cilegon_portal.rules.months import Month
    from tests.bench.firms import open_firm

    first = Month(2025, 12)
    crews = {
        "portal": Crew("PT Portal Contoh", WORKERS, 0, first),
        "loop (x)": Crew("PT Baris Contoh", LOOPED, 5_000_000, first),
    }
    for crew in crews.values():
        open_firm(crew, at=day_in(first))
    taken: dict[str, list[float]] = {name: [] for name in crews}
    counts = []
    for number in range(place.RUNS + 1):
        for name, way in (("portal", portal), ("loop (x)", loop)):
            crew = crews[name]
            crew.month = crew.month.plus(1)
            content = sheet(crew)
            at = day_in(crew.month)
            gc.collect()
            began = time.perf_counter()
            if number == 0 and name == "portal":
                with CaptureQueriesContext(connection) as caught:
                    covered = way(crew, content, at)
                counts.append(sum(not bracket(query["sql"]) for query in caught.captured_queries))
            else:
                covered = way(crew, content, at)
            seconds = (time.perf_counter() - began) * WORKERS / len(crew.hands)
            if covered != len(crew.hands):
                raise SystemExit(f"{name}: {covered} covered of {len(crew.hands)}")
            taken[name] += [seconds] if number else []
    place.say(f"{SIZE.lower()} firm, {WORKERS:,} workers, s", "median", "least", "most")
    for name, values in taken.items():
        place.say(name, *(f"{it:.2f}" for it in (median(values), min(values), max(values))))
    place.say("openIMIS 1.11 (quoted), s and queries", *OPENIMIS)
    pairs = zip(taken["portal"], taken["loop (x)"], strict=True)
    broken = violations()
    place.say("broken rules after it", len(broken), *broken)
    return all(
        [
            place.judged("statements", counts[0], goal=MOST_STATEMENTS, most=True),
            place.judged("portal / loop", median(a / b for a, b in pairs), goal=0.01, most=True),
            not broken,
        ]
    )


def day_in(month: Any) -> Any:
    """Return a moment of the month itself: what is paid then is not late."""
    from datetime import UTC, datetime

    return datetime(month.year, month.number, 20, 3, tzinfo=UTC)


def bracket(sql: str) -> bool:
    return sql.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))


def main() -> int:
    place.set_up()
    try:
        return 0 if run() else 1
    finally:
        place.tear_down()


if __name__ == "__main__":
    sys.exit(main())
