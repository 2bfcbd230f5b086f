"""A clock that stands still for the pages of bills, until the test moves it."""

from datetime import datetime, timedelta

import pytest


class Clock:
    """What `timezone.now()` says in this test."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def move(self, **distance: float) -> None:
        self.at += timedelta(**distance)


@pytest.fixture
def clock(at: datetime, monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock(at)
    monkeypatch.setattr("django.utils.timezone.now", clock.now)
    return clock
