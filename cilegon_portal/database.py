"""Which database the portal speaks to, and the keys of what lies in it.

With `DATABASE_URL` nothing is started and every key comes from the environment. Without it the
portal has an embedded server of its own (`embedded.py`) and keeps the keys beside its data.
Importing this module starts nothing.
"""

import base64
import binascii
import os
import re
import secrets
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg

from cilegon_portal import embedded

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("PORTAL_DATA", "").strip() or BASE_DIR / ".data").absolute()

KEY_BYTES = 32
KEY_NAMES = ("SECRET_KEY", "FIELD_KEYS", "INDEX_KEY")
SHORTEST_SECRET = 50
# What a web page may hold up; jobs and commands have no such limits.
WEB_LIMITS = {
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
}
# Seconds: a page waits for a connection no longer than that, and a pool whose server was away asks
# again with the next page instead of ever more rarely.
WEB_POOL = {"min_size": 1, "max_size": 8, "timeout": 1.5, "reconnect_timeout": 5}


def is_external() -> bool:
    """Tell whether the database is somebody else's server, named by `DATABASE_URL`."""
    return bool(os.environ.get("DATABASE_URL", "").strip())


def keys() -> tuple[str, dict[int, bytes], bytes]:
    """Return SECRET_KEY, the AES-256 keys by key id, and the key of the blind indexes.

    The environment comes first. An embedded server gets keys on its first run, in `.data/secrets`
    (0600); beside `DATABASE_URL` a missing key ends in one sentence.
    """
    values = {name: os.environ.get(name, "").strip() for name in KEY_NAMES}
    missing = [name for name, value in values.items() if not value]
    if missing and is_external():
        raise SystemExit(
            f"DATABASE_URL diisi, tetapi kunci {', '.join(missing)} belum ada di lingkungan; "
            "lihat docs/environment.md."
        )
    if missing:
        stored = stored_keys(DATA_DIR / "secrets")
        values |= {name: stored.get(name, "") for name in missing}
    return (
        read_secret(values["SECRET_KEY"]),
        read_field_keys(values["FIELD_KEYS"]),
        read_key("INDEX_KEY", values["INDEX_KEY"]),
    )


def new_key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def stored_keys(path: Path) -> dict[str, str]:
    """Read the keys of an embedded server from `path`, which the first run writes."""
    try:
        if not path.exists():
            write_keys(path)
        lines = path.read_text().splitlines()
    except PermissionError:
        raise SystemExit(
            f"Berkas kunci {path} tidak dapat dibaca atau ditulis oleh pengguna ini."
        ) from None
    return dict(line.split("=", 1) for line in lines if "=" in line)


def write_keys(path: Path) -> None:
    """Write new keys, whole or not at all, and never over those of a parallel first run."""
    embedded.make_folder(path.parent)
    part = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    new = {
        "SECRET_KEY": secrets.token_urlsafe(64),
        "FIELD_KEYS": f"1:{new_key()}",
        "INDEX_KEY": new_key(),
    }
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"{name}={value}\n" for name, value in new.items())
    try:
        path.hardlink_to(part)
    except FileExistsError:
        return
    finally:
        part.unlink()


def read_secret(value: str) -> str:
    if len(value) < SHORTEST_SECRET:
        raise SystemExit(f"SECRET_KEY harus berisi {SHORTEST_SECRET} karakter acak atau lebih.")
    return value


def read_key(name: str, value: str) -> bytes:
    """Read `KEY_BYTES` bytes from base64."""
    try:
        key = base64.b64decode(value, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise SystemExit(f"{name} harus berupa {KEY_BYTES} byte acak dalam base64.")
    return key


def read_field_keys(value: str) -> dict[int, bytes]:
    """Read `1:base64,2:base64` into keys by their id (1 to 255)."""
    found: dict[int, bytes] = {}
    for part in value.split(","):
        number, _, key = part.strip().partition(":")
        if not number.isdecimal() or not 1 <= int(number) <= 255:
            raise SystemExit("FIELD_KEYS harus ditulis nomor:kunci, dengan nomor 1 sampai 255.")
        found[int(number)] = read_key("FIELD_KEYS", key)
    return found


def connection_settings() -> dict[str, Any]:
    """Return Django's settings of the database; a web process gets a pool and short timeouts."""
    settings = external_settings() if is_external() else embedded_settings()
    settings["ENGINE"] = "django.db.backends.postgresql"
    if os.environ.get("PORTAL_PROCESS", "").strip() == "web":
        limits = " ".join(f"-c {name}={value}" for name, value in WEB_LIMITS.items())
        given = settings["OPTIONS"].get("options", "")
        settings["CONN_HEALTH_CHECKS"] = True  # what a restarted server left in the pool is dropped
        settings["OPTIONS"] |= {"pool": dict(WEB_POOL), "options": f"{given} {limits}".strip()}
    return settings


def embedded_settings() -> dict[str, Any]:
    return {
        "NAME": embedded.NAME,
        "USER": embedded.NAME,
        "HOST": str(embedded.find_socket(DATA_DIR)),
        "PORT": embedded.PORT,
        "OPTIONS": {},
    }


def external_settings() -> dict[str, Any]:
    """Read `postgres://user:password@host:port/name?sslmode=…`; the host may be a socket folder."""
    url = urlsplit(os.environ["DATABASE_URL"].strip())
    options = dict(parse_qsl(url.query))
    host = unquote(url.hostname or "")
    try:
        port = url.port
    except ValueError:
        port = -1
    name = unquote(url.path.removeprefix("/"))
    if url.scheme not in {"postgres", "postgresql"} or not name or port == -1:
        raise SystemExit(
            "DATABASE_URL harus berbentuk postgres://pengguna:sandi@mesin:port/basisdata."
        )
    return {
        "NAME": name,
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": options.pop("host", host),
        "PORT": options.pop("port", str(port or "")),
        "OPTIONS": dict(options),
    }


def reach() -> None:
    """Connect once to the external database, or end in one sentence."""
    settings = external_settings()
    given = {
        "host": "HOST",
        "port": "PORT",
        "user": "USER",
        "password": "PASSWORD",
        "dbname": "NAME",
    }
    params = {key: settings[name] for key, name in given.items() if settings[name]}
    try:
        psycopg.connect(**{"connect_timeout": "5"} | settings["OPTIONS"] | params).close()
    except psycopg.OperationalError as problem:
        where = f"{settings['HOST'] or 'mesin ini'}:{settings['PORT'] or 5432}"
        raise SystemExit(
            f"Basis data {settings['NAME']} di {where} tidak dapat dihubungi "
            f"({reason(str(problem))})."
        ) from None


def reason(told: str) -> str:
    """Return the cause in what the driver tells over several lines with hints."""
    found = re.search(r"(?:failed|FATAL|error): +(.*)", told)
    return (found[1] if found else embedded.last_line(told)).rstrip(".")


def start() -> bool:
    """Have a database to speak to; tell whether an embedded server had to be started for it."""
    if is_external():
        reach()
        return False
    try:
        return embedded.start(DATA_DIR)
    except PermissionError as problem:
        raise SystemExit(f"Folder {problem.filename} milik pengguna lain.") from None


def is_running() -> bool:
    return not is_external() and embedded.is_running(DATA_DIR)


def stop() -> bool:
    """Stop the embedded server; tell whether it ran."""
    return not is_external() and embedded.stop(DATA_DIR)


if __name__ == "__main__":
    if sys.argv[1:] == ["stop"]:
        stop()
    elif sys.argv[1:] == ["start"]:
        start()
    else:
        raise SystemExit("Pakai: python -m cilegon_portal.database start|stop")
