"""The front page: three doors, and prices that follow the rate table through the year."""

from datetime import datetime

import pytest
from django.test import Client

from tests.conftest import WIB
from tests.participants.conftest import Clock
from tests.participants.journey import text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("month", "story"),
    [
        (
            (2026, 11),
            (
                "Mulai Rp8.400 sebulan sampai Desember 2026 – sopir, ojek, kurir sampai Maret "
                "2027 – lalu Rp16.800"
            ),
        ),
        (
            (2027, 1),
            (
                "Mulai Rp16.800 sebulan Sopir, ojek, kurir: Rp8.400 sebulan sampai Maret 2027, "
                "lalu Rp16.800"
            ),
        ),
        ((2027, 4), "Mulai Rp16.800 sebulan"),
    ],
)
@pytest.mark.parametrize("path", ["/", "/daftar/"])
def test_the_price_box_follows_the_rates(
    client: Client, clock: Clock, path: str, month: tuple[int, int], story: str
) -> None:
    clock.at = datetime(*month, 10, 9, 0, tzinfo=WIB)

    page = text_of(client.get(path))

    assert story in page
    assert ("Sopir, ojek, kurir:" in page) == ("Sopir" in story)


def test_the_front_page_has_three_doors_and_no_dead_end(client: Client, clock: Clock) -> None:
    page = client.get("/")

    for door in ("Saya pekerja", "Saya pemberi kerja", "Saya petugas kantor"):
        assert door in text_of(page)
    for path in ("/daftar/", "/bantuan/", "/masuk/"):
        assert f'href="{path}"' in page.content.decode()
        assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/", "/bantuan/"])
def test_the_front_pages_are_only_read(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
