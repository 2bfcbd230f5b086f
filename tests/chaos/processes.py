"""What the chaos runs share: gunicorn and the job worker as processes that can be killed."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command, get_commands

ROOT = Path(__file__).resolve().parent.parent.parent
SEED = int(os.environ.get("CHAOS_SEED", "20261123"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def gunicorn(environment: dict[str, str]) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Serve the test's database by gunicorn as in production; give its address and its process."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "cilegon_portal.wsgi"],
        cwd=ROOT,
        env=environment | {"PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: status_of(f"{address}/masuk/") == 200, within=30)
        yield address, server
    finally:
        kill_group(server)


@contextmanager
def job_worker(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "procrastinate", "worker", "--concurrency", "2"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield worker
    finally:
        kill_group(worker)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """End a process that we started, and its children, at once."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def children_of(process: subprocess.Popen[bytes]) -> list[int]:
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(number) for number in listed.split()]


def status_of(address: str) -> int:
    """Return the status of a page, 0 when nobody answers."""
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 (loopback)
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return 0


def wait_until(holds: Callable[[], bool], *, within: float) -> float:
    """Wait until `holds()`; return the seconds it took, fail after `within`."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < within, f"not within {within} s"
        time.sleep(0.2)
    return time.monotonic() - began


def assert_invariants() -> None:
    """Run check_invariants, which fails with what it finds."""
    assert "check_invariants" in get_commands()
    call_command("check_invariants")


def tell(*words: object) -> None:
    print("\n ", *words, end="")  # noqa: T201
