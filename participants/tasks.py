"""Jobs of the worker's door: reminders, and forgetting what was never finished."""

from django.utils import timezone
from procrastinate.contrib.django import app

from participants.actions import registration, reminders


@app.periodic(cron="27 19 * * *", periodic_id="forget_drafts")  # UTC: at night in WIB
@app.task
def forget_drafts(timestamp: int) -> None:
    registration.forget_drafts(at=timezone.now())


@app.periodic(cron="0 2 * * *", periodic_id="remind_members")  # UTC: 09.00 WIB
@app.task(queue="messages")
def remind_members(timestamp: int) -> None:
    reminders.remind(at=timezone.now())
