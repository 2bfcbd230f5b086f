"""The desk in a browser: sign in, find, register somebody, take money, undo it, open a NIK."""

import re
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page

from cilegon_portal.accounts import demo
from cilegon_portal.accounts.models import Reveal, Role
from cilegon_portal.contributions.models import Payment
from cilegon_portal.people.models import Person
from participants.models import Enrolment
from tests import make
from tests.accounts.helpers import worker
from tests.browser.journey import (
    NIK,
    STEPS,
    Walker,
    follow,
    path_of,
    prepare,
    price_of_months,
    rupiah,
)

Open = Callable[..., BrowserContext]
Look = Callable[[Page, str], None]
WIDTHS = ((360, 640), (1280, 800))


@pytest.fixture
def office(site: str) -> str:
    """Return the address of a portal with its demo staff and a fisherman."""
    prepare()
    demo.create_demo_users(timezone.now())
    make.enrolment(worker("+6281299990123"), name="Rahmat Hidayat", at=timezone.now())
    return site


@pytest.fixture
def look(
    assert_accessible: Callable[[Page], None], take_picture: Callable[[Page, str], None]
) -> Look:
    """Return a function that holds a page of the desk to WCAG at both widths."""

    def check(page: Page, name: str) -> None:
        for width, height in WIDTHS:
            page.set_viewport_size({"width": width, "height": height})
            assert_accessible(page)
        take_picture(page, f"desk {name}")

    return check


def sign_in(page: Page, role: Role, *, check: Callable[[str], None] = lambda name: None) -> None:
    """Give password and code on the sign-in pages, as the person of this role does."""
    account = next(it for it in demo.demo_sign_ins() if it.role == role)
    page.goto("/kantor/")
    check("password")
    page.fill("[name=login]", account.name)
    page.fill("[name=password]", account.password)
    follow(page.get_by_role("button", name="Masuk", exact=True))
    check("code")
    codes = {it.sign_in.role: it.code for it in demo.current_codes(timezone.now())}
    page.fill("[name=code]", codes[role])
    follow(page.get_by_role("button", name="Masuk", exact=True))
    page.wait_for_url(re.compile("/(kantor|admin)/"))


def test_an_officer_registers_somebody_and_takes_money_and_another_undoes_it(
    office: str, browser_context: Open, look: Look
) -> None:
    page = browser_context(1280, for_axe=True).new_page()
    sign_in(page, Role.SERVICE, check=lambda name: look(page, name))

    must_find_with_a_typo(page, look)
    must_register(page, look)
    must_take_money(page, look)
    must_reveal(page, look)

    head = browser_context(360, for_axe=True).new_page()
    sign_in(head, Role.HEAD_OF_SECTION)
    head.goto(path_of(page).replace("nik/", ""))
    must_undo(head, look)
    for path in ("/kantor/pencocokan/", "/kantor/hitung-ulang/", "/akun/", "/akun/perangkat/"):
        head.goto(path)
        look(head, path)


def must_find_with_a_typo(page: Page, look: Look) -> None:
    look(page, "search")
    page.fill("main [name=words]", "Rahmad Hidayad")
    follow(page.get_by_role("main").get_by_role("button", name="Cari", exact=True))
    look(page, "found")
    follow(page.get_by_role("link", name="Rahmat Hidayat"))
    assert page.locator("h1").inner_text() == "Rahmat Hidayat"
    look(page, "person without money")


def must_register(page: Page, look: Look) -> None:
    """Fail unless the worker's own pages end on the person's page, the officer still signed in."""
    follow(page.get_by_role("link", name="Daftarkan orang"))
    look(page, "assist")
    follow(page.get_by_role("button", name="Mulai pendaftaran"))
    walker = Walker(page)
    for step in STEPS[1:]:
        if step == "code":
            look(page, "assisted code")
        walker.answer(step)
    assert page.locator("h1").inner_text() == "Sarip Hidayat"
    assert Enrolment.objects.get(person__name="Sarip Hidayat").assisted_by is not None
    assert NIK not in page.content()


def must_take_money(page: Page, look: Look) -> None:
    follow(page.get_by_role("link", name="Terima pembayaran"))
    follow(page.get_by_role("button", name="Catat pembayaran"))
    assert page.title().startswith("Kesalahan: ")
    look(page, "money refused")
    page.get_by_role("radio", name="Tunai di loket").check()
    page.fill("[name=reference]", "KW-0001")
    look(page, "money")
    page.get_by_role("button", name="Catat pembayaran").dblclick()
    page.wait_for_url(re.compile(r"/orang/\d+/$"))
    assert Payment.objects.get().amount == price_of_months(3)
    told = page.get_by_role("main").inner_text()
    assert rupiah(price_of_months(3)) in told
    assert "Aktif" in told
    look(page, "person with money")


def must_reveal(page: Page, look: Look) -> None:
    follow(page.get_by_role("link", name="Lihat NIK"))
    follow(page.get_by_role("button", name="Tampilkan NIK"))
    look(page, "reason refused")
    page.fill("[name=reason]", "Peserta menunjukkan KTP di loket")
    follow(page.get_by_role("button", name="Tampilkan NIK"))
    assert NIK in page.get_by_role("main").inner_text()
    look(page, "revealed")
    assert Reveal.objects.count() == 1


def must_undo(page: Page, look: Look) -> None:
    follow(page.get_by_role("link", name=re.compile("^Batalkan")))
    page.fill("[name=reason]", "Uang palsu, bukti di berita acara 12")
    look(page, "undo")
    follow(page.get_by_role("button", name="Batalkan pembayaran"))
    page.wait_for_url(re.compile(r"/orang/\d+/$"))
    look(page, "undone")
    assert sum(Payment.objects.values_list("amount", flat=True)) == 0
    assert Person.objects.count() == 2
