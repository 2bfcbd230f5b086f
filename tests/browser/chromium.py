"""The browser of the tests: the system's Chromium, else apt's as root, else Playwright's.

`python -m tests.browser.chromium` sees to it that there is one before the tests begin.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MISSING = (
    "No Chromium: put one on PATH or name it in CHROMIUM, run `apt-get install chromium` as root, "
    "or run `.venv/bin/python -m playwright install chromium`; then test again."
)


def find() -> str | None:
    """Return the path of a Chromium on this machine."""
    chosen = os.environ.get("CHROMIUM", "").strip()
    if chosen:
        return shutil.which(chosen)
    for name in NAMES:
        if path := shutil.which(name):
            return path
    return playwrights_own()


def playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> None:
    """Try what this user may do, one way after the other."""
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        apt = ["apt-get", "-y", "-qq", "install", "--no-install-recommends", "chromium"]
        ways = [apt, ["apt-get", "-qq", "update"], apt, *ways]
    for way in ways:
        subprocess.run(
            way,
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        if find():
            return


if __name__ == "__main__":
    if find() is None:
        print("Installing Chromium for the browser tests")  # noqa: T201
        install()
    if find() is None:
        print(MISSING)  # noqa: T201
