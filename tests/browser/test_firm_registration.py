"""A firm registers in a browser: without JavaScript, by keyboard alone, and in sight of axe."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from cilegon_portal.rules.months import Month
from employers.actions.first_workers import first_workers
from employers.models import Employer
from tests import make
from tests.browser.firm_journey import (
    FIELD_OF_WORK,
    FIRM,
    PASSWORD,
    WORKERS,
    FirmWalker,
    approve,
    link_in,
)
from tests.browser.journey import prepare
from tests.employers.reporting import rosters

Open = Callable[..., BrowserContext]
MOST_PAGES = 14
MOST_ANSWERS = 22
TASKS = 5
WIDTHS = ((1280, 800), (360, 640))


@pytest.fixture
def door(site: str) -> str:
    """Return the address of a portal that knows a line of business."""
    prepare()
    make.line_of_business(name=FIELD_OF_WORK, risk_group=3)
    return site


def test_a_firm_registers_without_javascript_and_is_approved(
    door: str, browser_context: Open, run_jobs: Callable[[], None]
) -> None:
    page = browser_context(360, js=False).new_page()
    walker = FirmWalker(page, has_script=False)

    walker.register_firm(run_jobs)

    main = page.locator("main")
    firm = Employer.objects.get()
    expect(main).to_contain_text("Pendaftaran terkirim")
    expect(main).to_contain_text(firm.reference)
    assert len(walker.seen) <= MOST_PAGES
    assert walker.answers <= MOST_ANSWERS
    approve(size="MICRO")
    page.goto("/perusahaan/")
    expect(page.locator("h1")).to_have_text(FIRM)
    expect(main).to_contain_text("Setujui data upah")
    expect(main).to_contain_text("NPP 15070955")
    assert firm.contacts.get().phone == "+6281234567000"
    assert firm.terms.get().with_jht
    listed = first_workers(firm)
    assert listed is not None
    assert (listed.workers, listed.is_whole) == (WORKERS, True)


def test_a_keyboard_is_enough_to_register_and_the_browser_is_content(
    door: str, browser_context: Open, run_jobs: Callable[[], None]
) -> None:
    page = browser_context(1280).new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    walker = FirmWalker(page, by_keyboard=True)

    walker.register_firm(run_jobs)

    expect(page.locator("main")).to_contain_text("Pendaftaran terkirim")
    assert told == []


def test_every_page_of_a_registration_is_open_to_all(
    door: str,
    browser_context: Open,
    run_jobs: Callable[[], None],
    assert_accessible: Callable[[Page], None],
    take_picture: Callable[[Page, str], None],
) -> None:
    page = browser_context(360, for_axe=True).new_page()

    def look(name: str) -> None:
        for width, height in WIDTHS:
            page.set_viewport_size({"width": width, "height": height})
            assert_accessible(page)
            take_picture(page, f"firm {name}")
            wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            assert not wide, f"{name} is wider than {width}"

    walker = FirmWalker(page, look=look)
    walker.sign_up()
    must_show_faults(walker, look)
    walker.answer_tasks()
    must_show_wrong_rows(walker, look, run_jobs)
    walker.list_workers(run_jobs)
    must_list_workers(walker, look)
    walker.hand_in()
    firm = approve()
    for path, name in ((f"{firm.reference}/", "home"), (f"{firm.reference}/kontak/", "contact")):
        page.goto(f"/perusahaan/{path}")
        look(f"approved {name}")
    must_invite(walker, browser_context, look)


def must_show_faults(walker: FirmWalker, look: Callable[[str], None]) -> None:
    """Fail unless each question, sent empty, says what is missing at its field."""
    page = walker.page
    tasks = page.url
    for number, name in enumerate(("data", "alamat", "kontak", "program", "pekerja"), start=1):
        page.goto(tasks.replace("pendaftaran", name))
        expect(page.locator(".stepper")).to_contain_text(f"Langkah {number} dari 6")
        for field in page.locator("main input[type=text]").all():
            field.fill("")
        walker.send()
        expect(page.locator(".errors")).to_contain_text("Ada yang perlu diperbaiki")
        look(f"{name} fault")
    page.goto(tasks)


def must_show_wrong_rows(
    walker: FirmWalker, look: Callable[[str], None], run_jobs: Callable[[], None]
) -> None:
    """Fail unless a file with a fault and a low wage can be put right, and another one taken."""
    page = walker.page
    upload = page.url
    rows = rosters.workers(3, month=Month.of(timezone.localdate()))
    rows[0][7], rows[1][7] = "tujuh juta", 1_000_000
    walker.upload(rows)
    run_jobs()
    page.goto(page.url)
    look("first result")
    page.fill("[name=b2-upah]", "7000000")
    walker.send("Simpan perbaikan")
    expect(page.locator("h1")).to_have_text("Periksa upah pekerja")
    look("first wages")
    page.goto(upload)


def must_list_workers(walker: FirmWalker, look: Callable[[str], None]) -> None:
    """Fail unless the list can be seen and changed on the way, and approved only afterwards."""
    page = walker.page
    check = page.url
    for path, name in (("pekerja", "workers listed"), ("pendaftaran", "tasks done")):
        page.goto(check.replace("periksa", path))
        look(name)
    page.goto(check.replace("periksa", "pekerja"))
    walker.press(walker.link("Lihat atau ubah"))
    look("first workers")
    walker.press(walker.link("Tambah pekerja"))
    look("first worker added")
    page.goto(page.url.replace("tambah", "setujui"))
    expect(page.locator("main")).to_contain_text("setelah pendaftaran disetujui")
    assert page.url == check


def must_invite(walker: FirmWalker, open_context: Open, look: Callable[[str], None]) -> None:
    """Fail unless a colleague gets a letter, takes the seat, and reports without approving."""
    page = walker.page
    page.get_by_role("link", name="Pengguna", exact=True).click()
    look("team")
    walker.press(walker.link("Undang pengguna"))
    walker.fill_in(email="pelapor@selat-baja.test")
    look("invite")
    walker.send("Kirim undangan")
    look("team invited")
    colleague = open_context(360, for_axe=True).new_page()
    colleague.goto(link_in("pelapor@selat-baja.test"))
    for field, text in (("name", "Sari"), ("password1", PASSWORD), ("password2", PASSWORD)):
        colleague.fill(f"[name={field}]", text)
    colleague.get_by_role("button", name="Terima undangan").click()
    expect(colleague.locator("h1")).to_have_text(FIRM)
    page.reload()
    expect(page.locator("main table")).to_contain_text("Sari")
    page.get_by_role("link", name="Akhiri akses Sari").click()
    look("end seat")
    walker.send("Akhiri akses")
    colleague.reload()
    expect(colleague.locator("h1")).not_to_have_text(FIRM)
