"""Penalties are charged with the next bill: what earlier months have grown until then."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.actions.locks import request_id
from cilegon_portal.contributions.actions.statements import send
from cilegon_portal.contributions.models import Lateness
from cilegon_portal.contributions.rules import NoRate
from cilegon_portal.rules.months import Month
from cilegon_portal.templatetags.portal import MONTHS, percent, rupiah

WIB = ZoneInfo("Asia/Jakarta")
TIMES = " \u00d7 "

WORK_TABLE = """
CREATE TEMP TABLE IF NOT EXISTS late
    (bill_id bigint, this_id bigint, account_id bigint, month date, rate bigint, grown bigint,
     asked bigint, parts bigint, words text)
    ON COMMIT DROP;
DELETE FROM late;
"""


def months_late(due_on: str, day: str) -> str:
    """Return the SQL of `rules.months_late`: one day late is one month."""
    return f"""CASE WHEN {day} <= {due_on} THEN 0 ELSE
        1 + 12 * (extract(year FROM {day}) - extract(year FROM {due_on}))::int
        + (extract(month FROM {day}) - extract(month FROM {due_on}))::int
        - (extract(day FROM {day}) < extract(day FROM {due_on}))::int END"""


def grouped(number: str) -> str:
    """Return the SQL of a number with dots between its thousands."""
    return f"replace(to_char({number}, 'FM999,999,999,999,999,999,990'), ',', '.')"


PERCENT = f"""{grouped("late.rate / 10000")}
    || CASE WHEN mod(late.rate, 10000) = 0 THEN ''
       ELSE ',' || rtrim(lpad(mod(late.rate, 10000)::text, 4, '0'), '0') END || '%%'"""

# Months before this one of the accounts that owe it, and how late each part of them was or is:
# `lateness_of` and `rules.penalty_due` for all of them at once. Rounded once a bill.
FILL = f"""
INSERT INTO late
WITH earlier AS MATERIALIZED (
    SELECT bill.id, this.id AS this_id, bill.account_id, bill.month, bill.due_on
    FROM owing
    JOIN contributions_bill this ON this.account_id = owing.account_id AND this.month = {{month}}
    JOIN contributions_bill bill
        ON bill.account_id = owing.account_id AND bill.month < {{month}} AND bill.due_on < {{today}}
), owed AS MATERIALIZED (
    SELECT charge.bill_id, sum(charge.total - charge.penalty - charge.fine)::bigint AS amount
    FROM earlier JOIN contributions_charge charge ON charge.bill_id = earlier.id
    GROUP BY charge.bill_id
), money AS (
    SELECT laid.bill_id, laid.id, laid.amount, payment.paid_at,
           sum(laid.amount) OVER (
               PARTITION BY laid.bill_id ORDER BY payment.paid_at, laid.id) - laid.amount AS before
    FROM earlier
    JOIN contributions_allocation laid ON laid.bill_id = earlier.id
    JOIN contributions_payment payment ON payment.id = laid.payment_id
    WHERE laid.reverses_id IS NULL AND NOT EXISTS (
        SELECT FROM contributions_allocation taken WHERE taken.reverses_id = laid.id)
), paid AS MATERIALIZED (
    SELECT money.bill_id, least(money.amount, owed.amount - money.before) AS amount,
           (money.paid_at AT TIME ZONE 'Asia/Jakarta')::date AS paid_on,
           row_number() OVER (PARTITION BY money.bill_id ORDER BY money.paid_at, money.id) AS n
    FROM money JOIN owed ON owed.bill_id = money.bill_id
    WHERE owed.amount > money.before
), part AS (
    SELECT earlier.id, paid.n, paid.amount,
           {months_late("earlier.due_on", "paid.paid_on")} AS months
    FROM earlier JOIN paid ON paid.bill_id = earlier.id
    WHERE paid.paid_on <= {{today}}
    UNION ALL
    SELECT earlier.id, NULL, owed.amount - coalesce(known.amount, 0),
           {months_late("earlier.due_on", "{today}")}
    FROM earlier
    JOIN owed ON owed.bill_id = earlier.id
    LEFT JOIN (
        SELECT bill_id, sum(amount) AS amount FROM paid WHERE paid_on <= {{today}} GROUP BY bill_id
    ) known ON known.bill_id = earlier.id
), grown AS (
    SELECT id, sum(amount::numeric * months) AS rupiah_months, count(*) AS parts,
           string_agg(concat(months, ' bulan{TIMES}Rp', {grouped("amount")}), ' + ' ORDER BY n)
               AS words
    FROM part WHERE amount > 0 AND months > 0
    GROUP BY id
)
SELECT earlier.id, earlier.this_id, earlier.account_id, earlier.month, law.value,
       div(grown.rupiah_months * law.value + 500000, 1000000),
       coalesce((SELECT sum(charge.penalty) FROM contributions_charge charge
                 WHERE charge.for_bill_id = earlier.id AND charge.kind <> 'WAIVER'), 0),
       grown.parts, grown.words
FROM grown
JOIN earlier ON earlier.id = grown.id
LEFT JOIN LATERAL (
    SELECT rate.value FROM contributions_rate rate
    WHERE rate.segment = 'PU' AND rate.programme = 'PENALTY' AND rate.payer = 'EMPLOYER'
      AND rate.role = 'BASE' AND rate.selector = '' AND rate.valid_from <= earlier.month
      AND (rate.valid_until IS NULL OR rate.valid_until > earlier.month)
    LIMIT 1
) law ON true
""".replace("{month}", "%(month)s::date").replace("{today}", "%(today)s::date")  # noqa: S608

# The same words as `penalty_words` has, where somebody looks at one bill.
WRITE = f"""
INSERT INTO contributions_charge
    (bill_id, kind, jkk, jkm, jht, jp, penalty, fine, for_bill_id, reason_code, reason, by_id, at,
     request_id)
SELECT late.this_id, 'PENALTY', 0, 0, 0, 0, late.grown - late.asked, 0, late.bill_id, 'LATE',
       left(concat('Denda ', (%(months)s::text[])[extract(month FROM late.month)::int], ' ',
           extract(year FROM late.month), ': ', {PERCENT}, '{TIMES}',
           CASE WHEN late.parts > 1 THEN concat('(', late.words, ')') ELSE late.words END,
           ' = Rp', {grouped("late.grown")},
           CASE WHEN late.asked <> 0 THEN concat(', dikurangi yang sudah ditagih Rp',
               {grouped("late.asked")}, ' = Rp', {grouped("late.grown - late.asked")}) END), 300),
       %(by)s, %(at)s, %(request_id)s
FROM late WHERE late.grown > late.asked
ORDER BY late.account_id, late.month
"""  # noqa: S608 (constants)

LAWLESS = "SELECT min(month) FROM late WHERE rate IS NULL"


def charge_penalties(*, month: Month, by: User | None, at: datetime) -> int:
    """Charge on the bills of `month`, for the accounts in `owing`, what lateness cost so far.

    The caller has locked the accounts and written the bills. What was asked or waived before is
    not asked again. Returns how many charges were written; raises rules.NoRate.
    """
    given = {
        "month": month.first_day,
        "today": at.astimezone(WIB).date(),
        "months": list(MONTHS),
        "by": by.pk if by else None,
        "at": at,
        "request_id": request_id(),
    }
    with connection.cursor() as cursor:
        _, written, _ = send(cursor, WORK_TABLE + FILL, WRITE, LAWLESS, given=given)
        (lawless,) = cursor.fetchone()
    if lawless:
        raise NoRate("PENALTY", Month.of(lawless))
    return written


def penalty_words(late: Lateness) -> str:
    """Return the penalty as a formula: share, months and what was late, and what it comes to.

    The parts are not rounded one by one, so only their sum has an amount.
    """
    parts = " + ".join(f"{part.months} bulan{TIMES}{rupiah(part.amount)}" for part in late.parts)
    if len(late.parts) > 1:
        parts = f"({parts})"
    words = f"{percent(late.rate)}{TIMES}{parts} = {rupiah(late.grown)}"
    if late.asked:
        words += f", dikurangi yang sudah ditagih {rupiah(late.asked)} = {rupiah(late.running)}"
    return words
