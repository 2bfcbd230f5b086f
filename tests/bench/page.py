"""Page: LCP and the whole journey on a throttled phone, and how long the server takes."""

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench import place
from tests.bench.registrations import ask
from tests.browser import chromium
from tests.browser.conftest import FLAGS

LCP_GOAL = 2.0  # seconds, on the throttled phone
JOURNEY_GOAL = 150  # seconds of machine time
SERVER_GOAL = 0.2  # seconds, the 95th of a hundred
STAFF_GOAL = 0.4
REFERENCE = "/masuk/"
ASKED = 200
OBSERVE = """
window.__lcp = 0;
const note = list => { for (const it of list.getEntries()) window.__lcp = it.startTime; };
new PerformanceObserver(note).observe({type: "largest-contentful-paint", buffered: true});
"""


def phone(browser: Browser, site: str, *, js: bool = True) -> Page:
    """Return a page of a cheap phone on a 400 kbit/s line, 400 ms away."""
    context = browser.new_context(
        base_url=site, viewport={"width": 360, "height": 640}, java_script_enabled=js
    )
    context.add_init_script(OBSERVE)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    speed = {"offline": False, "latency": 400, "downloadThroughput": 50_000}
    session.send("Network.emulateNetworkConditions", speed | {"uploadThroughput": 50_000})
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    return page


def cold_lcp(browser: Browser, site: str, path: str, state: Any) -> float:
    """Return the seconds to the largest paint of a page in a browser that has nothing yet."""
    page = phone(browser, site)
    page.context.add_cookies(state["cookies"])
    page.goto(path, wait_until="load")
    page.wait_for_timeout(300)
    seconds = float(page.evaluate("window.__lcp")) / 1000
    page.context.close()
    return seconds


def journey(browser: Browser, site: str, keep: Callable[[str, Any], None]) -> float:
    """Register and pay without JavaScript; return the seconds it took."""
    from tests.browser.journey import STEPS, Walker

    page = phone(browser, site, js=False)
    walker = Walker(page)
    began = time.monotonic()
    walker.begin()
    spent = 0.0
    for step in STEPS[1:]:
        looked = time.monotonic()
        keep(page.url.removeprefix(site), page.context.storage_state())
        spent += time.monotonic() - looked
        walker.answer(step)
    walker.pay()
    return time.monotonic() - began - spent


def server_times(site: str, path: str, cookie: str = "") -> tuple[float, float]:
    """Return the median and the 95th of a hundred of the server's own seconds, one at a time."""
    with ThreadPoolExecutor(2) as pool:
        taken = list(pool.map(lambda _: ask(site, path, cookie), range(ASKED)))
    return median(taken), quantiles(taken, n=20)[-1]


def staff_cookie() -> str:
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    from cilegon_portal.accounts import demo
    from cilegon_portal.accounts.models import Role
    from tests.accounts.helpers import sign_in_staff

    client = Client()
    sign_in_staff(client, demo.create_demo_users(timezone.now())[Role.SERVICE])
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"


def run() -> bool:
    from django.core.management import call_command
    from django.utils import timezone

    from cilegon_portal.people.models import Person

    call_command("demo", scale=0.02, on=timezone.localdate().isoformat(), seed=1, verbosity=0)
    states: dict[str, Any] = {path: {"cookies": []} for path in ("/", "/daftar/", "/bantuan/")}
    states[REFERENCE] = {"cookies": []}
    verdicts = []
    with place.served() as site, sync_playwright() as playwright:
        path = chromium.find()
        if path is None:
            raise SystemExit(chromium.MISSING)
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        took = journey(browser, site, lambda at, state: states.update({at: state}))
        verdicts.append(
            place.judged("J1 to the paid card, throttled, s", took, goal=JOURNEY_GOAL, most=True)
        )
        place.say("LCP, throttled phone (median of 5), s", "median", "least", "most")
        for at, state in states.items():
            if at == "/daftar/kode/":
                continue  # the code was given: this page leads on
            found = [cold_lcp(browser, site, at, state) for _ in range(place.RUNS)]
            place.say(at, *(f"{it:.2f}" for it in (median(found), min(found), max(found))))
            verdicts.append(median(found) <= LCP_GOAL)
        browser.close()
        cookie = staff_cookie()
        someone = Person.objects.order_by("pk")[0].pk
        place.say("server, s (two clients)", "median", "p95")
        for at, who, goal in (
            (REFERENCE, "", SERVER_GOAL),
            ("/", "", SERVER_GOAL),
            ("/daftar/", "", SERVER_GOAL),
            ("/kantor/orang/?q=rahmat", cookie, STAFF_GOAL),
            (f"/kantor/orang/{someone}/", cookie, STAFF_GOAL),
        ):
            middle, worst = server_times(site, at, who)
            place.say(at, f"{middle:.4f}", f"{worst:.4f}")
            verdicts.append(worst <= goal)
    return all(verdicts)


def main() -> int:
    place.set_up()
    try:
        return 0 if run() else 1
    finally:
        place.tear_down()


if __name__ == "__main__":
    sys.exit(main())
