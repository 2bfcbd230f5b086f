"""What the PDF of a bill says, and the rows of its CSV and XLSX: the same numbers everywhere."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.utils import timezone

from cilegon_portal.contributions.actions.penalties import penalty_words
from cilegon_portal.contributions.models import PaymentCode
from cilegon_portal.sheets.writing import Column
from cilegon_portal.templatetags.portal import date_id, grouped, month_name, rupiah, time_id
from employers import bill_words as words
from employers.models.explained import BillExplained
from employers.models.listed import Worker, all_workers
from employers.rules.explaining import COLUMNS

LONG_LIST = 100  # rows from which typst remembers more than a web process should
ATTACHED_WORKERS = 3_000  # more make a file that no mailbox takes: they are in CSV and XLSX


def paper(
    found: BillExplained, *, office: str, code: PaymentCode | None, at: datetime
) -> dict[str, Any]:
    """Return what the PDF of this bill says at `at`."""
    bill = found.bill
    return {
        "number": words.bill_number(bill.pk),
        "month": month_name(bill.month),
        "firm": found.employer.name,
        "reference": found.employer.reference,
        "npp": found.employer.npp,
        "office": office,
        "printed": f"{date_id(at)}, {time_id(at)}",
        "on": date_id(timezone.localdate(at)),
        "due_on": date_id(bill.due_on),
        "state": words.days_words(found.state),
        "to_pay": rupiah(found.to_pay),
        "virtual_account": words.va_words(bill.account.virtual_account),
        "code": code.reference if code else "",
        "code_until": date_id(code.expires_at) if code else "",
        **report_facts(found),
        "notices": words.notices(found),
        "columns": [
            {
                "name": words.name_of(row),
                "payer": words.PAYERS[row.payer].capitalize(),
                "workers": grouped(row.workers),
                "base": rupiah(row.base),
                "share": words.share(row.tariff),
                "laws": words.laws(row.tariff),
                "amount": rupiah(row.amount),
            }
            for row in found.columns
        ],
        "contribution": rupiah(found.contribution),
        "corrections": [
            {"at": date_id(row.at), "reason": row.reason, "amount": rupiah(row.total)}
            for row in found.corrections
        ],
        "sums": [{"name": name, "amount": rupiah(amount)} for name, amount in words.sums(found)],
        "penalties": [
            {"reason": row.reason, "amount": "" if amount in row.reason else amount}
            for row in found.penalties
            for amount in [rupiah(row.total)]
        ],
        "running": [
            {
                "month": month_name(row.bill.month),
                "words": penalty_words(row.late),
                "dates": words.penalty_dates(row),
            }
            for row in found.running
        ],
        "rounded": words.ROUNDED,
        "jkp": words.JKP_INSIDE,
        "penalty_next": words.PENALTY_NEXT,
        "oldest_first": words.OLDEST_FIRST,
        "part_payment": words.PART_PAYMENT,
        **attachment(found),
    }


def report_facts(found: BillExplained) -> dict[str, str]:
    """Return what the report behind the bill says of the firm's month."""
    report = found.report
    if report is None:
        return dict.fromkeys(("workers", "wages", "report", "size", "risk"), "")
    return {
        "workers": grouped(report.workers),
        "wages": rupiah(report.wages),
        "report": f"{report.get_kind_display()}, versi {report.version}",
        "size": report.terms.get_size_display(),
        "risk": f"Kelompok {report.terms.risk_group}",
    }


def attachment(found: BillExplained) -> dict[str, Any]:
    """Return the attached list of workers; of a very large firm, where to find it."""
    report = found.report
    if report is None:
        return {"list": [], "heads": [], "totals": [], "no_list": ""}
    if report.workers > ATTACHED_WORKERS:
        said = (
            f"Daftar {grouped(report.workers)} pekerja terlalu panjang untuk dicetak. Unduh "
            "sebagai CSV atau Excel di halaman tagihan."
        )
        return {"list": [], "heads": [], "totals": [], "no_list": said}
    totals = [report.wages, *(getattr(report, column) for column in COLUMNS), report.total]
    return {
        "list": [
            [grouped(number), worker.name, worker.masked_id, *map(grouped, amounts_of(worker))]
            for number, worker in enumerate(all_workers(report), start=1)
        ],
        "heads": list(words.HEADS.values()),
        "totals": [grouped(amount) for amount in totals],
        "no_list": "",
    }


def amounts_of(worker: Worker) -> list[int]:
    """Return the wage of a worker, the six amounts and their sum."""
    line = worker.line
    return [line.wage, *(getattr(line, column) for column in COLUMNS), line.total]


def sheet_columns() -> list[Column]:
    """Return the columns of the exports: numbers that are names are text, money is a number."""
    return [
        Column("No", "number", 6),
        Column("Nama", "text", 30),
        Column("Jenis identitas", "text", 14),
        Column("NIK atau paspor", "id", 20),
        Column("KPJ", "id", 14),
        Column("Upah", "money", 16),
        *[Column(head, "money", 16) for head in words.HEADS.values()],
        Column("Jumlah", "money", 16),
    ]


def sheet_rows(workers: Iterable[Worker]) -> Iterator[list[str | int | None]]:
    """Yield a row a worker, and the sum of all of them as the last one."""
    totals: list[int] = [0] * (len(COLUMNS) + 2)
    for number, worker in enumerate(workers, start=1):
        amounts = amounts_of(worker)
        totals = [total + amount for total, amount in zip(totals, amounts, strict=True)]
        kind = worker.line.person.get_id_kind_display()
        yield [number, worker.name, kind, worker.id_number, worker.kpj, *amounts]
    yield [None, "Jumlah", "", "", "", *totals]


def summary_columns() -> list[Column]:
    return [Column("Perincian", "text", 44), Column("Jumlah", "money", 20)]


def summary_rows(found: BillExplained) -> Iterator[tuple[str, int | str]]:
    """Yield what the first sheet says: the firm's month, its programmes, what has to be paid."""
    yield "Badan usaha", found.employer.name
    yield "Bulan iuran", month_name(found.bill.month)
    yield "Nomor tagihan", words.bill_number(found.bill.pk)
    yield "Jatuh tempo", date_id(found.bill.due_on)
    for row in found.columns:
        yield f"{words.HEADS[row.column]}, {words.share(row.tariff)}", row.amount
    yield "Jumlah iuran", found.contribution
    yield from words.sums(found)
    yield "Yang harus dibayar", found.to_pay
