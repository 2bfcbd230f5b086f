"""A request that is larger than its page may take: a page that says so, and no memory for it."""

import http.client
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.test import Client, RequestFactory
from django.urls import path

from cilegon_portal.sheets import LARGE, WEB, Limits, SheetRefused, uploads
from cilegon_portal.sheets.limits import MB
from cilegon_portal.urls import handler500, urlpatterns as portal
from tests import make
from tests.chaos.processes import children_of, gunicorn
from tests.sheets import evil

__all__ = ["handler500"]
SENTENCE = "Ukuran file harus di bawah 5 MB"
SIX = replace(WEB, file_bytes=6 * MB)


def keep(request: Any, limits: Limits) -> HttpResponse:
    kept = uploads.keep(request.FILES["file"], limits=limits)
    return HttpResponse(f"{request.POST['month']} {kept.size}")


def upload(request: HttpRequest) -> HttpResponse:
    return keep(request, WEB)


@uploads.takes_files(lambda request, firm: SIX)
def upload_more(request: HttpRequest, firm: str) -> HttpResponse:
    return keep(request, SIX)


def broken(_request: HttpRequest) -> HttpResponse:
    raise SheetRefused("broken")


urlpatterns = [
    path("unggah/", upload),
    path("unggah/<str:firm>/", upload_more),
    path("rusak/", broken),
    *portal,
]


@pytest.fixture
def client(db: None, settings: Any) -> Client:
    settings.ROOT_URLCONF = __name__
    signed_in = Client()
    signed_in.force_login(make.user())
    return signed_in


def csv_of(size: int) -> SimpleUploadedFile:
    return SimpleUploadedFile("upah.csv", evil.good_csv().ljust(size, b"\n"))


@pytest.mark.parametrize("above", [1, MB])
def test_a_file_above_the_limit_gets_a_page_that_tells_it(above: int, client: Client) -> None:
    answer = client.post("/unggah/", {"month": "2026-11", "file": csv_of(WEB.file_bytes + above)})

    page = answer.content.decode()
    assert answer.status_code == 413
    assert SENTENCE in page
    assert 'href="/unggah/"' in page


def test_a_file_at_the_limit_is_taken(client):
    answer = client.post("/unggah/", {"file": csv_of(WEB.file_bytes), "month": "2026-11"})

    assert answer.content.decode() == f"2026-11 {WEB.file_bytes}"


def test_a_page_may_take_more(client):
    six, seven = ({"file": csv_of(size * MB), "month": "2026-11"} for size in (6, 7))

    taken = client.post("/unggah/clg/", six)
    refused = client.post("/unggah/clg/", seven)

    assert taken.content.decode() == f"2026-11 {6 * MB}"
    assert refused.status_code == 413
    assert "Ukuran file harus di bawah 6 MB" in refused.content.decode()


def test_a_stranger_is_given_the_ordinary_limit(client):
    client.logout()

    answer = client.post("/unggah/clg/", {"file": csv_of(6 * MB), "month": "2026-11"})

    assert answer.status_code == 413
    assert SENTENCE in answer.content.decode()


def test_another_refusal_is_its_pages_own_affair(client):
    with pytest.raises(SheetRefused, match="broken"):
        client.get("/rusak/")


def test_no_plain_file_is_left_of_an_upload(client, uploads_folder):
    client.post("/unggah/", {"month": "2026-11", "file": csv_of(3 * MB)})

    [kept] = uploads_folder.iterdir()
    assert b"Siti" not in kept.read_bytes()


def test_a_form_that_cannot_be_read_is_told_so(client):
    many = {f"f{number}": "1" for number in range(600)}

    before_a_file = client.post("/unggah/", many)
    after_a_file = client.post("/unggah/", {"file": csv_of(100)} | many)
    half = client.generic("POST", "/unggah/", b"--x", content_type="multipart/form-data")

    assert [answer.status_code for answer in (before_a_file, after_a_file, half)] == [400] * 3


def test_who_hangs_up_leaves_no_file(db, uploads_folder):
    content_type = "multipart/form-data; boundary=limit"
    request: Any = RequestFactory().post("/unggah/", b"x", content_type=content_type)
    request._stream = HungUp(b"".join(pieces(100_000))[:70_000])
    request.META["CONTENT_LENGTH"] = "100000"

    with pytest.raises(UnreadablePostError):
        _ = request.POST

    [handler] = request.upload_handlers
    handler.file.close()  # it has no name: whoever forgets it has deleted it
    assert list(uploads_folder.iterdir()) == []


class HungUp(io.BytesIO):
    """A body whose sender goes away in the middle."""

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(size)
        if not piece:
            raise OSError("connection reset")
        return piece


def test_a_length_that_is_none_is_no_length(client):
    answer = client.get("/bantuan/", CONTENT_LENGTH="banyak")

    assert answer.status_code == 200


def test_every_larger_limit_fits_what_is_drained():
    from cilegon_portal.sheets.middleware import MOST_DRAINED

    assert LARGE.file_bytes < MOST_DRAINED


def pieces(total: int) -> Iterator[bytes]:
    head = (
        b"--limit\r\nContent-Disposition: form-data; name=file; filename=upah.csv\r\n"
        b"Content-Type: text/csv\r\n\r\n"
    )
    end = b"\r\n--limit--\r\n"
    yield head
    left = total - len(head) - len(end)
    while left:
        piece = b"\n" * min(left, 64 * 1024)
        left -= len(piece)
        yield piece
    yield end


def sent(address: str, size: int) -> tuple[int, str]:
    """Send a form of `size` bytes, all of it, and only then look at the answer."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=30)
    headers = {
        "Content-Length": str(size),
        "Content-Type": "multipart/form-data; boundary=limit",
        "Cookie": f"csrf={'c' * 32}",  # without it nobody reads the form
    }
    connection.request("POST", "/masuk/", body=pieces(size), headers=headers)
    answer = connection.getresponse()
    found = answer.status, answer.read().decode()
    connection.close()
    return found


def most_memory(server: Any) -> int:
    """Return the most memory that any web process has had, in bytes."""
    found = [
        int(line.split()[1]) * 1024
        for number in children_of(server)
        for line in Path(f"/proc/{number}/status").read_text().splitlines()
        if line.startswith("VmHWM")
    ]
    return max(found)


def test_a_web_process_does_not_grow_with_what_it_is_sent(portal_environment):
    with gunicorn(portal_environment) as (address, server):
        sent(address, 1_000)
        before = most_memory(server)

        status, page = sent(address, WEB.file_bytes + MB)
        many = [sent(address, size * MB)[0] for size in (5, 5, 20, 60)]

        assert status == 413
        assert SENTENCE in page
        assert many == [403, 403, 413, 413]  # what fits is read, and has no token
        assert most_memory(server) - before <= 20 * MB
