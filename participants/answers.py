"""What somebody has answered on the registration pages so far, and which page comes next."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from cilegon_portal.rules.money import Rupiah

LOWEST_INCOME: Rupiah = 1_000_000  # PP 44/2015 Lamp. II: the basis of the lowest band
OUTSIDE = "OUTSIDE"  # works outside Cilegon
MONTH_CHOICES = (1, 3, 6, 12)
STEPS = ("occupation", "nik", "name", "phone", "code", "place", "months", "check")


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Empty is not answered yet. It travels as JSON inside one encrypted column."""

    occupation: int = 0  # key of an Occupation
    occupation_note: str = ""
    nik: str = ""
    name: str = ""
    birth_date: date | None = None
    is_admitted: bool = False  # the age fits, and what differs from the NIK was confirmed
    phone: str = ""  # "+628…"
    channel: str = ""
    place: str = ""  # key of a Kelurahan, or OUTSIDE
    months: int = 0
    with_jht: bool = False
    income: Rupiah = LOWEST_INCOME
    campaign_code: str = ""

    @classmethod
    def from_json(cls, text: str) -> "Answers":
        given = json.loads(text)
        if given.get("birth_date"):
            given["birth_date"] = date.fromisoformat(given["birth_date"])
        return cls(**given)

    def to_json(self) -> str:
        given = {key: value for key, value in asdict(self).items() if value}
        if self.birth_date:
            given["birth_date"] = self.birth_date.isoformat()
        return json.dumps(given)

    def but(self, **changes: Any) -> "Answers":
        """Return these answers with some of them changed."""
        return replace(self, **changes)

    @property
    def kelurahan(self) -> int | None:
        """The key of the kelurahan; None outside Cilegon."""
        return int(self.place) if self.place.isdecimal() else None


def next_step(answers: Answers, *, phone_is_proven: bool) -> str:
    """Return the first step of STEPS that is still to be done."""
    is_done = {
        "occupation": bool(answers.occupation),
        "nik": bool(answers.nik),
        "name": bool(answers.name) and answers.is_admitted,
        "phone": bool(answers.phone),
        "code": phone_is_proven,
        "place": bool(answers.place),
        "months": bool(answers.months),
    }
    return next((step for step, done in is_done.items() if not done), "check")


def is_open(step: str, answers: Answers, *, phone_is_proven: bool) -> bool:
    """Tell whether `step` may be shown: nothing before it is missing."""
    missing = next_step(answers, phone_is_proven=phone_is_proven)
    return STEPS.index(step) <= STEPS.index(missing)
