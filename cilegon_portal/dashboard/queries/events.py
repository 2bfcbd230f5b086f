"""One line of a timeline, of a person or a firm."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Event:
    """What happened when, by whom, through what; a deadline has no moment and stands on top."""

    at: datetime | None
    title: str
    actor: str
    icon: str
    text: str = ""
    is_system: bool = False
    is_pinned: bool = False
    channel: str = ""
    url: str = ""
    kind: str = ""


def newest_first(events: Iterable[Event]) -> list[Event]:
    """Return the events as they are read: deadlines on top, then the newest."""
    last = datetime.max.replace(tzinfo=UTC)
    return sorted(events, key=lambda event: event.at or last, reverse=True)
