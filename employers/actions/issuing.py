"""Writes priced months: report versions, their lines, and what the bills ask for them.

The caller has locked the accounts, filled `billing`, `tariff` and `priced` (`tariffs`), and given
every row of `billing` its sums. Then, in this order: the bills, the end of the former versions, the
new versions, their lines.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.actions.charging import WORK_TABLE, charge_owing
from cilegon_portal.contributions.actions.closing import in_steps
from cilegon_portal.contributions.actions.corrections import Parts, correct
from cilegon_portal.contributions.actions.locks import request_id
from cilegon_portal.contributions.actions.statements import send
from cilegon_portal.contributions.models import Bill
from cilegon_portal.rules.months import Month
from cilegon_portal.templatetags.portal import month_name
from employers.actions.pricing import due_date_of
from employers.actions.tariffs import NAMES

ADD_UP = f"""
UPDATE billing
SET workers = coalesce(sums.workers, 0), wages = coalesce(sums.wages, 0), rates = tariff.rates,
    {", ".join(f"{name} = coalesce(sums.{name}, 0)" for name in NAMES)}
FROM billing it
JOIN tariff ON tariff.key = it.tariff
LEFT JOIN (
    SELECT n, count(*) AS workers, sum(wage) AS wages,
           {", ".join(f"sum({name}) AS {name}" for name in NAMES)}
    FROM priced GROUP BY n
) sums ON sums.n = it.n
WHERE billing.n = it.n
"""  # noqa: S608 (constants)

# Months that nothing is asked for yet; those that have an amount are corrected by the difference.
OWE = """
INSERT INTO owing
SELECT billing.account_id, jkk, jkm, jht_employer + jht_worker, jp_employer + jp_worker, rates
FROM billing
WHERE billing.month = %(month)s
  AND jkk + jkm + jht_employer + jht_worker + jp_employer + jp_worker > 0
  AND NOT EXISTS (
    SELECT FROM contributions_bill bill
    JOIN contributions_charge charge ON charge.bill_id = bill.id
    WHERE bill.account_id = billing.account_id AND bill.month = billing.month
    GROUP BY bill.id
    HAVING sum(charge.jkk) <> 0 OR sum(charge.jkm) <> 0 OR sum(charge.jht) <> 0
        OR sum(charge.jp) <> 0)
"""

TAKE_CHARGES = """
UPDATE billing SET charge_id = owing.charge_id
FROM owing WHERE owing.account_id = billing.account_id AND billing.month = %(month)s
"""

DIFFERENCES = """
SELECT billing.n, bill.id, billing.rates,
       billing.jkk - sum(charge.jkk), billing.jkm - sum(charge.jkm),
       billing.jht_employer + billing.jht_worker - sum(charge.jht),
       billing.jp_employer + billing.jp_worker - sum(charge.jp)
FROM billing
JOIN contributions_bill bill
    ON bill.account_id = billing.account_id AND bill.month = billing.month
JOIN contributions_charge charge ON charge.bill_id = bill.id
WHERE billing.charge_id IS NULL
GROUP BY billing.n, bill.id, billing.rates, billing.jkk, billing.jkm, billing.jht_employer,
         billing.jht_worker, billing.jp_employer, billing.jp_worker
ORDER BY bill.month, bill.id
"""

END_FORMER = """
UPDATE employers_wagereport former
SET ended_at = %(at)s, ended_because = 'REPLACED', ended_by_id = %(by)s
FROM billing
WHERE former.employer_id = billing.employer_id AND former.month = billing.month
  AND former.ended_at IS NULL
"""

WRITE_REPORTS = f"""
WITH made AS (
    INSERT INTO employers_wagereport
        (employer_id, month, version, kind, source, terms_id, file_hash, workers, wages,
         {", ".join(NAMES)}, charge_id, approved_by_id, approved_at, request_id, ended_because)
    SELECT employer_id, month, version, kind, %(source)s, terms_id, %(file_hash)s, workers, wages,
           {", ".join(NAMES)}, charge_id, %(by)s, %(at)s, %(request_id)s, ''
    FROM billing ORDER BY n
    RETURNING id, employer_id, month
)
UPDATE billing SET report_id = made.id FROM made
WHERE made.employer_id = billing.employer_id AND made.month = billing.month
"""  # noqa: S608 (constants)

WRITE_LINES = f"""
INSERT INTO employers_wageline (report_id, person_id, month, wage, {", ".join(NAMES)})
SELECT billing.report_id, line.person_id, billing.month, line.wage,
       {", ".join(f"line.{name}" for name in NAMES)}
FROM priced line JOIN billing ON billing.n = line.n
"""  # noqa: S608 (constants)


@dataclass(frozen=True)
class Words:
    """Why a bill asks what it asks: for a month that is new on it, and for a change."""

    code: str
    first: str
    change_code: str
    change: str


REPORTED = Words("REPORT", "Laporan upah", "REPORT_CHANGED", "Laporan upah diubah:")
ESTIMATED = Words("ESTIMATE", "Perkiraan dari laporan terakhir untuk", "REPRICED", "Perkiraan")
REPRICED = Words(
    "TERMS_CHANGED", "Dihitung ulang untuk", "TERMS_CHANGED", "Ketentuan iuran berubah:"
)


def issue(
    *,
    months: Iterable[Month],
    words: Words,
    priced_by: Sequence[str] = (),
    given: Mapping[str, Any] | None = None,
    source: str,
    file_hash: bytes | None = None,
    by: User | None,
    at: datetime,
) -> int:
    """Write everything that `billing` and `priced` hold; return how many rows were written.

    `priced_by`: statements that fill `priced`, with what they are `given`.
    """
    first: Sequence[str] = [*priced_by, ADD_UP]
    written = 0
    with in_steps():
        for month in months:
            written += charge(month, first=first, given=given, words=words, by=by, at=at)
            first = []
        written += correct_bills(words=words, by=by, at=at)
    stamp = {
        "source": source,
        "file_hash": file_hash,
        "by": by.pk if by else None,
        "at": at,
        "request_id": request_id(),
    }
    with connection.cursor() as cursor:
        _, *counts = send(cursor, END_FORMER, WRITE_REPORTS, WRITE_LINES, given=stamp)
    return written + sum(counts)


def charge(
    month: Month,
    *,
    first: Sequence[str],
    given: Mapping[str, Any] | None,
    words: Words,
    by: User | None,
    at: datetime,
) -> int:
    """Do `first`, then charge the firms whose bill of `month` asks for nothing yet."""
    asked = {"month": month.first_day, **(given or {})}
    with connection.cursor() as cursor:
        *_, owing = send(cursor, WORK_TABLE, *first, OWE, given=asked)
        if owing == 0:
            return 0
    written = charge_owing(
        month=month,
        due_on=due_date_of(month),
        reason_code=words.code,
        reason=f"{words.first} {month_name(month)}",
        by=by,
        at=at,
    )
    with connection.cursor() as cursor:
        cursor.execute(TAKE_CHARGES, {"month": month.first_day})
    return written


def correct_bills(*, words: Words, by: User | None, at: datetime) -> int:
    """Correct the bills that ask for something else than `billing` says."""
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENCES)
        found = cursor.fetchall()
    written = 0
    for n, bill_id, rates, jkk, jkm, jht, jp in found:
        change = Parts(jkk=int(jkk), jkm=int(jkm), jht=int(jht), jp=int(jp))
        if change == Parts():
            continue
        bill = Bill.objects.select_related("account").get(pk=bill_id)
        made = correct(
            bill=bill,
            change=change,
            reason_code=words.change_code,
            reason=f"{words.change} {month_name(bill.month)}",
            rates=rates,
            by=by,
            at=at,
        )
        with connection.cursor() as cursor:
            cursor.execute("UPDATE billing SET charge_id = %s WHERE n = %s", [made.pk, n])
        written += 1
    return written
