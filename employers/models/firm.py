"""Firms: who they are, who acts for them, and what the office decided about them."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, Q

from cilegon_portal.accounts.models import DESK_ROLES, Role, User
from cilegon_portal.audit import append_only, audited
from cilegon_portal.contributions.models import Account, SizeProgramme
from cilegon_portal.fields import MonthField
from cilegon_portal.reference.models import Kelurahan


class LineOfBusinessQuerySet(models.QuerySet["LineOfBusiness"]):
    def offered(self) -> Self:
        return self.filter(is_offered=True).order_by("name")


@audited(fields=["name", "risk_group", "is_labour_intensive", "is_offered"])
class LineOfBusiness(models.Model):
    """A line of business and the JKK risk group that PP 44/2015 Lampiran I gives it."""

    name = models.CharField("bidang usaha", max_length=120)
    risk_group = models.PositiveSmallIntegerField("kelompok risiko JKK")
    is_labour_intensive = models.BooleanField(
        "industri padat karya (PP 7/2025)",
        default=False,
        help_text="Keringanan JKK juga meminta paling sedikit 50 pekerja.",
    )
    is_offered = models.BooleanField("ditawarkan", default=True)
    is_uncertain = models.BooleanField("belum pasti", default=False)
    legal_basis = models.CharField("dasar hukum", max_length=300)

    objects = LineOfBusinessQuerySet.as_manager()

    class Meta:
        verbose_name = "bidang usaha"
        verbose_name_plural = "bidang usaha"
        constraints = [
            models.UniqueConstraint(
                name="line_of_business_name_stands_once",
                fields=["name"],
                violation_error_message="Bidang usaha ini sudah ada di daftar.",
            ),
            models.CheckConstraint(
                name="line_of_business_risk_group_is_one_to_five",
                condition=Q(risk_group__gte=1, risk_group__lte=5),
                violation_error_message="Kelompok risiko harus 1 sampai 5.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EmployerQuerySet(models.QuerySet["Employer"]):
    def visible_to(self, user: User) -> Self:
        """Filter to the firms in which `user` has a seat; the desk sees every firm."""
        at_the_desk = User.groups.through.objects.filter(user=user, group__name__in=DESK_ROLES)
        seated = Seat.objects.taken().filter(user=user, employer=models.OuterRef("pk"))
        return self.filter(Q(Exists(seated)) | Q(Exists(at_the_desk)))

    def of_seats(self, user: User, *roles: Role) -> Self:
        """Filter to the firms in which `user` has a seat, of one of `roles` if any is named."""
        seats = Seat.objects.taken().filter(user=user, employer=models.OuterRef("pk"))
        return self.filter(Exists(seats.filter(role__in=roles) if roles else seats))

    def active(self) -> Self:
        return self.filter(state=Employer.State.ACTIVE)

    def reporting(self) -> Self:
        """Filter to the firms that the office has taken in: they have months, a closed one too."""
        return self.filter(state__in=[Employer.State.ACTIVE, Employer.State.CLOSED])

    def waiting(self) -> Self:
        """Filter to the registrations that the office has to look at."""
        return self.filter(state=Employer.State.SENT)

    def by_name(self) -> Self:
        return self.order_by("name", "pk")

    def like(self, employer: "Employer") -> Self:
        """Filter to other firms with the NIB, NPWP or NPP of `employer`: for the office only."""
        same = Q()
        for name in ("nib", "npwp", "npp"):
            if getattr(employer, name):
                same |= Q(**{name: getattr(employer, name)})
        return self.filter(same).exclude(pk=employer.pk) if same else self.none()


@audited(fields=["reference", "state", "account", "sent_at", "decided_at", "decided_by"])
class Employer(models.Model):
    """A firm (pemberi kerja, badan usaha), from the first answer of its registration on."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", "Sedang diisi"
        SENT = "SENT", "Diperiksa petugas"
        RETURNED = "RETURNED", "Perlu diperbaiki"
        REJECTED = "REJECTED", "Ditolak"
        ACTIVE = "ACTIVE", "Aktif"
        CLOSED = "CLOSED", "Nonaktif"

    reference = models.CharField("nomor portal", max_length=13)
    state = models.CharField("keadaan", max_length=10, choices=State, default=State.DRAFT)
    account = models.OneToOneField(
        Account, models.PROTECT, null=True, blank=True, related_name="employer"
    )
    npp = models.CharField("NPP", max_length=8, blank=True)
    nib = models.CharField("NIB", max_length=13, blank=True)
    npwp = models.CharField("NPWP", max_length=16, blank=True)
    name = models.CharField("nama badan usaha", max_length=160, blank=True)
    line_of_business = models.ForeignKey(
        LineOfBusiness, models.PROTECT, null=True, blank=True, verbose_name="bidang usaha"
    )
    address = models.CharField("alamat", max_length=300, blank=True)
    kelurahan = models.ForeignKey(
        Kelurahan, models.PROTECT, null=True, blank=True, verbose_name="kelurahan"
    )
    is_outside = models.BooleanField("di luar Cilegon", default=False)
    stated_size = models.CharField(
        "skala usaha menurut perusahaan", max_length=10, choices=SizeProgramme.Size, blank=True
    )
    wants_jht = models.BooleanField("memilih JHT", default=False)
    wants_jp = models.BooleanField("memilih JP", default=False)
    head_count = models.PositiveIntegerField("jumlah pekerja", null=True, blank=True)
    first_month = MonthField("bulan iuran pertama", null=True, blank=True)
    may_upload_large = models.BooleanField(
        "boleh mengunggah file besar", default=False, help_text="Sampai 150.000 baris dan 40 MB."
    )
    began_at = models.DateTimeField("mulai didaftarkan pada")
    sent_at = models.DateTimeField("dikirim pada", null=True, blank=True)
    decided_at = models.DateTimeField("diputuskan pada", null=True, blank=True)
    decided_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="diputuskan oleh",
    )
    last_month = MonthField("bulan iuran terakhir", null=True, blank=True)

    objects = EmployerQuerySet.as_manager()

    class Meta:
        verbose_name = "pemberi kerja"
        verbose_name_plural = "pemberi kerja"
        constraints = [
            models.UniqueConstraint(name="employer_reference_stands_once", fields=["reference"]),
            models.UniqueConstraint(
                name="employer_npp_stands_once_among_active",
                fields=["npp"],
                condition=Q(state__in=["ACTIVE", "CLOSED"]) & ~Q(npp=""),
                violation_error_message="NPP ini sudah dipakai badan usaha lain.",
            ),
            models.CheckConstraint(
                name="employer_npp_has_eight_characters",
                condition=Q(npp="") | Q(npp__regex=r"^[A-Z0-9]{8}$"),
                violation_error_message="NPP harus 8 huruf atau angka.",
            ),
            models.CheckConstraint(
                name="employer_nib_has_thirteen_digits",
                condition=Q(nib="") | Q(nib__regex=r"^[0-9]{13}$"),
                violation_error_message="NIB harus 13 angka.",
            ),
            models.CheckConstraint(
                name="employer_npwp_has_fifteen_or_sixteen_digits",
                condition=Q(npwp="") | Q(npwp__regex=r"^[0-9]{15,16}$"),
                violation_error_message="NPWP harus 15 atau 16 angka.",
            ),
            models.CheckConstraint(
                name="employer_sent_has_nib_or_npwp",
                condition=Q(state__in=["DRAFT", "RETURNED"]) | ~Q(nib="") | ~Q(npwp=""),
                violation_error_message="Isi NIB atau NPWP, paling sedikit satu.",
            ),
            models.CheckConstraint(
                name="employer_active_has_an_account",
                condition=~Q(state__in=["ACTIVE", "CLOSED"]) | Q(account__isnull=False),
            ),
            models.CheckConstraint(
                name="employer_decision_is_whole",
                condition=Q(decided_at=None, decided_by=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
            ),
            models.CheckConstraint(
                name="employer_first_month_is_a_first_day",
                condition=Q(first_month=None) | Q(first_month__day=1),
            ),
            models.CheckConstraint(
                name="employer_last_month_is_a_first_day",
                condition=Q(last_month=None) | Q(last_month__day=1),
            ),
            models.CheckConstraint(
                name="employer_closed_has_a_last_month",
                condition=~Q(state="CLOSED") | Q(last_month__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["state", "sent_at"], name="employer_by_state")]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_being_filled(self) -> bool:
        return self.state in {self.State.DRAFT, self.State.RETURNED}

    @property
    def may_prepare(self) -> bool:
        """Whether months are prepared now: the first one while the registration is filled in."""
        return self.is_being_filled or self.state == self.State.ACTIVE

    @property
    def is_registered(self) -> bool:
        """Whether the office has taken the firm in, be it active or closed."""
        return self.state in {self.State.ACTIVE, self.State.CLOSED}

    @property
    def title(self) -> str:
        """The firm's name, or what to call it before it has told one."""
        return self.name or "Perusahaan baru"


@audited(fields=["employer", "kind"])
class Contact(models.Model):
    """Whom the office calls at a firm."""

    class Kind(models.TextChoices):
        HR = "HR", "Personalia (HR)"
        FINANCE = "FINANCE", "Keuangan"
        OWNER = "OWNER", "Pemilik atau pimpinan"

    employer = models.ForeignKey(Employer, models.CASCADE, related_name="contacts")
    kind = models.CharField("bagian", max_length=10, choices=Kind, default=Kind.HR)
    name = models.CharField("nama", max_length=120)
    phone = models.CharField("nomor HP", max_length=16)
    email = models.EmailField("e-mail", blank=True)

    class Meta:
        verbose_name = "kontak badan usaha"
        verbose_name_plural = "kontak badan usaha"
        constraints = [
            models.UniqueConstraint(
                name="contact_is_one_a_kind",
                fields=["employer", "kind"],
                violation_error_message="Kontak bagian ini sudah ada.",
            ),
        ]

    def __str__(self) -> str:
        return f"Kontak {self.pk}"


class SignUpQuerySet(models.QuerySet["SignUp"]):
    def usable_at(self, at: datetime) -> Self:
        return self.filter(used_at=None, expires_at__gt=at)


class SignUp(models.Model):
    """That somebody asked to register a firm; the link in the e-mail proves the address."""

    email = models.EmailField("e-mail")
    name = models.CharField("nama", max_length=120)
    token_hash = models.BinaryField("HMAC tautan", max_length=32)
    asked_at = models.DateTimeField("diminta pada")
    expires_at = models.DateTimeField("berlaku sampai")
    used_at = models.DateTimeField("dipakai pada", null=True, blank=True)

    objects = SignUpQuerySet.as_manager()

    class Meta:
        verbose_name = "permintaan daftar"
        verbose_name_plural = "permintaan daftar"
        constraints = [
            models.UniqueConstraint(name="sign_up_link_stands_once", fields=["token_hash"]),
        ]

    def __str__(self) -> str:
        return f"Permintaan {self.pk}"

    def is_usable_at(self, at: datetime) -> bool:
        return self.used_at is None and at < self.expires_at


class SeatQuerySet(models.QuerySet["Seat"]):
    def taken(self) -> Self:
        """Filter to the seats that somebody holds now."""
        return self.filter(user__isnull=False, ended_at=None)

    def invited(self) -> Self:
        """Filter to the seats that wait for somebody to accept."""
        return self.filter(user=None, ended_at=None)

    def open_at(self, at: datetime) -> Self:
        """Filter to the invitations that may still be accepted at `at`."""
        return self.invited().filter(expires_at__gt=at)

    def in_order(self) -> Self:
        return self.order_by("invited_at", "pk")


@audited(fields=["employer", "user", "role", "invited_at", "taken_at", "ended_at"])
class Seat(models.Model):
    """That somebody acts for a firm: a reporter (pelapor) prepares, an approver also approves."""

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="seats")
    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="seats", verbose_name="pengguna"
    )
    role = models.CharField(
        "peran",
        max_length=20,
        choices=[(role.value, role.label) for role in (Role.REPORTER, Role.APPROVER)],
    )
    email = models.EmailField("e-mail undangan", blank=True)
    token_hash = models.BinaryField("HMAC undangan", max_length=32, null=True, blank=True)
    invited_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="diundang oleh"
    )
    invited_at = models.DateTimeField("diundang pada")
    expires_at = models.DateTimeField("undangan berlaku sampai", null=True, blank=True)
    taken_at = models.DateTimeField("diterima pada", null=True, blank=True)
    ended_at = models.DateTimeField("berakhir pada", null=True, blank=True)

    objects = SeatQuerySet.as_manager()

    class Meta:
        verbose_name = "pengguna badan usaha"
        verbose_name_plural = "pengguna badan usaha"
        constraints = [
            models.UniqueConstraint(
                name="seat_is_one_a_user_and_firm",
                fields=["employer", "user"],
                condition=Q(ended_at=None, user__isnull=False),
                violation_error_message="Orang ini sudah menjadi pengguna badan usaha ini.",
            ),
            models.UniqueConstraint(name="seat_invitation_stands_once", fields=["token_hash"]),
            models.CheckConstraint(
                name="seat_is_taken_by_somebody",
                condition=Q(user=None, taken_at=None)
                | Q(user__isnull=False, taken_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Kursi {self.pk}"

    @property
    def is_approver(self) -> bool:
        return self.role == Role.APPROVER

    def is_open_at(self, at: datetime) -> bool:
        """Tell whether this is an invitation that may still be accepted."""
        if self.user_id is not None or self.ended_at is not None or self.expires_at is None:
            return False
        return at < self.expires_at


class Decision(models.Model):
    """What was asked of the office or decided about a firm, with its reason. Never changed."""

    class Kind(models.TextChoices):
        SENT = "SENT", "Pendaftaran dikirim"
        RETURNED = "RETURNED", "Dikembalikan untuk diperbaiki"
        REJECTED = "REJECTED", "Pendaftaran ditolak"
        APPROVED = "APPROVED", "Pendaftaran disetujui"
        TERMS = "TERMS", "Skala atau risiko diubah"
        CLOSED = "CLOSED", "Dinonaktifkan"
        REOPENED = "REOPENED", "Diaktifkan lagi"
        LIMITS = "LIMITS", "Batas unggah diubah"

    class Cause(models.TextChoices):
        DISSOLVED = "DISSOLVED", "Bubar"
        IDLE = "IDLE", "Masih ada, tidak berusaha"
        VANISHED = "VANISHED", "Tidak ditemukan"
        BANKRUPT = "BANKRUPT", "Pailit"

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="decisions")
    kind = models.CharField("jenis", max_length=10, choices=Kind)
    cause = models.CharField("sebab nonaktif", max_length=10, choices=Cause, blank=True)
    reason = models.CharField("alasan", max_length=500, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="oleh")
    at = models.DateTimeField("pada")

    class Meta:
        verbose_name = "keputusan"
        verbose_name_plural = "keputusan"
        triggers = append_only()
        constraints = [
            models.CheckConstraint(
                name="decision_against_a_firm_has_a_reason",
                condition=Q(kind__in=["SENT", "APPROVED"]) | ~Q(reason=""),
                violation_error_message="Isi alasan keputusan ini.",
            ),
            models.CheckConstraint(
                name="decision_to_close_names_its_cause",
                condition=Q(kind="CLOSED") & ~Q(cause="") | ~Q(kind="CLOSED") & Q(cause=""),
                violation_error_message="Pilih sebab nonaktif.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Evidence(models.Model):
    """A paper that a deactivation rests on, or a witness of the visit. Never changed."""

    class Kind(models.TextChoices):
        FIRM_LETTER = "FIRM_LETTER", "Surat dari badan usaha"
        AGENCY_LETTER = "AGENCY_LETTER", "Surat instansi perizinan"
        NIL_TAX_RETURN = "NIL_TAX_RETURN", "SPT nihil"
        VISIT_REPORT = "VISIT_REPORT", "Berita acara kunjungan"
        COURT_DECISION = "COURT_DECISION", "Putusan pengadilan"
        NEWSPAPER = "NEWSPAPER", "Pengumuman koran"
        WITNESS = "WITNESS", "Saksi kunjungan"

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="evidence")
    kind = models.CharField("bukti", max_length=20, choices=Kind)
    number = models.CharField("nomor surat, atau nama saksi", max_length=120)
    note = models.CharField("keterangan, atau jabatan saksi", max_length=200, blank=True)
    dated_on = models.DateField("tanggal", null=True, blank=True)

    class Meta:
        verbose_name = "bukti nonaktif"
        verbose_name_plural = "bukti nonaktif"
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
