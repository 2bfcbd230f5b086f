"""Another size, risk group or choice, from a month on; months already billed are priced anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.actions.locks import lock_accounts
from cilegon_portal.contributions.actions.statements import send
from cilegon_portal.contributions.models import SizeProgramme
from cilegon_portal.contributions.rules import programmes_of
from cilegon_portal.rules.money import Rupiah
from cilegon_portal.rules.months import Month
from employers.actions import tariffs
from employers.actions.ending import account_of
from employers.actions.issuing import REPRICED, issue
from employers.actions.pricing import fill_tariff
from employers.models import Employer, Terms


@dataclass(frozen=True)
class Effect:
    """What other terms make of a month that is billed already."""

    month: Month
    before: Rupiah
    after: Rupiah

    @property
    def change(self) -> Rupiah:
        return self.after - self.before


# An estimate stays one. What is priced anew has the wages and workers of the version before it.
BILLED = """
    SELECT employer_id, month, id AS from_id,
           CASE kind WHEN 'ESTIMATE' THEN kind ELSE 'REPRICED' END AS kind
    FROM employers_wagereport
    WHERE employer_id = %(employer)s AND ended_at IS NULL AND month >= %(valid_from)s
"""

PROPOSED = """
    SELECT NULL::bigint AS id, %(employer)s::bigint AS employer_id,
           %(valid_from)s::date AS valid_from, NULL::date AS valid_until, %(size)s::text AS size,
           %(risk_group)s::int AS risk_group, %(with_jht)s::boolean AS with_jht,
           %(with_jp)s::boolean AS with_jp,
           %(is_labour_intensive)s::boolean AS is_labour_intensive,
           %(had_no_covid_arrears)s::boolean AS had_no_covid_arrears
"""

# The date of birth is what the firm last said of each worker.
PRICE_ANEW = f"""
INSERT INTO priced
SELECT line.n, line.person_id, line.wage, {tariffs.AMOUNTS}
FROM (
    SELECT billing.n, billing.tariff, former.person_id, former.wage,
           person.id_kind = 'NIK'
               AND coalesce(spell.birth_date, person.birth_date) > billing.born_after AS has_jp
    FROM billing
    JOIN employers_wageline former ON former.report_id = billing.from_id
    JOIN people_person person ON person.id = former.person_id
    LEFT JOIN LATERAL (
        SELECT reported_birth_date AS birth_date FROM employers_employment
        WHERE employer_id = billing.employer_id AND person_id = former.person_id
        ORDER BY started_on DESC LIMIT 1
    ) spell ON true
) line
JOIN tariff ON tariff.key = line.tariff
"""  # noqa: S608 (constants)

SUMS = ", ".join(f"coalesce(sum({name}), 0)::bigint AS {name}" for name in tariffs.NAMES)

# The sums may agree by chance where the lines do not, so the lines are compared.
LEAVE_OUT_WHAT_STAYS = f"""
DELETE FROM billing WHERE NOT EXISTS (
    SELECT FROM priced line
    JOIN employers_wageline former
        ON former.report_id = billing.from_id AND former.person_id = line.person_id
    WHERE line.n = billing.n
      AND ({", ".join(f"line.{name}" for name in tariffs.NAMES)})
       <> ({", ".join(f"former.{name}" for name in tariffs.NAMES)}))
"""  # noqa: S608 (constants)

LEAVE_OUT_THEIR_LINES = "DELETE FROM priced WHERE n NOT IN (SELECT n FROM billing)"

EFFECTS = f"""
SELECT billing.month, former.total, {" + ".join(f"sums.{name}" for name in tariffs.NAMES)}
FROM billing
JOIN employers_wagereport former ON former.id = billing.from_id
CROSS JOIN LATERAL (SELECT {SUMS} FROM priced WHERE priced.n = billing.n) sums
ORDER BY billing.month
"""  # noqa: S608 (constants)


def terms_in(employer: Employer, month: Month) -> Terms | None:
    """Return the terms of the firm in `month`, None where it has none."""
    return employer.terms.in_force_in(month).order_by("pk").first()


def programmes_in(employer: Employer, month: Month) -> frozenset[str]:
    """Return the programmes of the firm in `month`: what its size must take, what it chose."""
    terms = terms_in(employer, month)
    if terms is None:
        return frozenset()
    duties = SizeProgramme.objects.compulsory().filter(size=terms.size).as_rules()
    return terms.programmes(programmes_of(terms.size, month, duties))


@transaction.atomic
def preview_terms(
    *,
    employer: Employer,
    valid_from: Month,
    size: str,
    risk_group: int,
    with_jht: bool = False,
    with_jp: bool = False,
    is_labour_intensive: bool = False,
    had_no_covid_arrears: bool = False,
) -> list[Effect]:
    """Return the billed months that these terms would change, oldest first; nothing is written."""
    proposed = {
        "size": size,
        "risk_group": risk_group,
        "with_jht": with_jht,
        "with_jp": with_jp,
        "is_labour_intensive": is_labour_intensive,
        "had_no_covid_arrears": had_no_covid_arrears,
    }
    price_anew(employer, valid_from, terms=PROPOSED, proposed=proposed)
    return effects()


@transaction.atomic
def change_terms(
    *,
    employer: Employer,
    valid_from: Month,
    size: str,
    risk_group: int,
    with_jht: bool = False,
    with_jp: bool = False,
    is_labour_intensive: bool = False,
    had_no_covid_arrears: bool = False,
    reason: str,
    by: User,
    at: datetime,
) -> Terms:
    """Give the firm these terms from `valid_from` on, and correct the months billed otherwise.

    What was said for later months is replaced. Raises rules.NoRate.
    """
    lock_accounts([account_of(employer)])
    known = employer.terms.standing()
    known.filter(valid_from__gte=valid_from.first_day).update(replaced_at=at)
    known.in_force_in(valid_from).update(valid_until=valid_from)
    terms = Terms.objects.create(
        employer=employer,
        valid_from=valid_from,
        size=size,
        risk_group=risk_group,
        with_jht=with_jht,
        with_jp=with_jp,
        is_labour_intensive=is_labour_intensive,
        had_no_covid_arrears=had_no_covid_arrears,
        reason=reason,
        by=by,
        at=at,
    )
    price_anew(employer, valid_from)
    months = [effect.month for effect in effects()]
    if months:
        issue(months=months, words=REPRICED, source="OFFICE", by=by, at=at)
    return terms


def resume_terms(
    *,
    employer: Employer,
    last_month: Month,
    first_month: Month,
    reason: str,
    by: User,
    at: datetime,
) -> None:
    """Let nothing be owed between a firm's `last_month` and the `first_month` it reports again.

    The terms it would have in `first_month`, or had in its last one, hold from then on. The caller
    has locked the account.
    """
    ended_from = last_month.plus(1)
    known = employer.terms.standing()
    held = terms_in(employer, last_month)
    again = terms_in(employer, first_month) or held
    if held is None or again is None or first_month == ended_from:
        return
    known.filter(valid_from__gt=last_month.first_day).update(replaced_at=at)
    known.filter(pk=held.pk).update(valid_until=ended_from)
    again.pk, again.valid_from, again.valid_until = None, first_month, None
    again.reason, again.by, again.at = reason, by, at
    again.save(force_insert=True)


def price_anew(
    employer: Employer,
    valid_from: Month,
    *,
    terms: str = tariffs.TERMS_IN_FORCE,
    proposed: Mapping[str, Any] | None = None,
) -> None:
    """Leave in `billing` and `priced` the firm's months from `valid_from` on that would change."""
    asked = {"employer": employer.pk, "valid_from": valid_from.first_day, **(proposed or {})}
    fill_tariff(tariffs.WORK_TABLES, tariffs.lay_out(BILLED, terms), given=asked)
    with connection.cursor() as cursor:
        send(cursor, PRICE_ANEW, LEAVE_OUT_WHAT_STAYS, LEAVE_OUT_THEIR_LINES)


def effects() -> list[Effect]:
    with connection.cursor() as cursor:
        cursor.execute(EFFECTS)
        return [Effect(Month.of(day), before, after) for day, before, after in cursor.fetchall()]
