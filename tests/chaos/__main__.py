"""`make chaos`: what is too long for `make test`, on every PostgreSQL major that is here.

The pinned wheel's server runs the chaos tests; each other major also runs the ordinary tests.
Arguments go to pytest.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DEBIAN = Path("/usr/lib/postgresql")


def run(name: str, *arguments: str, **environment: str) -> bool:
    print(f"\n== PostgreSQL: {name}", flush=True)  # noqa: T201
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-o", "addopts=--strict-markers", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        check=False,
    )
    return ended.returncode == 0


def main() -> int:
    asked = sys.argv[1:]
    passed = [run("the pinned wheel", "tests/chaos", *asked)]
    for programs in sorted(DEBIAN.glob("*/bin")):
        major = programs.parent.name
        place = {
            "PG_BIN": str(programs),
            "PORTAL_TEST_DATA": str(ROOT / ".data" / f"test-pg{major}"),
        }
        ordinary = ["--ignore=tests/bench", "-m", "not browser", "-n", "2", "tests"]
        passed.append(run(major, *ordinary, *asked, **place))
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
