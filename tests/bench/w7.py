"""W7: registrations a second, beside stock gunicorn settings and three bare statements."""

import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from tests.bench import place
from tests.bench.registrations import CLIENTS, ask, rate_of_sending, ready

EACH = 120  # registrations in one run
REFERENCES = 200
PGBENCH_SECONDS = 3
TABLES = ("people_person", "contributions_account", "participants_enrolment")


def reference_rate(site: str) -> float:
    """Return how many sign-in pages a second this server answers."""
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda _: ask(site, "/masuk/"), range(REFERENCES)))
    return REFERENCES / (time.perf_counter() - began)


def three_statements() -> str:
    """Return three inserts into copies of the real tables, indexes included, triggers not."""
    from django.db import connection

    script = ["BEGIN;"]
    with connection.cursor() as cursor:
        for table in TABLES:
            copy = f"bench_{table}"
            cursor.execute(
                f"CREATE TABLE IF NOT EXISTS {copy} (LIKE {table} INCLUDING DEFAULTS "
                "INCLUDING IDENTITY INCLUDING GENERATED INCLUDING INDEXES)"
            )
            cursor.execute(
                f"""
                SELECT a.attname, format_type(a.atttypid, a.atttypmod),
                  EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique
                    AND a.attnum = ANY (i.indkey))
                FROM pg_attribute a
                WHERE a.attrelid = '{copy}'::regclass AND a.attnum > 0 AND NOT a.attisdropped
                  AND a.attidentity = '' AND a.attgenerated = ''
                """  # noqa: S608 (names of our own tables)
            )
            columns = cursor.fetchall()
            cursor.execute(f"SELECT * FROM {table} LIMIT 1")  # noqa: S608
            names = [it.name for it in cursor.description]
            sample = dict(zip(names, cursor.fetchone(), strict=True))
            values = [value_of(sample[name], kind, one=one) for name, kind, one in columns]
            listed = ", ".join(f'"{name}"' for name, _, _ in columns)
            script.append(f"INSERT INTO {copy} ({listed}) VALUES ({', '.join(values)});")  # noqa: S608
    return "\n".join([*script, "COMMIT;"])


def value_of(sample: object, kind: str, *, one: bool) -> str:
    """Return the SQL of a value like `sample`; another one each time where it must be unique."""
    if one and kind == "bytea":
        return "decode(md5(random()::text) || md5(random()::text), 'hex')"
    if one and kind == "bigint":
        return "(random() * 9e15)::bigint"
    if one:
        length = re.search(r"\d+", kind)
        return f"left(md5(random()::text), {min(32, int(length[0]) if length else 32)})"
    if sample is None:
        return "NULL"
    if isinstance(sample, bytes | memoryview):
        return f"'\\x{bytes(sample).hex()}'::bytea"
    return f"'{sample}'::{kind}"


def pgbench(script: Path) -> float:
    """Return the transactions a second of three bare inserts, each commit durable."""
    from django.conf import settings

    from cilegon_portal import embedded

    where = settings.DATABASES["default"]
    asked = ["-n", "-c", str(CLIENTS), "-j", "2", "-T", str(PGBENCH_SECONDS), "-f", str(script)]
    here = ["-h", str(where["HOST"]), "-p", str(where["PORT"]), "-U", where["USER"]]
    told = subprocess.run(
        [
            embedded.find_server(settings.DATA_DIR).programs / "pgbench",
            *asked,
            *here,
            where["NAME"],
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return float(re.search(r"tps = ([\d.]+)", told)[1])


def run() -> bool:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        (durable,) = cursor.fetchone()
        cursor.execute("SHOW fsync")
        durable = f"synchronous_commit {durable}, fsync {cursor.fetchone()[0]}"
    place.say(f"seed {place.SEED}, {CLIENTS} clients, {EACH} a run, {durable}")
    found: dict[str, list[float]] = {}

    def note(what: str, value: float) -> None:
        found.setdefault(what, []).append(value)

    with (
        place.served() as ours,
        place.served(stock=True) as stock,
        tempfile.TemporaryDirectory() as folder,
    ):
        rate_of_sending(ours, ready(20, months=1))
        rate_of_sending(stock, ready(20, months=1))
        script = Path(folder) / "three.sql"
        script.write_text(three_statements())
        Path(folder).chmod(0o755)
        for _ in range(place.RUNS):
            for months in (1, 12):
                note(f"ours, {months}", rate_of_sending(ours, ready(EACH, months=months)))
                note(f"stock, {months}", rate_of_sending(stock, ready(EACH, months=months)))
            note("pgbench", pgbench(script))
            note("ours, sign-in page", reference_rate(ours))
            note("stock, sign-in page", reference_rate(stock))
    place.say("a second (median of 5)", "median", "least", "most")
    for what, values in found.items():
        place.say(what, *(f"{it:.1f}" for it in (median(values), min(values), max(values))))

    def ratio(over: str, under: str) -> float:
        pairs = zip(found[over], found[under], strict=True)
        return median(a / b for a, b in pairs)

    return all(
        [
            place.judged("one month, over stock", ratio("ours, 1", "stock, 1"), goal=1.5),
            place.judged("twelve months, over stock", ratio("ours, 12", "stock, 12"), goal=1.5),
            place.judged("one month, of pgbench", ratio("ours, 1", "pgbench"), goal=0.03),
            place.judged("twelve months, of pgbench", ratio("ours, 12", "pgbench"), goal=0.03),
        ]
    )


def main() -> int:
    place.set_up()
    try:
        return 0 if run() else 1
    finally:
        place.tear_down()


if __name__ == "__main__":
    sys.exit(main())
