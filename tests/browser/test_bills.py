"""A firm's bill in a browser: read, explained line by line, paid; by anybody, at any width."""

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.models import Bill
from cilegon_portal.rules.months import Month
from employers.models import Employer
from tests.accounts.helpers import sign_in_staff
from tests.browser.journey import follow, path_of, prepare
from tests.employers.billing import months

Open = Callable[..., BrowserContext]
WIDTHS = ((360, 640), (1280, 800))
WORKERS = 60


@pytest.fixture
def month() -> Month:
    return Month.of(timezone.localdate()).plus(-1)


@pytest.fixture
def firm(site: str, month: Month) -> Employer:
    """Return a firm that owes two months, the older one of them too late."""
    prepare()
    firm = months.firm(first=month.plus(-3), at=timezone.now())
    for back in (2, 0):
        wages = [5_000_000 + 12_345 * number for number in range(WORKERS)]
        months.approved(firm, wages, month=month.plus(-back), at=timezone.now())
    return firm


def seated(context: BrowserContext, site: str, firm: Employer) -> Page:
    """Return a page on which the firm's approver has signed in."""
    user = firm.seats.taken().get().user
    assert isinstance(user, User)
    client = Client()
    sign_in_staff(client, user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site}])
    return context.new_page()


def test_a_bill_is_read_and_paid_without_a_script(
    site: str, firm: Employer, month: Month, browser_context: Open
) -> None:
    page = seated(browser_context(360, js=False), site, firm)
    page.goto(reverse("employers:bills", args=[firm.reference]))

    must_explain_a_worker(page, firm, month)
    must_pay(page)

    assert all(bill.outstanding == 0 for bill in Bill.objects.with_sums())


def must_explain_a_worker(page: Page, firm: Employer, month: Month) -> None:
    follow(page.locator("main table a").first)
    assert path_of(page) == reverse("employers:bill", args=[firm.reference, month])
    follow(page.get_by_role("link", name=f"Hitungan {WORKERS} pekerja"))
    page.fill("[name=words]", "Pekerja Uji 7")
    follow(page.get_by_role("button", name="Cari"))
    assert "q=Pekerja" in page.url
    follow(page.get_by_role("link", name="Pekerja Uji 7", exact=True))
    told = page.get_by_role("main").inner_text()
    assert "\u00d7 Rp5.061.725" in told
    assert "PP 44/2015 Ps. 18 ayat (1)" in told
    follow(page.locator(".trail").get_by_role("link").nth(1))


def must_pay(page: Page) -> None:
    follow(page.get_by_role("link", name=re.compile("^Bayar Rp")))
    assert "Bayar sebagian mengurangi tunggakan" in page.get_by_role("main").inner_text()
    follow(page.get_by_role("button", name="Buat kode bayar"))
    follow(page.get_by_role("link", name="Periksa status"))
    follow(page.get_by_role("button", name="Bayar sekarang (contoh)"))
    assert "Tidak ada yang harus dibayar" in page.get_by_role("main").inner_text()


def test_every_page_of_a_bill_is_accessible_and_fits_its_width(
    site: str,
    firm: Employer,
    month: Month,
    browser_context: Open,
    assert_accessible: Callable[[Page], None],
    take_picture: Callable[[Page, str], None],
) -> None:
    page = seated(browser_context(360, for_axe=True), site, firm)
    line = firm.reports.standing().of_month(month).get().lines.order_by("pk").first()
    assert line
    given = [firm.reference, month]
    for name, args in (
        ("bills", given[:1]),
        ("bill", given),
        ("bill_workers", given),
        ("bill_worker", [*given, line.pk]),
        ("bill_pay", given),
    ):
        page.goto(reverse(f"employers:{name}", args=args))
        for width, height in WIDTHS:
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            assert_accessible(page)
            take_picture(page, f"firm {name} {width}")
