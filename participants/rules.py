"""Where an own-account worker (BPU) stands: covered, in grace, ended, and what is for sale.

Nobody owes a BPU month: it is bought. So everything follows from the months bought and the day.
"""

from collections.abc import Collection, Iterable
from datetime import date
from enum import StrEnum
from itertools import count, islice
from typing import Literal

from cilegon_portal.rules.months import Month
from cilegon_portal.rules.nik import age_on

GRACE_MONTHS = 3  # Perdir 22/PERDIR.02/072022: counted from the end of protection


class BpuState(StrEnum):
    """Where an enrolment stands on a day; the value is what people read."""

    UNPAID = "Belum dibayar"  # an applicant: no month was ever bought
    COMING = "Belum mulai"  # bought, and the first month lies ahead
    ACTIVE = "Aktif"
    GRACE = "Masa tenggang"
    ENDED = "Berakhir"


class Admission(StrEnum):
    """Whether somebody of this age may enrol."""

    OPEN = "OPEN"
    WARN = "WARN"  # younger than the portal asks for, not refused by the law: the office decides
    TOO_YOUNG = "TOO_YOUNG"
    TOO_OLD = "TOO_OLD"


def bpu_state(
    covered_months: Collection[Month], on: date, grace_months: int = GRACE_MONTHS
) -> BpuState:
    """Return where the buyer of these months stands on day `on`.

    More than `grace_months` unpaid months in a row end the membership.
    """
    if not covered_months:
        return BpuState.UNPAID
    this_month = Month.of(on)
    last = last_month_until(this_month, covered_months)
    if last is None:
        return BpuState.COMING
    missed = this_month.months_since(last)
    if missed == 0:
        return BpuState.ACTIVE
    return BpuState.GRACE if missed <= grace_months else BpuState.ENDED


def covered_until(covered_months: Collection[Month], on: date) -> date | None:
    """Return the last day of the unbroken cover that holds on day `on`.

    Without cover on that day: the day on which the last cover ended, or None before the first.
    """
    last = last_month_until(Month.of(on), covered_months)
    if last is None:
        return None
    while last.plus(1) in covered_months:
        last = last.plus(1)
    return last.last_day


def last_month_until(month: Month, covered_months: Iterable[Month]) -> Month | None:
    """Return the latest covered month that is not later than `month`."""
    return max((covered for covered in covered_months if covered <= month), default=None)


def grace_months_for_sale(
    covered_months: Collection[Month], on: date, grace_months: int = GRACE_MONTHS
) -> list[Month]:
    """Return the missed months that can still be bought on day `on`, oldest first.

    A missed month can be bought during `grace_months` months from the end of the protection
    before it. This month is not among them: it is not missed yet.
    """
    this_month = Month.of(on)
    for_sale = []
    for months_ago in range(grace_months - 1, 0, -1):
        month = this_month.plus(-months_ago)
        before = last_month_until(month, covered_months)
        if before not in {None, month} and this_month.months_since(before) <= grace_months:
            for_sale.append(month)
    return for_sale


def months_on_offer(
    first: Month, *, how_many: int, covered_months: Collection[Month] = ()
) -> list[Month]:
    """Return the next `how_many` months from `first` on that are not covered yet."""
    later = (first.plus(months) for months in count())
    return list(islice((month for month in later if month not in covered_months), how_many))


def first_month(on: date, rule: Literal["SAME", "NEXT"]) -> Month:
    """Return the first month of somebody who enrols on day `on`: the same or the next one."""
    return Month.of(on) if rule == "SAME" else Month.of(on).plus(1)


def first_due_date(legal_due: date, *, code_expires_on: date) -> date:
    """Return when the first bill is due: not before its payment code expires."""
    return max(legal_due, code_expires_on)


def may_register(
    birth_date: date, on: date, *, min_age: int, warn_age: int, max_age: int
) -> Admission:
    """Say whether somebody born on that day may enrol (and pay for the first time) on day `on`.

    Permenaker 5/2021: not yet `max_age`. No lowest age was found in the law: from `warn_age` on
    the portal warns, from `min_age` on it does not ask.
    """
    age = age_on(birth_date, on)
    if age >= max_age:
        return Admission.TOO_OLD
    if age >= min_age:
        return Admission.OPEN
    return Admission.WARN if age >= warn_age else Admission.TOO_YOUNG
