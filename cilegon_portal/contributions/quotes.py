"""Answers the question what a month costs, asked as plain values: the door of `manage.py quote`.

No row is written and nothing is known of who asks. Every refusal is one sentence that names the
field, in the language of the counter.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

from cilegon_portal.contributions import rules
from cilegon_portal.rules.money import Rupiah
from cilegon_portal.rules.months import Month

Answer: TypeAlias = dict[str, Any]

MOST_MONTHS = 120
LAST_MONTH = Month(9999, 12)
MOST_RUPIAH = 1_000_000_000_000
OFFICE_PRICES_IT = (
    "Iuran kelompok ini dihitung kantor, seperti penerima upah di tempat kerjanya. "
    "Datang ke kantor atau telepon 175."
)
REQUIRED = object()


class CannotQuote(Exception):
    """The question cannot be answered; the text says why, for the one who asked."""


@dataclass(frozen=True)
class PriceList:
    """All that prices depend on, read once: rates, compulsory programmes, the APBDes decision."""

    rates: Sequence[rules.Rate]
    programmes: Sequence[rules.ProgrammeRule]
    apbdes_relief: Sequence[tuple[date, date | None, bool]]  # from, until (exclusive), decision
    _in_force: dict[tuple[str, Month], list[rules.Rate]] = field(default_factory=dict)

    def rates_in(self, segment: str, month: Month) -> list[rules.Rate]:
        """Return the rates of `segment` in force in `month`, sought once for each month."""
        key = (segment, month)
        if key not in self._in_force:
            self._in_force[key] = [
                rate
                for rate in self.rates
                if rate.segment == segment and rate.is_in_force_in(month)
            ]
        return self._in_force[key]

    def has_apbdes_relief(self, month: Month) -> bool:
        day = month.first_day
        return any(
            decision
            for start, end, decision in self.apbdes_relief
            if start <= day and (end is None or day < end)
        )


def answer(question: object, prices: PriceList) -> Answer:
    """Return the price asked for; raise CannotQuote with one sentence."""
    if not isinstance(question, dict):
        raise CannotQuote("Tulis satu objek JSON sebaris.")
    doors: dict[str, Callable[[Mapping[str, Any], PriceList], Answer]] = {
        "BPU": answer_bpu,
        "PU": answer_pu,
    }
    segment = one_of(question, "segment", doors)
    try:
        return doors[segment](question, prices)
    except rules.NoRate as missing:
        raise CannotQuote(
            f"month: belum ada tarif {missing.programme} untuk bulan {missing.month}."
        ) from missing


def answer_bpu(question: Mapping[str, Any], prices: PriceList) -> Answer:
    refuse_unknown(
        question,
        {"segment", "month", "months", "income", "sector", "jht", "funding", "relief", "group"},
    )
    if question.get("group") is not None:
        one_of(question, "group", rules.PRICED_LIKE_WAGES)
        raise CannotQuote(f"group: {OFFICE_PRICES_IT}")
    first = month_in(question)
    left = LAST_MONTH.months_since(first) + 1
    count = whole(question, "months", least=1, most=min(MOST_MONTHS, left), default=1)
    income = whole(question, "income", most=MOST_RUPIAH)
    sector = one_of(question, "sector", rules.SECTORS)
    with_jht = yes_or_no(question, "jht", default=False)
    funding = one_of(question, "funding", rules.FUNDINGS, default="SELF")
    conditions = reliefs_in(question)

    def price(month: Month) -> rules.BpuPrice:
        return rules.price_bpu_month(
            month,
            income=income,
            sector=sector,
            with_jht=with_jht,
            funding=funding,
            apbdes_relief=prices.has_apbdes_relief(month),
            rates=prices.rates_in("BPU", month),
            conditions=conditions,
        )

    priced = [(month, price(month)) for month in (first.plus(n) for n in range(count))]
    lines = [
        {"month": str(month), "jkk": p.jkk, "jkm": p.jkm, "jht": p.jht, "total": p.total}
        for month, p in priced
    ]
    return marked(
        {"total": sum(p.total for _, p in priced), "months": lines},
        assumed=any(p.assumed for _, p in priced),
    )


def answer_pu(question: Mapping[str, Any], prices: PriceList) -> Answer:
    refuse_unknown(question, {"segment", "month", "wage", "risk_group", "size", "relief"})
    month = month_in(question)
    wage = whole(question, "wage", most=MOST_RUPIAH)
    risk_group = whole(question, "risk_group", least=1, most=5)
    size = one_of(question, "size", rules.SIZES)
    conditions = reliefs_in(question)
    price = rules.price_pu_month(
        month,
        wage=wage,
        risk_group=risk_group,
        programmes=rules.programmes_of(size, month, prices.programmes),
        rates=prices.rates_in("PU", month),
        conditions=conditions,
    )
    return marked(
        {
            "jkk": price.jkk,
            "jkm": price.jkm,
            "jht_employer": price.jht_employer,
            "jht_worker": price.jht_worker,
            "jp_employer": price.jp_employer,
            "jp_worker": price.jp_worker,
            "total": price.total,
        },
        assumed=price.assumed,
    )


def marked(answered: Answer, *, assumed: bool) -> Answer:
    """Add the mark that a ceiling was carried over, where it was."""
    return answered | ({"assumed": True} if assumed else {})


def refuse_unknown(question: Mapping[str, Any], known: set[str]) -> None:
    for name in question:
        if name not in known:
            raise CannotQuote(
                f"{name}: kolom ini tidak dikenal. Yang dikenal: {', '.join(sorted(known))}."
            )


def given(question: Mapping[str, Any], name: str, default: object) -> Any:
    if name in question:
        return question[name]
    if default is REQUIRED:
        raise CannotQuote(f"{name}: kolom ini belum ada.")
    return default


def one_of(
    question: Mapping[str, Any], name: str, known: Any, *, default: object = REQUIRED
) -> str:
    value = given(question, name, default)
    if not isinstance(value, str) or value not in known:
        raise CannotQuote(f"{name}: pilih salah satu dari {', '.join(sorted(known))}.")
    return value


def whole(
    question: Mapping[str, Any],
    name: str,
    *,
    most: Rupiah,
    least: int = 0,
    default: object = REQUIRED,
) -> int:
    value = given(question, name, default)
    if type(value) is not int or not least <= value <= most:  # True is an int, but no number
        raise CannotQuote(f"{name}: tulis bilangan bulat dari {least} sampai {most}.")
    return value


def yes_or_no(question: Mapping[str, Any], name: str, *, default: bool) -> bool:
    value = given(question, name, default)
    if not isinstance(value, bool):
        raise CannotQuote(f"{name}: tulis true atau false.")
    return value


def month_in(question: Mapping[str, Any]) -> Month:
    value = given(question, "month", REQUIRED)
    try:
        return Month.parse(value)
    except (ValueError, TypeError):
        raise CannotQuote("month: tulis bulan seperti 2026-11.") from None


def reliefs_in(question: Mapping[str, Any]) -> frozenset[str]:
    value = given(question, "relief", [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise CannotQuote("relief: tulis daftar kode syarat, misalnya [].")
    for condition in value:
        if condition not in rules.CONDITIONS:
            known = ", ".join(sorted(rules.CONDITIONS))
            raise CannotQuote(f"relief: {condition} tidak dikenal. Yang dikenal: {known}.")
    return frozenset(value)
