"""Where a bench runs: a cluster of its own whose commits are durable, and gunicorn on loopback."""

import base64
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SEED = 20261123
RUNS = 5  # interleaved; the median counts
STARTED_WITHIN = 30  # seconds
SERVERS: dict[str, int] = {}  # address: process


def set_up() -> None:
    """Start the bench's cluster with a fresh database of the present code, and Django on it."""
    for name in ("DATABASE_URL", "DEBUG", "ALLOWED_HOSTS", "STAFF_HOST", "SITE_URL", "PORT"):
        os.environ.pop(name, None)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "cilegon_portal.settings",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",  # Playwright runs an event loop in our thread
        "PORTAL_DATA": str(ROOT / ".data" / "bench"),
        "LOG_LEVEL": "ERROR",
        "SECRET_KEY": "only-for-benches-" * 4,
        "FIELD_KEYS": f"1:{base64.b64encode(b'f' * 32).decode()}",
        "INDEX_KEY": base64.b64encode(b"i" * 32).decode(),
    }
    import django

    django.setup()
    from django.utils import timezone

    from cilegon_portal import database
    from cilegon_portal.accounts.actions import mark_as_demo
    from cilegon_portal.management import static
    from tests import databases

    database.start()
    name = databases.template_name()
    if not databases.names(name):
        databases.make_template(name)
    databases.reset(name)
    static.collect()
    mark_as_demo(at=timezone.now())


def tear_down() -> None:
    from django.db import connections

    from cilegon_portal import database
    from tests import databases

    connections.close_all()
    databases.drop(databases.MINE)
    database.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(**more: str) -> dict[str, str]:
    """Return the environment in which a process of ours speaks to the bench's database."""
    from django.conf import settings

    host, name = settings.DATABASES["default"]["HOST"], settings.DATABASES["default"]["NAME"]
    where = {"DATABASE_URL": f"postgres://portal@/{name}?host={host}", "DEMO": "1"}
    return os.environ | where | more


@contextmanager
def working() -> Iterator[None]:
    """Let a job worker run beside, as in production."""
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "procrastinate", "worker", "--concurrency", "2"],
        cwd=ROOT,
        env=environment(PORTAL_PROCESS="jobs"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(STARTED_WITHIN)


@contextmanager
def served(*, stock: bool = False) -> Iterator[str]:
    """Serve the bench's database by gunicorn, as we set it up or as it comes; give the address."""
    port = free_port()
    stock_way = ["--workers", "2", "--bind", f"127.0.0.1:{port}"]
    ours = ["--config", "deploy/gunicorn.conf.py"]
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", *(stock_way if stock else ours), "cilegon_portal.wsgi"],
        cwd=ROOT,
        env=environment(PORT=str(port)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    SERVERS[address] = server.pid
    try:
        wait_for(address)
        yield address
    finally:
        server.terminate()
        server.wait(STARTED_WITHIN)


def wait_for(address: str) -> None:
    end = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{address}/masuk/", timeout=5).close()  # noqa: S310 (loopback)
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return
    raise SystemExit("gunicorn does not answer")


def memory_of(address: str) -> int:
    """Return the bytes that the web processes behind `address` hold of their own."""
    master = SERVERS[address]
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    held = 0
    for process in (str(master), *children):
        found = re.search(r"RssAnon:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
        held += int(found[1]) * 1024 if found else 0
    return held


def say(*cells: object) -> None:
    """Print one row of a table."""
    first, *rest = cells
    print(f"{first!s:<46}" + "".join(f"{cell!s:>16}" for cell in rest), flush=True)  # noqa: T201


def judged(what: str, value: float, *, goal: float, most: bool = False) -> bool:
    """Print a goal and whether it is reached; `most`: the value must not be above it."""
    is_met = value <= goal if most else value >= goal
    sign = "<=" if most else ">="
    say(what, f"{value:.3f}", f"{sign} {goal}", "reached" if is_met else "MISSED")
    return is_met
