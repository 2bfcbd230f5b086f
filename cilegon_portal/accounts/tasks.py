"""Jobs of sign-in: forgetting what is kept for a short time only."""

from django.core.management import call_command
from django.utils import timezone
from procrastinate.contrib.django import app

from cilegon_portal.accounts import actions


@app.periodic(cron="7 2 * * *", periodic_id="forget_sign_ins")
@app.task(queue="messages")
def forget_old(timestamp: int) -> None:
    actions.forget_old(at=timezone.now())
    call_command("clearsessions")
