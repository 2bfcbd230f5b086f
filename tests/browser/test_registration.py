"""J1 in a browser: register, pay, hold a card, renew; without JavaScript, and by keyboard alone."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page
from pypdf import PdfReader

from cilegon_portal.contributions.models import Bill, Charge, PaymentCode
from cilegon_portal.people.models import Person
from participants.models import Enrolment
from tests.browser.conftest import Traffic
from tests.browser.journey import (
    PAGES_TO_CONFIRMATION,
    STEPS,
    Walker,
    code_for,
    follow,
    path_of,
    prepare,
    price_of_months,
    rupiah,
)

Open = Callable[..., BrowserContext]
Count = Callable[[Page], Traffic]
KB = 1000
SMALLEST_TARGET = 44  # CSS pixels, of what is pressed outside running text
WIDTHS = ((1280, 800), (360, 640))


@pytest.fixture
def demo(site: str) -> str:
    prepare()
    return site


def test_a_phone_without_javascript_is_enough_for_cover_and_renewal(
    demo: str, browser_context: Open, traffic_of: Count, run_jobs: Callable[[], None]
) -> None:
    page = browser_context(360, js=False).new_page()
    traffic = traffic_of(page)
    walker = Walker(page)

    walker.register()
    bills = Bill.objects.count() + Charge.objects.count()
    owed = page.locator("main").inner_text()
    walker.pay()
    run_jobs()

    assert rupiah(price_of_months(3)) in owed
    assert bills == 0, "nobody owes a month that is not bought"
    assert page.locator("h1").inner_text() == "Anda sudah terlindungi"
    assert len(walker.seen) <= PAGES_TO_CONFIRMATION
    assert walker.answers <= 9
    assert walker.codes == 1
    assert page.locator("input[type=file]").count() == 0
    assert traffic.received <= 250 * KB
    must_download(page, "Unduh kwitansi", rupiah(price_of_months(3)))
    follow(page.get_by_role("link", name="Lihat kartu"))
    must_show_card(page, browser_context(360, js=False).new_page())
    must_renew(walker)


def must_download(page: Page, link: str, text: str) -> None:
    """Fail unless `link` brings a PDF that holds `text`."""
    with page.expect_download() as waited:
        page.get_by_role("link", name=link).click()
    pdf = PdfReader(BytesIO(Path(waited.value.path()).read_bytes()))
    assert text in pdf.pages[0].extract_text()


def must_show_card(page: Page, stranger: Page) -> None:
    """Fail unless the card is active, and a stranger learns from its code no more than that."""
    assert page.locator("main").get_by_text("Aktif", exact=True).count() >= 1
    token = Enrolment.objects.get().cards.get(revoked_at=None).token
    stranger.goto(f"/k/{token}")
    told = stranger.locator("main").inner_text()
    assert "AKTIF" in told
    assert "S***" in told
    assert not re.search(r"Sarip|Hidayat|3672|0812|Nelayan", told)


def must_renew(walker: Walker) -> None:
    """Fail unless the next months are bought on four pages with two answers."""
    walker.seen.clear()
    walker.answers = 0
    walker.page.goto("/saya/")
    walker.see("home")
    walker.press(walker.page.get_by_role("link", name=re.compile("^Bayar bulan berikutnya")))
    walker.choose("how_many", "1 bulan")
    walker.answers += 1
    walker.see("renew")
    walker.send("Buat kode bayar")
    walker.see("code shown")
    walker.send("Bayar sekarang (contoh)")
    walker.see("done")
    assert walker.page.locator("h1").inner_text() == "Anda sudah terlindungi"
    assert len(walker.seen) <= 4
    assert walker.answers <= 2
    assert Bill.objects.count() == 4


def test_a_keyboard_is_enough_and_the_browser_has_nothing_to_complain(
    demo: str, browser_context: Open
) -> None:
    page = browser_context(1280).new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    walker = Walker(page, by_keyboard=True)

    walker.register(occupation="Sopir, ojek, kurir")
    owed = page.locator("main").inner_text()
    walker.pay()

    assert page.locator("h1").inner_text() == "Anda sudah terlindungi"
    assert rupiah(price_of_months(3, sector="TRANSPORT")) in owed
    must_renew(walker)
    assert told == []


def test_every_public_page_is_light_open_to_all_and_fits_a_small_phone(
    demo: str,
    browser_context: Open,
    traffic_of: Count,
    assert_accessible: Callable[[Page], None],
    take_picture: Callable[[Page, str], None],
) -> None:
    page = browser_context(360, for_axe=True).new_page()
    page.context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    traffic = traffic_of(page)
    faults: list[str] = []

    def look(name: str) -> None:
        faults.extend(faults_of_size(page, name))
        for width, height in WIDTHS:
            page.set_viewport_size({"width": width, "height": height})
            assert_accessible(page)
        take_picture(page, f"j1 {name}")

    def weigh(path: str) -> None:
        page.wait_for_load_state("networkidle")
        traffic.forget()
        page.goto(path, wait_until="networkidle")
        faults.extend(faults_of_weight(path, traffic, demo))

    walker = Walker(page, look=look)
    walker.begin()
    for step in STEPS[1:]:
        weigh(path_of(page))
        look_at_error(walker, step, look)
        walker.answer(step)
    walker.pay()
    number = Enrolment.objects.get().number
    token = Person.objects.get().enrolment.cards.get(revoked_at=None).token if has_card() else ""
    for path in public_and_own_pages(number, token):
        weigh(path)
        look(f"page {path.replace(token or '-', 'token').replace(number, 'number')}")

    assert not faults, "\n".join(faults)


def has_card() -> bool:
    return Enrolment.objects.filter(cards__isnull=False).exists()


def public_and_own_pages(number: str, token: str) -> list[str]:
    reference = PaymentCode.objects.latest("pk").reference
    return [
        "/",
        "/daftar/",
        "/bantuan/",
        "/masuk/",
        "/petugas/masuk/",
        "/masuk/belum-terdaftar/",
        "/tidak-ada/",
        "/saya/",
        f"/kartu/{number}/",
        f"/saya/{number}/bayar/",
        f"/saya/{number}/ubah/",
        f"/saya/{number}/riwayat/",
        f"/bayar/{reference}/selesai/",
        f"/k/{token or 'x' * 26}",
        f"/k/{'y' * 26}",
    ]


# The field that the summary leads to, or the group it lies in, names its error to everybody (A7).
SAYS_ITS_FAULT = """() => {
  const group = document.activeElement.closest("fieldset");
  return [document.activeElement, group].filter(Boolean).some(it =>
    (it.getAttribute("aria-describedby") || "").split(" ").some(id => {
      const told = id && document.getElementById(id);
      return told && told.className.includes("invalid-feedback");
    }));
}"""
# What is empty may be sent at these steps; the others have something chosen already.
UNANSWERED = ("occupation", "nik", "name", "code", "place", "months")


def look_at_error(walker: Walker, step: str, look: Callable[[str], None]) -> None:
    """Send the page of `step` empty: the fault is told, and told to everybody."""
    if step not in UNANSWERED:
        return
    page = walker.page
    walker.send()
    assert page.title().startswith("Kesalahan: "), step
    summary = page.get_by_role("alert")
    assert "Ada yang perlu diperbaiki" in summary.inner_text()
    assert summary.evaluate("it => it.contains(document.activeElement)"), step
    summary.get_by_role("link").first.click()
    assert page.evaluate(SAYS_ITS_FAULT), step
    look(f"{step} empty")


def faults_of_weight(path: str, traffic: Traffic, site: str) -> list[str]:
    faults = []
    asked = [it for it in traffic.requests if not it.startswith("data:")]
    if traffic.received > 40 * KB:
        faults.append(f"{path}: {traffic.received} bytes")
    if len(asked) > 6:
        faults.append(f"{path}: {len(asked)} requests: {asked}")
    foreign = [it for it in asked if urlsplit(it).netloc != urlsplit(site).netloc]
    return faults + [f"{path}: asks a third party: {it}" for it in foreign]


def faults_of_size(page: Page, name: str) -> list[str]:
    """Return what is too small to press at 360 pixels, and what sticks out at 320."""
    page.set_viewport_size({"width": 360, "height": 640})
    small = page.evaluate(
        """least => [...document.querySelectorAll(
            "button, a.btn, a.card, a.choice, input, select, summary")]
          .filter(it => it.closest("main"))
          .map(it => [it, (it.type === "radio" || it.type === "checkbox")
            ? it.closest("label") || it.parentElement : it])
          .filter(([it, shown]) => it.type !== "hidden" && shown.getClientRects().length)
          .filter(([, shown]) => { const box = shown.getBoundingClientRect();
            return box.height < least - 0.5 || box.width < least - 0.5; })
          .map(([it, shown]) => { const box = shown.getBoundingClientRect();
            return `${it.outerHTML.slice(0, 90)} ${box.width}x${box.height}`; })""",
        SMALLEST_TARGET,
    )
    page.set_viewport_size({"width": 320, "height": 640})
    wide = page.evaluate(
        """() => document.scrollingElement.scrollWidth <= 320 ? [] :
          [...document.querySelectorAll("body *")]
          .filter(it => it.getBoundingClientRect().right > 320 && !it.closest("[role=region]"))
          .map(it => it.outerHTML.slice(0, 90))"""
    )
    return [f"{name}: too small to press: {it}" for it in small] + [
        f"{name}: sticks out at 320 pixels: {it}" for it in wide
    ]


def test_a_registration_survives_a_killed_browser_a_wrong_code_and_a_double_click(
    demo: str, browser_context: Open
) -> None:
    page = browser_context(360, js=False).new_page()
    walker = Walker(page)
    walker.begin()
    for step in STEPS[1:-1]:
        path = path_of(page)
        page = opened_again(page, browser_context)
        assert path_of(page) == path
        walker.page = page
        if step == "code":
            must_count_tries(page)
        walker.answer(step)
    must_keep_answers(page)
    page.goto("/daftar/periksa/")

    page.get_by_role("button", name="Daftar dan buat kode bayar").dblclick()
    page.wait_for_url(re.compile("/bayar/"))

    assert PaymentCode.objects.count() == Enrolment.objects.count() == 1
    page.go_back()
    page.reload()
    assert "sudah dikirim" in page.locator("h1").inner_text()


def opened_again(page: Page, browser_context: Open) -> Page:
    """Return a page of a new browser that has nothing but the old one's cookies."""
    kept = page.context.storage_state()
    page.context.close()
    fresh = browser_context(360, js=False, storage_state=kept).new_page()
    fresh.goto("/")
    follow(fresh.get_by_role("link", name="Daftar sekarang"))
    follow(fresh.get_by_role("link", name="Lanjutkan pendaftaran"))
    return fresh


def must_count_tries(page: Page) -> None:
    for left in (4, 3):
        wrong = f"{(int(code_for()) + left) % 1_000_000:06}"
        page.fill("[name=code]", wrong)
        follow(page.get_by_role("button", name="Lanjut", exact=True))
        assert f"Sisa {left} percobaan" in page.get_by_role("alert").inner_text()


def must_keep_answers(page: Page) -> None:
    page.goto("/daftar/nama/")
    assert page.input_value("[name=name]") == "Sarip Hidayat"
    page.goto("/daftar/nik/")
    assert page.input_value("[name=nik]").replace(" ", "") == "3672992703850001"
