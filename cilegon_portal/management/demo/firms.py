"""Which firms are made up, who works there and how they report and pay: from a seed alone."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import Enum

from cilegon_portal.management.demo import firm_names
from cilegon_portal.management.demo.plan import WIB, YEAR, Place, name_of, nik_of
from cilegon_portal.rules.months import Month

FIRMS_AT_FULL_SCALE = 900
FEWEST_FIRMS = 60
MOST_WORKERS = 2_500  # of the one big firm
MONTHS = 12  # reported by a firm that was there from the beginning
PPM = 1_000_000


class Habit(Enum):
    """How a firm reports and pays."""

    PUNCTUAL = "pays in time"
    LATE = "pays days or weeks after the day"
    SILENT = "stopped reporting and paying: the office estimates"
    UNPAID = "reports, and stopped paying"
    PARTIAL = "pays half of each bill"


HABITS = {  # how many of a hundred
    Habit.PUNCTUAL: 66,
    Habit.LATE: 16,
    Habit.SILENT: 8,
    Habit.UNPAID: 8,
    Habit.PARTIAL: 2,
}


class Standing(Enum):
    """How far a firm's registration has come: the states of an employer."""

    ACTIVE = "ACTIVE"
    CLOSED = "CLOSED"
    DRAFT = "DRAFT"
    SENT = "SENT"
    RETURNED = "RETURNED"
    REJECTED = "REJECTED"


TAKEN_IN = {Standing.ACTIVE, Standing.CLOSED}
LISTED = {Standing.SENT, Standing.RETURNED}
SHARES = {  # of a hundred firms, at least two; the others are active
    Standing.CLOSED: 3,
    Standing.DRAFT: 2,
    Standing.SENT: 4,
    Standing.RETURNED: 3,
    Standing.REJECTED: 3,
}
# The first firms are told apart so that each kind is there however small the scale.
FIRST_HABITS = (
    Habit.PUNCTUAL,
    Habit.PUNCTUAL,
    Habit.SILENT,
    Habit.UNPAID,
    Habit.LATE,
    Habit.PARTIAL,
)
DEMO_FIRM, BIG_FIRM = 0, 1  # the firm of the demo's two sign-ins, and the big one
THEIR_LINES = {DEMO_FIRM: "Industri makanan dan minuman", BIG_FIRM: "Industri logam dasar dan baja"}
SIZES = {"MICRO": 38, "SMALL": 41, "MEDIUM": 16, "LARGE": 5}
WORKERS = {"MICRO": (2, 9), "SMALL": (10, 30), "MEDIUM": (35, 90), "LARGE": (120, 300)}
# Wages in parts per million of the city's minimum wage, by size: from and to.
WAGES = {
    "MICRO": (480_000, 900_000),
    "SMALL": (900_000, 1_300_000),
    "MEDIUM": (PPM, 1_900_000),
    "LARGE": (PPM, 3_200_000),
}
CAUSES = {"RESIGNED": 5, "CONTRACT_ENDED": 4, "MOVED": 2, "DISMISSED": 1, "RETIRED": 1}


@dataclass(frozen=True)
class Line:
    """A line of business on offer, by its key in the database."""

    key: int
    name: str
    risk_group: int
    is_labour_intensive: bool


@dataclass(frozen=True)
class Worker:
    """Somebody who works at a made-up firm, and what the firm says of them."""

    id_kind: str
    id_number: str
    name: str
    reported_name: str
    birth_date: date
    sex: str
    kpj: str
    share: int  # of the minimum wage, in parts per million
    started_on: date
    ended_on: date | None
    cause: str

    def is_there_in(self, month: Month) -> bool:
        return self.started_on <= month.last_day and (
            self.ended_on is None or self.ended_on >= month.first_day
        )

    def wage(self, minimum: int) -> int:
        """Return the wage where the lowest of the city is `minimum`, up to a whole thousand."""
        thousands = -(-minimum * self.share // (PPM * 1_000))
        return thousands * 1_000


@dataclass(frozen=True)
class Firm:
    """A made-up firm with all that happened."""

    number: int
    standing: Standing
    habit: Habit
    name: str
    size: str
    line: Line
    place: Place
    address: str
    began_at: datetime
    sent_at: datetime
    decided_at: datetime
    first_month: Month
    last_month: Month | None  # of a closed firm
    closed_at: datetime | None
    silent_from: Month | None
    unpaid_from: Month | None
    head_count: int  # as the firm stated it
    workers: tuple[Worker, ...]
    listed: tuple[Worker, ...]  # for the first month, by a firm that is not taken in yet

    @property
    def nib(self) -> str:
        return f"9900000{self.number:06}"

    @property
    def npwp(self) -> str:
        return f"0990000000{self.number:06}"

    @property
    def npp(self) -> str:
        return f"ZZ{self.number:06}"

    @property
    def is_labour_intensive(self) -> bool:
        """Whether PP 7/2025 halves JKK: one of six industries, and at least fifty workers."""
        return self.line.is_labour_intensive and len(self.workers) >= 50

    def reports_in(self, month: Month) -> bool:
        """Tell whether the firm is there in that contribution month and reports it itself."""
        return (
            self.first_month <= month
            and (self.last_month is None or month <= self.last_month)
            and (self.silent_from is None or month < self.silent_from)
        )

    def pays(self, month: Month) -> bool:
        return self.unpaid_from is None or month < self.unpaid_from


@dataclass
class FirmPlan:
    """Draws firms one after the other; the same seed, scale and moment draw the same."""

    seed: int
    scale: str
    now: datetime
    lines: Sequence[Line]
    places: Sequence[Place]
    ids: set[str] = field(default_factory=set)  # numbers that somebody has already
    taken_names: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        text = f"{self.seed}/{self.scale}/{self.now.date()}/firms"
        self.dice = random.Random(text)  # noqa: S311 (it makes firms up, not secrets)

    @property
    def this_month(self) -> Month:
        return Month.of(self.now.date())

    def firms(self) -> Iterator[Firm]:
        """Yield the firms that were taken in, then the registrations under way."""
        count = max(FEWEST_FIRMS, round(FIRMS_AT_FULL_SCALE * float(self.scale)))
        closed = count - share_of(count, Standing.CLOSED)
        for number in range(count):
            yield self.firm(number, Standing.ACTIVE if number < closed else Standing.CLOSED)
        number = count
        for standing in [it for it in SHARES if it not in TAKEN_IN]:
            for _ in range(share_of(count, standing)):
                yield self.firm(number, standing)
                number += 1

    def firm(self, number: int, standing: Standing) -> Firm:
        size = self.size(number)
        line = self.line(number)
        first_month = self.first_month(number, standing)
        decided_at = self.decided_at(standing, first_month)
        sent_at = decided_at - timedelta(days=self.dice.randint(1, 6))
        last_month = closed_at = None
        if standing is Standing.CLOSED:
            last_month = max(first_month, self.this_month.plus(-self.dice.randint(2, 5)))
            closed_at = self.moment_on(last_month.plus(1).first_day + timedelta(days=19))
        habit = FIRST_HABITS[number] if number < len(FIRST_HABITS) else self.one_of(HABITS)
        if standing is not Standing.ACTIVE:
            habit = Habit.PUNCTUAL
        stops_in = max(first_month.plus(1), self.this_month.plus(-self.dice.randint(2, 7)))
        posts = self.posts(number, size)
        workers = tuple(self.workers(posts, size, first_month, last_month))
        return Firm(
            number=number,
            standing=standing,
            habit=habit,
            name=self.name(size, line),
            size=size,
            line=line,
            place=self.dice.choice(self.places),
            address=f"{self.dice.choice(firm_names.STREETS)} No. {self.dice.randint(1, 180)}",
            began_at=sent_at - timedelta(minutes=self.dice.randint(20, 9_000)),
            sent_at=sent_at,
            decided_at=decided_at,
            first_month=first_month,
            last_month=last_month,
            closed_at=closed_at,
            silent_from=stops_in if habit is Habit.SILENT else None,
            unpaid_from=stops_in if habit in {Habit.SILENT, Habit.UNPAID} else None,
            head_count=posts,
            workers=workers if standing in TAKEN_IN else (),
            listed=workers if standing in LISTED else (),
        )

    def one_of(self, weights: Mapping[Habit, int]) -> Habit:
        return self.dice.choices([*weights], [*weights.values()])[0]

    def size(self, number: int) -> str:
        if number == DEMO_FIRM:
            return "MEDIUM"
        if number == BIG_FIRM:
            return "LARGE"
        return self.dice.choices([*SIZES], [*SIZES.values()])[0]

    def line(self, number: int) -> Line:
        if number in THEIR_LINES:
            return next(line for line in self.lines if line.name == THEIR_LINES[number])
        weights = [firm_names.TRADES.get(line.name, ("", 0))[1] for line in self.lines]
        return self.dice.choices(self.lines, weights)[0]

    def name(self, size: str, line: Line) -> str:
        word = firm_names.TRADES[line.name][0]
        while True:
            form = self.dice.choice(firm_names.FORMS[size])
            second = " ".join(self.dice.sample(firm_names.SECOND, self.dice.choice((1, 1, 2))))
            found = f"{form} {word} {second} Contoh"
            if found not in self.taken_names:
                self.taken_names.add(found)
                return found

    def first_month(self, number: int, standing: Standing) -> Month:
        """Return the first contribution month: a year ago, or later for one firm in five."""
        if standing not in TAKEN_IN:
            return self.this_month
        is_late = number >= len(FIRST_HABITS) and self.dice.random() < 0.2
        if is_late and standing is Standing.ACTIVE:
            return self.this_month.plus(-self.dice.randint(2, MONTHS - 1))
        return self.this_month.plus(-MONTHS)

    def decided_at(self, standing: Standing, first_month: Month) -> datetime:
        """Return when the office decided, or would: never in the future."""
        if standing in TAKEN_IN:
            return self.moment_on(first_month.first_day + timedelta(days=self.dice.randint(2, 24)))
        return self.moment_on(self.now.date() - timedelta(days=self.dice.randint(3, 9)))

    def moment_on(self, day: date) -> datetime:
        """Return a moment of office hours on that day, or on the Friday before it."""
        day -= timedelta(days=max(0, day.weekday() - 4))
        minutes = self.dice.randint(8 * 60, 16 * 60)
        return datetime.combine(day, time(), tzinfo=WIB) + timedelta(minutes=minutes)

    # --- who works there ---

    def workers(self, posts: int, size: str, first: Month, last: Month | None) -> Iterator[Worker]:
        """Yield who held each post, one after the other."""
        for post in range(posts):
            foreign = post if size == "LARGE" and post < len(firm_names.FOREIGN) else None
            started_on: date | None = first.first_day - timedelta(
                days=self.dice.randint(0, 12 * YEAR)
            )
            while started_on:
                ended_on = self.last_day(
                    max(started_on, first.first_day), last, stays=foreign is not None
                )
                yield self.worker(size, started_on, ended_on, foreign)
                started_on = self.next_start(ended_on, last)

    def last_day(self, since: date, last: Month | None, *, stays: bool) -> date | None:
        """Return the last working day of somebody: one in ten leaves, all do when a firm ends."""
        latest = (last or self.this_month.plus(-1)).last_day
        days = (latest - since).days
        leaves = self.dice.random() < 0.10 and days > 40
        if leaves and not stays:
            return since + timedelta(days=self.dice.randint(1, days))
        return latest if last else None

    def next_start(self, ended_on: date | None, last: Month | None) -> date | None:
        """Return when the post is filled again: the month after, unless the firm has ended."""
        if ended_on is None or (last and ended_on >= last.last_day):
            return None
        following = Month.of(ended_on).plus(1)
        is_over = following > last if last else following >= self.this_month
        return None if is_over else following.first_day

    def posts(self, number: int, size: str) -> int:
        if number == DEMO_FIRM:
            return 120
        if number == BIG_FIRM:
            return MOST_WORKERS
        return self.dice.randint(*WORKERS[size])

    def some_day_after(self, day: date) -> date | None:
        """Return a last working day later than `day` and before this month, if there is one."""
        latest = self.this_month.plus(-1).last_day
        days = (latest - day).days
        return day + timedelta(days=self.dice.randint(1, days)) if days > 40 else None

    def worker(
        self, size: str, started_on: date, ended_on: date | None, foreign: int | None
    ) -> Worker:
        sex = self.dice.choice("LLLP")
        age = self.dice.randint(19 * YEAR, 50 * YEAR)
        birth_date = started_on - timedelta(days=age)
        name = name_of(sex, dice=self.dice)
        id_kind, id_number = "NIK", nik_of(birth_date, sex, dice=self.dice, taken=self.ids)
        if foreign is not None:
            name, id_kind = firm_names.FOREIGN[foreign], "PASSPORT"
            id_number = f"X{self.dice.randrange(10**7):07}"
        low, high = WAGES[size]
        spread = min(self.dice.random(), self.dice.random())  # most wages lie near the lowest
        return Worker(
            id_kind=id_kind,
            id_number=id_number,
            name=name,
            reported_name=misspelt(name) if self.dice.random() < 0.004 else name,
            birth_date=birth_date,
            sex=sex,
            kpj=f"99{self.dice.randrange(10**9):09}" if self.dice.random() < 0.7 else "",
            share=low + round((high - low) * spread),
            started_on=started_on,
            ended_on=ended_on,
            cause=self.dice.choices([*CAUSES], [*CAUSES.values()])[0] if ended_on else "",
        )


def share_of(count: int, standing: Standing) -> int:
    """Return how many of `count` firms stand so: at least two."""
    return max(2, count * SHARES[standing] // 100)


def misspelt(name: str) -> str:
    """Return the name as a hurried clerk types it: a letter is missing."""
    return name[:2] + name[3:]
