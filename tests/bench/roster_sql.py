"""The lean way: COPY the sheet into a temporary table, let SQL judge, compare, write and price.

It writes what the portal writes, into the same tables under the same constraints and triggers; it
stages nothing for anybody to look at, tells a refused row by its number only, and speaks to nobody.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

from tests.bench.rosters import RISK_GROUP, Crew

STAGE = """
CREATE TEMP TABLE sheet (number int, nik text, name text, born text, started text, wage text,
                         id_index bytea) ON COMMIT DROP
"""
COPY = "COPY sheet (number, nik, name, born, started, wage, id_index) FROM STDIN (FORMAT BINARY)"
DAY = "substr({0}, 7, 4) || '-' || substr({0}, 4, 2) || '-' || substr({0}, 1, 2)"
REFUSED = f"""
SELECT number FROM (
    SELECT *, count(*) OVER (PARTITION BY nik) AS times FROM sheet
) row
WHERE nik !~ '^[0-9]{{16}}$' OR times > 1 OR name = '' OR wage !~ '^[0-9]+$'
   OR NOT pg_input_is_valid({DAY.format("born")}, 'date')
   OR NOT pg_input_is_valid({DAY.format("started")}, 'date')
ORDER BY number
"""  # noqa: S608 (constants)
ROSTER = f"""
CREATE TEMP TABLE roster ON COMMIT DROP AS
SELECT nik, sheet.name, ({DAY.format("born")})::date AS born,
       ({DAY.format("started")})::date AS started,
       wage::bigint AS wage, sheet.id_index, person.id AS person_id
FROM sheet LEFT JOIN people_person person
    ON person.id_kind = 'NIK' AND person.id_index = sheet.id_index;
ANALYZE roster;
"""  # noqa: S608 (constants)
UNKNOWN = "SELECT nik, id_index FROM roster WHERE person_id IS NULL"
SEALED = "CREATE TEMP TABLE sealed (id_index bytea, id_number bytea) ON COMMIT DROP"
COPY_SEALED = "COPY sealed FROM STDIN (FORMAT BINARY)"
REGISTER = """
WITH made AS (
    INSERT INTO people_person (id_kind, id_number, id_index, name, birth_date, sex,
                               phone_proven_by, registered_at)
    SELECT 'NIK', sealed.id_number, sealed.id_index, roster.name, roster.born, 'L', '', %(at)s
    FROM sealed JOIN roster USING (id_index)
    RETURNING id, id_index
)
UPDATE roster SET person_id = made.id FROM made WHERE made.id_index = roster.id_index
"""
JOIN = """
INSERT INTO employers_employment (employer_id, person_id, reported_name, reported_birth_date, kpj,
                                  started_on, cause, is_different, settled_note)
SELECT %(employer)s, roster.person_id, roster.name, roster.born, '', roster.started, '',
       lower(person.name) <> lower(roster.name) OR person.birth_date <> roster.born, ''
FROM roster JOIN people_person person ON person.id = roster.person_id
WHERE NOT EXISTS (
    SELECT FROM employers_employment spell
    WHERE spell.employer_id = %(employer)s AND spell.person_id = roster.person_id
      AND spell.ended_on IS NULL)
"""
LEAVE = """
UPDATE employers_employment spell SET ended_on = %(month)s::date - 1, cause = 'OTHER'
WHERE spell.employer_id = %(employer)s AND spell.ended_on IS NULL
  AND NOT EXISTS (SELECT FROM roster WHERE roster.person_id = spell.person_id)
"""
PRICE = """
CREATE TEMP TABLE priced ON COMMIT DROP AS
SELECT person_id, wage, (wage * %(jkk)s + 500000) / 1000000 AS jkk,
       (wage * %(jkm)s + 500000) / 1000000 AS jkm,
       (wage * %(jht_employer)s + 500000) / 1000000 AS jht_employer,
       (wage * %(jht_worker)s + 500000) / 1000000 AS jht_worker,
       (least(wage, %(ceiling)s) * %(jp_employer)s + 500000) / 1000000 AS jp_employer,
       (least(wage, %(ceiling)s) * %(jp_worker)s + 500000) / 1000000 AS jp_worker
FROM roster
"""
REPORT = """
WITH total AS (
    SELECT count(*) AS workers, sum(wage) AS wages, sum(jkk) AS jkk, sum(jkm) AS jkm,
           sum(jht_employer) AS jht_employer, sum(jht_worker) AS jht_worker,
           sum(jp_employer) AS jp_employer, sum(jp_worker) AS jp_worker
    FROM priced
), bill AS (
    INSERT INTO contributions_bill (account_id, month, due_on, sector, campaign_code, made_at)
    VALUES (%(account)s, %(month)s, %(due_on)s, 'OTHER', '', %(at)s) RETURNING id
), charge AS (
    INSERT INTO contributions_charge (bill_id, kind, jkk, jkm, jht, jp, penalty, fine, reason_code,
                                      reason, by_id, at, request_id)
    SELECT bill.id, 'CONTRIBUTION', jkk, jkm, jht_employer + jht_worker, jp_employer + jp_worker,
           0, 0, 'REPORT', 'Laporan upah', %(by)s, %(at)s, ''
    FROM bill, total RETURNING id
), rates AS (
    INSERT INTO contributions_chargerate (charge_id, rate_id)
    SELECT charge.id, unnest(%(rates)s::bigint[]) FROM charge
)
INSERT INTO employers_wagereport (employer_id, month, version, kind, source, terms_id, workers,
    wages, jkk, jkm, jht_employer, jht_worker, jp_employer, jp_worker, charge_id, approved_by_id,
    approved_at, request_id, ended_because)
SELECT %(employer)s, %(month)s, 1, 'REGULAR', 'UPLOAD', %(terms)s, total.*, charge.id, %(by)s,
       %(at)s, '', ''
FROM total, charge
RETURNING id
"""
LINES = """
INSERT INTO employers_wageline (report_id, person_id, month, wage, jkk, jkm, jht_employer,
                                jht_worker, jp_employer, jp_worker)
SELECT %(report)s, person_id, %(month)s, wage, jkk, jkm, jht_employer, jht_worker, jp_employer,
       jp_worker
FROM priced
"""


def prices(month: Any) -> dict[str, Any]:
    """Return the shares of a large firm of the bench's risk group, and the rates' keys."""
    from cilegon_portal.contributions.models import Rate

    found = {
        (rate.programme, rate.payer): rate
        for rate in Rate.objects.in_force_on(month.first_day).filter(
            segment="PU",
            role="BASE",
            programme__in=["JKK", "JKM", "JHT", "JP"],
            selector__in=["", str(RISK_GROUP)],
        )
    }
    shares: dict[str, Any] = {
        "jkk": found["JKK", "EMPLOYER"].value,
        "jkm": found["JKM", "EMPLOYER"].value,
        "jht_employer": found["JHT", "EMPLOYER"].value,
        "jht_worker": found["JHT", "WORKER"].value,
        "jp_employer": found["JP", "EMPLOYER"].value,
        "jp_worker": found["JP", "WORKER"].value,
        "ceiling": found["JP", "WORKER"].ceiling,
    }
    return shares | {"rates": [rate.pk for rate in found.values()]}


def rows_of(path: Path) -> list[list[Any]]:
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(path)
    return book.get_sheet_by_index(0).to_python()[1:]


def take(crew: Crew, path: Path, *, at: datetime) -> list[int]:
    """Read the sheet and write the month; return the rows that stopped it."""
    from django.db import connection, transaction

    from employers.actions.pricing import due_date_of

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(STAGE)
        stage(cursor, rows_of(path))
        cursor.execute(REFUSED)
        refused = [number for (number,) in cursor.fetchall()]
        if refused:
            transaction.set_rollback(True)
            return refused
        month = crew.month.first_day
        terms = crew.employer.terms.get()
        asked = {
            "employer": crew.employer.pk, "account": crew.employer.account_id, "month": month,
            "terms": terms.pk, "by": crew.approver.pk, "at": at,
            "due_on": due_date_of(crew.month), **prices(crew.month),
        }  # fmt: skip
        cursor.execute(ROSTER)
        register(cursor, asked)
        for statement in (JOIN, LEAVE, PRICE, REPORT):
            cursor.execute(statement, asked)
        cursor.execute(LINES, asked | {"report": cursor.fetchone()[0]})
    return []


def stage(cursor: Any, rows: list[list[Any]]) -> None:
    from cilegon_portal.fields import blind_index

    with cursor.copy(COPY) as copy:
        copy.set_types(["int4", "text", "text", "text", "text", "text", "bytea"])
        for number, (nik, name, _, born, _, _, _, _, started, wage) in enumerate(rows, start=2):
            salary = f"{wage:.0f}" if isinstance(wage, float) else wage
            index = blind_index("person.id", nik)
            copy.write_row((number, nik, name, born, started, salary, index))


def register(cursor: Any, asked: dict[str, Any]) -> None:
    """Write the people whom nobody knows yet; only these numbers are encrypted."""
    from cilegon_portal.fields import encrypt

    cursor.execute(UNKNOWN)
    unknown = cursor.fetchall()
    cursor.execute(SEALED)
    with cursor.copy(COPY_SEALED) as copy:
        copy.set_types(["bytea", "bytea"])
        for nik, index in unknown:
            copy.write_row((bytes(index), encrypt(nik, place="people_person.id_number")))
    cursor.execute(REGISTER, asked)
