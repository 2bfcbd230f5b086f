"""A file that is too large, sent by a real browser: it shows our page, not a broken connection."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from cilegon_portal.sheets.limits import MB
from tests.chaos.processes import gunicorn

FORM = """address => {
  document.querySelector("main").insertAdjacentHTML("beforeend",
    `<form method="post" enctype="multipart/form-data" action="${address}">
       <label>File <input type="file" name="file"></label><button>Unggah</button></form>`);
}"""


@pytest.mark.parametrize("width", [360, 1280])
def test_a_large_file_ends_on_a_page_that_tells_the_limit(
    width: int,
    browser_context: Callable[..., BrowserContext],
    portal_environment: dict[str, str],
    assert_accessible: Callable[[Page], None],
    take_picture: Callable[[Page, str], None],
    tmp_path: Path,
) -> None:
    large = tmp_path / "upah.xlsx"
    large.write_bytes(bytes(30 * MB))
    page = browser_context(width, for_axe=True).new_page()
    with gunicorn(portal_environment) as (address, _):  # as in production: it may hang up early
        page.goto(f"{address}/bantuan/")
        page.evaluate(FORM, f"{address}/masuk/")
        page.get_by_label("File").set_input_files(large)

        with page.expect_response(f"{address}/masuk/") as answer:
            page.get_by_role("button", name="Unggah").click()

        assert answer.value.status == 413
        page.get_by_role("heading", name="File terlalu besar").wait_for()
        assert "Ukuran file harus di bawah 5 MB." in page.get_by_role("main").inner_text()
        assert_accessible(page)
        take_picture(page, "too-large")
