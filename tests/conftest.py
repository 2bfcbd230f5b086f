"""What every test stands on: its own database cluster, no network, warnings and typos are errors.

`db` (or the mark `django_db`) gives a transaction that is rolled back. `committed` gives a database
in which things are really committed, made anew from the template afterwards. `site` serves it.
"""

import base64
import os
import random
import shutil
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

ROOT = Path(__file__).resolve().parent.parent
for _name in ("DATABASE_URL", "DEMO", "DEBUG", "ALLOWED_HOSTS", "STAFF_HOST", "SITE_URL", "PORT"):
    os.environ.pop(_name, None)
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "cilegon_portal.settings",
    "PORTAL_DATA": os.environ.get("PORTAL_TEST_DATA") or str(ROOT / ".data" / "test"),
    "SECRET_KEY": "only-for-tests-" * 5,
    "FIELD_KEYS": f"1:{base64.b64encode(b'f' * 32).decode()}",
    "INDEX_KEY": base64.b64encode(b"i" * 32).decode(),
    "DJANGO_ALLOW_ASYNC_UNSAFE": "1",  # a browser of Playwright runs an event loop in our thread
}
WIB = ZoneInfo("Asia/Jakarta")
LOOPBACK = {"127.0.0.1", "::1", "localhost", "0.0.0.0"}  # noqa: S104 (a name, nothing binds)


def pytest_configure() -> None:
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse what would flush a database, and a test that is both rolled back and committed."""
    refused = {"transactional_db", "live_server", "django_db_reset_sequences"}
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        mark = item.get_closest_marker("django_db")
        if fixtures & refused or (mark and mark.kwargs.get("transaction")):
            raise pytest.UsageError(f"{item.nodeid}: nothing flushes here, use `committed`")
        if "committed" in fixtures and (mark or "db" in fixtures):
            raise pytest.UsageError(f"{item.nodeid}: use `db` or `committed`, not both")


@pytest.fixture(scope="session")
def template_database(django_test_environment: None, django_db_blocker: Any) -> str:
    from tests import databases

    with django_db_blocker.unblock():
        return databases.start()


@pytest.fixture(scope="session")
def django_db_setup(
    template_database: str, static_files: None, django_db_blocker: Any
) -> Iterator[None]:
    """Take pytest-django's place: a database of our own instead of its `test_…` and its flush."""
    from django.db import connections

    from tests import databases

    with django_db_blocker.unblock():
        databases.reset(template_database)
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        databases.drop(databases.MINE)


@pytest.fixture
def committed(
    django_db_setup: None, template_database: str, django_db_blocker: Any
) -> Iterator[None]:
    """Let the test commit, from any number of threads and processes; start afresh afterwards."""
    from tests import databases

    with django_db_blocker.unblock():
        yield
        databases.reset(template_database)


@pytest.fixture
def portal_environment(committed: None) -> dict[str, str]:
    """Return the environment in which a child process speaks to this test's database."""
    from django.conf import settings

    host, name = settings.DATABASES["default"]["HOST"], settings.DATABASES["default"]["NAME"]
    return os.environ | {"DATABASE_URL": f"postgres://portal@/{name}?host={host}", "DEMO": "1"}


@pytest.fixture
def run_jobs(committed: None) -> Callable[[], None]:
    """Return a function that works off every job that is due; a job that fails fails the test."""
    from django.db import connections
    from procrastinate.contrib.django import procrastinate_app
    from procrastinate.contrib.django.models import ProcrastinateJob

    def work() -> None:
        app = procrastinate_app.current_app
        with app.replace_connector(app.connector.get_worker_connector()) as worker:
            worker.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
        connections.close_all()

    def run() -> None:
        # In a thread: beside a browser this one already has an event loop.
        with ThreadPoolExecutor(max_workers=1) as pool:
            pool.submit(work).result()
            failed = ProcrastinateJob.objects.filter(status="failed").values_list("task_name")
            assert not failed, f"jobs failed: {list(failed)}"

    return run


@pytest.fixture(scope="session")
def static_files(django_test_environment: None) -> None:
    """Collect the static files as production does, once for each state of their sources."""
    from cilegon_portal.management import static

    static.collect()


@pytest.fixture
def site(committed: None) -> Iterator[str]:
    """Serve the portal on a free port; give its address, without a slash at the end."""
    from tests import server

    with server.serving() as address:
        yield address


@pytest.fixture
def fresh_folder() -> Iterator[Path]:
    """Give a folder that every user can walk to, unlike pytest's own."""
    from cilegon_portal import embedded

    folder = ROOT / ".data" / f"fresh-{os.getpid()}"
    folder.mkdir(parents=True)
    yield folder
    embedded.stop(folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Let sockets reach this machine only."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in LOOPBACK:
            pytest.fail(f"a test reached for the network: {address}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


@pytest.fixture(autouse=True)
def unordered_rows_shuffled(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let rows that nobody ordered come back in an order that nobody can rely on."""
    from django.db.models import QuerySet

    fetch = QuerySet._fetch_all
    dice = random.Random(request.node.nodeid)  # noqa: S311 (the same order in every run)

    def fetch_all(self: Any) -> None:
        fresh = self._result_cache is None
        fetch(self)
        if fresh and not self.ordered:
            dice.shuffle(self._result_cache)

    monkeypatch.setattr(QuerySet, "_fetch_all", fetch_all)


@pytest.fixture
def at() -> datetime:
    """Return the moment the tests stand at: Monday 23 November 2026, 10.00 WIB."""
    return datetime(2026, 11, 23, 10, 0, tzinfo=WIB)


@pytest.fixture
def today(at: datetime) -> date:
    return at.date()


@pytest.fixture
def few_firms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a demo make up ten firms of few workers that have reported three months."""
    demo = "cilegon_portal.management.demo"
    sizes = dict.fromkeys(("MICRO", "SMALL", "MEDIUM", "LARGE"), (2, 6))
    monkeypatch.setattr(f"{demo}.firms.FEWEST_FIRMS", 10)
    monkeypatch.setattr(f"{demo}.firms.MOST_WORKERS", 60)
    monkeypatch.setattr(f"{demo}.firms.WORKERS", sizes)
    monkeypatch.setattr(f"{demo}.firms.MONTHS", 3)
    monkeypatch.setattr(f"{demo}.firm_reporting.MONTHS", 3)
