"""`make run` from a folder without anything in it, to the end of all that it started."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cilegon_portal import embedded

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 120  # seconds: a loaded machine is no failure


def wait_for(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def children_of(pid: int) -> dict[int, str]:
    """Return the command lines of the direct children of a process, by their ids."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == pid:
                found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
        except (FileNotFoundError, ProcessLookupError):  # it has just ended
            continue
    return found


def worker_of(pid: int) -> int | None:
    return next(
        (child for child, line in children_of(pid).items() if "procrastinate" in line), None
    )


class Portal:
    """A `manage.py serve` of its own, on a free port."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.output = folder / "output"
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=ROOT,
                env=kept | {"PORTAL_DATA": str(folder), "PORT": str(self.port)},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def told(self) -> str:
        return self.output.read_text()

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.told()
        return "Ctrl-C" in self.told()

    def status(self) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/sehat", timeout=10) as answer:
            return int(answer.status)


@pytest.fixture
def portal(fresh_folder: Path) -> Iterator[Portal]:
    running = Portal(fresh_folder)
    yield running
    if running.process.poll() is None:
        running.process.terminate()
        running.process.wait(PATIENCE)


def test_one_command_starts_the_portal_keeps_it_going_and_ends_all_it_started(portal, fresh_folder):
    wait_for(portal.is_ready)
    steps = re.findall(r"^(.+) … \d+,\d detik$", portal.told(), re.MULTILINE)
    killed = worker_of(portal.process.pid)
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: worker_of(portal.process.pid) not in {None, killed})
    status = portal.status()
    children = children_of(portal.process.pid)
    portal.process.send_signal(signal.SIGINT)
    ended = portal.process.wait(PATIENCE)

    assert len(steps) >= 5
    assert f"http://127.0.0.1:{portal.port}" in portal.told()
    assert "kabid@" in portal.told()
    assert status == 200
    assert ended == 0
    assert "Traceback" not in portal.told()
    assert not [child for child in children if Path(f"/proc/{child}").exists()]
    assert not embedded.is_running(fresh_folder)
