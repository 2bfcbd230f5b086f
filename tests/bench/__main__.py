"""`make bench`: one script a workload, each prints its figures and fails where a goal is missed.

Arguments are the names of the workloads to run (`make bench ARGS=w7`); without one, all of them.
"""

import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def workloads() -> list[str]:
    return [*sorted(path.stem for path in HERE.glob("w*.py")), "page", "upload"]


def machine() -> str:
    cpu = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line]
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607 (whatever git the reader has)
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    model = cpu[0].split(":", 1)[1].strip() if cpu else platform.machine()
    return f"{len(cpu) or 1} x {model}, Python {platform.python_version()}, commit {commit}"


def main() -> int:
    print(machine(), flush=True)  # noqa: T201
    missed = []
    for name in sys.argv[1:] or workloads():
        print(f"\n== {name}", flush=True)  # noqa: T201
        ended = subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], cwd=ROOT, check=False)
        missed += [name] if ended.returncode else []
    print("\nMissed: " + ", ".join(missed) if missed else "\nEvery goal reached")  # noqa: T201
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
