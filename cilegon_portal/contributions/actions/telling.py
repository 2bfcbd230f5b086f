"""The payer is told what came and what it bought: one message a payment, once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from cilegon_portal.contributions.models import Account, Allocation, Payment, PaymentCode
from cilegon_portal.outbox.actions import send
from cilegon_portal.rules.money import Rupiah
from cilegon_portal.rules.months import Month
from cilegon_portal.templatetags.portal import date_id, month_name, rupiah

WIB = ZoneInfo("Asia/Jakarta")
LISTED = 3  # months named one by one; more are told as a stretch


@dataclass(frozen=True)
class Bought:
    """A month on which some of the money lies."""

    account_id: int
    month: Month


def tell_payers(*, payments: Iterable[int], at: datetime) -> int:
    """Send a receipt for each of these payments whose payer left a phone; return how many."""
    known = Payment.objects.filter(pk__in=list(payments)).exclude(account=None)
    told = 0
    for payment in known.select_related("account", "code").order_by("pk").iterator():
        if payment.account and payment.account.phone:
            send(
                channel="SMS",
                to=payment.account.phone,
                text=receipt_text(payment, payment.account),
                dedupe_key=f"receipt:{payment.pk}",
                purpose="PAYMENT",
                at=at,
            )
            told += 1
    return told


def receipt_text(payment: Payment, account: Account) -> str:
    """Return the receipt of `payment` in plain Indonesian."""
    paid_on = date_id(payment.paid_at.astimezone(WIB).date())
    sentences = [
        f"BPJS Ketenagakerjaan Cilegon: kami terima {rupiah(payment.amount)} tanggal {paid_on}.",
        late_sentence(payment),
        bought_sentence(account, bought_with(payment)),
        credit_sentence(account),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def late_sentence(payment: Payment) -> str:
    """Say why the money came for a code that no longer stood when it came; else nothing."""
    code = payment.code
    if code is None:
        return ""
    if code.closed_because == PaymentCode.Closed.PAID and is_before(code.closed_at, payment.at):
        return f"Kode bayar {code.reference} sudah lunas sebelumnya."
    if code.closed_because == PaymentCode.Closed.REPLACED and is_before(code.closed_at, payment.at):
        return f"Kode bayar {code.reference} sudah diganti."
    if payment.paid_at >= code.expires_at:
        return f"Kode bayar {code.reference} sudah lewat waktu."
    return ""


def is_before(moment: datetime | None, other: datetime) -> bool:
    return moment is not None and moment < other


def bought_with(payment: Payment) -> list[Bought]:
    """Return the months on which money of `payment` lies now, oldest first."""
    standing = Allocation.objects.filter(payment=payment, reverses=None, reversed_by=None)
    rows = standing.values_list("bill__account_id", "bill__month").distinct()
    return [Bought(*row) for row in rows.order_by("bill__month", "bill__account_id")]


def bought_sentence(account: Account, bought: Sequence[Bought]) -> str:
    if not bought:
        return "Uang ini belum membayar iuran bulan mana pun."
    if any(one.account_id != account.pk for one in bought):
        return f"Dipakai untuk {len(bought)} iuran anggota."
    months = [one.month for one in bought]
    if len(months) <= LISTED:
        return f"Dipakai untuk iuran {', '.join(month_name(month) for month in months)}."
    return (
        f"Dipakai untuk {len(months)} bulan iuran, "
        f"{month_name(months[0])} sampai {month_name(months[-1])}."
    )


def credit_sentence(account: Account) -> str:
    held: Rupiah = Account.objects.with_sums().get(pk=account.pk).credit
    if not held:
        return ""
    return f"Saldo Anda {rupiah(held)}, dipakai sendiri untuk iuran berikutnya."
