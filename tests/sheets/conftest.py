"""Uploads of these tests lie in a folder of their own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cilegon_portal.sheets import WEB, Limits, Sheet, read


@pytest.fixture(autouse=True)
def uploads_folder(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path / "uploads"


@pytest.fixture
def read_bytes(tmp_path: Path) -> Callable[..., Sheet]:
    def read_it(content: bytes, limits: Limits = WEB) -> Sheet:
        path = tmp_path / "sent"
        path.write_bytes(content)
        return read(path, limits=limits)

    return read_it
