"""The packages that the portal is measured against: kept out of .venv and out of the locks."""

import hashlib
import subprocess
import sys

from tests.bench.place import ROOT

WANTED = ROOT / "tests" / "bench" / "requirements.txt"
FOLDER = ROOT / ".data" / "bench" / "peers"


def install() -> None:
    """Have the peers importable; our own packages come first and are what they stand on."""
    digest = hashlib.sha256(WANTED.read_bytes()).hexdigest()
    mark = FOLDER / "installed"
    if not (mark.exists() and mark.read_text() == digest):
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run(
            [*pip, "--no-deps", "--upgrade", "--target", str(FOLDER), "-r", str(WANTED)], check=True
        )
        mark.write_text(digest)
    if str(FOLDER) not in sys.path:
        sys.path.append(str(FOLDER))
