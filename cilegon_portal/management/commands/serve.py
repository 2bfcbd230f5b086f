"""Everything behind `make run`: from a bare checkout to a portal that answers.

Each step prints one line. The web server and the job worker are children in process groups of their
own; whatever ends this command ends them, and the embedded server too if this command started it.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from cilegon_portal import database, embedded
from cilegon_portal.accounts.actions import is_demo_database
from cilegon_portal.accounts.demo import demo_sign_ins
from cilegon_portal.accounts.models import User
from cilegon_portal.management import static

DEMO_SCALE = 0.02
DEMO_SEED = 1
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SLOWEST_START = 60  # seconds until the web server must answer
PATIENCE = 20  # seconds that a child gets to finish what it is doing
PAUSE = 1  # seconds between two looks at the children


class Stopped(BaseException):
    """Somebody asked the portal to end."""


class Child:
    """A process of the portal, in a group of its own, with a log file."""

    def __init__(self, name: str, *arguments: str) -> None:
        self.arguments = arguments
        self.environment = os.environ | {"PORTAL_PROCESS": name}
        self.log = log_folder() / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.arguments],
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Let the process finish what it is doing, then end its whole group."""
        if self.process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(PATIENCE)


class Command(BaseCommand):
    help = "Menyiapkan basis data, lalu menjalankan portal dan pekerja latarnya."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        port = read_port(os.environ.get("PORT", ""))
        refuse_taken_port(port)
        for number in SIGNALS:
            signal.signal(number, stop)
        with contextlib.suppress(Stopped), ExitStack() as stack:
            self.run(port, stack)

    def run(self, port: int, stack: ExitStack) -> None:
        with self.step("Menyalakan basis data"):
            if not database.is_external() and not database.is_running():
                stack.callback(database.stop)
            database.start()
        self.prepare()
        web = Child("web", "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "cilegon_portal.wsgi")
        jobs = Child("jobs", "manage.py", "procrastinate", "worker", "--concurrency", "2")
        with self.step("Menyalakan portal dan pekerja latar"):
            for child in (web, jobs):
                stack.callback(child.stop)
                child.start()
            wait_until_it_answers(port, web)
        self.welcome(port)
        watch(web, jobs)

    def prepare(self) -> None:
        """Bring the database and the static files to where this version of the code needs them."""
        with self.step("Menyusun tabel"):
            if is_behind():
                call_command("migrate", verbosity=0)
            call_command("createcachetable", verbosity=0)
        with self.step("Memuat data acuan"):
            call_command("load_reference", verbosity=0)
        if needs_demo_data():
            with self.step("Membuat data contoh, sekali saja"):
                on = timezone.localdate().isoformat()
                call_command("demo", scale=DEMO_SCALE, on=on, seed=DEMO_SEED, verbosity=0)
        connection.close()
        with self.step("Mengumpulkan berkas statis"):
            static.collect()

    def welcome(self, port: int) -> None:
        self.say(f"Portal siap di http://127.0.0.1:{port}")
        for line in demo_sign_ins() if settings.DEMO else ():
            sign_in = f"{line.name:<34} {line.password or '(kode lewat SMS)':<28} {line.where}"
            self.say(f"  {line.role.label:<22} {sign_in}")
        self.say(f"Catatan ada di {log_folder()}; Ctrl-C menghentikan semuanya.")

    def say(self, text: str, ending: str = "\n") -> None:
        self.stdout.write(text, ending=ending)
        self.stdout.flush()

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Print one line: what is being done, and how long it took."""
        began = time.monotonic()
        self.say(f"{what} … ", ending="")
        ended = "\n"
        try:
            yield
            ended = f"{time.monotonic() - began:.1f} detik\n".replace(".", ",")
        finally:
            self.say(ended, ending="")


def stop(_number: int, _frame: object) -> NoReturn:
    for number in SIGNALS:  # the way down is walked once, whatever is pressed meanwhile
        signal.signal(number, signal.SIG_IGN)
    raise Stopped


def read_port(given: str) -> int:
    port = given.strip() or "8000"
    if not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise SystemExit(f"PORT harus angka antara 1 dan 65535, bukan {port!r}.")
    return int(port)


def refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise SystemExit(
                f"Port {port} tidak dapat dipakai karena sudah dipakai program lain atau khusus "
                "untuk root; pilih yang lain dengan PORT=."
            ) from None


def log_folder() -> Path:
    folder = database.DATA_DIR / "log"
    embedded.make_folder(folder, 0o700)
    return folder


def is_behind() -> bool:
    """Tell whether a migration is waiting."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def needs_demo_data() -> bool:
    """Tell whether this is a demo whose database nobody has filled; the command itself marks it."""
    return settings.DEMO and not (is_demo_database() or User.objects.exists())


def wait_until_it_answers(port: int, web: Child) -> None:
    deadline = time.monotonic() + SLOWEST_START
    while time.monotonic() < deadline and web.is_alive:
        if answers(f"http://127.0.0.1:{port}/sehat"):
            return
        time.sleep(0.1)
    raise SystemExit(f"Portal tidak menjawab; lihat catatannya di {web.log}.")


def answers(address: str) -> bool:
    """Tell whether somebody answers there, be it that all is not well."""
    try:
        urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 (our own address)
    except urllib.error.HTTPError:
        return True
    except OSError:  # refused, reset, too slow
        return False
    return True


def watch(web: Child, jobs: Child) -> NoReturn:
    """Start a job worker that died again; without a web server there is nothing left to do."""
    while web.is_alive:
        if not jobs.is_alive:
            jobs.start()
        time.sleep(PAUSE)
    raise SystemExit(f"Portal berhenti sendiri; lihat catatannya di {web.log}.")
