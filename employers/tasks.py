"""Jobs of the employer's door: each reads the clock, calls one action, and may run twice."""

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from employers.actions import drafts, estimating, reading, registration

AGAIN = RetryStrategy(max_attempts=4, wait=5)  # the database was away; a bad file is no failure


@app.task(queue="rosters", retry=AGAIN)
def read_upload(draft_key: int) -> None:
    reading.read_upload(draft_key=draft_key, at=timezone.now())


@app.task(queue="rosters", retry=AGAIN)
def fill_draft(draft_key: int, report_key: int) -> None:
    drafts.fill_draft(draft_key=draft_key, report_key=report_key, at=timezone.now())


@app.periodic(cron="37 19 * * *", periodic_id="expired_drafts")  # UTC: at night in WIB
@app.task(queue="rosters")
def close_expired_drafts(timestamp: int) -> None:
    drafts.close_expired_drafts(at=timezone.now())


@app.periodic(cron="17 18 * * *", periodic_id="estimate_silent_firms")  # UTC: 01.17 WIB
@app.task(queue="ledger")
def estimate_silent_firms(timestamp: int) -> None:
    estimating.estimate_due(at=timezone.now())


@app.periodic(cron="47 19 * * *", periodic_id="unsent_registrations")  # UTC: at night in WIB
@app.task(queue="rosters")
def forget_unsent_registrations(timestamp: int) -> None:
    registration.forget_unsent(at=timezone.now())
