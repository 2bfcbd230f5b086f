"""The same month billed by hand-written SQL: no locks, no credit, no law but that of 2025.

The same rows in the same tables with the same triggers, and nothing besides: what a month costs
when nothing is asked of the code but that it is fast.
"""

from typing import Any

WORK = """
SET LOCAL jit = off;
SET LOCAL work_mem = '64MB';
CREATE TEMP TABLE firm ON COMMIT DROP AS
SELECT employer.id AS employer_id, employer.account_id, terms.id AS terms_id,
       last.id AS from_id, nextval('employers_wagereport_id_seq') AS report_id,
       (ARRAY[2400, 5400, 8900, 12700, 17400])[terms.risk_group] AS jkk_ppm,
       (ARRAY[1200, 2700, 4450, 6350, 8700])[terms.risk_group] AS relieved_ppm,
       terms.is_labour_intensive AND %(month)s < date '2026-02-01' AS is_relieved,
       terms.size <> 'MICRO' OR terms.with_jht AS with_jht,
       terms.size IN ('MEDIUM', 'LARGE') OR terms.with_jp AS with_jp,
       terms.risk_group
FROM employers_employer employer
JOIN employers_terms terms ON terms.employer_id = employer.id
JOIN employers_wagereport last ON last.employer_id = employer.id AND last.ended_at IS NULL
WHERE employer.state = 'ACTIVE'
  AND last.month = (%(month)s::date - interval '1 month')::date;
ANALYZE firm;
"""

PRICED = """
CREATE TEMP TABLE sold ON COMMIT DROP AS
SELECT report_id, person_id, wage,
       CASE WHEN is_relieved THEN (wage * relieved_ppm + 500000) / 1000000
            ELSE (wage * jkk_ppm + 500000) / 1000000 END AS jkk,
       (wage * 3000 + 500000) / 1000000 AS jkm,
       CASE WHEN with_jht THEN (wage * 37000 + 500000) / 1000000 ELSE 0 END AS jht_employer,
       CASE WHEN with_jht THEN (wage * 20000 + 500000) / 1000000 ELSE 0 END AS jht_worker,
       CASE WHEN has_jp THEN (least(wage, %(cap)s) * 20000 + 500000) / 1000000 ELSE 0 END
           AS jp_employer,
       CASE WHEN has_jp THEN (least(wage, %(cap)s) * 10000 + 500000) / 1000000 ELSE 0 END
           AS jp_worker
FROM (
    SELECT firm.report_id, line.person_id, line.wage, firm.is_relieved, firm.relieved_ppm,
           firm.jkk_ppm, firm.with_jht,
           firm.with_jp AND passport.id IS NULL AND spell.reported_birth_date > %(born_after)s
               AS has_jp
    FROM firm
    JOIN employers_wageline line ON line.report_id = firm.from_id
    JOIN employers_employment spell
        ON spell.employer_id = firm.employer_id AND spell.person_id = line.person_id
       AND (spell.ended_on IS NULL OR spell.ended_on >= %(month)s)
    LEFT JOIN people_person passport
        ON passport.id = line.person_id AND passport.id_kind = 'PASSPORT'
) line
"""

WRITE = (
    """
    CREATE TEMP TABLE total ON COMMIT DROP AS
    SELECT report_id, count(*) AS workers, sum(wage) AS wages, sum(jkk) AS jkk, sum(jkm) AS jkm,
           sum(jht_employer) AS jht_employer, sum(jht_worker) AS jht_worker,
           sum(jp_employer) AS jp_employer, sum(jp_worker) AS jp_worker,
           nextval('contributions_bill_id_seq') AS bill_id,
           nextval('contributions_charge_id_seq') AS charge_id
    FROM sold GROUP BY report_id
    """,
    """
    INSERT INTO contributions_bill
        (id, account_id, month, due_on, kelurahan_id, sector, officer_id, campaign_code, made_at)
    SELECT total.bill_id, account.id, %(month)s, %(due_on)s, account.kelurahan_id, account.sector,
           account.officer_id, account.campaign_code, %(at)s
    FROM total JOIN firm USING (report_id)
    JOIN contributions_account account ON account.id = firm.account_id
    """,
    """
    INSERT INTO contributions_charge
        (id, bill_id, kind, jkk, jkm, jht, jp, penalty, fine, reason_code, reason, at, request_id)
    SELECT charge_id, bill_id, 'CONTRIBUTION', jkk, jkm, jht_employer + jht_worker,
           jp_employer + jp_worker, 0, 0, 'ESTIMATE', 'Perkiraan', %(at)s, ''
    FROM total
    """,
    """
    INSERT INTO contributions_chargerate (charge_id, rate_id)
    SELECT total.charge_id, rate.id
    FROM total JOIN firm USING (report_id)
    JOIN contributions_rate rate
        ON rate.segment = 'PU' AND rate.valid_from <= %(month)s
       AND (rate.valid_until IS NULL OR rate.valid_until > %(month)s)
       AND (rate.role = 'BASE'
            OR rate.role = 'RELIEF' AND rate.condition = 'LABOUR_INTENSIVE' AND firm.is_relieved)
       AND rate.selector IN ('', firm.risk_group::text)
       AND (rate.programme IN ('JKK', 'JKM') OR rate.programme = 'JHT' AND firm.with_jht
            OR rate.programme = 'JP' AND firm.with_jp)
    """,
    """
    INSERT INTO employers_wagereport
        (id, employer_id, month, version, kind, source, terms_id, workers, wages, jkk, jkm,
         jht_employer, jht_worker, jp_employer, jp_worker, charge_id, approved_at, request_id,
         ended_because)
    SELECT report_id, firm.employer_id, %(month)s, 1, 'ESTIMATE', 'OFFICE', firm.terms_id, workers,
           wages, jkk, jkm, jht_employer, jht_worker, jp_employer, jp_worker, charge_id, %(at)s,
           '', ''
    FROM total JOIN firm USING (report_id)
    """,
    """
    INSERT INTO employers_wageline
        (report_id, person_id, month, wage, jkk, jkm, jht_employer, jht_worker, jp_employer,
         jp_worker)
    SELECT report_id, person_id, %(month)s, wage, jkk, jkm, jht_employer, jht_worker, jp_employer,
           jp_worker
    FROM sold
    """,
)


def bill(given: dict[str, Any]) -> None:
    """Bill the month in one transaction: `given` has month, due_on, born_after, cap and at."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        for statement in (WORK, PRICED, *WRITE):
            cursor.execute(statement, given)
