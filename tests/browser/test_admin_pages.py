"""Django's admin in a browser: WCAG 2.2 AA on every kind of page, and no CSP violation."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page

from cilegon_portal.accounts.models import Role
from cilegon_portal.contributions.models import Rate
from cilegon_portal.reference.models import Kelurahan, Office
from tests.accounts.helpers import member, sign_in_staff

Open = Callable[..., BrowserContext]


@pytest.fixture
def signed_in(browser_context: Open) -> Callable[[int], Page]:
    """Return a function that opens a page of an admin who has signed in."""
    client = Client()
    sign_in_staff(client, member(Role.ADMIN))
    sid = client.cookies[settings.SESSION_COOKIE_NAME].value

    def page(width: int, *, for_axe: bool = True) -> Page:
        context = browser_context(width, for_axe=for_axe)
        context.add_cookies(
            [
                {
                    "name": settings.SESSION_COOKIE_NAME,
                    "value": sid,
                    "domain": "127.0.0.1",
                    "path": "/",
                }
            ]
        )
        return context.new_page()

    return page


def addresses() -> list[str]:
    rate, place = Rate.objects.order_by("pk")[0], Kelurahan.objects.order_by("pk")[0]
    office = Office.objects.order_by("-valid_from")[0]
    return [
        "/admin/",
        "/admin/contributions/",
        "/admin/contributions/rate/",
        "/admin/contributions/rate/?q=JKK&segment__exact=BPU&role__exact=RELIEF",
        "/admin/contributions/rate/add/",
        f"/admin/contributions/rate/{rate.pk}/change/",
        f"/admin/contributions/rate/{rate.pk}/history/",
        "/admin/contributions/payment/",
        "/admin/reference/holiday/",
        f"/admin/reference/office/{office.pk}/change/",
        f"/admin/reference/kelurahan/{place.pk}/change/",
        f"/admin/reference/office/{office.pk}/delete/",
        "/admin/participants/occupation/",
    ]


@pytest.mark.parametrize("width", [360, 1280])
def test_admin_pages_are_accessible(signed_in, assert_accessible, take_picture, width):
    page = signed_in(width)
    for address in addresses():
        page.goto(address)
        take_picture(page, f"admin{address}")
        assert_accessible(page)


def test_a_refused_row_is_accessible_and_its_sentence_is_there(signed_in, assert_accessible):
    page = signed_in(360)
    page.goto("/admin/reference/setting/add/")
    page.click("input[name=_save]")

    assert_accessible(page)


def test_admin_pages_keep_to_the_policy_and_their_scripts_run(signed_in):
    page = signed_in(1280, for_axe=False)
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))

    for address in addresses():
        page.goto(address)
    page.goto("/admin/reference/office/add/")
    page.click(".datetimeshortcuts a >> nth=1")

    assert told == []
