"""What a firm's month costs: priced by the statement, before it is written and when it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction

from cilegon_portal.contributions import rules
from cilegon_portal.contributions.actions.statements import send
from cilegon_portal.contributions.models import Bill, DueDateRule
from cilegon_portal.reference.models import Holiday, Setting
from cilegon_portal.rules.money import Rupiah
from cilegon_portal.rules.months import Month
from employers.actions import tariffs
from employers.models import Employer, ReportDraft, WageReport


class FirmIsNotActive(Exception):
    """The firm owes nothing for this month: it is not, not yet or no longer registered."""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a month in preparation would cost, and how that differs from what stands."""

    workers: int
    wages: Rupiah
    jkk: Rupiah
    jkm: Rupiah
    jht_employer: Rupiah
    jht_worker: Rupiah
    jp_employer: Rupiah
    jp_worker: Rupiah
    due_on: date
    assumed: bool  # a ceiling was carried over: the office does not know the new one yet
    standing: WageReport | None
    billed: Rupiah  # contribution that the month's bill asks for already

    @property
    def employer_total(self) -> Rupiah:
        return self.jkk + self.jkm + self.jht_employer + self.jp_employer

    @property
    def worker_total(self) -> Rupiah:
        return self.jht_worker + self.jp_worker

    @property
    def total(self) -> Rupiah:
        return self.employer_total + self.worker_total

    @property
    def difference(self) -> Rupiah:
        return self.total - self.billed


ASKED = """
    SELECT %(employer)s::bigint AS employer_id, %(month)s::date AS month,
           NULL::bigint AS from_id, %(kind)s AS kind
"""

DRAFTED = f"""
SELECT count(*), coalesce(sum(wage), 0)::bigint,
       {", ".join(f"coalesce(sum({name}), 0)::bigint" for name in tariffs.NAMES)}
FROM (
    SELECT line.wage, {tariffs.AMOUNTS}
    FROM (
        SELECT billing.n, billing.tariff, draft_row.wage,
               draft_row.id_kind = 'NIK' AND draft_row.birth_date > billing.born_after AS has_jp
        FROM billing
        JOIN employers_draftrow draft_row
            ON draft_row.draft_id = %(draft)s AND NOT draft_row.is_absent
           AND draft_row.wage IS NOT NULL AND draft_row.birth_date IS NOT NULL
    ) line
    JOIN tariff ON tariff.key = line.tariff
) priced
"""  # noqa: S608 (constants)


KINDS = "SELECT count(*), min(ARRAY[missing, key]) FILTER (WHERE missing IS NOT NULL) FROM tariff"


@transaction.atomic
def preview(draft: ReportDraft) -> Preview:
    """Return what `draft` would cost if it were approved as it stands; nothing is written.

    Rows without a wage or a date of birth are not priced. Raises rules.NoRate, FirmIsNotActive.
    """
    employer, month = draft.employer, draft.month
    lay_out_tariff(employer=employer, month=month, kind=draft.purpose)
    with connection.cursor() as cursor:
        cursor.execute(DRAFTED, {"draft": draft.pk})
        workers, wages, *amounts = cursor.fetchone()
    parts = dict(zip(tariffs.NAMES, amounts, strict=True))
    return Preview(
        workers=workers,
        wages=wages,
        **parts,
        due_on=due_date_of(month),
        assumed=any(parts[name] for name in assumed_parts()),
        standing=standing_report(employer, month),
        billed=billed_for(employer, month),
    )


def lay_out_tariff(*, employer: Employer, month: Month, kind: str) -> None:
    """Have `billing` and `tariff` ready for one firm's month.

    Raises FirmIsNotActive without terms in the month, rules.NoRate without a rate.
    """
    asked = {"employer": employer.pk, "month": month.first_day, "kind": kind}
    if not fill_tariff(tariffs.WORK_TABLES, tariffs.lay_out(ASKED), given=asked):
        raise FirmIsNotActive


def fill_tariff(*first: str, given: Mapping[str, Any] | None = None) -> int:
    """Do `first`, then price the kinds of terms in `billing`; return how many there are.

    Raises rules.NoRate.
    """
    with connection.cursor() as cursor:
        send(cursor, *first, tariffs.FILL_TARIFF, KINDS, given=given)
        count, lacking = cursor.fetchone()
    if lacking:
        programme, key = lacking
        raise rules.NoRate(programme, Month.parse(key[:7]))
    return int(count)


def assumed_parts() -> list[str]:
    """Return the parts that are priced with a ceiling carried over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT unnest(assumed) FROM tariff")
        return [name for (name,) in cursor.fetchall()]


def standing_report(employer: Employer, month: Month) -> WageReport | None:
    """Return the version of the month that counts now, if there is one."""
    standing = WageReport.objects.standing().of_month(month).filter(employer=employer)
    return standing.order_by("pk").first()


def billed_for(employer: Employer, month: Month) -> Rupiah:
    """Return the contribution that the firm's bill of `month` asks for already."""
    bills = Bill.objects.filter(account=employer.account_id, month=month.first_day)
    return sum(bill.contribution for bill in bills.with_sums())


def due_date_of(month: Month) -> date:
    """Return the day on which firms must have paid `month`; raises rules.NoRate."""
    first = month.first_day
    rule = DueDateRule.objects.in_force_on(first).filter(segment="PU").first()
    if rule is None:
        raise rules.NoRate("DUE_DATE", month)
    days = (first, month.plus(rule.month_offset + 1).last_day)
    holidays = Holiday.objects.filter(day__range=days).values_list("day", flat=True)
    return rules.due_date(month, rule=rule.as_rule(), holidays=frozenset(holidays))


def pension_age_in(month: Month) -> int:
    """Return the age at which JP ends for who reaches it by the first day of `month`."""
    return int(Setting.objects.value("JP_PENSION_AGE", on=month.first_day))
