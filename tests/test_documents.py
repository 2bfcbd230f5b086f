"""Documents: what they hold reads back, and nothing in them is taken for source text."""

import io
import re
from datetime import UTC, datetime

import pytest
import segno
from pypdf import PdfReader

from cilegon_portal import documents
from tests.make import AT

CARD = {
    "name": "Siti Rahayu",
    "number": "CLG-7F3K-9Q2X",
    "status": "Aktif",
    "is_active": True,
    "until": "31 Januari 2027",
    "programmes": "JKK · JKM",
    "checked": "23 November 2026",
    "qr": documents.qr_code("https://portal.contoh.test/k/0123456789ABCDEFGHJKMNPQRS"),
}
NASTY = ['#import "x"', "$x$ *tebal* _miring_", "</svg><script>", "\\ { } [ ]", "O'Neil & Sons"]


def words(content: bytes) -> str:
    reader = PdfReader(io.BytesIO(content))
    return " ".join(" ".join(page.extract_text().split()) for page in reader.pages)


def test_a_pdf_says_what_it_was_given():
    found = words(documents.pdf("card", CARD))

    for text in ("Siti Rahayu", "CLG-7F3K-9Q2X", "AKTIF", "31 Januari 2027", "JKK · JKM"):
        assert text in found


def test_a_card_measures_85_by_54_millimetres():
    page = PdfReader(io.BytesIO(documents.pdf("card", CARD))).pages[0]

    assert [round(float(side) / 72 * 25.4) for side in page.mediabox[2:]] == [85, 54]


@pytest.mark.parametrize("name", NASTY)
def test_a_name_stays_a_name(name):
    found = words(documents.pdf("card", CARD | {"name": name}))

    assert name.replace(" ", "") in found.replace(" ", "")


def test_the_longest_name_still_fits_on_one_card():
    longest = " ".join(["Muhammad Nurhidayatullah"] * 5)[:120]

    reader = PdfReader(io.BytesIO(documents.pdf("card", CARD | {"name": longest})))

    assert len(reader.pages) == 1


def test_equal_data_makes_equal_bytes():
    assert documents.pdf("card", CARD) == documents.pdf("card", CARD)
    assert documents.png("card", CARD) == documents.png("card", CARD)


def test_a_pdf_is_tagged_and_says_its_language_and_title():
    reader = PdfReader(io.BytesIO(documents.pdf("card", CARD)))

    assert reader.trailer["/Root"]["/Lang"] == "id"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.metadata.title == "Kartu peserta CLG-7F3K-9Q2X"


def test_a_picture_is_a_png_at_300_pixels_an_inch():
    picture = documents.png("card", CARD)

    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(picture[16:20], "big") == 1004  # 85 mm


def test_a_value_that_is_no_text_is_refused():
    with pytest.raises(TypeError, match="not for a document: datetime"):
        documents.pdf("card", CARD | {"until": datetime(2026, 11, 23, tzinfo=UTC)})


def test_a_document_of_two_pages_is_no_picture():
    receipt = {
        "number": "KW-00000001", "name": "Siti", "member": "", "code": "", "channel": "Tunai",
        "reference": "1", "paid_at": "hari ini", "recorded_by": "Portal", "amount": "Rp1",
        "lines": [{"month": "November 2026", "name": "Siti", "amount": "Rp1"}] * 60,
        "credit": "", "later": [], "is_reversed": False, "printed": str(AT.date()),
        "qr": CARD["qr"],
    }  # fmt: skip

    with pytest.raises(TypeError, match="a picture has one"):
        documents.png("receipt", receipt)
    assert "Halaman 2 dari" in words(documents.pdf("receipt", receipt))


def test_a_qr_code_holds_its_text():
    code = documents.qr_code("CLG-7F3K-9Q2X")
    dark = {
        (int(x) + step, int(y))
        for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)", code.path)
        for step in range(int(width))
    }

    expected = segno.make_qr("CLG-7F3K-9Q2X", error="m")
    rows = list(expected.matrix_iter(border=4))
    assert dark == {(x, y) for y, row in enumerate(rows) for x, bit in enumerate(row) if bit}
    assert code.size == len(rows)


def test_an_inline_qr_code_is_small_and_has_a_name():
    svg = documents.qr_svg("https://portal.contoh.test/k/" + "A" * 26, title='Kode "QR"')

    assert len(svg) <= 15_000
    assert 'aria-label="Kode &quot;QR&quot;"' in svg
    assert "style" not in svg


def test_a_long_document_is_the_same_when_it_is_set_in_a_process_of_its_own():
    assert documents.long_pdf("card", CARD) == documents.pdf("card", CARD)


def test_a_long_document_that_cannot_be_set_says_so():
    with pytest.raises(documents.NotTypeset):
        documents.long_pdf("card", {})
