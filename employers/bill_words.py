"""What a bill says in words: programmes, formulas, articles of law, penalties. Page and paper."""

from datetime import timedelta

from cilegon_portal.contributions.actions.penalties import TIMES
from cilegon_portal.contributions.models import Charge
from cilegon_portal.contributions.rules import Rate
from cilegon_portal.people.models import Person
from cilegon_portal.rules.money import Rupiah
from cilegon_portal.templatetags.portal import date_id, month_name, percent, rupiah
from employers.models.explained import BillExplained, BillState, ColumnSum
from employers.models.report import WageReport
from employers.rules.explaining import Step, Tariff

PROGRAMMES = {
    "JKK": "jaminan kecelakaan kerja",
    "JKM": "jaminan kematian",
    "JHT": "jaminan hari tua",
    "JP": "jaminan pensiun",
}
PAYERS = {"EMPLOYER": "perusahaan", "WORKER": "pekerja"}
HEADS = {
    "jkk": "JKK",
    "jkm": "JKM",
    "jht_employer": "JHT perusahaan",
    "jht_worker": "JHT pekerja",
    "jp_employer": "JP perusahaan",
    "jp_worker": "JP pekerja",
}

JKP_INSIDE = (
    "JKP (jaminan kehilangan pekerjaan) tidak ditagih. Iurannya sudah ada di dalam JKK dan dari "
    "pemerintah."
)
ROUNDED = "Iuran dihitung dan dibulatkan ke rupiah untuk tiap pekerja, lalu dijumlahkan."
OLDEST_FIRST = (
    "Uang masuk ke bulan yang paling lama dulu, iuran sebelum denda. Sisanya menjadi saldo."
)
PART_PAYMENT = (
    "Bayar sebagian mengurangi tunggakan, tetapi belum melindungi pekerja untuk bulan itu."
)
PENALTY_NEXT = "Denda ini masuk ke tagihan berikutnya dan ditanggung perusahaan."


def bill_number(bill_key: int) -> str:
    return f"TG-{bill_key:08d}"


def in_force(rate: Rate) -> str:
    """Return from when until when a row of the law holds."""
    if rate.valid_until is None:
        return f"sejak {date_id(rate.valid_from)}"
    return f"{date_id(rate.valid_from)} sampai {date_id(rate.valid_until - timedelta(days=1))}"


def laws(tariff: Tariff | None) -> list[str]:
    """Return each article that a column rests on, with its dates."""
    if tariff is None:
        return []
    return [f"{rate.legal_basis}, berlaku {in_force(rate)}" for rate in tariff.rates]


def share(tariff: Tariff | None) -> str:
    """Return the rate of a column: the share, and the normal one where a relief stands."""
    if tariff is None:
        return ""
    rate, normal = tariff.rate, tariff.normal
    if rate.measure == "FLAT":
        return f"{rupiah(rate.value)} per pekerja"
    if normal is None:
        return percent(rate.value)
    if rate.measure == "NORMAL_PPM":
        return f"{percent(rate.value)} dari iuran biasa {percent(normal.value)}"
    return f"{percent(rate.value)} (biasanya {percent(normal.value)})"


def formula(step: Step) -> str:
    """Return the share times what it is taken of, or why there is nothing to compute."""
    if not step.is_taken:
        return "Perusahaan tidak ikut program ini"
    if step.tariff is None:
        return "" if step.amount else "Tidak dihitung untuk pekerja ini"
    if step.tariff.rate.measure == "FLAT":
        return rupiah(step.tariff.rate.value)
    return f"{percent(step.tariff.rate.value)}{TIMES}{rupiah(step.base)}"


def notes(step: Step, *, id_kind: str) -> list[str]:
    """Return what has to be said beside the formula: a ceiling, a relief, an exemption."""
    said = []
    if step.is_capped and step.tariff:
        said.append(f"Upah dihitung sampai batas {rupiah(step.tariff.rate.ceiling)}.")
    if step.tariff and step.tariff.normal:
        normal = step.tariff.normal
        said.append(
            f"Keringanan. Biasanya {percent(normal.value)}, yaitu "
            f"{rupiah(normal.amount(step.wage))}."
        )
    if step.is_exempt and step.programme == "JP":
        foreign = id_kind == Person.IdKind.PASSPORT
        said.append(
            "Pemegang paspor tidak ikut JP."
            if foreign
            else "Pekerja sudah mencapai usia pensiun JP pada bulan ini."
        )
    return said


def name_of(row: ColumnSum | Step) -> str:
    return f"{row.programme} ({PROGRAMMES[row.programme]})"


def payer_of(row: ColumnSum | Step) -> str:
    return f"dibayar {PAYERS[row.payer]}"


def penalty_dates(state: BillState) -> str:
    """Return which part of a month was late until when, and the article of law."""
    said = [
        f"{rupiah(part.amount)} dibayar {date_id(part.paid_on)}"
        if part.paid_on
        else f"{rupiah(part.amount)} belum dibayar"
        for part in state.late.parts
    ]
    due_on = date_id(state.bill.due_on)
    return f"Jatuh tempo {due_on}. {', '.join(said)}. {state.late.legal_basis}."


def state_word(state: BillState) -> tuple[str, str]:
    """Return the word for how a bill stands, and its kind of chip."""
    if state.is_empty:
        return "Tidak ada tagihan", ""
    if state.is_paid:
        return "Terbayar", "good"
    if state.is_overdue:
        return "Lewat jatuh tempo", "bad"
    if state.bill.allocated:
        return "Dibayar sebagian", "warn"
    return "Belum dibayar", ""


def days_words(state: BillState) -> str:
    """Return how many days are left, or how many months the bill is late by law."""
    if state.is_paid or state.is_empty:
        return "Tidak ada yang harus dibayar"
    if state.days_left > 0:
        return f"{state.days_left} hari lagi"
    if state.days_left == 0:
        return "Hari ini"
    months = max((part.months for part in state.late.parts if part.paid_on is None), default=0)
    return f"Terlambat {months} bulan" if months else f"Lewat {-state.days_left} hari"


def assumed_words(bill: BillExplained) -> str:
    """Return the notice of a ceiling that was carried over; nothing when none was."""
    if not bill.is_assumed:
        return ""
    return (
        f"Batas upah JP untuk {month_name(bill.bill.month)} belum diumumkan. Kami memakai batas "
        f"terakhir, {rupiah(bill.assumed_ceiling)}. Selisihnya kami hitung setelah diumumkan."
    )


def estimate_words(bill: BillExplained) -> str:
    """Return the notice of a bill that nobody reported; nothing for the others."""
    if bill.report is None or not bill.report.is_estimate:
        return ""
    return (
        f"Tagihan ini perkiraan. Laporan upah {month_name(bill.bill.month)} belum kami terima, "
        "jadi kami menyalin laporan terakhir. Laporan Anda akan menggantinya."
    )


def notices(bill: BillExplained) -> list[str]:
    """Return what stands above a bill: that nobody reported it, that a value is not known yet."""
    return [said for said in (estimate_words(bill), assumed_words(bill)) if said]


def sums(bill: BillExplained) -> list[tuple[str, Rupiah]]:
    """Return the way from the bill to what has to be paid, line by line."""
    month = month_name(bill.bill.month)
    rows = [(f"Iuran {month}", bill.contribution)]
    rows += [(beside_words(row), row.total) for row in bill.penalties]
    rows += [(f"Sudah dibayar untuk {month}", -bill.bill.allocated)] if bill.bill.allocated else []
    rows += [
        (f"Tunggakan {month_name(row.bill.month)}", row.bill.outstanding) for row in bill.arrears
    ]
    rows += [("Saldo Anda", -bill.credit)] if bill.to_pay and bill.credit else []
    return rows


def beside_words(charge: Charge) -> str:
    """Return in short what is asked beside the contribution, and for which month."""
    kind = {
        "PENALTY": "Denda",
        "FINE": "Denda administratif",
        "WAIVER": "Pembebasan denda",
        "CORRECTION": "Pengurangan denda",
    }
    month = f" {month_name(charge.for_bill.month)}" if charge.for_bill else ""
    return f"{kind[charge.kind]}{month}"


def va_words(number: str) -> str:
    """Return a virtual-account number in groups of four."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def version_words(report: WageReport) -> str:
    """Return what a version of the report did to the bill."""
    if report.charge is None:
        return "Tidak mengubah tagihan"
    change: Rupiah = report.charge.total
    if report.charge.kind == "CONTRIBUTION":
        return f"Ditagih {rupiah(change)}"
    return f"Ditambah {rupiah(change)}" if change >= 0 else f"Dikurangi {rupiah(-change)}"
