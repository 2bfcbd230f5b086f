"""A real browser for the journeys: one Chromium a process, a fresh context for each test."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser import chromium

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # the network is closed here too
]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
HEIGHTS = {360: 640, 768: 1024, 1280: 800}
PATIENCE = 10_000  # milliseconds until an element must be there


@dataclass
class Traffic:
    """What a page cost: bytes over the wire, and requests by address."""

    received: int = 0
    requests: list[str] = field(default_factory=list)

    def forget(self) -> None:
        self.received = 0
        self.requests.clear()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium.find()
    if path is None:
        pytest.fail(chromium.MISSING, pytrace=False)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def browser_context(browser: Browser, site: str) -> Iterator[Callable[..., BrowserContext]]:
    """Return a function that opens a context: `browser_context(360)`, `browser_context(js=False)`.

    Paths are relative to the site. The CSP is bypassed for axe only, by `for_axe=True`.
    """
    opened: list[BrowserContext] = []

    def open_context(
        width: int = 360, *, js: bool = True, for_axe: bool = False, **options: Any
    ) -> BrowserContext:
        context = browser.new_context(
            base_url=site,
            viewport={"width": width, "height": HEIGHTS[width]},
            java_script_enabled=js,
            bypass_csp=for_axe,
            locale="id-ID",
            timezone_id="Asia/Jakarta",
            **options,
        )
        context.set_default_timeout(PATIENCE)
        opened.append(context)
        return context

    yield open_context
    for context in opened:
        context.close()


@pytest.fixture
def page(browser_context: Callable[..., BrowserContext]) -> Page:
    """Return a page on a phone, 360 pixels wide, on which axe may run."""
    return browser_context(360, for_axe=True).new_page()


@pytest.fixture
def assert_accessible() -> Callable[[Page], None]:
    """Return a function that fails with what axe finds against WCAG 2.2 AA."""

    def check(page: Page) -> None:
        found = Axe().run(page, options={"runOnly": TAGS}).response["violations"]
        told = [
            f"{item['id']}: {item['help']}: {node['html']}"
            for item in found
            for node in item["nodes"]
        ]
        assert not told, f"{page.url}\n" + "\n".join(told)

    return check


@pytest.fixture
def traffic_of() -> Callable[[Page], Traffic]:
    """Return a function that counts, from now on, what a page's network costs (by CDP)."""

    def count(page: Page) -> Traffic:
        traffic = Traffic()
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.loadingFinished", lambda event: add(traffic, event))
        session.on(
            "Network.requestWillBeSent",
            lambda event: traffic.requests.append(event["request"]["url"]),
        )
        return traffic

    return count


def add(traffic: Traffic, event: dict[str, Any]) -> None:
    traffic.received += int(event["encodedDataLength"])


@pytest.fixture
def take_picture(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Return a function that keeps a screenshot under `.data/screenshots/`."""
    from django.conf import settings

    folder = Path(settings.BASE_DIR) / ".data" / "screenshots"

    def take(page: Page, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        width = (page.viewport_size or {"width": 0})["width"]
        safe = re.sub(r"[^\w-]+", "-", name)
        page.screenshot(path=folder / f"{safe}-{width}.png", full_page=True)

    return take


@pytest.fixture
def slow_phone() -> Callable[[Page], None]:
    """Return a function that makes a page a cheap phone on a 400 kbit/s line."""

    def slow_down(page: Page) -> None:
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        speed = {"offline": False, "latency": 400, "downloadThroughput": 50_000}
        session.send("Network.emulateNetworkConditions", speed | {"uploadThroughput": 50_000})
        session.send("Emulation.setCPUThrottlingRate", {"rate": 4})

    return slow_down
