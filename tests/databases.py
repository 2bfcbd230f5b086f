"""The databases of the tests: a template that is migrated once, and a copy for each process.

The template holds the reference data and is keyed by all that goes into it, so that a later run
finds it ready. Nothing is ever flushed: triggers refuse it, and the reference data would go too.
"""

import hashlib
import os
import re
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command, get_commands
from django.db import connections

from cilegon_portal import database, embedded

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("cilegon_portal", "participants", "employers")
KEPT = 3  # templates: runs of different branches may stand side by side
MINE = f"test_{os.getpid()}"
# A test cluster is thrown away after a crash, so it need not survive one.
FAST = ("fsync", "synchronous_commit", "full_page_writes")


def sources() -> list[Path]:
    """Return the files that decide what a migrated database with reference data looks like."""
    found = [ROOT / "requirements.txt", Path(__file__)]
    for package in PACKAGES:
        folder = ROOT / package
        found += folder.rglob("migrations/*.py")
        found += (folder / "reference").rglob("*.*")
        found += folder.rglob("data/*.*")
        found += folder.rglob("load_reference.py")
        found += folder.rglob("models.py")
        found += folder.rglob("models/*.py")
    return sorted({path for path in found if path.is_file() and path.suffix != ".pyc"})


def template_name() -> str:
    digest = hashlib.sha256()
    for path in sources():
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return f"template_{digest.hexdigest()[:16]}"


def administer(*statements: str) -> list[tuple[str, ...]]:
    """Run statements outside every transaction; return the rows of the last one."""
    with psycopg.connect(
        host=settings.DATABASES["default"]["HOST"],
        port=embedded.PORT,
        user=embedded.NAME,
        dbname="postgres",
        autocommit=True,
    ) as connection:
        rows: list[tuple[str, ...]] = []
        for statement in statements:
            cursor = connection.execute(statement.encode())
            rows = cursor.fetchall() if cursor.description else []
        return rows


def names(pattern: str) -> list[str]:
    """Return the databases whose name matches a regular expression, oldest first."""
    rows = administer("SELECT datname FROM pg_database ORDER BY oid")
    return [name for (name,) in rows if re.fullmatch(pattern, name)]


def use(name: str) -> None:
    """Let every Django connection of this process speak to the database `name`."""
    connections.close_all()
    connections["default"].settings_dict["NAME"] = name
    settings.DATABASES["default"]["NAME"] = name


def drop(name: str) -> None:
    administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def start() -> str:
    """Have the test cluster and its template ready; return the template's name."""
    if database.start():
        administer(*(f"ALTER SYSTEM SET {name} = off" for name in FAST), "SELECT pg_reload_conf()")
    name = template_name()
    with embedded.locked(settings.DATA_DIR / "template.lock"):
        drop_left_overs()
        if not names(name):
            make_template(name)
    return name


def drop_left_overs() -> None:
    """Drop the databases of killed runs, and the templates nobody made lately."""
    for name in names(r"test_\d+"):
        if not Path(f"/proc/{name.removeprefix('test_')}").exists():
            drop(name)
    for name in names(r"template_\w{16}")[:-KEPT]:
        drop(name)


def make_template(name: str) -> None:
    part = f"{name}_part"
    drop(part)
    administer(f'CREATE DATABASE "{part}"')
    use(part)
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    if "load_reference" in get_commands():
        call_command("load_reference", verbosity=0)
    connections.close_all()
    administer(f'ALTER DATABASE "{part}" RENAME TO "{name}"')


def reset(template: str) -> None:
    """Give this process a fresh copy of the template."""
    connections.close_all()
    drop(MINE)
    administer(f'CREATE DATABASE "{MINE}" TEMPLATE "{template}"')
    use(MINE)
