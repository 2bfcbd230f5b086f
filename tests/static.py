"""The static files of the tests: collected once for each state of their sources."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from cilegon_portal import embedded

ROOT = Path(__file__).resolve().parent.parent


def state() -> str:
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for path in sorted((ROOT / "static").rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(ROOT)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def collect() -> None:
    stamp = settings.DATA_DIR / "static.stamp"
    embedded.make_folder(settings.DATA_DIR)
    with embedded.locked(settings.DATA_DIR / "static.lock"):
        if stamp.exists() and stamp.read_text() == state():
            return
        call_command("collectstatic", verbosity=0, interactive=False)
        stamp.write_text(state())
