"""What a month costs, when it falls due and what lateness costs, as the regulations say.

Everything is keyed by the contribution month, never by the day of payment. Amounts are whole
rupiah, shares whole parts per million.
"""

from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from cilegon_portal.rules.money import WHOLE, PartsPerMillion, Rupiah, share_of
from cilegon_portal.rules.months import Month
from cilegon_portal.rules.workdays import Shift, workday

PROGRAMMES = frozenset({"JKK", "JKM", "JHT", "JP"})  # JKP is a transfer inside JKK: never billed
SECTORS = frozenset({"TRANSPORT", "OTHER"})
FUNDINGS = frozenset({"SELF", "DONOR", "APBD", "APBDES", "APBN"})
SIZES = frozenset({"MICRO", "SMALL", "MEDIUM", "LARGE"})
RISK_GROUPS = range(1, 6)

COVID_ARREARS_PAID = "COVID_ARREARS_PAID"  # PP 49/2020: paid up to July 2020
LABOUR_INTENSIVE = "LABOUR_INTENSIVE"  # PP 7/2025, PP 36/2025: six industries, 50 workers
NOT_STATE_FUNDED = "NOT_STATE_FUNDED"  # PP 50/2025: not paid from APBN or APBD
CONDITIONS = frozenset({COVID_ARREARS_PAID, LABOUR_INTENSIVE, NOT_STATE_FUNDED})

# PP 44/2015: these own-account workers pay the wage rates of the place where they work, on the
# lowest wage there; the bands are not theirs.
PRICED_LIKE_WAGES = frozenset({"EMPLOYER", "APPRENTICE", "HONORARY", "TRAINEE", "PRISONER"})

CEILING_STEP: Rupiah = 100


class NoRate(LookupError):
    """No rate of this programme is in force in this month."""

    def __init__(self, programme: str, month: Month) -> None:
        super().__init__(f"no rate of {programme} in force in {month}")
        self.programme = programme
        self.month = month


class PricedByOffice(Exception):
    """This group of own-account workers is priced like wages, by the office."""

    def __init__(self, sub_group: str) -> None:
        super().__init__(f"{sub_group} is priced by the office")
        self.sub_group = sub_group


@dataclass(frozen=True, kw_only=True)
class Rate:
    """A dated row of the law: one share, amount or income band.

    Measures: WAGE_PPM a share of the wage (of its part below `ceiling`), FLAT an amount, BAND the
    amount from income `income_from` up to the next band, NORMAL_PPM a share of the amount without
    relief, DUE_PPM a share of the contribution due for each month of lateness.
    """

    id: int
    programme: str  # JKK, JKM, JHT, JP, PENALTY, FINE
    segment: str  # PU, BPU
    payer: str  # EMPLOYER, WORKER, PARTICIPANT
    selector: str  # risk group "1" to "5", sector, a band's lower bound; "" for all
    role: str  # BASE, RELIEF, INTERNAL
    condition: str  # what a relief asks for; "" for the other roles
    measure: str
    value: int
    income_from: Rupiah | None
    basis: Rupiah | None
    ceiling: Rupiah | None
    checked_until: date | None  # exclusive: from here on the value is carried over, not known
    valid_from: date
    valid_until: date | None  # exclusive
    legal_basis: str

    def is_in_force_in(self, month: Month) -> bool:
        day = month.first_day
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)

    def is_assumed_in(self, month: Month) -> bool:
        return self.checked_until is not None and self.checked_until <= month.first_day

    def fits(self, selector: str, income: Rupiah) -> bool:
        """Say whether the row is meant for this risk group or sector, or for this income."""
        if self.measure == "BAND":
            return self.income_from is not None and self.income_from <= income
        return self.selector in {"", selector}

    def amount(self, income: Rupiah, *, normal: Rupiah = 0) -> Rupiah:
        """Return what the row makes of `income` (or wage), or of the `normal` amount."""
        if self.measure == "WAGE_PPM":
            counted = income if self.ceiling is None else min(income, self.ceiling)
            return share_of(counted, self.value)
        if self.measure == "NORMAL_PPM":
            return share_of(normal, self.value)
        return self.value


@dataclass(frozen=True)
class Tariff:
    """The rates of one segment that are in force in one month, for a payer who meets `met`."""

    month: Month
    segment: str
    met: frozenset[str]
    rates: tuple[Rate, ...]

    @classmethod
    def of(
        cls, month: Month, *, segment: str, met: frozenset[str], rates: Iterable[Rate]
    ) -> "Tariff":
        in_force = (rate for rate in rates if rate.segment == segment)
        return cls(month, segment, met, tuple(r for r in in_force if r.is_in_force_in(month)))

    def base(self, programme: str, payer: str, *, selector: str, income: Rupiah) -> Rate:
        """Return the normal rate; of several bands the highest that `income` reaches.

        The annexe of PP 44/2015 leaves gaps of Rp1.000: they belong to the band below.
        """
        found = [rate for rate in self._of(programme, payer, "BASE") if rate.fits(selector, income)]
        if not found:
            raise NoRate(programme, self.month)
        return max(found, key=lambda rate: rate.income_from or 0)

    def reliefs(self, programme: str, payer: str, *, selector: str) -> Iterator[Rate]:
        """Yield the reliefs whose condition is met; INTERNAL rows are never among them."""
        for rate in self._of(programme, payer, "RELIEF"):
            if rate.selector in {"", selector} and (
                not rate.condition or rate.condition in self.met
            ):
                yield rate

    def part(self, programme: str, payer: str, *, selector: str = "", income: Rupiah) -> "Part":
        """Return what `programme` costs this payer: the normal amount, or the lowest relief."""
        base = self.base(programme, payer, selector=selector, income=income)
        normal = base.amount(income)
        part = Part(normal, (base.id,), assumed=base.is_assumed_in(self.month))
        for relief in self.reliefs(programme, payer, selector=selector):
            amount = relief.amount(income, normal=normal)
            if amount < part.amount:
                part = Part(
                    amount,
                    (base.id, relief.id),
                    assumed=base.is_assumed_in(self.month) or relief.is_assumed_in(self.month),
                )
        return part

    def _of(self, programme: str, payer: str, role: str) -> Iterator[Rate]:
        return (
            rate
            for rate in self.rates
            if (rate.programme, rate.payer, rate.role) == (programme, payer, role)
        )


@dataclass(frozen=True)
class Part:
    """What one programme costs one payer in a month, and the rows that say so."""

    amount: Rupiah
    rate_ids: tuple[int, ...]
    assumed: bool = False


NOTHING = Part(0, ())


@dataclass(frozen=True)
class BpuPrice:
    """What a month costs an own-account worker (BPU, bukan penerima upah)."""

    jkk: Rupiah
    jkm: Rupiah
    jht: Rupiah
    rate_ids: tuple[int, ...]
    assumed: bool = False

    @property
    def total(self) -> Rupiah:
        return self.jkk + self.jkm + self.jht


@dataclass(frozen=True)
class PuPrice:
    """What a month costs for one wage earner (PU, penerima upah): employer's and worker's parts."""

    jkk: Rupiah
    jkm: Rupiah
    jht_employer: Rupiah
    jht_worker: Rupiah
    jp_employer: Rupiah
    jp_worker: Rupiah
    rate_ids: tuple[int, ...]
    assumed: bool = False

    @property
    def employer_total(self) -> Rupiah:
        return self.jkk + self.jkm + self.jht_employer + self.jp_employer

    @property
    def worker_total(self) -> Rupiah:
        return self.jht_worker + self.jp_worker

    @property
    def total(self) -> Rupiah:
        return self.employer_total + self.worker_total


def price_bpu_month(
    month: Month,
    *,
    income: Rupiah,
    sector: str,
    with_jht: bool,
    funding: str,
    apbdes_relief: bool,
    rates: Iterable[Rate],
    conditions: frozenset[str] = frozenset(),
    sub_group: str = "",
) -> BpuPrice:
    """Return the price of `month` for an own-account worker with this monthly income.

    Raises NoRate, and PricedByOffice for the sub-groups that are priced like wages. What the
    office decides about village money (APBDes) comes in as `apbdes_relief`.
    """
    if sub_group:
        check(sub_group, PRICED_LIKE_WAGES, "sub-group")
        raise PricedByOffice(sub_group)
    check(sector, SECTORS, "sector")
    check_income(income)
    met = check_conditions(conditions) - {NOT_STATE_FUNDED}
    if is_not_state_funded(funding, apbdes_relief=apbdes_relief):
        met |= {NOT_STATE_FUNDED}
    tariff = Tariff.of(month, segment="BPU", met=met, rates=rates)
    jkk = tariff.part("JKK", "PARTICIPANT", selector=sector, income=income)
    jkm = tariff.part("JKM", "PARTICIPANT", selector=sector, income=income)
    jht = tariff.part("JHT", "PARTICIPANT", selector=sector, income=income) if with_jht else NOTHING
    parts = (jkk, jkm, jht)
    return BpuPrice(
        jkk.amount, jkm.amount, jht.amount, ids_of(parts), any(part.assumed for part in parts)
    )


def is_not_state_funded(funding: str, *, apbdes_relief: bool) -> bool:
    """Say whether PP 50/2025 counts money of this kind as not the state's: a donor's is not."""
    check(funding, FUNDINGS, "funding")
    return funding in {"SELF", "DONOR"} or (funding == "APBDES" and apbdes_relief)


def price_pu_month(
    month: Month,
    *,
    wage: Rupiah,
    risk_group: int,
    programmes: frozenset[str],
    rates: Iterable[Rate],
    conditions: frozenset[str] = frozenset(),
) -> PuPrice:
    """Return the price of `month` for one wage earner in these programmes; raises NoRate.

    JKK and JKM are billed gross: the part that goes on to JKP is an internal split of it. JP
    counts the wage up to its ceiling; `assumed` says that a value was carried over.
    """
    check_income(wage)
    if risk_group not in RISK_GROUPS:
        raise ValueError(f"unknown risk group: {risk_group!r}")
    for programme in programmes:
        check(programme, PROGRAMMES, "programme")
    met = check_conditions(conditions)
    tariff = Tariff.of(month, segment="PU", met=met, rates=rates)

    def part(programme: str, payer: str) -> Part:
        if programme not in programmes:
            return NOTHING
        return tariff.part(programme, payer, selector=str(risk_group), income=wage)

    jkk, jkm = part("JKK", "EMPLOYER"), part("JKM", "EMPLOYER")
    jht_employer, jht_worker = part("JHT", "EMPLOYER"), part("JHT", "WORKER")
    jp_employer, jp_worker = part("JP", "EMPLOYER"), part("JP", "WORKER")
    parts = (jkk, jkm, jht_employer, jht_worker, jp_employer, jp_worker)
    return PuPrice(
        jkk=jkk.amount,
        jkm=jkm.amount,
        jht_employer=jht_employer.amount,
        jht_worker=jht_worker.amount,
        jp_employer=jp_employer.amount,
        jp_worker=jp_worker.amount,
        rate_ids=ids_of(parts),
        assumed=any(each.assumed for each in parts),
    )


def check(value: str, known: Collection[str], what: str) -> None:
    """Raise ValueError when `value` is none of the closed list."""
    if value not in known:
        raise ValueError(f"unknown {what}: {value!r}")


def check_conditions(conditions: frozenset[str]) -> frozenset[str]:
    for condition in conditions:
        check(condition, CONDITIONS, "condition")
    return conditions


def check_income(income: Rupiah) -> None:
    if income < 0:
        raise ValueError("an income is not negative")


def ids_of(parts: Iterable[Part]) -> tuple[int, ...]:
    """Return the keys of the rows used, each once, in order of use."""
    return tuple(dict.fromkeys(key for part in parts for key in part.rate_ids))


@dataclass(frozen=True)
class ProgrammeRule:
    """A dated row: firms of this size must take part in this programme (Perpres 109/2013 Ps. 6)."""

    size: str  # MICRO, SMALL, MEDIUM, LARGE
    programme: str
    valid_from: date
    valid_until: date | None  # exclusive
    legal_basis: str

    def is_in_force_in(self, month: Month) -> bool:
        day = month.first_day
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


def programmes_of(size: str, month: Month, rules: Iterable[ProgrammeRule]) -> frozenset[str]:
    """Return the programmes that are compulsory for firms of `size` in `month`."""
    check(size, SIZES, "size")
    return frozenset(
        rule.programme for rule in rules if rule.size == size and rule.is_in_force_in(month)
    )


@dataclass(frozen=True)
class DueRule:
    """When a month's contribution falls due: a dated row, read by contribution month."""

    day: int
    month_offset: int  # 0: in the month itself, 1: in the next one
    shift: Shift  # which way a day off moves to a working day


def due_date(month: Month, *, rule: DueRule, holidays: Container[date]) -> date:
    """Return the day on which the contribution of `month` is due."""
    paid_in = month.plus(rule.month_offset)
    day = min(rule.day, paid_in.length)  # February has no 30th
    return workday(paid_in.first_day.replace(day=day), shift=rule.shift, holidays=holidays)


def months_late(due: date, *, paid_on: date) -> int:
    """Count months of lateness. One day late is one month."""
    if paid_on <= due:
        return 0
    whole = Month.of(paid_on).months_since(Month.of(due))
    if paid_on.day < due.day:
        whole -= 1
    return 1 + whole


def penalty_rate(month: Month, *, segment: str, rates: Iterable[Rate]) -> PartsPerMillion:
    """Return the monthly penalty for lateness with the contribution of `month`.

    2 % (PP 44/2015 Ps. 22), 0,5 % for the months of PP 49/2020; an own-account worker pays none.
    """
    if segment == "BPU":
        return 0
    return penalty_row(month, segment=segment, rates=rates).value


def penalty_row(month: Month, *, segment: str, rates: Iterable[Rate]) -> Rate:
    """Return the row of the law by which lateness with the contribution of `month` costs."""
    tariff = Tariff.of(month, segment=segment, met=frozenset(), rates=rates)
    return tariff.base("PENALTY", "EMPLOYER", selector="", income=0)


def penalty_due(
    *,
    contribution: Rupiah,
    due: date,
    payments: Sequence[tuple[date, Rupiah]],
    on: date,
    rate: PartsPerMillion,
) -> Rupiah:
    """Return the whole penalty grown until day `on` on one month's contribution.

    Each started month of lateness costs `rate` of what was still unpaid when it started; money
    paid on the day it starts comes too late for it. So every payment bears the months it was late,
    and what is unpaid on day `on` bears the months until then. Payments are signed (a reversal is
    negative, on its own day); those after `on` do not count yet. The penalty bears no penalty.
    Rounded once, at the end.
    """
    known = [(paid_on, amount) for paid_on, amount in payments if paid_on <= on]
    unpaid = contribution - sum(amount for _, amount in known)
    if unpaid < 0:
        raise ValueError("more was paid than the contribution")
    rupiah_months = unpaid * months_late(due, paid_on=on) + sum(
        amount * months_late(due, paid_on=paid_on) for paid_on, amount in known
    )
    return share_of(rupiah_months, rate)


def jp_ceiling_next(prior: Rupiah, growth: PartsPerMillion) -> Rupiah:
    """Return the next JP wage ceiling: `prior` grown by last year's GDP, cut to Rp100.

    PP 45/2015 Ps. 29: cut, not rounded (the ceiling of 2024 would be another); growth may be
    negative.
    """
    return prior * (WHOLE + growth) // WHOLE // CEILING_STEP * CEILING_STEP


def last_covered_day(month: Month) -> date:
    """Return the last day that a paid `month` covers: cover runs by calendar month."""
    return month.last_day
