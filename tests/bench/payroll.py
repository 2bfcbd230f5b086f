"""Ten thousand firms and their workers, each firm with a report of one month: what W1 bills on.

Set up by SQL, with the triggers on. Sizes, risk groups, choices, reliefs, ages, passports and wages
are spread by the row's number, so that every run has the same.
"""

from datetime import datetime
from typing import Any

WORKERS_A_FIRM = 50

# Names are few, as the index over them would else take most of the time of the set-up.
FIRMS = """
WITH number AS (
    SELECT n, to_char(n, 'FM0000000') AS text FROM generate_series(1, %(firms)s) n
), account AS (
    INSERT INTO contributions_account
        (kind, virtual_account, name, phone, email, sector, campaign_code, opened_at)
    SELECT 'PU', '99' || text, 'PT Contoh ' || text, '', '', 'OTHER', '', %(at)s FROM number
    RETURNING id, right(virtual_account, 7) AS text
), firm AS (
    INSERT INTO employers_employer
        (reference, state, account_id, npp, nib, npwp, name, address, is_outside,
         may_upload_large, began_at, stated_size, wants_jht, wants_jp)
    SELECT 'B' || text, 'ACTIVE', id, '', '000000' || text, '', 'PT Contoh ' || text, '', false,
           false, %(at)s, '', false, false
    FROM account
    RETURNING id, right(reference, 7)::int AS n
)
INSERT INTO employers_terms
    (employer_id, valid_from, size, risk_group, with_jht, with_jp, is_labour_intensive,
     had_no_covid_arrears, reason, at)
SELECT id, '2020-01-01', (ARRAY['MICRO', 'SMALL', 'MEDIUM', 'LARGE', 'LARGE'])[1 + n %% 5],
       1 + n / 5 %% 5, n %% 7 = 0, n %% 11 = 0, n %% 13 = 0, false, 'Contoh', %(at)s
FROM firm
"""

PEOPLE = """
INSERT INTO people_person
    (id_kind, id_number, id_index, name, birth_date, sex, phone_proven_by, registered_at)
SELECT CASE WHEN n %% 97 = 0 THEN 'PASSPORT' ELSE 'NIK' END,
       sha256(('n' || n)::bytea), sha256(('i' || n)::bytea), 'Pekerja ' || n %% 1000,
       date '1964-01-01' + (n * 7919::bigint %% 15000)::int, 'P', '', %(at)s
FROM generate_series(1, %(workers)s) n
"""

# Two in a hundred left before the months that are billed.
EMPLOYMENTS = """
WITH worker AS (
    SELECT id, name, birth_date, row_number() OVER (ORDER BY id) - 1 AS n FROM people_person
), firm AS (
    SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM employers_employer
)
INSERT INTO employers_employment
    (employer_id, person_id, reported_name, reported_birth_date, kpj, started_on, ended_on, cause,
     is_different, settled_note)
SELECT firm.id, worker.id, worker.name, worker.birth_date, '', '2020-01-01',
       CASE WHEN worker.n %% 50 = 7 THEN date '2024-12-20' END,
       CASE WHEN worker.n %% 50 = 7 THEN 'OTHER' ELSE '' END, false, ''
FROM worker JOIN firm ON firm.n = worker.n / %(each)s
ORDER BY firm.id, worker.id
"""

WAGE = "3000000 + spell.person_id * 104729 %% 17000000"

REPORTS = f"""
INSERT INTO employers_wagereport
    (employer_id, month, version, kind, source, terms_id, workers, wages, jkk, jkm, jht_employer,
     jht_worker, jp_employer, jp_worker, approved_at, request_id, ended_because)
SELECT terms.employer_id, '2024-12-01', 1, 'ESTIMATE', 'OFFICE', terms.id, count(*), sum({WAGE}),
       0, 0, 0, 0, 0, 0, %(at)s, '', ''
FROM employers_terms terms
JOIN employers_employment spell ON spell.employer_id = terms.employer_id
GROUP BY terms.id
ORDER BY terms.id
"""  # noqa: S608 (constants)

LINES = f"""
INSERT INTO employers_wageline
    (report_id, person_id, month, wage, jkk, jkm, jht_employer, jht_worker, jp_employer, jp_worker)
SELECT report.id, spell.person_id, report.month, {WAGE}, 0, 0, 0, 0, 0, 0
FROM employers_wagereport report
JOIN employers_employment spell ON spell.employer_id = report.employer_id
ORDER BY report.id, spell.person_id
"""  # noqa: S608 (constants)

TABLES = (
    "contributions_account", "contributions_bill", "contributions_charge",
    "contributions_chargerate", "employers_employer", "employers_employment", "employers_terms",
    "employers_wageline", "employers_wagereport", "people_person",
)  # fmt: skip


def found(firms: int, *, at: datetime) -> None:
    """Write `firms` firms with their workers and one report each, of December 2024."""
    from django.db import connection, transaction

    given: dict[str, Any] = {
        "firms": firms, "workers": firms * WORKERS_A_FIRM, "each": WORKERS_A_FIRM, "at": at,
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in (FIRMS, PEOPLE, EMPLOYMENTS, REPORTS, LINES):
            cursor.execute(statement, given)
    settle()


def settle() -> None:
    """Let the planner know the tables, as autovacuum would within minutes."""
    from django.db import connection

    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"VACUUM (ANALYZE) {table}")


def only(first: int, last: int) -> None:
    """Let the firms with these numbers be active, and no other."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE employers_employer SET state = 'REJECTED'"
            " WHERE state = 'ACTIVE' AND right(reference, 7)::int NOT BETWEEN %s AND %s",
            [first, last],
        )
        cursor.execute(
            "UPDATE employers_employer SET state = 'ACTIVE'"
            " WHERE state <> 'ACTIVE' AND right(reference, 7)::int BETWEEN %s AND %s",
            [first, last],
        )
        cursor.execute("VACUUM (ANALYZE) employers_employer")
