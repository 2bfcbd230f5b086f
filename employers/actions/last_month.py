"""What a firm itself reported before: what a month in preparation is set beside.

Every statement starts from the firm's own spells of work. Whether an id stands anywhere else in
the register is asked nowhere here.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection

from cilegon_portal.contributions.actions.statements import send
from cilegon_portal.fields import decrypt
from cilegon_portal.people.models import Person
from cilegon_portal.reference.models import MinimumWage, in_force_on
from cilegon_portal.rules.money import Rupiah
from cilegon_portal.rules.months import Month
from employers.models import Employer, WageReport
from employers.rules.cells import told_by
from employers.rules.rows import Frame, Known, Row, compare

# The newest spell of each worker of the firm that began before the month was over.
SPELLS = """
    WITH spell AS (
      SELECT DISTINCT ON (person_id) person_id, reported_name, reported_birth_date, reported_sex,
             kpj, started_on, ended_on, cause
      FROM employers_employment
      WHERE employer_id = %(employer)s AND started_on <= %(last_day)s
      ORDER BY person_id, started_on DESC
    )
"""
HERE = "(spell.ended_on IS NULL OR spell.ended_on >= %(first_day)s)"
KNOWN = f"""{SPELLS}
    SELECT person.id_index, spell.started_on, before.wage
    FROM spell
    JOIN people_person person ON person.id = spell.person_id
    LEFT JOIN employers_wageline before
      ON before.report_id = %(before)s AND before.person_id = spell.person_id
    WHERE {HERE} AND (%(ids)s::bytea[] IS NULL OR person.id_index = ANY(%(ids)s))
"""  # noqa: S608 (constants)
WORKER = """
    SELECT person.id_kind, person.id_number, person.id_index, spell.reported_name,
           spell.reported_birth_date, spell.reported_sex, spell.kpj, spell.started_on,
           spell.ended_on, spell.cause, before.wage
"""
REPORTED = f"""{SPELLS}{WORKER}, line.wage
    FROM employers_wageline line
    JOIN spell ON spell.person_id = line.person_id
    JOIN people_person person ON person.id = line.person_id
    LEFT JOIN employers_wageline before
      ON before.report_id = %(before)s AND before.person_id = line.person_id
    WHERE line.report_id = %(report)s AND (%(all)s OR {HERE})
    ORDER BY spell.reported_name, person.id
"""
MISSING = f"""{SPELLS}{WORKER}, NULL
    FROM spell
    JOIN people_person person ON person.id = spell.person_id
    LEFT JOIN employers_wageline before
      ON before.report_id = %(before)s AND before.person_id = spell.person_id
    WHERE {HERE} AND person.id_index = ANY(%(ids)s)
    ORDER BY spell.reported_name, person.id
"""


def report_before(employer: Employer, month: Month) -> WageReport | None:
    """Return the newest standing report of an earlier month."""
    earlier = employer.reports.standing().filter(month__lt=month.first_day)
    return earlier.order_by("-month").first()


def minimum_wage_in(month: Month) -> Rupiah | None:
    """Return the city's minimum wage in `month`, None where the office has loaded none."""
    rows = MinimumWage.objects.filter(in_force_on(month.first_day))
    return rows.values_list("amount", flat=True).first()


class LastMonth:
    """A firm's month in preparation, and the report before it."""

    def __init__(self, employer: Employer, month: Month) -> None:
        self.employer = employer
        self.month = month
        self.before = report_before(employer, month)
        self.minimum = minimum_wage_in(month)
        self.minimum_before = minimum_wage_in(self.before.month) if self.before else None

    def frame(self, *, has_starts: bool = True) -> Frame:
        """Return what the rows of this month are judged by."""
        return Frame.of(
            self.month,
            minimum_wage=self.minimum,
            minimum_is_new=self.minimum != self.minimum_before,
            has_starts=has_starts,
        )

    def known(self, *ids: bytes) -> dict[bytes, Known]:
        """Return who works here in the month by blind index: all of them, or these."""
        found = self.ask(KNOWN, ids=list(ids) or None)
        return {index: Known(start, wage) for index, start, wage in found}

    def reported_in(self, report: WageReport) -> Iterator[tuple[Row, bytes]]:
        """Return the workers of `report` as rows of this month, less those who left before it.

        A report of this very month is taken whole, and what looked wrong then was answered.
        """
        is_own = report.month == self.month
        found = self.rows(self.ask(REPORTED, report=report.pk, all=is_own))
        return map(without_warnings, found) if is_own else found

    def missing(self, ids: Iterable[bytes]) -> Iterator[tuple[Row, bytes]]:
        """Return those who work here, of these ids, as workers whom a file no longer names."""
        wanted = list(ids)
        return map(as_missing, self.rows(self.ask(MISSING, ids=wanted) if wanted else []))

    def rows(self, found: Sequence[Any]) -> Iterator[tuple[Row, bytes]]:
        """Return what was found as rows; nothing more is asked while they are taken."""
        frame = self.frame()
        place = Person._meta.get_field("id_number").place
        return (row_of(each, frame, place) for each in found)

    def ask(self, statement: str, **more: Any) -> list[Any]:
        words: dict[str, Any] = {
            "employer": self.employer.pk,
            "first_day": self.month.first_day,
            "last_day": self.month.last_day,
            "before": self.before.pk if self.before else None,
        }
        with connection.cursor() as cursor:
            # Compiling takes longer than what is asked here.
            send(cursor, "SET LOCAL jit = off", statement, given=words | more)
            return list(cursor.fetchall())


def row_of(found: Any, frame: Frame, place: str) -> tuple[Row, bytes]:
    kind, number, index, name, born, sex, kpj, start, end, cause, last_wage, wage = found
    row = Row()
    row.id_kind, row.id_number = kind, decrypt(number, place=place)
    row.name, row.birth_date, row.kpj = name, born, kpj
    row.sex = sex_of(row, frame) or sex  # what the firm said of a passport's bearer
    row.wage = wage
    if end and end <= frame.last_day:
        row.ended_on, row.cause = end, cause
        row.is_absent = end < frame.first_day
    compare(row, Known(start, last_wage), frame)
    return row, index


def as_missing(found: tuple[Row, bytes]) -> tuple[Row, bytes]:
    row, index = found
    row.is_absent = True
    row.wage = row.last_wage or 0
    row.ended_on, row.cause = None, ""
    row.warnings.clear()
    return row, index


def without_warnings(found: tuple[Row, bytes]) -> tuple[Row, bytes]:
    found[0].warnings.clear()
    return found


def sex_of(row: Row, frame: Frame) -> str:
    """Return the sex that a NIK tells; what the person's own record says is nobody's business."""
    if row.id_kind == Person.IdKind.NIK and row.id_number:
        told = told_by(row.id_number[6:12], frame.last_day)
        return told[1] if told else ""
    return ""
