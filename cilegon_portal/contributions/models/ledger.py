"""The ledger: open-item and append-only. What is owed and what is credit are sums, not columns."""

from typing import Self

from django.db import models
from django.db.models import Exists, F, GeneratedField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from cilegon_portal.accounts.models import User
from cilegon_portal.audit import audited
from cilegon_portal.contributions.models.rates import Rate
from cilegon_portal.fields import MonthField, RupiahField
from cilegon_portal.reference.models import Kecamatan, Kelurahan
from cilegon_portal.rules.months import Month

SECTORS = [("TRANSPORT", "Transportasi"), ("OTHER", "Lainnya")]


def sum_of(rows: "QuerySet[models.Model]", key: str, column: str, *, of: str = "pk") -> Coalesce:
    """Return the subquery of the sum of `column` over `rows` whose `key` is the outer `of`."""
    total = rows.filter(**{key: OuterRef(of)}).order_by().values(key)
    return Coalesce(
        Subquery(total.annotate(sum=Sum(column)).values("sum")),
        0,
        output_field=models.BigIntegerField(),
    )


class AccountQuerySet(models.QuerySet["Account"]):
    def with_sums(self) -> Self:
        """Add `received` (signed payments), `allocated` and their difference, `credit`."""
        return self.annotate(
            received=sum_of(Payment.objects.all(), "account", "amount"),
            allocated=sum_of(Allocation.objects.all(), "payment__account", "amount"),
        ).annotate(credit=F("received") - F("allocated"))


@audited(
    fields=["kind", "kelurahan", "sector", "officer", "campaign_code", "opened_at"],
)
class Account(models.Model):
    """A payer's place in the ledger; it knows not its owner, only plain values the owner keeps."""

    class Kind(models.TextChoices):
        BPU = "BPU", "Peserta BPU"
        PU = "PU", "Pemberi kerja"
        GROUP = "GROUP", "Wadah"
        SPONSOR = "SPONSOR", "Penyandang dana"

    kind = models.CharField("jenis", max_length=10, choices=Kind)
    virtual_account = models.CharField("nomor VA", max_length=20)
    name = models.CharField("nama", max_length=160)
    phone = models.CharField("HP", max_length=20, blank=True)
    email = models.EmailField("e-mail", blank=True)
    kelurahan = models.ForeignKey(
        Kelurahan, models.PROTECT, null=True, blank=True, verbose_name="kelurahan"
    )
    sector = models.CharField("sektor", max_length=10, choices=SECTORS, default="OTHER")
    officer = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="petugas"
    )
    campaign_code = models.CharField("kode kegiatan", max_length=20, blank=True)
    opened_at = models.DateTimeField("dibuka pada")

    credit: int  # only of rows read by with_sums

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = "akun iuran"
        verbose_name_plural = "akun iuran"
        constraints = [
            models.UniqueConstraint(
                name="account_virtual_account_stands_once", fields=["virtual_account"]
            ),
        ]

    def __str__(self) -> str:
        return self.virtual_account


class BillQuerySet(models.QuerySet["Bill"]):
    def with_sums(self) -> Self:
        """Add `charged`, `allocated`, `outstanding`, and `contribution`: no penalty, no fine."""
        return self.annotate(
            charged=sum_of(Charge.objects.all(), "bill", "total"),
            extra=sum_of(Charge.objects.all(), "bill", "penalty")
            + sum_of(Charge.objects.all(), "bill", "fine"),
            allocated=sum_of(Allocation.objects.all(), "bill", "amount"),
        ).annotate(
            contribution=F("charged") - F("extra"), outstanding=F("charged") - F("allocated")
        )

    def with_programmes(self) -> Self:
        """Add the sums of `with_sums`, and `jkk`, `jkm`, `jht`, `jp` as charged."""
        programmes = ("jkk", "jkm", "jht", "jp")
        return self.with_sums().annotate(
            **{name: sum_of(Charge.objects.all(), "bill", name) for name in programmes}
        )

    def covering(self) -> Self:
        """Filter to the months whose contribution part is paid: what covers somebody."""
        return self.with_sums().filter(contribution__gt=0, allocated__gte=F("contribution"))

    def outstanding(self) -> Self:
        """Filter to what is owed: never a BPU month, which is bought and not owed."""
        return self.with_sums().filter(outstanding__gt=0)

    def oldest_first(self) -> Self:
        return self.order_by("month", "pk")


class Bill(models.Model):
    """What one account owes (PU) or has bought (BPU) for one month; its state is a sum."""

    account = models.ForeignKey(
        Account, models.PROTECT, related_name="bills", verbose_name="akun", db_index=False
    )
    month = MonthField("bulan iuran")
    due_on = models.DateField("jatuh tempo")
    kelurahan = models.ForeignKey(
        Kelurahan, models.PROTECT, null=True, blank=True, db_index=False, verbose_name="kelurahan"
    )
    sector = models.CharField("sektor", max_length=10, choices=SECTORS)
    officer = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name="petugas",
    )
    campaign_code = models.CharField("kode kegiatan", max_length=20, blank=True)
    made_at = models.DateTimeField("dibuat pada")

    # Only of rows read by with_sums.
    charged: int
    contribution: int
    allocated: int
    outstanding: int

    objects = BillQuerySet.as_manager()

    class Meta:
        verbose_name = "tagihan"
        verbose_name_plural = "tagihan"
        constraints = [
            models.UniqueConstraint(
                name="bill_is_one_an_account_and_month", fields=["account", "month"]
            ),
            models.CheckConstraint(name="bill_month_is_a_first_day", condition=Q(month__day=1)),
        ]
        indexes = [models.Index(fields=["month"], name="bill_of_month")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.month}"


class Charge(models.Model):
    """One line of a bill. Written once; a mistake is answered by a CORRECTION, never an edit."""

    class Kind(models.TextChoices):
        CONTRIBUTION = "CONTRIBUTION", "Iuran"
        PENALTY = "PENALTY", "Denda keterlambatan"
        FINE = "FINE", "Denda administratif"
        WAIVER = "WAIVER", "Pembebasan"
        CORRECTION = "CORRECTION", "Koreksi"

    bill = models.ForeignKey(Bill, models.PROTECT, related_name="charges", verbose_name="tagihan")
    kind = models.CharField("jenis", max_length=12, choices=Kind)
    jkk = RupiahField("JKK", default=0)
    jkm = RupiahField("JKM", default=0)
    jht = RupiahField("JHT", default=0)
    jp = RupiahField("JP", default=0)
    penalty = RupiahField("denda", default=0)
    fine = RupiahField("denda administratif", default=0)
    total = GeneratedField(
        expression=F("jkk") + F("jkm") + F("jht") + F("jp") + F("penalty") + F("fine"),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )
    reason_code = models.CharField("kode alasan", max_length=30)
    reason = models.CharField("alasan", max_length=300)
    for_bill = models.ForeignKey(
        Bill,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="charges_elsewhere",
        db_index=False,
        verbose_name="untuk tagihan",
    )
    code_line = models.ForeignKey(
        "contributions.CodeLine", models.PROTECT, null=True, blank=True, related_name="charges"
    )
    by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name="oleh",
    )
    at = models.DateTimeField("pada")
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = "baris tagihan"
        verbose_name_plural = "baris tagihan"
        constraints = [
            models.CheckConstraint(
                name="charge_columns_fit_its_kind",
                condition=(
                    Q(
                        kind="CONTRIBUTION",
                        penalty=0,
                        fine=0,
                        jkk__gte=0,
                        jkm__gte=0,
                        jht__gte=0,
                        jp__gte=0,
                    )
                    | Q(
                        kind="PENALTY",
                        jkk=0,
                        jkm=0,
                        jht=0,
                        jp=0,
                        fine=0,
                        penalty__gt=0,
                        for_bill__isnull=False,
                    )
                    | Q(kind="FINE", jkk=0, jkm=0, jht=0, jp=0, penalty=0, fine__gt=0)
                    | Q(kind="WAIVER", jkk=0, jkm=0, jht=0, jp=0, penalty__lte=0, fine__lte=0)
                    | Q(kind="CORRECTION")
                ),
            ),
            models.CheckConstraint(
                name="charge_has_a_reason", condition=~Q(reason="") & ~Q(reason_code="")
            ),
        ]
        indexes = [
            models.Index(
                fields=["for_bill"], name="charge_for_bill", condition=Q(for_bill__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.total}"


class ChargeRate(models.Model):
    """A rate that a charge was computed with: why it is what it is, years later."""

    charge = models.ForeignKey(Charge, models.PROTECT, related_name="used_rates", db_index=False)
    rate = models.ForeignKey(Rate, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "tarif yang dipakai"
        verbose_name_plural = "tarif yang dipakai"
        constraints = [
            models.UniqueConstraint(name="charge_rate_stands_once", fields=["charge", "rate"]),
        ]

    def __str__(self) -> str:
        return f"{self.charge_id}: {self.rate_id}"


def covered_months(account: Account) -> list[Month]:
    """Return the months that `account` is covered in, oldest first; derived, never stored."""
    bought = Bill.objects.filter(account=account).covering().oldest_first()
    return list(bought.values_list("month", flat=True))


class PaymentQuerySet(models.QuerySet["Payment"]):
    def in_suspense(self) -> Self:
        """Filter to money that lies on no account, `left` of each receipt: a work queue.

        The row is the one that put it there: as it came, or the MOVED row that put it back.
        """
        lying = Payment.objects.filter(account=None)
        came = lying.filter(pk=OuterRef("root")).values("amount")
        before = lying.filter(Q(pk=OuterRef("root")) | Q(source=OuterRef("root")))
        return (
            self.filter(account=None, amount__gt=0)
            .annotate(root=Coalesce("source_id", "pk"))
            .annotate(
                left=Coalesce(Subquery(came), 0) + sum_of(lying, "source", "amount", of="root")
            )
            .filter(left__gt=0)
            .exclude(Exists(before.filter(amount__gt=0, pk__lt=OuterRef("pk"))))
        )

    def received(self) -> Self:
        return self.filter(kind=Payment.Kind.RECEIVED)

    def newest_first(self) -> Self:
        return self.order_by("-paid_at", "-pk")


class Payment(models.Model):
    """Money as it came (RECEIVED), or what became of it (MOVED, REFUNDED, REVERSED), signed."""

    class Kind(models.TextChoices):
        RECEIVED = "RECEIVED", "Diterima"
        MOVED = "MOVED", "Dipindahkan"
        REFUNDED = "REFUNDED", "Dikembalikan"
        REVERSED = "REVERSED", "Dibatalkan"

    class Channel(models.TextChoices):
        VA = "VA", "Transfer VA"
        QRIS = "QRIS", "QRIS"
        RETAIL = "RETAIL", "Gerai ritel"
        BANK = "BANK", "Rekening bank"
        CASH = "CASH", "Tunai di loket"
        EDC = "EDC", "Kartu di loket"
        DEMO = "DEMO", "Tombol bayar demo"

    kind = models.CharField("jenis", max_length=10, choices=Kind, default=Kind.RECEIVED)
    account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="payments", verbose_name="akun"
    )
    source = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="later", verbose_name="asal"
    )
    code = models.ForeignKey(
        "contributions.PaymentCode", models.PROTECT, null=True, blank=True, related_name="payments"
    )
    channel = models.CharField("kanal", max_length=10, choices=Channel)
    external_reference = models.CharField("nomor referensi", max_length=64)
    amount = RupiahField("jumlah")
    paid_at = models.DateTimeField("dibayar pada")
    reason = models.CharField("alasan", max_length=300, blank=True)
    by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name="oleh",
    )
    approved_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name="disetujui oleh",
    )
    at = models.DateTimeField("dicatat pada")
    request_id = models.CharField(max_length=64, blank=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = "pembayaran"
        verbose_name_plural = "pembayaran"
        constraints = [
            models.UniqueConstraint(
                name="payment_reference_stands_once_a_channel",
                fields=["channel", "external_reference"],
                condition=Q(kind="RECEIVED"),
            ),
            models.CheckConstraint(
                name="payment_later_rows_name_their_source",
                condition=Q(kind="RECEIVED", source=None)
                | ~Q(kind="RECEIVED") & Q(source__isnull=False),
            ),
            models.CheckConstraint(
                name="payment_sign_fits_its_kind",
                condition=(
                    Q(kind="RECEIVED", amount__gt=0)
                    | Q(kind__in=["REFUNDED", "REVERSED"], amount__lt=0)
                    | Q(kind="MOVED") & ~Q(amount=0)
                ),
            ),
            models.CheckConstraint(
                name="payment_later_rows_have_a_reason",
                condition=Q(kind="RECEIVED") | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="payment_refund_is_approved_by_another",
                condition=~Q(kind="REFUNDED")
                | Q(by__isnull=False, approved_by__isnull=False) & ~Q(by=F("approved_by")),
                violation_error_message="Pengembalian disetujui oleh orang lain, bukan pembuatnya.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class Allocation(models.Model):
    """Money laid on a bill, or taken off it again by a row that reverses, once."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="allocations")
    bill = models.ForeignKey(Bill, models.PROTECT, related_name="allocations")
    amount = RupiahField("jumlah")
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by"
    )
    by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name="oleh",
    )
    at = models.DateTimeField("pada")
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = "alokasi"
        verbose_name_plural = "alokasi"
        constraints = [
            models.CheckConstraint(
                name="allocation_sign_fits",
                condition=Q(reverses=None, amount__gt=0) | Q(reverses__isnull=False, amount__lt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payment_id} -> {self.bill_id}: {self.amount}"


class Rollup(models.Model):
    """Realisation by cash month and reporting values: the sum of allocations, kept by deltas."""

    cash_month = MonthField("bulan uang masuk")
    month = MonthField("bulan iuran")
    segment = models.CharField("segmen", max_length=10, choices=Account.Kind)
    kecamatan = models.ForeignKey(Kecamatan, models.PROTECT, null=True, blank=True)
    sector = models.CharField("sektor", max_length=10, choices=SECTORS)
    officer = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    campaign_code = models.CharField("kode kegiatan", max_length=20, blank=True)
    amount = RupiahField("jumlah")

    class Meta:
        verbose_name = "rekap realisasi"
        verbose_name_plural = "rekap realisasi"
        constraints = [
            models.UniqueConstraint(
                name="rollup_cell_stands_once",
                fields=[
                    "cash_month",
                    "month",
                    "segment",
                    "kecamatan",
                    "sector",
                    "officer",
                    "campaign_code",
                ],
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cash_month} {self.month} {self.segment}: {self.amount}"
