"""Who is made up and what they do, from a seed alone: no database, no clock, no secrets."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from cilegon_portal.accounts.demo import WORKER_PHONE
from cilegon_portal.management.demo import names
from cilegon_portal.rules.months import Month
from cilegon_portal.rules.nik import DEMO_REGION

WIB = ZoneInfo("Asia/Jakarta")
PEOPLE_AT_FULL_SCALE = 9_000
FEWEST_PEOPLE = 30
REGISTRATIONS = 540  # days: eighteen months
HABITS = {1: 45, 3: 25, 6: 15, 12: 15}  # months bought at once: how often
CHANNELS = {"QRIS": 50, "VA": 30, "RETAIL": 20}
YEAR = 365


class Fate(Enum):
    """Where a made-up person stands on the day of the demo, and how many of a hundred do."""

    ACTIVE = 58
    GRACE = 14
    ENDED = 18
    APPLICANT = 10


FIRST_FATES = (Fate.ACTIVE, Fate.GRACE, Fate.ENDED, Fate.APPLICANT)  # their phones are told


@dataclass(frozen=True)
class Trade:
    """An occupation on offer, by its key in the database."""

    key: int
    name: str
    sector: str


@dataclass(frozen=True)
class Place:
    """A kelurahan, by its key in the database and the two digits of its kecamatan."""

    key: int
    kecamatan: str


@dataclass(frozen=True)
class Purchase:
    """Months bought with one code; `paid_at` is None for a code that nobody paid."""

    months: tuple[Month, ...]
    made_at: datetime
    paid_at: datetime | None
    channel: str = ""
    too_much: int = 0  # rupiah


@dataclass(frozen=True)
class MadeUp:
    """A person of the demo, who never was, with all that happened."""

    number: int
    fate: Fate
    nik: str
    name: str
    birth_date: date
    sex: str
    phone: str
    trade: Trade
    place: Place
    income: int
    with_jht: bool
    is_assisted: bool
    wants_reminders: bool
    registered_at: datetime
    first_month: Month
    purchases: tuple[Purchase, ...]


@dataclass
class Plan:
    """Draws people one after the other; the same seed, scale and moment draw the same."""

    seed: int
    scale: str
    now: datetime
    trades: Sequence[Trade]
    places: Sequence[Place]
    niks: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        text = f"{self.seed}/{self.scale}/{self.now.date()}"
        self.dice = random.Random(text)  # noqa: S311 (it makes people up, not secrets)

    @property
    def since(self) -> datetime:
        """When the office began to use the portal: before the first registration."""
        return self.now - timedelta(days=REGISTRATIONS + YEAR)

    def people(self) -> Iterator[MadeUp]:
        count = max(FEWEST_PEOPLE, round(PEOPLE_AT_FULL_SCALE * float(self.scale)))
        for number in range(count):
            yield self.person(number)

    def person(self, number: int) -> MadeUp:
        fate = FIRST_FATES[number] if number < len(FIRST_FATES) else self.fate()
        registered_at, last = self.story(fate)
        sex = self.dice.choice("LP")
        birth_date = registered_at.date() - timedelta(days=self.dice.randint(19 * YEAR, 60 * YEAR))
        is_assisted = number >= len(FIRST_FATES) and self.dice.random() < 0.15
        first_month = Month.of(registered_at.date())
        return MadeUp(
            number=number,
            fate=fate,
            nik=nik_of(birth_date, sex, dice=self.dice, taken=self.niks),
            name=name_of(sex, dice=self.dice),
            birth_date=birth_date,
            sex=sex,
            phone=WORKER_PHONE if number == 0 else f"+62812999{number:05}",
            trade=self.trade(),
            place=self.place(),
            income=self.one_of(names.INCOMES),
            with_jht=self.dice.random() < 0.25,
            is_assisted=is_assisted,
            wants_reminders=self.dice.random() < 0.6,
            registered_at=registered_at,
            first_month=first_month,
            purchases=tuple(
                self.purchases(fate, registered_at, last, channel="CASH" if is_assisted else "")
            ),
        )

    def one_of(self, weights: Mapping[int, int]) -> int:
        return self.dice.choices([*weights], [*weights.values()])[0]

    def fate(self) -> Fate:
        weights: list[int] = [fate.value for fate in Fate]
        return self.dice.choices(list(Fate), weights)[0]

    def trade(self) -> Trade:
        weights = [names.OCCUPATIONS.get(trade.name, 1) for trade in self.trades]
        return self.dice.choices(self.trades, weights)[0]

    def place(self) -> Place:
        weights = [names.KECAMATAN.get(place.kecamatan, 1) for place in self.places]
        return self.dice.choices(self.places, weights)[0]

    # --- what happened ---

    def story(self, fate: Fate) -> tuple[datetime, Month | None]:
        """Return when somebody registered, and the last month they bought (None: still buying)."""
        today = self.now.date()
        this_month = Month.of(today)
        if fate is Fate.APPLICANT:
            return self.some_time_on(today - timedelta(days=self.dice.randint(1, 30))), None
        if fate is Fate.ACTIVE:
            days = self.dice.randint(1, REGISTRATIONS)
            return self.some_time_on(today - timedelta(days=days)), None
        missed = self.dice.randint(1, 3) if fate is Fate.GRACE else self.dice.randint(4, 9)
        last = this_month.plus(-missed)
        months_before = self.dice.randint(0, 17 - missed)
        registered_in = last.plus(-months_before)
        day = registered_in.first_day + timedelta(days=self.dice.randint(0, 27))
        return self.some_time_on(day), last

    def purchases(
        self, fate: Fate, registered_at: datetime, last: Month | None, *, channel: str
    ) -> Iterator[Purchase]:
        habit = self.one_of(HABITS)
        month = Month.of(registered_at.date())
        if fate is Fate.APPLICANT:
            yield Purchase(months_from(month, habit), registered_at, None)
            return
        final = last or Month.of(self.now.date())
        made_at = registered_at
        while month <= final:
            size = habit if last is None else min(habit, last.months_since(month) + 1)
            soon = made_at + timedelta(minutes=self.dice.randint(5, 2_000))
            paid_at = max(made_at + timedelta(minutes=1), min(soon, self.latest))
            yield Purchase(
                months=months_from(month, size),
                made_at=made_at,
                paid_at=paid_at,
                channel=channel or self.channel(),
                too_much=20_000 if self.dice.random() < 0.01 else 0,
            )
            month = month.plus(size)
            made_at = self.renewal(month, after=paid_at)

    def renewal(self, month: Month, *, after: datetime) -> datetime:
        """Return a moment about the beginning of `month`, later than `after`, not in the future."""
        day = month.first_day + timedelta(days=self.dice.randint(-4, 12))
        early_enough = self.latest - timedelta(minutes=10)
        return max(after + timedelta(minutes=5), min(self.some_time_on(day), early_enough))

    def channel(self) -> str:
        return self.dice.choices([*CHANNELS], [*CHANNELS.values()])[0]

    @property
    def latest(self) -> datetime:
        """The last moment at which anybody pays: shortly before the demo begins."""
        return self.now - timedelta(minutes=10)

    def some_time_on(self, day: date) -> datetime:
        minutes = self.dice.randint(7 * 60, 20 * 60)
        return datetime.combine(day, time(), tzinfo=WIB) + timedelta(minutes=minutes)


def name_of(sex: str, *, dice: random.Random) -> str:
    """Return a made-up name of two words."""
    is_woman = sex == "P"
    given: tuple[str, ...] = names.WOMEN if is_woman else names.MEN
    second: tuple[str, ...] = names.SECOND_OF_WOMEN if is_woman else names.SECOND
    return f"{dice.choice(given)} {dice.choice(second)}"


def nik_of(birth_date: date, sex: str, *, dice: random.Random, taken: set[str]) -> str:
    """Return an impossible NIK: no region has this number. Women's days are 40 higher."""
    day = birth_date.day + (40 if sex == "P" else 0)
    while True:
        serial = dice.randint(1, 9_999)
        found = f"{DEMO_REGION}{day:02}{birth_date:%m%y}{serial:04}"
        if found not in taken:
            taken.add(found)
            return found


def months_from(first: Month, count: int) -> tuple[Month, ...]:
    return tuple(first.plus(number) for number in range(count))
