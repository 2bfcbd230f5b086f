from datetime import datetime, timedelta

import pytest
from django.test import Client

from cilegon_portal.outbox.actions import deliver, opt_out
from cilegon_portal.outbox.models import Message
from participants import tasks
from participants.models import Enrolment
from tests import make
from tests.accounts.helpers import sign_in_worker, worker
from tests.participants.conftest import Clock

pytestmark = pytest.mark.django_db
PHONE = "+6281299990124"


@pytest.fixture
def enrolment(clock: Clock) -> Enrolment:
    """Somebody covered until 30 November, who wants to be reminded."""
    enrolment = make.enrolment(worker(PHONE))
    make.bought(enrolment, make.NOVEMBER)
    Enrolment.objects.update(wants_reminders=True)
    return enrolment


def reminders(at: datetime, clock: Clock) -> list[str]:
    clock.at = at
    tasks.remind_members(timestamp=0)
    sent = Message.objects.filter(purpose=Message.Purpose.REMINDER).order_by("pk")
    return [message.text for message in sent]


def test_a_member_is_reminded_seven_days_before_and_once(
    enrolment: Enrolment, clock: Clock, at: datetime
) -> None:
    assert reminders(at - timedelta(days=1), clock) == []

    first = reminders(at, clock)
    later = reminders(at + timedelta(days=3), clock)

    assert len(first) == 1
    assert f"{enrolment.number} berakhir 30 November 2026" in first[0]
    assert later == first


def test_a_day_without_a_job_is_made_up_for(
    enrolment: Enrolment, clock: Clock, at: datetime
) -> None:
    assert len(reminders(at + timedelta(days=2), clock)) == 1


def test_who_has_paid_on_or_wants_none_or_has_no_cover_hears_nothing(
    enrolment: Enrolment, clock: Clock, at: datetime
) -> None:
    Enrolment.objects.update(wants_reminders=False)
    assert reminders(at, clock) == []
    Enrolment.objects.update(wants_reminders=True)
    assert reminders(at + timedelta(days=30), clock) == []
    make.bought(enrolment, make.NOVEMBER.plus(1))
    assert reminders(at, clock) == []


def test_a_reminder_that_was_refused_does_not_leave(
    enrolment: Enrolment, clock: Clock, at: datetime
) -> None:
    reminders(at, clock)
    opt_out(to=PHONE, purpose=Message.Purpose.REMINDER, at=at)

    message = Message.objects.get(purpose=Message.Purpose.REMINDER)
    assert not deliver(message_key=message.pk, at=at)


def test_a_member_switches_reminders_off(enrolment: Enrolment, client: Client) -> None:
    sign_in_worker(client, worker(PHONE))
    given = {"occupation": enrolment.occupation_id, "income": 1_000_000}

    client.post(f"/saya/{enrolment.number}/ubah/", given)
    off = Enrolment.objects.get().wants_reminders
    client.post(f"/saya/{enrolment.number}/ubah/", given | {"wants_reminders": "on"})

    assert not off
    assert Enrolment.objects.get().wants_reminders
