"""Static files, collected again only when their sources have changed."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from cilegon_portal import embedded


def state() -> str:
    """Return a digest of everything that collected files are made from."""
    root = Path(settings.BASE_DIR)
    digest = hashlib.sha256()
    sources = [root / "requirements.txt", root / "cilegon_portal" / "stylesheet.py"]
    for path in [*sources, *sorted((root / "static").rglob("*"))]:
        if path.is_file():
            digest.update(str(path.relative_to(root)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def collect() -> None:
    stamp = Path(settings.DATA_DIR) / "static.sha256"
    embedded.make_folder(stamp.parent)
    with embedded.locked(stamp.with_suffix(".lock")):
        current = state()
        if not stamp.exists() or stamp.read_text() != current:
            call_command("collectstatic", verbosity=0, interactive=False)
            stamp.write_text(current)
