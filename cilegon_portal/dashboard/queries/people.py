"""Reads of the branch's desk that cross apps: find a person, and all that the desk shows of one."""

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower, Reverse

from cilegon_portal.accounts.models import Reveal
from cilegon_portal.contributions.models import Account, Bill, Payment, PaymentCode
from cilegon_portal.dashboard.queries.events import Event, newest_first
from cilegon_portal.people.models import Person
from cilegon_portal.rules.money import Rupiah
from cilegon_portal.rules.months import Month
from cilegon_portal.rules.nik import NikError, read_nik
from cilegon_portal.rules.reference import PREFIX, read_reference
from participants.actions.membership import Membership, memberships
from participants.models import Enrolment

MOST_RESULTS = 50
SIMILAR_ENOUGH = 0.45
PHONE_ENDING = 4  # the fewest digits that are looked up as the end of a phone number


@dataclass(frozen=True)
class Search:
    """What a search found: at most `MOST_RESULTS` people, and how the words were understood."""

    people: list[Person]
    understood_as: str
    is_cut: bool = False


def address_of(words: str) -> str:
    """Return the query of an address that searches `words`; a number never stands there."""
    return urlencode({"q": " ".join(words.split())})


def is_name(words: str) -> bool:
    """Tell whether `words` may stand in an address: no number, nor a reference without digits."""
    is_reference = words.strip().upper().startswith(PREFIX) and read_reference(words)
    return not any(sign.isdecimal() for sign in words) and not is_reference


def search_people(words: str, *, on: date) -> Search:
    """Find people by NIK, card or payment code, phone ending, VA, payment reference or name.

    A NIK is looked up exactly, by the blind index; a name also when it is misspelt.
    """
    words = " ".join(words.replace("\x00", "").split())[:120]
    digits = "".join(words.replace("+62", "0").replace("-", "").split())
    if reference := read_reference(words):
        by_number = found(by_reference(reference), "nomor peserta atau kode bayar")
        if by_number.people or not is_name(words):  # "Dewi Sari" reads as a reference too
            return by_number
    if digits.isdecimal() and len(digits) >= PHONE_ENDING:
        return found(by_digits(digits, on=on), "nomor")
    by_bank = Q(enrolment__account__payments__external_reference=words)
    if any(sign.isdecimal() for sign in words):
        return found(Person.objects.filter(by_bank), "nomor referensi pembayaran")
    return by_name(words)


def found(people: QuerySet[Person], understood_as: str) -> Search:
    rows = list(with_enrolment(people).distinct().order_by("name", "pk")[: MOST_RESULTS + 1])
    return Search(rows[:MOST_RESULTS], understood_as, is_cut=len(rows) > MOST_RESULTS)


@dataclass(frozen=True)
class Row:
    """One line of the search's table."""

    person: Person
    enrolment: Enrolment | None
    state: str


def rows_of(search: Search | None, *, at: datetime) -> list[Row]:
    """Return the people found with where they stand, in a fixed number of queries."""
    people = search.people if search else []
    if not people:
        return []
    standing = {
        found.enrolment.person_id: found
        for found in memberships(Enrolment.objects.filter(person__in=people), at=at)
    }
    return [
        Row(
            person,
            getattr(person, "enrolment", None),
            standing[person.pk].status if person.pk in standing else "",
        )
        for person in people
    ]


def with_enrolment(people: QuerySet[Person]) -> QuerySet[Person]:
    return people.select_related(
        "user", "enrolment__account__kelurahan__kecamatan", "enrolment__occupation"
    )


def by_reference(reference: str) -> QuerySet[Person]:
    return Person.objects.filter(
        Q(enrolment__number=reference) | Q(enrolment__account__codes__reference=reference)
    )


def by_digits(digits: str, *, on: date) -> QuerySet[Person]:
    """Filter by a NIK or VA number (16 digits), else by the end of the phone number."""
    try:
        nik = read_nik(digits, on)
    except NikError:
        nik = None
    exact = Q(enrolment__account__virtual_account=digits)
    exact |= Q(enrolment__account__payments__external_reference=digits)
    if nik is not None:
        return Person.objects.with_nik(nik.number) | Person.objects.filter(exact)
    ending = digits.removeprefix("62").removeprefix("0")[::-1]
    people = Person.objects.alias(phone_backwards=Reverse("user__phone"))
    return people.filter(exact | Q(phone_backwards__startswith=ending))


def by_name(words: str) -> Search:
    """Find names that hold `words`, else names that are spelt much like them."""
    lowered = words.lower()
    people = Person.objects.alias(lower_name=Lower("name"))
    if not lowered:
        return Search([], "nama")
    exact = found(people.filter(Q(lower_name__contains=lowered)), "nama")
    if exact.people:
        return exact
    near = (
        people.filter(Q(lower_name__trigram_word_similar=lowered))
        .alias(likeness=TrigramWordSimilarity(lowered, "lower_name"))
        .filter(Q(likeness__gte=SIMILAR_ENOUGH))
        .order_by("-likeness", "name", "pk")
    )
    return Search(list(with_enrolment(near)[:MOST_RESULTS]), "nama yang mirip")


@dataclass(frozen=True)
class Desk:
    """Everything the desk shows of one person's place in the scheme."""

    membership: Membership
    bills: list[Bill]
    payments: list[Payment]
    codes: list[PaymentCode]
    credit: Rupiah

    @property
    def reversible(self) -> set[int]:
        """The keys of the payments that may still be undone."""
        undone = {row.source_id for row in self.payments if row.kind == Payment.Kind.REVERSED}
        return {
            row.pk
            for row in self.payments
            if row.kind == Payment.Kind.RECEIVED and row.pk not in undone
        }


def desk_of(person: Person, *, at: datetime) -> Desk | None:
    """Return what the desk shows of `person`; None without an enrolment."""
    enrolment = Enrolment.objects.filter(person=person)
    found = memberships(enrolment, at=at)
    if not found:
        return None
    account = found[0].enrolment.account
    bills = Bill.objects.filter(account=account).with_programmes().order_by("-month", "-pk")
    payments = Payment.objects.filter(account=account).select_related("by").newest_first()
    codes = PaymentCode.objects.filter(account=account).select_related("by")
    return Desk(
        membership=found[0],
        bills=list(bills),
        payments=list(payments),
        codes=list(codes.order_by("-made_at", "-pk")),
        credit=Account.objects.with_sums().get(pk=account.pk).credit,
    )


def months_bought_with(payment: Payment) -> list[Month]:
    """Return the months that stand on money of `payment`, oldest first."""
    bills = Bill.objects.filter(allocations__payment=payment).with_sums().filter(Q(charged__gt=0))
    return [bill.month for bill in bills.distinct().oldest_first()]


def timeline(person: Person, desk: Desk | None) -> list[Event]:
    """Return what happened to `person`, newest first."""
    events = [Event(person.registered_at, "Data orang dicatat", "Portal", "person", is_system=True)]
    events += [looked_at(reveal) for reveal in reveals_of(person)]
    if desk is not None:
        events.append(enrolled(desk.membership.enrolment))
        events += [code_made(code) for code in desk.codes]
        events += [money_moved(payment) for payment in desk.payments]
    return newest_first(events)


def reveals_of(person: Person) -> QuerySet[Reveal]:
    return Reveal.objects.filter(person_key=person.pk).select_related("by").order_by("-at", "-pk")


def looked_at(reveal: Reveal) -> Event:
    title = f"{reveal.get_what_display()} dibuka"
    return Event(reveal.at, title, reveal.by.name, "alert", text=reveal.reason)


def enrolled(enrolment: Enrolment) -> Event:
    helper = enrolment.assisted_by
    return Event(
        enrolment.registered_at,
        "Mendaftar sebagai peserta BPU",
        helper.name if helper else "Peserta",
        "check",
        text=enrolment.number,
    )


def code_made(code: PaymentCode) -> Event:
    return Event(
        code.made_at,
        f"Kode bayar {code.reference}",
        code.by.name if code.by and code.by.name else "Peserta",
        "wallet",
        text=code.get_closed_because_display() or "Terbuka",
    )


def money_moved(payment: Payment) -> Event:
    return Event(
        payment.at,
        f"Uang {payment.get_kind_display().lower()}",
        payment.by.name if payment.by and payment.by.name else "Portal",
        "wallet",
        text=payment.reason or payment.external_reference,
        channel=payment.get_channel_display(),
        is_system=payment.by is None,
    )
