"""Jobs of the ledger: each reads the clock, calls one action, and may run twice."""

from django.utils import timezone
from procrastinate.contrib.django import app

from cilegon_portal.contributions import actions


@app.task(queue="messages")
def tell_payers(payments: list[int]) -> None:
    actions.tell_payers(payments=payments, at=timezone.now())


@app.periodic(cron="*/10 * * * *", periodic_id="expired_codes")
@app.task(queue="ledger")
def close_expired_codes(timestamp: int) -> None:
    actions.close_expired_codes(at=timezone.now())
