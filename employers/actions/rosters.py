"""From an approved draft to people and employments: who begins, who leaves, what the firm said.

Everything is done by a handful of statements for all rows at once. A person's record is never
changed here: what the firm said of somebody stays on the employment, and a difference waits there
for the office.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db import connection

from cilegon_portal.contributions.actions.statements import send
from cilegon_portal.fields import decrypt
from cilegon_portal.people.actions import Newcomer, register_people
from cilegon_portal.rules.months import Month
from employers.models import ReportDraft

# `spell_id`: the spell of work that the row is about, which may have to begin earlier or to go on.
WORK_TABLE = """
CREATE TEMP TABLE IF NOT EXISTS roster
    (number bigint, is_absent boolean, person_id bigint, id_kind text, name text, birth_date date,
     sex text, kpj text, started_on date, ended_on date, cause text, wage bigint,
     is_different boolean, spell_id bigint, goes_on boolean)
    ON COMMIT DROP;
DELETE FROM roster;
"""

UNKNOWN = """
SELECT draft_row.id_kind, draft_row.id_index, draft_row.id_number, draft_row.name,
       draft_row.birth_date, draft_row.sex
FROM employers_draftrow draft_row
WHERE draft_row.draft_id = %(draft)s AND NOT draft_row.is_absent AND NOT EXISTS (
    SELECT FROM people_person person
    WHERE person.id_kind = draft_row.id_kind AND person.id_index = draft_row.id_index)
"""

# Spaces and capitals make no difference of a name.
PLAIN = "btrim(regexp_replace(lower({}), '\\s+', ' ', 'g'))"

# The spell that stands in the month; else one that ended before it although the row says that it
# had not; else the next one, which then began earlier than was said.
FILL = f"""
INSERT INTO roster
SELECT it.number, it.is_absent, person.id, it.id_kind, it.name, it.birth_date,
       CASE it.id_kind WHEN 'PASSPORT' THEN it.sex ELSE '' END, it.kpj,
       greatest(it.started_on, known.ended_before + 1), it.ended_on, it.cause, it.wage,
       person.birth_date <> it.birth_date
           OR {PLAIN.format("person.name")} <> {PLAIN.format("it.name")},
       coalesce(known.standing_id,
                CASE WHEN known.ended_before >= it.started_on AND NOT it.is_absent
                     THEN known.before_id END,
                CASE WHEN it.ended_on IS NULL AND NOT it.is_absent THEN known.next_id END),
       NOT it.is_absent AND it.ended_on IS NULL AND known.next_id IS NULL
FROM employers_draftrow it
JOIN people_person person ON person.id_kind = it.id_kind AND person.id_index = it.id_index
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
) known ON true
WHERE it.draft_id = %(draft)s
"""  # noqa: S608 (constants)

# Whether the firm itself has reported nothing later than this month.
NEWEST = """
    NOT EXISTS (
        SELECT FROM employers_wagereport later
        WHERE later.employer_id = %(employer)s AND later.ended_at IS NULL
          AND later.month > %(first_day)s AND later.kind <> 'ESTIMATE')
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
    settled_at = CASE WHEN roster.says_otherwise THEN NULL ELSE spell.settled_at END,
    settled_by_id = CASE WHEN roster.says_otherwise THEN NULL ELSE spell.settled_by_id END,
    settled_note = CASE WHEN roster.says_otherwise THEN '' ELSE spell.settled_note END
FROM (
    SELECT roster.*, NOT roster.is_absent AND roster.is_different
        AND (old.reported_name, old.reported_birth_date) <> (roster.name, roster.birth_date)
        AS says_otherwise
    FROM roster JOIN employers_employment old ON old.id = roster.spell_id
) roster
WHERE spell.id = roster.spell_id
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
    register_people(people=newcomers(draft), at=at)
    given = {
        "draft": draft.pk,
        "employer": draft.employer_id,
        "first_day": month.first_day,
        "last_day": month.last_day,
    }
    with connection.cursor() as cursor:
        send(cursor, WORK_TABLE, FILL, FOLLOW, BEGIN, given=given)


def newcomers(draft: ReportDraft) -> Iterator[Newcomer]:
    """Yield the people of the draft's rows who are on no record."""
    place = "employers_draftrow.id_number"
    with connection.cursor() as cursor:
        cursor.execute(UNKNOWN, {"draft": draft.pk})
        rows = cursor.fetchall()
    for id_kind, id_index, sealed, name, birth_date, sex in rows:
        number = decrypt(bytes(sealed), place=place)
        yield Newcomer(id_kind, bytes(id_index), number, name, birth_date, sex)
