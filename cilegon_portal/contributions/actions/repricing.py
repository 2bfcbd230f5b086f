"""The law reached back: months bought too dear are priced anew, and the surplus becomes credit.

One person proposes, another approves; approving writes differences only, so a second run writes
nothing. An open code that still asks the old price is replaced: its money then buys at the new one.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.actions import credit, release
from cilegon_portal.contributions.actions.closing import finish
from cilegon_portal.contributions.actions.locks import lock_reached, reach
from cilegon_portal.contributions.actions.prices import PRESENT_PRICE
from cilegon_portal.contributions.actions.unwinding import SamePerson
from cilegon_portal.contributions.models import PaymentCode, Repricing
from cilegon_portal.rules.money import Rupiah
from cilegon_portal.rules.months import Month


class NothingToReprice(Exception):
    """Every month bought stands at its present price, or below."""


class RepricingWaits(Exception):
    """A proposal for this month waits for its second person."""


class AlreadyApproved(Exception):
    """The repricing was carried out before."""


@dataclass(frozen=True)
class Surplus:
    """How many bills of a month stand too high, and by how much together."""

    bills: int
    amount: Rupiah


DIFFERENCE_TABLE = """
CREATE TEMP TABLE IF NOT EXISTS difference
    (bill_id bigint, line_id bigint, jkk bigint, jkm bigint, jht bigint, surplus bigint,
     rates bigint[])
    ON COMMIT DROP;
SET LOCAL jit = off;
DELETE FROM difference;
"""

# What was bought is asked once more, with the inputs of the line that bought it last; each kind
# of line is priced once.
FIND_DIFFERENCES = f"""
INSERT INTO difference
WITH bought AS MATERIALIZED (
    SELECT bill.id, sum(charge.jkk) AS jkk, sum(charge.jkm) AS jkm, sum(charge.jht) AS jht,
           sum(charge.total) AS total,
           (array_agg(charge.code_line_id ORDER BY charge.id DESC)
               FILTER (WHERE charge.kind = 'CONTRIBUTION'))[1] AS line_id
    FROM contributions_bill bill
    JOIN contributions_account account ON account.id = bill.account_id AND account.kind = 'BPU'
    JOIN contributions_charge charge ON charge.bill_id = bill.id
    WHERE bill.month = %(month)s
    GROUP BY bill.id
    HAVING sum(charge.total) > 0
), kinds AS MATERIALIZED (
    SELECT DISTINCT line.month, line.income, line.sector, line.funding, line.with_jht
    FROM bought JOIN contributions_codeline line ON line.id = bought.line_id
), priced AS MATERIALIZED (
    SELECT line.*, price.jkk, price.jkm, price.jht, price.total, price.rates
    FROM kinds line CROSS JOIN LATERAL ({PRESENT_PRICE}) price
)
SELECT bought.id, bought.line_id, priced.jkk - bought.jkk, priced.jkm - bought.jkm,
       priced.jht - bought.jht, bought.total - priced.total, priced.rates
FROM bought
JOIN contributions_codeline line ON line.id = bought.line_id
JOIN priced ON (priced.income, priced.sector, priced.funding, priced.with_jht)
             = (line.income, line.sector, line.funding, line.with_jht)
WHERE priced.total < bought.total
"""  # noqa: S608 (constants)

COUNT = "SELECT count(*), coalesce(sum(surplus), 0)::bigint FROM difference"

# The owners of the bills, and whoever paid for them.
ACCOUNTS = """
SELECT bill.account_id
FROM difference JOIN contributions_bill bill ON bill.id = difference.bill_id
UNION
SELECT payment.account_id
FROM difference
JOIN contributions_allocation allocation ON allocation.bill_id = difference.bill_id
JOIN contributions_payment payment ON payment.id = allocation.payment_id
"""

# Open codes that ask more for this month, not bought yet, than it costs now.
DEAR_CODES = f"""
SELECT code.id, code.account_id
FROM contributions_paymentcode code
JOIN contributions_codeline line ON line.code_id = code.id
LEFT JOIN contributions_bill bill ON bill.account_id = line.account_id AND bill.month = line.month
{credit.STATE}
CROSS JOIN LATERAL ({PRESENT_PRICE}) price
WHERE code.closed_at IS NULL AND line.bill_id IS NULL AND charges.charged = 0
  AND line.month = %(month)s AND price.total < line.total
"""  # noqa: S608 (constants)

CHOOSE_SURPLUS = "INSERT INTO surplus SELECT bill_id, surplus FROM difference"

WRITE_CORRECTIONS = """
WITH made AS (
    INSERT INTO contributions_charge
        (bill_id, kind, jkk, jkm, jht, jp, penalty, fine, reason_code, reason, code_line_id,
         by_id, at, request_id)
    SELECT bill_id, 'CORRECTION', jkk, jkm, jht, 0, 0, 0, 'REPRICED',
           'Dihitung ulang dengan tarif yang berlaku surut', line_id,
           %(by)s, %(at)s, %(request_id)s
    FROM difference ORDER BY bill_id
    RETURNING id, bill_id
)
INSERT INTO contributions_chargerate (charge_id, rate_id)
SELECT made.id, used.rate_id
FROM made
JOIN difference ON difference.bill_id = made.bill_id
CROSS JOIN LATERAL (SELECT DISTINCT unnest(difference.rates)) used (rate_id)
"""


@transaction.atomic
def preview_repricing(*, month: Month) -> Surplus:
    """Return what repricing `month` would give back; nothing is written."""
    find_differences(month)
    return count_differences()


@transaction.atomic
def propose_repricing(*, month: Month, by: User, at: datetime) -> Repricing:
    """Ask for `month` to be priced anew; raises NothingToReprice, RepricingWaits.

    Codes that ask too much are reason enough, also where nobody has paid too much yet.
    """
    if Repricing.objects.filter(month=month.first_day, approved_at=None).exists():
        raise RepricingWaits
    surplus = preview_repricing(month=month)
    if not surplus.bills and not dear_codes(month):
        raise NothingToReprice
    return Repricing.objects.create(
        month=month, bills=surplus.bills, surplus=surplus.amount, asked_by=by, asked_at=at
    )


@transaction.atomic
def approve_repricing(*, repricing: Repricing, by: User, at: datetime) -> Repricing:
    """Carry out a proposal of somebody else; raises SamePerson, AlreadyApproved.

    The row is left with the figures of the moment of approval.
    """
    repricing = Repricing.objects.select_for_update(of=("self",)).get(pk=repricing.pk)
    if repricing.approved_at:
        raise AlreadyApproved
    if repricing.asked_by_id == by.pk:
        raise SamePerson
    lock_reached(lambda: reach(accounts_of(repricing.month)))
    surplus = count_differences()
    PaymentCode.objects.open().filter(pk__in=dear_codes(repricing.month)).update(
        closed_at=at, closed_because=PaymentCode.Closed.REPLACED
    )
    lower_bills(by=by, at=at)
    repricing.bills, repricing.surplus = surplus.bills, surplus.amount
    repricing.approved_by, repricing.approved_at = by, at
    repricing.save()
    return repricing


def find_differences(month: Month) -> None:
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENCE_TABLE)
        cursor.execute(FIND_DIFFERENCES, {"month": month.first_day})


def count_differences() -> Surplus:
    with connection.cursor() as cursor:
        cursor.execute(COUNT)
        return Surplus(*cursor.fetchone())


def accounts_of(month: Month) -> set[int]:
    """Find the differences anew, and return the accounts that they touch."""
    find_differences(month)
    with connection.cursor() as cursor:
        cursor.execute(ACCOUNTS)
        touched = {account for (account,) in cursor.fetchall()}
    return touched | set(dear_codes(month).values())


def dear_codes(month: Month) -> dict[int, int]:
    """Return the open codes that ask too much for `month`, each with its payer's account."""
    with connection.cursor() as cursor:
        cursor.execute(DEAR_CODES, {"month": month.first_day})
        return dict(cursor.fetchall())


def lower_bills(*, by: User, at: datetime) -> None:
    """Take the surplus off, correct the charges, lay back what stays; credit then pays on."""
    credit.lay_out_work()
    release.lay_out_release()
    with connection.cursor() as cursor:
        cursor.execute(CHOOSE_SURPLUS)
        cursor.execute(release.CHOOSE_SURPLUS)
        touched = release.take_off(by=by, at=at)
        cursor.execute(WRITE_CORRECTIONS, release.stamp(by, at))
    release.lay_back(by=by, at=at)
    credit.spend_credit(touched, by=by, at=at)
    finish(at=at)
