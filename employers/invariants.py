# ruff: noqa: S608 (queries are put together from the constants of this file)
"""Every rule of wage reports as a query: each returns the rows that break it, with a key.

`check_invariants` runs them beside those of the ledger.
"""

AMOUNTS = ("wage", "jkk", "jkm", "jht_employer", "jht_worker", "jp_employer", "jp_worker")
TOTALS = ("wages", *AMOUNTS[1:])

LINES = f"""
    SELECT report_id, count(*) AS workers,
           {", ".join(f"sum({a}) AS {t}" for a, t in zip(AMOUNTS, TOTALS, strict=True))}
    FROM employers_wageline GROUP BY report_id
"""

# What each month of a firm's account asks for as contribution, by programme.
ASKED = """
    SELECT bill.id AS bill_id, employer.id AS employer_id, bill.month, sum(charge.jkk) AS jkk,
           sum(charge.jkm) AS jkm, sum(charge.jht) AS jht, sum(charge.jp) AS jp
    FROM employers_employer employer
    JOIN contributions_bill bill ON bill.account_id = employer.account_id
    JOIN contributions_charge charge ON charge.bill_id = bill.id
    GROUP BY bill.id, employer.id
"""

INVARIANTS: dict[str, str] = {
    "report_is_the_sum_of_its_lines": f"""
        SELECT report.id FROM employers_wagereport report
        LEFT JOIN ({LINES}) lines ON lines.report_id = report.id
        WHERE report.workers <> coalesce(lines.workers, 0)
           OR {" OR ".join(f"report.{name} <> coalesce(lines.{name}, 0)" for name in TOTALS)}
    """,
    "standing_report_is_what_the_bill_asks": f"""
        SELECT report.id FROM employers_wagereport report
        LEFT JOIN ({ASKED}) asked
            ON asked.employer_id = report.employer_id AND asked.month = report.month
        WHERE report.ended_at IS NULL
          AND (report.jkk <> coalesce(asked.jkk, 0) OR report.jkm <> coalesce(asked.jkm, 0)
               OR report.jht_employer + report.jht_worker <> coalesce(asked.jht, 0)
               OR report.jp_employer + report.jp_worker <> coalesce(asked.jp, 0))
    """,
    "nothing_is_asked_without_a_standing_report": f"""
        SELECT asked.bill_id FROM ({ASKED}) asked
        LEFT JOIN employers_wagereport report
            ON report.employer_id = asked.employer_id AND report.month = asked.month
           AND report.ended_at IS NULL
        WHERE report.id IS NULL AND asked.jkk + asked.jkm + asked.jht + asked.jp <> 0
    """,
    "line_is_of_its_reports_month": """
        SELECT line.id FROM employers_wageline line
        LEFT JOIN employers_wagereport report
            ON report.id = line.report_id AND report.month = line.month
        WHERE report.id IS NULL
    """,
    "line_names_a_person": """
        SELECT line.id FROM employers_wageline line
        LEFT JOIN people_person person ON person.id = line.person_id
        WHERE person.id IS NULL
    """,
    "passport_has_no_jp": """
        SELECT line.id FROM employers_wageline line
        JOIN people_person person ON person.id = line.person_id
        WHERE person.id_kind = 'PASSPORT' AND line.jp_employer + line.jp_worker <> 0
    """,
    "report_is_charged_on_its_own_bill": """
        SELECT report.id FROM employers_wagereport report
        JOIN employers_employer employer ON employer.id = report.employer_id
        JOIN contributions_charge charge ON charge.id = report.charge_id
        JOIN contributions_bill bill ON bill.id = charge.bill_id
        WHERE bill.account_id <> employer.account_id OR bill.month <> report.month
    """,
    "one_version_of_a_month_stands": """
        SELECT min(id) FROM employers_wagereport WHERE ended_at IS NULL
        GROUP BY employer_id, month HAVING count(*) > 1
    """,
    "report_has_terms_of_its_firm": """
        SELECT report.id FROM employers_wagereport report
        JOIN employers_terms terms ON terms.id = report.terms_id
        WHERE terms.employer_id <> report.employer_id OR terms.valid_from > report.month
    """,
    "who_is_reported_has_worked_there": """
        SELECT line.id FROM employers_wageline line
        JOIN employers_wagereport report ON report.id = line.report_id
        WHERE report.ended_at IS NULL AND NOT EXISTS (
            SELECT FROM employers_employment spell
            WHERE spell.employer_id = report.employer_id AND spell.person_id = line.person_id)
    """,
}
