"""Pages of paying, the member's area and the card: accessible, in their frame, under the CSP."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page

from cilegon_portal.accounts.models import User
from cilegon_portal.rules.months import Month
from participants.actions.cards import card_of
from tests import make
from tests.accounts import helpers
from tests.browser.journey import follow, prepare

Open = Callable[..., BrowserContext]


def pages_of(user: User, at: datetime) -> list[str]:
    """Enrol a family of every status, and return the addresses of what they see."""
    this_month = Month.of(timezone.localdate(at))
    active, grace, ended, new, late = (
        make.enrolment(user, name=name, at=at)
        for name in ("Siti Rahayu", "Sarmin Kasdi", "Endang Suhendar", "Ani Mulyani", "Wawan")
    )
    paid = make.bought(active, this_month, this_month.plus(1), at=at)
    make.bought(grace, this_month.plus(-3), at=at)
    make.bought(ended, this_month.plus(-5), at=at)
    code = make.code(new.account, 3, first=this_month, at=at).reference
    expired = make.code(late.account, first=this_month, at=at - timedelta(days=9)).reference
    assert paid.code is not None
    return [
        "/saya/",
        *(f"/saya/{member.number}/bayar/" for member in (active, grace, ended)),
        f"/saya/{active.number}/ubah/",
        *(f"/saya/{member.number}/riwayat/" for member in (active, new)),
        *(f"/kartu/{member.number}/" for member in (active, grace, new)),
        f"/bayar/{code}/",
        f"/bayar/{code}/kode/",
        f"/bayar/{code}/kode/?cara=VA",
        f"/bayar/{expired}/kode/",
        f"/bayar/{paid.code.reference}/selesai/",
        f"/k/{card_of(enrolment=active, at=at).token}",
        f"/k/{card_of(enrolment=grace, at=at).token}",
        "/k/tidak-ada",
    ]


def sign_in(context: BrowserContext, user: User, site: str) -> None:
    client = Client()
    helpers.sign_in_worker(client, user)
    cookie = client.cookies["sid"].value
    context.add_cookies([{"name": "sid", "value": cookie, "url": site}])


@pytest.mark.parametrize("width", [360, 1280])
def test_the_pages_of_a_family_are_accessible_and_stay_in_their_frame(
    site: str, browser_context: Open, assert_accessible: Callable[[Page], None], width: int
) -> None:
    prepare()
    user = helpers.worker()
    addresses = pages_of(user, timezone.now())
    context = browser_context(width, for_axe=True)
    sign_in(context, user, site)
    page = context.new_page()

    for address in addresses:
        page.goto(address)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address

    page.goto(addresses[2])
    follow(page.get_by_role("button", name="Buat kode bayar"))
    assert page.title().startswith("Kesalahan: ")
    assert_accessible(page)


def test_no_page_of_a_family_breaks_the_content_security_policy(
    site: str, browser_context: Open
) -> None:
    prepare()
    user = helpers.worker()
    addresses = pages_of(user, timezone.now())
    context = browser_context(360)
    sign_in(context, user, site)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))

    for address in addresses:
        page.goto(address)

    assert [text for text in said if "Content Security Policy" in text] == []


def test_a_card_prints_at_85_by_54_millimetres(site: str, browser_context: Open) -> None:
    prepare()
    user = helpers.worker()
    member = make.enrolment(user, at=timezone.now())
    make.bought(member, Month.of(timezone.localdate()), at=timezone.now())
    context = browser_context(1280)
    sign_in(context, user, site)
    page = context.new_page()

    page.goto(f"/kartu/{member.number}/")
    page.emulate_media(media="print")
    box = page.locator(".member").bounding_box()

    assert box is not None
    assert [round(box[side] / 96 * 25.4) for side in ("width", "height")] == [85, 54]
