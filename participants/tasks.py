"""Jobs of the worker's door: forgetting registrations that were never finished."""

from django.utils import timezone
from procrastinate.contrib.django import app

from participants.actions import registration


@app.periodic(cron="27 2 * * *", periodic_id="forget_drafts")
@app.task
def forget_drafts(timestamp: int) -> None:
    registration.forget_drafts(at=timezone.now())
