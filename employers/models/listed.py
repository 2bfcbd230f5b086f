"""The workers of a report, by the name their own firm gave them: a page of them, or all."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Lower

from cilegon_portal.fields import blind_index
from cilegon_portal.people.models import Person
from cilegon_portal.rules.nik import mask_nik
from employers.models.employment import Employment
from employers.models.firm import Employer
from employers.models.report import WageLine, WageReport

CHUNK = 2_000
SORTED_WORKERS = 20_000  # as many as a firm may upload by itself
SHOWN_OF_A_PASSPORT = 3  # its last characters


@dataclass(frozen=True)
class Worker:
    """One line of a report with what the firm itself said of the person, and nothing else."""

    line: WageLine
    name: str
    kpj: str

    @property
    def id_kind(self) -> str:
        return self.line.person.id_kind

    @property
    def id_number(self) -> str:
        return self.line.person.id_number

    @property
    def masked_id(self) -> str:
        """The number with its middle hidden; a passport says that it is one."""
        if self.id_kind == Person.IdKind.NIK:
            return mask_nik(self.id_number)
        shown = self.id_number[-SHOWN_OF_A_PASSPORT:]
        return f"Paspor {'•' * (len(self.id_number) - len(shown))}{shown}"


def lines_of(report: WageReport) -> QuerySet[WageLine]:
    """Return the lines of `report`, by the names that the firm gave its workers."""
    last = Employment.objects.filter(employer=report.employer_id, person=OuterRef("person"))
    called = last.order_by("-started_on", "-pk").values("reported_name")[:1]
    lines = WageLine.objects.filter(report=report).annotate(called=Lower(Subquery(called)))
    return lines.order_by("called", "pk")


def lines_named(report: WageReport, words: str) -> QuerySet[WageLine]:
    """Return the lines of the workers whom the firm knows by a name with `words` in it."""
    named = Employment.objects.filter(
        employer=report.employer_id, person=OuterRef("person"), reported_name__icontains=words
    )
    return lines_of(report).filter(Exists(named))


def lines_numbered(report: WageReport, number: str) -> QuerySet[WageLine]:
    """Return the lines of the worker with this NIK, passport or KPJ; spaces and dots are free."""
    plain = re.sub(r"[\s.\-]", "", number).upper()
    known = Employment.objects.filter(
        employer=report.employer_id, person=OuterRef("person"), kpj=plain
    )
    by_id = Q(person__id_index=blind_index("person.id", plain))
    return lines_of(report).filter(by_id | Exists(known)) if plain else lines_of(report).none()


def workers_of(lines: QuerySet[WageLine], employer: Employer) -> list[Worker]:
    """Return these few lines as workers, in two queries."""
    found = list(
        lines.select_related("person").only(
            *[field.attname for field in WageLine._meta.concrete_fields],
            "person__id_kind",
            "person__id_number",
        )
    )
    said = said_of((line.person_id for line in found), employer)
    return [Worker(line, *said.get(line.person_id, ("", ""))) for line in found]


def said_of(people: Iterable[int], employer: Employer) -> dict[int, tuple[str, str]]:
    """Return the name and KPJ that `employer` last gave each of these persons, by key.

    Never the name on record: it may come from somebody else, and is none of the firm's business.
    """
    last = (
        Employment.objects.filter(employer=employer, person__in=list(people))
        .order_by("person", "-started_on", "-pk")
        .distinct("person")
    )
    return {
        person: (name, kpj)
        for person, name, kpj in last.values_list("person", "reported_name", "kpj")
    }


def all_workers(report: WageReport) -> Iterator[Worker]:
    """Yield every worker of `report`: by name, or as they were written where they are too many."""
    found = each_worker(report)
    if report.workers > SORTED_WORKERS:
        return found
    return iter(sorted(found, key=lambda worker: (worker.name.lower(), worker.line.pk)))


def each_worker(report: WageReport) -> Iterator[Worker]:
    """Yield every worker of `report`, a few thousand at a time in memory."""
    last, lines = 0, WageLine.objects.filter(report=report).order_by("pk")
    while True:
        chunk = workers_of(lines.filter(pk__gt=last)[:CHUNK], report.employer)
        yield from chunk
        if len(chunk) < CHUNK:
            return
        last = chunk[-1].line.pk
