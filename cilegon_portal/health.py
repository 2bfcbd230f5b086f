"""Is the portal fit to serve? One address for monitoring and for a load balancer."""

from datetime import datetime
from functools import cache

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

LONGEST_WAIT = 300  # seconds: an older job means that the job worker stands still

OLDEST_DUE_JOB = """
    SELECT min(coalesce(job.scheduled_at, event.at))
    FROM procrastinate_jobs AS job
    JOIN procrastinate_events AS event ON event.job_id = job.id AND event.type = 'deferred'
    WHERE job.status = 'todo' AND (job.scheduled_at IS NULL OR job.scheduled_at <= %s)
"""


@login_not_required
@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Answer 200, or 503 when the database, its migrations or the job queue are not in order."""
    try:
        found = look(at=timezone.now())
    except DatabaseError:
        found = {"database": False, "migrations": False, "jobs": False}
    is_well = all(value is not False for value in found.values())
    return JsonResponse({"well": is_well} | found, status=200 if is_well else 503)


def look(*, at: datetime) -> dict[str, bool | int]:
    age = oldest_job_age(at)
    return {
        "database": True,
        "migrations": known_migrations() <= set(MigrationRecorder(connection).applied_migrations()),
        "jobs": age <= LONGEST_WAIT,
        "oldest_job_seconds": age,
    }


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """Return the last migrations of every app, as (app, name)."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


def oldest_job_age(at: datetime) -> int:
    """Return for how many seconds the oldest due job has been waiting; 0 when none waits."""
    with connection.cursor() as cursor:
        cursor.execute(OLDEST_DUE_JOB, [at])
        (since,) = cursor.fetchone()
    return 0 if since is None else max(0, int((at - since).total_seconds()))
