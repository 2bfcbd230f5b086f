"""The style sheet: written in five parts, served as one file, so that a phone asks once."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

PARTS = ("tokens", "base", "components", "pages", "print")
JOINED = "css/portal.css"


class StylesheetFinder(BaseFinder):
    """Find `css/portal.css`, which is `static/css/{tokens,base,components,pages,print}.css`."""

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        if path != JOINED:
            return []
        joined = str(joined_file())
        return [joined] if find_all else joined

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Storage]]:
        joined_file()
        yield JOINED, FileSystemStorage(location=folder())


def folder() -> Path:
    return Path(settings.DATA_DIR) / "stylesheet"


def joined_file() -> Path:
    """Return the joined file, written anew when a part has changed."""
    target = folder() / JOINED
    source = Path(settings.BASE_DIR) / "static" / "css"
    text = "\n".join((source / f"{part}.css").read_text(encoding="utf-8") for part in PARTS)
    if target.exists() and target.read_text(encoding="utf-8") == text:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=target.parent, delete=False, encoding="utf-8") as written:
        written.write(text)
    path = Path(written.name)
    path.chmod(0o644)
    return path.replace(target)
