"""Jobs of the outbox, and the rescue of every job whose worker died."""

from datetime import timedelta

from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status

from cilegon_portal.outbox import actions

STALLED_AFTER = 30  # seconds without a sign of life of the job's worker


@app.task(queue="messages")
def deliver(message_key: int) -> None:
    actions.deliver(message_key=message_key, at=timezone.now())


@app.periodic(cron="* * * * *", periodic_id="due_messages")
@app.task(queue="messages")
def retry_due_messages(timestamp: int) -> None:
    actions.enqueue_due(at=timezone.now())


# The sixth field is seconds: a killed job goes on within a minute, three looks a minute do that.
@app.periodic(cron="* * * * * */20", periodic_id="stalled_jobs")
@app.task(pass_context=True)
async def rescue_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Start again what a killed worker left as "doing": every job of ours may run twice."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
        try:
            await manager.retry_job(job)
        except ConnectorException:  # a twin with its queueing lock already waits
            await manager.finish_job(job, Status.FAILED, delete_job=False)


@app.periodic(cron="17 19 * * *", periodic_id="forget_messages")  # UTC: at night in WIB
@app.task(queue="messages")
def forget_codes(timestamp: int) -> None:
    actions.forget_codes(made_before=timezone.now() - timedelta(days=1))


@app.periodic(cron="27 19 * * *", periodic_id="old_jobs")  # UTC: at night in WIB
@app.task(pass_context=True)
async def forget_done_jobs(context: JobContext, timestamp: int) -> None:
    """Delete jobs that were done a week ago; failed ones stay, somebody has to look at them."""
    await context.app.job_manager.delete_old_jobs(nb_hours=7 * 24)
