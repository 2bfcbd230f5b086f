"""Jobs of sign-in: forgetting what is kept for a short time only."""

from datetime import timedelta

import structlog
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from procrastinate.contrib.django import app

from cilegon_portal.accounts import actions

logger = structlog.get_logger(__name__)


@app.periodic(cron="7 19 * * *", periodic_id="forget_sign_ins")  # UTC: at night in WIB
@app.task(queue="messages")
def forget_old(timestamp: int) -> None:
    actions.forget_old(at=timezone.now())
    call_command("clearsessions")


@app.periodic(cron="41 * * * *", periodic_id="watch_codes")
@app.task(queue="messages")
def watch_codes(timestamp: int) -> None:
    """Raise the alarm when a day's codes cost more than the office planned (R2)."""
    sent = actions.codes_sent_since(timezone.now() - timedelta(days=1))
    if sent > settings.CODES_A_DAY:
        logger.error("codes_over_budget", sent=sent, budget=settings.CODES_A_DAY)
