"""The frame of every page: its weight, its error pages, its style sheet and its sample pages."""

import re
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import Client
from django.urls import include, path

from cilegon_portal import stylesheet

TEMPLATES = Path(settings.BASE_DIR) / "templates"
STATIC = Path(settings.BASE_DIR) / "static"
ERROR_PAGES = ("400", "403", "403_csrf", "404", "413", "429", "500", "503")
SAMPLES = ("/gaya/", "/gaya/pertanyaan/", "/gaya/kantor/")

urlpatterns = [path("gaya/", include("cilegon_portal.styleguide"))]


def compressed(text):
    return len(brotli.compress(text.encode()))


def test_the_style_sheet_is_one_file_of_five_parts():
    text = stylesheet.joined_file().read_text(encoding="utf-8")

    assert finders.find("css/portal.css") == str(stylesheet.joined_file())
    assert text.startswith("@layer tokens, base, components, pages, print;")
    assert all(f"@layer {part} {{" in text for part in stylesheet.PARTS)
    assert text.count("{") == text.count("}")
    assert "@import" not in text


def test_a_changed_part_changes_the_style_sheet(settings, tmp_path):
    (tmp_path / "static" / "css").mkdir(parents=True)
    for part in stylesheet.PARTS:
        (tmp_path / "static" / "css" / f"{part}.css").write_text(part)
    settings.BASE_DIR, settings.DATA_DIR = tmp_path, tmp_path
    before = stylesheet.joined_file().read_text()

    (tmp_path / "static" / "css" / "print.css").write_text("new")

    assert before.split() == list(stylesheet.PARTS)
    assert stylesheet.joined_file().read_text().split()[-1] == "new"
    assert [name for name, _ in stylesheet.StylesheetFinder().list(None)] == ["css/portal.css"]


def test_style_and_script_keep_within_their_budget():
    sheet = stylesheet.joined_file().read_text(encoding="utf-8")

    assert compressed(sheet) <= 8_000
    assert compressed((STATIC / "js" / "portal.js").read_text(encoding="utf-8")) <= 10_000


@pytest.mark.parametrize("name", ["500", "503"])
def test_a_page_for_bad_days_needs_nothing(name):
    source = (TEMPLATES / f"{name}.html").read_text(encoding="utf-8")

    assert "{%" not in source
    assert "{{" not in source
    assert len(source.encode()) <= 5_000


@pytest.mark.parametrize("name", ERROR_PAGES)
def test_an_error_page_says_what_is_kept_and_whom_to_call(name):
    html = render_to_string(f"{name}.html")

    assert "175" in html
    assert re.search("tersimpan|belum kami simpan|Tidak ada data yang berubah", html)
    assert not re.search(r"(?i)\b(error|server|session|token|invalid|mohon|maaf)\b", html)


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("address", SAMPLES)
def test_a_sample_page_is_light_and_complete(db, address):
    answer = Client().get(address)

    html = answer.content.decode()
    assert answer.status_code == 200
    assert compressed(html) <= 10_000
    assert html.count("<h1") == 1
    assert '<html lang="id">' in html
    assert ("htmx" in html) == ("kantor" in address)
    assert not re.search(r"<style|style=|<script>|\son[a-z]+=|javascript:", html)


@pytest.mark.urls(__name__)
def test_a_page_that_came_back_says_so_in_its_title(db):
    html = Client().post("/gaya/pertanyaan/", {"name": "Siti"}).content.decode()

    assert "<title>Kesalahan: Siapa nama dan tanggal lahir Anda? – " in html
    assert 'value="Siti"' in html
    assert 'role="alert"' in html


@pytest.mark.urls(__name__)
def test_the_menu_marks_the_page_one_is_on(db):
    html = Client().get("/gaya/kantor/").content.decode()

    assert re.search('href="/gaya/kantor/" aria-current="page"', html)
    assert html.count('aria-current="page"') >= 2
    assert "1.248" in html
