"""Random months of random firms, and what each place says that they cost."""

import csv
import html
import io
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.models import Bill
from cilegon_portal.fields import blind_index
from cilegon_portal.management.commands.check_invariants import violations
from cilegon_portal.people.models import Person
from cilegon_portal.rules.months import Month
from employers.actions.approving import approve
from employers.actions.pricing import preview
from employers.models import Employer, ReportDraft, WageLine, WageReport
from employers.rules.explaining import COLUMNS
from tests import make
from tests.accounts.helpers import sign_in_staff
from tests.employers.billing import months

# Ceilings that change, the reliefs of PP 49/2020 and PP 7/2025, a ceiling carried over.
MONTHS = [
    Month(2020, 12),
    Month(2024, 2),
    Month(2025, 1),
    Month(2025, 2),
    Month(2026, 1),
    Month(2026, 2),
    Month(2026, 3),
    Month(2026, 10),
]
SIZES = ["MICRO", "SMALL", "MEDIUM", "LARGE"]
PLACES = 10


@dataclass(frozen=True)
class Sums:
    """What a place says of a month: the six columns, and the sum of all."""

    jkk: int
    jkm: int
    jht_employer: int
    jht_worker: int
    jp_employer: int
    jp_worker: int
    total: int

    @classmethod
    def of(cls, thing: Any) -> "Sums":
        return cls(*(getattr(thing, field.name) for field in fields(cls)))

    @classmethod
    def added(cls, things: Iterable[Any]) -> "Sums":
        found = [cls.of(thing) for thing in things]
        return cls(*(sum(getattr(it, field.name) for it in found) for field in fields(cls)))

    @property
    def in_ledger(self) -> tuple[int, int, int, int, int]:
        """What a bill asks for a programme, whoever bears it."""
        jht, jp = self.jht_employer + self.jht_worker, self.jp_employer + self.jp_worker
        return self.jkk, self.jkm, jht, jp, self.total


def approver_of(firm: Employer) -> User:
    user = firm.seats.taken().get().user
    assert user
    return user


def random_wage(dice: random.Random) -> int:
    return dice.choice(
        [
            dice.randrange(0, 100),
            dice.randrange(1_000_000, 6_000_000),
            dice.randrange(4_000_000, 25_000_000),
            dice.randrange(50_000_000, 900_000_000),
        ]
    )


def random_row(draft: ReportDraft, number: int, dice: random.Random) -> None:
    born = date(dice.randrange(1955, 2006), dice.randrange(1, 13), dice.randrange(1, 28))
    months.row(draft, number, random_wage(dice), born=born, name=f"Pekerja {number:03}")
    if dice.random() < 0.1:
        passport = {"id_kind": Person.IdKind.PASSPORT, **months_passport(number)}
        draft.rows.filter(number=number).update(**passport)


def months_passport(number: int) -> dict[str, Any]:
    known = f"X{number:07}"
    return {"id_number": known, "id_index": blind_index("person.id", known)}


def random_firm(dice: random.Random) -> Employer:
    firm = months.firm(
        first=Month(2018, 1), size=dice.choice(SIZES), risk_group=dice.randrange(1, 6)
    )
    firm.terms.update(
        with_jht=dice.random() < 0.5,
        with_jp=dice.random() < 0.5,
        is_labour_intensive=dice.random() < 0.5,
        had_no_covid_arrears=dice.random() < 0.5,
    )
    return firm


def random_report(firm: Employer, dice: random.Random) -> tuple[WageReport, list[Sums]]:
    """Report a month, half the time twice; return what stands, and what the previews said."""
    month, by = dice.choice(MONTHS), approver_of(firm)
    draft = months.draft(firm, month=month)
    for number in range(2, 2 + dice.randrange(1, 75)):
        random_row(draft, number, dice)
    said = [Sums.of(preview(draft))]
    report = approve(draft=draft, by=by, at=make.AT)
    if dice.random() < 0.5:
        people = dice.sample(months.people_of(report), k=dice.randrange(1, report.workers + 1))
        wages = [random_wage(dice) for _ in people]
        again = months.draft(firm, wages, people=people, month=month, purpose="REPLACEMENT")
        said.append(Sums.of(preview(again)))
        report = approve(draft=again, by=by, at=make.AT)
    return report, said


def must_agree(seed: int) -> None:
    """Fail unless every place says the same of one random month of one random firm."""
    dice = random.Random(seed)  # noqa: S311 (the same months in every run)
    firm = random_firm(dice)
    report, previews = random_report(firm, dice)
    client = Client()
    sign_in_staff(client, approver_of(firm))
    bill = Bill.objects.with_programmes().get(account=firm.account, month=report.month.first_day)

    said = Sums.of(report)
    found = dict(places(client, report))

    assert len(found) == PLACES
    assert found == dict.fromkeys(found, said)
    assert previews[-1] == said
    assert Sums.added(WageLine.objects.filter(report=report)) == said
    assert (bill.jkk, bill.jkm, bill.jht, bill.jp, bill.contribution) == said.in_ledger
    assert violations() == {}


def places(client: Client, report: WageReport) -> Iterator[tuple[str, Sums]]:
    """Yield what each place that a firm can look at says of the month of `report`."""
    address = [report.employer.reference, report.month]
    yield "bill page", bill_page(text(client.get(reverse("employers:bill", args=address))), report)
    yield from workers_pages(client, address)
    for suffix, read in (("csv", from_csv), ("xlsx", from_xlsx), ("pdf", from_pdf)):
        content = body(client.get(reverse(f"employers:bill_{suffix}", args=address)))
        for where, sums in read(content):
            yield f"{suffix}, {where}", sums


def body(answer: Any) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def text(answer: Any) -> str:
    return html.unescape(body(answer).decode())


def rupiah(word: str) -> int:
    return int(word.replace("Rp", "").replace(".", "").replace(",", "") or 0)


def cells(row: str) -> list[str]:
    found = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in found]


def rows_of(table: str) -> list[list[str]]:
    return [cells(row) for row in re.findall(r"<tr.*?>(.*?)</tr>", table, re.DOTALL)]


def bill_page(page: str, report: WageReport) -> Sums:
    """Return what the table of programmes says; a programme that is not taken has no row."""
    table = page.split("Iuran tiap program: dasar")[1].split("</table>")[0]
    found = dict.fromkeys(COLUMNS, 0)
    total = 0
    for row in rows_of(table):
        for column, (programme, payer) in COLUMNS.items():
            who = "perusahaan" if payer == "EMPLOYER" else "pekerja"
            if row[0].startswith(f"{programme} (") and row[0].endswith(f"dibayar {who}"):
                found[column] = rupiah(row[-1])
        if row[0] == "Jumlah iuran":
            total = rupiah(row[-1])
    return Sums(**found, total=total)


def workers_pages(client: Client, address: list[Any]) -> Iterator[tuple[str, Sums]]:
    page, added = 1, [0] * 7
    while True:
        answer = client.get(reverse("employers:bill_workers", args=address), {"page": page})
        *rows, foot = rows_of(text(answer).split("<tbody>")[1].split("</table>")[0])
        for row in rows:
            added = [so_far + rupiah(word) for so_far, word in zip(added, row[2:], strict=True)]
        if 'rel="next"' not in text(answer):
            break
        page += 1
    yield "workers' pages, rows", Sums(*added)
    yield "workers' page, foot", Sums(*map(rupiah, foot[2:]))


def from_csv(content: bytes) -> Iterator[tuple[str, Sums]]:
    _, *rows, foot = csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")
    yield "rows", Sums(*(sum(int(row[place]) for row in rows) for place in range(6, 13)))
    yield "foot", Sums(*map(int, foot[6:]))


def from_xlsx(content: bytes) -> Iterator[tuple[str, Sums]]:
    book = load_workbook(io.BytesIO(content), read_only=True)
    _, *rows, foot = book["Pekerja"].iter_rows(values_only=True)
    yield "rows", Sums(*(sum(row[place] for row in rows) for place in range(6, 13)))
    yield "foot", Sums(*foot[6:])
    said = {row[0]: row[1] for row in book["Ringkasan"].iter_rows(min_row=2, values_only=True)}
    heads = ("JKK", "JKM", "JHT perusahaan", "JHT pekerja", "JP perusahaan", "JP pekerja")
    by_head = {name.split(",")[0]: amount for name, amount in said.items()}
    yield "summary", Sums(*[by_head.get(head, 0) for head in (*heads, "Jumlah iuran")])
    book.close()


def from_pdf(content: bytes) -> Iterator[tuple[str, Sums]]:
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    whole = "\n".join(pages)
    total = rupiah(re.search(r"Jumlah iuran\s+(Rp[0-9.]+)", whole).group(1))
    foot = re.findall(r"^Jumlah\s+((?:[0-9.]+\s+){7}[0-9.]+)$", whole, re.MULTILINE)
    amounts = [rupiah(word) for word in foot[-1].split()]
    yield "attached list", Sums(*amounts[1:])
    yield "first page", Sums(*[*amounts[1:7], total])
