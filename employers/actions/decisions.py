"""What the office decides about a firm: each decision is kept, and the firm is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.actions import open_account
from cilegon_portal.contributions.actions.locks import lock_accounts
from cilegon_portal.contributions.models import Account
from cilegon_portal.outbox.actions import send as put_out
from cilegon_portal.outbox.models import Message
from cilegon_portal.rules.months import Month
from cilegon_portal.templatetags.portal import date_id, month_name
from employers.actions.first_workers import first_workers, keep_longer, throw_away
from employers.actions.registration import answer_due_on, open_tasks
from employers.actions.terms import resume_terms
from employers.actions.winding_up import wind_up
from employers.models import Contact, Decision, Employer, Evidence, ReportDraft, Seat, Terms
from employers.rules.closing import missing_evidence

Kind = Decision.Kind
State = Employer.State
NPP_ONCE = "employer_npp_stands_once_among_active"


class Unfinished(Exception):
    """The registration lacks something: `titles` of the tasks."""

    def __init__(self, titles: Sequence[str]) -> None:
        super().__init__(*titles)
        self.titles = list(titles)


class NotWaiting(Exception):
    """This registration does not wait for a decision (any more)."""


class NotActive(Exception):
    """Only an active firm is closed or has limits."""


class NotClosed(Exception):
    """Only a closed firm is opened again."""


class NotAfterClosing(Exception):
    """A firm that is opened again reports from a month behind its last one."""


class NppTaken(Exception):
    """Another firm has this NPP."""


class OwnFirm(Exception):
    """Whoever acts for a firm decides nothing about it."""


class EvidenceMissing(Exception):
    """What the office asks for is not there: `sentences` say what."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__(*sentences)
        self.sentences = list(sentences)


@dataclass(frozen=True)
class Proof:
    """A paper or a witness, as typed: `kind` of Evidence, its number or the witness's name."""

    kind: str
    number: str
    note: str = ""
    dated_on: date | None = None


@transaction.atomic
def send(*, employer: Employer, by: User, at: datetime) -> Employer:
    """Hand the registration to the office; raises Unfinished, NotWaiting when it is there."""
    firm = locked(employer)
    if not firm.is_being_filled:
        raise NotWaiting
    drafts = ReportDraft.objects.open().filter(employer=firm).select_for_update()
    list(drafts.values_list("pk"))  # nobody changes a worker while they are counted
    missing = open_tasks(firm)
    if missing:
        raise Unfinished([task.title for task in missing])
    firm.sent_at = at
    firm.decided_at = firm.decided_by = None
    firm.state = State.SENT
    firm.save(update_fields=["state", "sent_at", "decided_at", "decided_by"])
    due = date_id(answer_due_on(timezone.localdate(at)))
    tell(
        note(firm, Kind.SENT, by=by, at=at),
        f"Pendaftaran {firm.name} sudah kami terima. Nomornya {firm.reference}. "
        f"Petugas memeriksa paling lambat {due}.",
    )
    return firm


@transaction.atomic
def approve_firm(
    *,
    employer: Employer,
    npp: str,
    size: str,
    risk_group: int,
    officer: User | None,
    reason: str,
    by: User,
    at: datetime,
    is_labour_intensive: bool = False,
) -> Employer:
    """Take the firm in: its account, its first terms, its number; raises NotWaiting, NppTaken."""
    firm = waiting(employer, by=by)
    month = firm.first_month or Month.of(timezone.localdate(at))
    firm.account = account_for(firm, officer=officer, at=at)
    firm.npp = npp
    try:
        with transaction.atomic():
            decide(firm, State.ACTIVE, by=by, at=at, also=["account", "npp"])
    except IntegrityError as refusal:
        if NPP_ONCE in str(refusal):
            raise NppTaken from None
        raise
    Terms.objects.create(
        employer=firm,
        valid_from=month,
        size=size,
        risk_group=risk_group,
        with_jht=firm.wants_jht,
        with_jp=firm.wants_jp,
        is_labour_intensive=is_labour_intensive,
        reason=reason or "Ketentuan pertama saat pendaftaran disetujui",
        by=by,
        at=at,
    )
    keep_longer(firm, at=at)
    step = "Setujui data upah" if first_workers(firm) else "Laporkan upah mulai"
    tell(
        note(firm, Kind.APPROVED, by=by, at=at, reason=reason),
        f"Pendaftaran {firm.name} disetujui. Langkah berikutnya: {step} {month_name(month)}.",
    )
    return firm


def account_for(firm: Employer, *, officer: User | None, at: datetime) -> Account:
    """Return the firm's account; one that was opened before is kept."""
    contact = firm.contacts.filter(kind=Contact.Kind.HR).first()
    return firm.account or open_account(
        kind=Account.Kind.PU,
        name=firm.name,
        phone=contact.phone if contact else "",
        email=contact.email if contact else "",
        kelurahan=firm.kelurahan,
        officer=officer,
        at=at,
    )


@transaction.atomic
def return_firm(*, employer: Employer, reason: str, by: User, at: datetime) -> Employer:
    """Give the registration back to be put right; raises NotWaiting."""
    firm = waiting(employer, by=by)
    decide(firm, State.RETURNED, by=by, at=at)
    keep_longer(firm, at=at)
    tell(
        note(firm, Kind.RETURNED, by=by, at=at, reason=reason),
        f"Pendaftaran {firm.name} perlu diperbaiki. Alasannya: {reason}\n\n"
        "Masuk, perbaiki, lalu kirim lagi.",
    )
    return firm


@transaction.atomic
def reject_firm(*, employer: Employer, reason: str, by: User, at: datetime) -> Employer:
    """Refuse the registration for good; raises NotWaiting."""
    firm = waiting(employer, by=by)
    decide(firm, State.REJECTED, by=by, at=at)
    throw_away(firm, at=at)
    tell(
        note(firm, Kind.REJECTED, by=by, at=at, reason=reason),
        f"Pendaftaran {firm.name} ditolak. Alasannya: {reason}\n\n"
        "Hubungi kantor kami kalau ada yang ingin Anda tanyakan.",
    )
    return firm


@transaction.atomic
def close_firm(
    *,
    employer: Employer,
    cause: str,
    last_month: Month,
    evidence: Sequence[Proof],
    reason: str,
    by: User,
    at: datetime,
) -> Employer:
    """Close an active firm after `last_month`, which it may still report.

    What was assumed for later months is taken back. Raises NotActive, EvidenceMissing, and
    LaterMonthReported.
    """
    if employer.account_id:
        lock_accounts([employer.account_id])  # always before the firm
    firm = locked(employer)
    refuse_own(firm, by)
    if firm.state != State.ACTIVE:
        raise NotActive
    missing = missing_evidence(cause, [proof.kind for proof in evidence])
    if missing:
        raise EvidenceMissing(missing)
    if firm.account_id:
        wind_up(employer=firm, last_month=last_month, by=by, at=at)
    firm.last_month = last_month
    decide(firm, State.CLOSED, by=by, at=at, also=["last_month"])
    decision = note(firm, Kind.CLOSED, by=by, at=at, reason=reason, cause=cause)
    Evidence.objects.bulk_create(
        Evidence(
            decision=decision,
            kind=proof.kind,
            number=proof.number,
            note=proof.note,
            dated_on=proof.dated_on,
        )
        for proof in evidence
    )
    tell(
        decision,
        f"{firm.name} dinonaktifkan. Bulan iuran terakhir {month_name(last_month)}. "
        f"Alasannya: {reason}",
    )
    return firm


@transaction.atomic
def reopen_firm(
    *, employer: Employer, first_month: Month, reason: str, by: User, at: datetime
) -> Employer:
    """Make a closed firm active again; it reports from `first_month` on and owes no month between.

    Raises NotClosed, and NotAfterClosing when `first_month` is not behind its last one.
    """
    if employer.account_id:
        lock_accounts([employer.account_id])  # always before the firm
    firm = locked(employer)
    refuse_own(firm, by)
    if firm.state != State.CLOSED or firm.last_month is None:
        raise NotClosed
    if first_month <= firm.last_month:
        raise NotAfterClosing
    resume_terms(
        employer=firm,
        last_month=firm.last_month,
        first_month=first_month,
        reason=reason,
        by=by,
        at=at,
    )
    firm.last_month = None
    decide(firm, State.ACTIVE, by=by, at=at, also=["last_month"])
    tell(
        note(firm, Kind.REOPENED, by=by, at=at, reason=reason),
        f"{firm.name} aktif lagi, melapor mulai {month_name(first_month)}. Alasannya: {reason}",
    )
    return firm


@transaction.atomic
def set_upload_limit(
    *, employer: Employer, is_large: bool, reason: str, by: User, at: datetime
) -> Employer:
    """Let the firm upload large files, or no longer; raises NotActive."""
    firm = locked(employer)
    refuse_own(firm, by)
    if firm.state != State.ACTIVE:
        raise NotActive
    firm.may_upload_large = is_large
    firm.save(update_fields=["may_upload_large"])
    note(firm, Kind.LIMITS, by=by, at=at, reason=reason)
    return firm


def locked(employer: Employer) -> Employer:
    return Employer.objects.select_for_update(of=("self",)).get(pk=employer.pk)


def waiting(employer: Employer, *, by: User) -> Employer:
    """Return the firm, locked, while its registration waits for a decision of `by`."""
    firm = locked(employer)
    refuse_own(firm, by)
    if firm.state != State.SENT:
        raise NotWaiting
    return firm


def refuse_own(firm: Employer, by: User) -> None:
    if Seat.objects.taken().filter(employer=firm, user=by).exists():
        raise OwnFirm


def decide(firm: Employer, state: str, *, by: User, at: datetime, also: Sequence[str] = ()) -> None:
    firm.state = state
    firm.decided_by = by
    firm.decided_at = at
    firm.save(update_fields=["state", "decided_by", "decided_at", *also])


def note(
    firm: Employer, kind: str, *, by: User, at: datetime, reason: str = "", cause: str = ""
) -> Decision:
    return Decision.objects.create(
        employer=firm, kind=kind, cause=cause, reason=reason, by=by, at=at
    )


def tell(decision: Decision, text: str) -> None:
    """Send everybody with a seat in the firm what was decided, and where to go on."""
    firm = decision.employer
    seats = Seat.objects.taken().filter(employer=firm).select_related("user").in_order()
    link = f"{settings.SITE_URL}/perusahaan/{firm.reference}/"
    for seat in seats:
        if seat.user is not None and seat.user.email:
            put_out(
                channel=Message.Channel.EMAIL,
                to=seat.user.email,
                subject=f"{decision.get_kind_display()}: {firm.name}"[:200],
                text=f"{text}\n\n{link}",
                dedupe_key=f"firm-decision-{decision.pk}-{seat.pk}",
                purpose=Message.Purpose.CASE,
                at=decision.at,
            )
