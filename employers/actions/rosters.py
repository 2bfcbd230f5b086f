"""From an approved draft to people and employments: who begins, who leaves, what the firm said.

Everything is done by a handful of statements for all rows at once. A person's record is never
changed here: what the firm said of somebody stays on the employment, and a difference waits there
for the office.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from cilegon_portal.contributions.actions.statements import send
from cilegon_portal.fields import decrypt
from cilegon_portal.people.actions import Newcomer, register_people
from cilegon_portal.rules.months import Month
from employers.models import ReportDraft

# `spell_id`: the spell of work that the row is about, which may have to begin earlier or to go on.
WORK_TABLES = """
CREATE TEMP TABLE IF NOT EXISTS named
    (number bigint, is_absent boolean, id_kind text, id_index bytea, name text, birth_date date,
     sex text, kpj text, started_on date, ended_on date, cause text, wage bigint)
    ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS roster
    (number bigint, is_absent boolean, person_id bigint, id_kind text, name text, birth_date date,
     sex text, kpj text, started_on date, ended_on date, cause text, wage bigint,
     is_different boolean, spell_id bigint, goes_on boolean)
    ON COMMIT DROP;
DELETE FROM named;
DELETE FROM roster;
"""

# The rows of the draft once more: of what was just written, the planner knows no size but this.
NAME = """
INSERT INTO named
SELECT number, is_absent, id_kind, id_index, name, birth_date, sex, kpj, started_on, ended_on,
       cause, wage
FROM employers_draftrow WHERE draft_id = %(draft)s
"""

# LIMIT lets each row find its person by the index, however many people there are.
PERSON = """
    SELECT known.id, known.name, known.birth_date FROM people_person known
    WHERE known.id_kind = it.id_kind AND known.id_index = it.id_index
    LIMIT 1
"""

# Spaces and capitals make no difference of a name.
PLAIN = "btrim(regexp_replace(lower({}), '\\s+', ' ', 'g'))"

DIFFERS = f"""(person.birth_date <> it.birth_date
    OR person.name <> it.name
       AND {PLAIN.format("person.name")} <> {PLAIN.format("it.name")})"""

# The spell that stands in the month: most often one without an end, which is then the last; else
# one that ended before the month although the row says that it had not; else the next one, which
# then began earlier than was said. Who is on no record yet has no person.
FILL = f"""
INSERT INTO roster
SELECT it.number, it.is_absent, person.id, it.id_kind, it.name, it.birth_date,
       CASE it.id_kind WHEN 'PASSPORT' THEN it.sex ELSE '' END, it.kpj,
       greatest(it.started_on, known.ended_before + 1), it.ended_on, it.cause, it.wage,
       {DIFFERS},
       coalesce(present.id, known.standing_id,
                CASE WHEN known.ended_before >= it.started_on AND NOT it.is_absent
                     THEN known.before_id END,
                CASE WHEN it.ended_on IS NULL AND NOT it.is_absent THEN known.next_id END),
       NOT it.is_absent AND it.ended_on IS NULL AND known.next_id IS NULL
FROM named it
LEFT JOIN LATERAL ({PERSON}) person ON true
LEFT JOIN employers_employment present
    ON present.employer_id = %(employer)s AND present.person_id = person.id
   AND present.ended_on IS NULL AND present.started_on <= %(last_day)s
LEFT JOIN LATERAL (
    SELECT (array_agg(spell.id ORDER BY spell.started_on DESC) FILTER (
               WHERE spell.started_on <= %(last_day)s
                 AND (spell.ended_on IS NULL
                      OR spell.ended_on >= greatest(%(first_day)s, it.started_on))))[1]
               AS standing_id,
           (array_agg(spell.id ORDER BY spell.ended_on DESC) FILTER (
               WHERE spell.ended_on < %(first_day)s))[1] AS before_id,
           max(spell.ended_on) FILTER (WHERE spell.ended_on < %(first_day)s) AS ended_before,
           (array_agg(spell.id ORDER BY spell.started_on) FILTER (
               WHERE spell.started_on > %(last_day)s))[1] AS next_id
    FROM employers_employment spell
    WHERE spell.employer_id = %(employer)s AND spell.person_id = person.id
      AND present.id IS NULL
) known ON true
"""  # noqa: S608 (constants)

# By their numbers: a join would be planned for the one row that the table had before the COPY.
UNKNOWN = """
SELECT id_kind, id_index, id_number, name, birth_date, sex
FROM employers_draftrow
WHERE draft_id = %(draft)s AND number = ANY(ARRAY(
    SELECT number FROM roster WHERE person_id IS NULL AND NOT is_absent))
"""

# Who was on no record has no spell of work either.
KNOW = f"""
UPDATE roster SET person_id = person.id, is_different = {DIFFERS}
FROM named it
CROSS JOIN LATERAL ({PERSON}) person
WHERE roster.person_id IS NULL AND it.number = roster.number AND NOT it.is_absent
"""  # noqa: S608 (constants)

FORGET = "DELETE FROM roster WHERE person_id IS NULL"

# Whether the firm itself has reported nothing later than this month.
NEWEST = """
    NOT EXISTS (
        SELECT FROM employers_wagereport later
        WHERE later.employer_id = %(employer)s AND later.ended_at IS NULL
          AND later.month > %(first_day)s AND later.kind <> 'ESTIMATE')
"""

# What the office settled is open again: the firm now says something else that differs.
SAYS_OTHERWISE = """
    (NOT roster.is_absent AND roster.is_different
     AND (spell.reported_name, spell.reported_birth_date) <> (roster.name, roster.birth_date))
"""

# A spell that ended in or after this month goes on again when this month's report is the newest
# word; what a later month said of its end stands.
FOLLOW = f"""
UPDATE employers_employment spell
SET reported_name = CASE WHEN roster.is_absent THEN spell.reported_name ELSE roster.name END,
    reported_birth_date = CASE WHEN roster.is_absent THEN spell.reported_birth_date
                               ELSE roster.birth_date END,
    reported_sex = coalesce(nullif(roster.sex, ''), spell.reported_sex),
    kpj = coalesce(nullif(roster.kpj, ''), spell.kpj),
    started_on = CASE WHEN spell.started_on > %(last_day)s THEN roster.started_on
                      ELSE spell.started_on END,
    ended_on = CASE WHEN roster.ended_on IS NOT NULL
                    THEN greatest(roster.ended_on, spell.started_on)
                    WHEN roster.goes_on AND {NEWEST} THEN NULL ELSE spell.ended_on END,
    cause = CASE WHEN roster.ended_on IS NOT NULL THEN roster.cause
                 WHEN roster.goes_on AND {NEWEST} THEN '' ELSE spell.cause END,
    is_different = CASE WHEN roster.is_absent THEN spell.is_different
                        ELSE roster.is_different END,
    settled_at = CASE WHEN {SAYS_OTHERWISE} THEN NULL ELSE spell.settled_at END,
    settled_by_id = CASE WHEN {SAYS_OTHERWISE} THEN NULL ELSE spell.settled_by_id END,
    settled_note = CASE WHEN {SAYS_OTHERWISE} THEN '' ELSE spell.settled_note END
FROM roster
WHERE spell.id = roster.spell_id AND spell.employer_id = %(employer)s
  AND (roster.ended_on IS NOT NULL
       OR roster.goes_on AND {NEWEST} AND spell.ended_on IS NOT NULL
       OR spell.started_on > %(last_day)s
       OR NOT roster.is_absent
          AND ((spell.reported_name, spell.reported_birth_date, spell.is_different)
               <> (roster.name, roster.birth_date, roster.is_different)
               OR roster.sex <> '' AND roster.sex <> spell.reported_sex
               OR roster.kpj <> '' AND roster.kpj <> spell.kpj))
"""  # noqa: S608 (constants)

BEGIN = """
INSERT INTO employers_employment
    (employer_id, person_id, reported_name, reported_birth_date, reported_sex, kpj, started_on,
     ended_on, cause, is_different, settled_note)
SELECT %(employer)s, person_id, name, birth_date, sex, kpj, started_on,
       CASE WHEN ended_on IS NOT NULL THEN greatest(ended_on, started_on) END, cause,
       is_different, ''
FROM roster WHERE spell_id IS NULL AND NOT is_absent
ORDER BY number
"""


def enrol(draft: ReportDraft, *, at: datetime) -> None:
    """Write the people and employments that `draft` tells of; leaves its rows in `roster`."""
    month: Month = draft.month
    given = {
        "draft": draft.pk,
        "employer": draft.employer_id,
        "first_day": month.first_day,
        "last_day": month.last_day,
    }
    with connection.cursor() as cursor:
        send(cursor, WORK_TABLES + NAME, FILL, UNKNOWN, given=given)
        unknown = cursor.fetchall()
    register_people(people=newcomers(unknown), at=at)
    with connection.cursor() as cursor:
        send(cursor, KNOW, FORGET, FOLLOW, BEGIN, given=given)


def newcomers(rows: Iterable[Sequence[Any]]) -> Iterator[Newcomer]:
    """Yield the people of these rows of a draft, who are on no record."""
    place = "employers_draftrow.id_number"
    for id_kind, id_index, sealed, name, birth_date, sex in rows:
        number = decrypt(bytes(sealed), place=place)
        yield Newcomer(id_kind, bytes(id_index), number, name, birth_date, sex)
