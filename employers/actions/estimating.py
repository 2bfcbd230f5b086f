"""Firms that said nothing by the due date are billed what they reported last, and are told so."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from cilegon_portal.contributions.actions.locks import lock_accounts
from cilegon_portal.rules.money import Rupiah
from cilegon_portal.rules.months import Month
from employers.actions import tariffs
from employers.actions.issuing import ESTIMATED, issue
from employers.actions.pricing import due_date_of, fill_tariff

WIB = ZoneInfo("Asia/Jakarta")
LOOKS_BACK = 12  # months that the daily job still estimates


@dataclass(frozen=True)
class Billed:
    """What a run billed: firms and workers by estimates, how much, and rows written."""

    firms: int = 0
    workers: int = 0
    total: Rupiah = 0
    written: int = 0

    def __add__(self, other: Self) -> "Billed":
        return Billed(
            self.firms + other.firms,
            self.workers + other.workers,
            self.total + other.total,
            self.written + other.written,
        )


# A firm that never reported has nothing to be copied from; it is reminded, not billed. A closed
# one owes until its last month.
SILENT = """
    SELECT employer.id AS employer_id, %(month)s::date AS month, last.id AS from_id,
           'ESTIMATE' AS kind, employer.account_id
    FROM employers_employer employer
    CROSS JOIN LATERAL (
        SELECT report.id FROM employers_wagereport report
        WHERE report.employer_id = employer.id AND report.ended_at IS NULL
          AND report.month < %(month)s
        ORDER BY report.month DESC LIMIT 1
    ) last
    WHERE employer.state IN ('ACTIVE', 'CLOSED')
      AND (employer.last_month IS NULL OR employer.last_month >= %(month)s)
      AND EXISTS (
          SELECT FROM employers_terms terms
          WHERE terms.employer_id = employer.id AND terms.replaced_at IS NULL
            AND terms.valid_from <= %(month)s
            AND (terms.valid_until IS NULL OR terms.valid_until > %(month)s))
      AND NOT EXISTS (
          SELECT FROM employers_wagereport standing
          WHERE standing.employer_id = employer.id AND standing.ended_at IS NULL
            AND standing.month = %(month)s)
"""

SILENT_ACCOUNTS = f"SELECT account_id FROM ({SILENT}) silent"  # noqa: S608 (constants)

# Who left before the month is left out. Somebody whose only spells in the month have ended is
# rare; for all others one standing spell says the date of birth. OFFSET 0 keeps the wide rows of
# `tariff` out of the joins of many narrow ones; in this order the lines find their places faster.
COPY_LINES = f"""
INSERT INTO priced
WITH passport AS MATERIALIZED (
    SELECT id FROM people_person WHERE id_kind = 'PASSPORT'
), spell AS (
    SELECT employer_id, person_id, reported_birth_date AS birth_date
    FROM employers_employment WHERE ended_on IS NULL AND started_on <= %(last_day)s
    UNION ALL
    SELECT ended.employer_id, ended.person_id, max(ended.reported_birth_date)
    FROM employers_employment ended
    WHERE ended.ended_on >= %(first_day)s AND NOT EXISTS (
        SELECT FROM employers_employment standing
        WHERE standing.employer_id = ended.employer_id AND standing.person_id = ended.person_id
          AND standing.ended_on IS NULL AND standing.started_on <= %(last_day)s)
    GROUP BY ended.employer_id, ended.person_id
)
SELECT line.n, line.person_id, line.wage, {tariffs.AMOUNTS}
FROM (
    SELECT billing.n, billing.tariff, former.person_id, former.wage,
           passport.id IS NULL AND spell.birth_date > billing.born_after AS has_jp
    FROM billing
    JOIN employers_wageline former ON former.report_id = billing.from_id
    JOIN spell
        ON spell.employer_id = billing.employer_id AND spell.person_id = former.person_id
    LEFT JOIN passport ON passport.id = former.person_id
    OFFSET 0
) line
JOIN tariff ON tariff.key = line.tariff
ORDER BY line.n, line.person_id
"""  # noqa: S608 (constants)

SUMS = f"""
SELECT count(*), coalesce(sum(workers), 0)::bigint,
       coalesce(sum({" + ".join(tariffs.NAMES)}), 0)::bigint
FROM billing
"""  # noqa: S608 (constants)


@transaction.atomic
def estimate_month(*, month: Month, at: datetime) -> Billed:
    """Bill every active firm without a report of `month` what its last report says.

    Running it again writes nothing. The office decides when: the due date is not asked here.
    Raises rules.NoRate.
    """
    asked = {"month": month.first_day}
    with connection.cursor() as cursor:
        cursor.execute(tariffs.WORK_TABLES)
        cursor.execute(SILENT_ACCOUNTS, asked)
        accounts = [account for (account,) in cursor.fetchall()]
        if not accounts:
            return Billed()
        lock_accounts(accounts)
        # Who reported while we waited for the locks is not silent any more.
        locked = f"{SILENT} AND employer.account_id = ANY(%(accounts)s::bigint[])"
        fill_tariff(tariffs.lay_out(locked), given=asked | {"accounts": accounts})
    written = issue(
        months=[month],
        words=ESTIMATED,
        priced_by=[COPY_LINES],
        given={"first_day": month.first_day, "last_day": month.last_day},
        source="OFFICE",
        by=None,
        at=at,
    )
    with connection.cursor() as cursor:
        cursor.execute(SUMS)
        firms, workers, total = cursor.fetchone()
    return Billed(firms, workers, total, written)


def estimate_due(*, at: datetime) -> Billed:
    """Estimate each month of the last year whose due date is over, oldest first."""
    today = at.astimezone(WIB).date()
    this_month = Month.of(today)
    billed = Billed()
    for number in range(-LOOKS_BACK, 1):
        month = this_month.plus(number)
        if due_date_of(month) < today:
            billed += estimate_month(month=month, at=at)
    return billed
