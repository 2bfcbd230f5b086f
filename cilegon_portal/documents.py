"""PDF and PNG by typst, QR codes by segno.

The sources are `templates/documents/*.typ`. What a document says reaches them as one JSON value in
`sys.inputs`, never as source text, so a name with a `#` in it stays a name.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import segno
import typst
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

PIXELS_AN_INCH = 300
CHILD = Path(__file__).with_name("typesetting.py")
CHILD_SECONDS = 60


class NotTypeset(Exception):
    """The process that sets long documents died, or took too long."""


@dataclass(frozen=True)
class Qr:
    """A QR code as one SVG path in a field of `size` by `size`, its quiet zone included."""

    size: int
    path: str


def qr_code(text: str) -> Qr:
    """Return the QR code of `text`, readable when 15% of it is covered."""
    code = segno.make_qr(text, error="m")
    rows = [bytes(row) for row in code.matrix_iter(border=code.default_border_size)]
    path = "".join(runs(row, y) for y, row in enumerate(rows))
    return Qr(size=len(rows), path=path)


def qr_svg(text: str, *, title: str) -> SafeString:
    """Return the QR code of `text` as an inline SVG that screen readers call `title`."""
    return render_to_string("components/qr.html", {"code": qr_code(text), "title": title})


def runs(row: bytes, y: int) -> str:
    """Return the dark stretches of a row (1 = dark) as closed rectangles of an SVG path."""
    found = []
    start = row.find(1)
    while start >= 0:
        end = row.find(0, start)
        found.append(f"M{start} {y}h{end - start}v1h-{end - start}z")
        start = row.find(1, end)
    return "".join(found)


def pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """Return the tagged PDF of `templates/documents/<template>.typ`; equal data, equal bytes.

    `data` holds what JSON holds, and `Qr` values. Raise typst.TypstError for a fault in the source.
    """
    return compiled(template, data, form="pdf")


def long_pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """Return the same PDF as `pdf`, set in a process of its own.

    For hundreds of pages: typst keeps them in memory for the next document, about 100 kB a row.
    """
    root = Path(settings.BASE_DIR)
    asked = {
        "input": str(root / "templates" / "documents" / f"{template}.typ"),
        "root": str(root),
        "format": "pdf",
        "ignore_system_fonts": True,
        "sys_inputs": {"data": json.dumps(dict(data), default=plain)},
        "pdf_standards": ["ua-1"],
    }
    try:
        made = subprocess.run(  # noqa: S603 (our own script)
            [sys.executable, "-I", str(CHILD)],
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=CHILD_SECONDS,
            check=True,
        )
    except subprocess.SubprocessError as fault:
        raise NotTypeset(template) from fault
    return made.stdout


def png(template: str, data: Mapping[str, Any]) -> bytes:
    """Return the only page of the document as a PNG picture."""
    return compiled(template, data, form="png")


def compiled(template: str, data: Mapping[str, Any], *, form: Literal["pdf", "png"]) -> bytes:
    root = Path(settings.BASE_DIR)
    made = typst.compile(
        root / "templates" / "documents" / f"{template}.typ",
        root=root,
        format=form,
        ppi=PIXELS_AN_INCH if form == "png" else None,
        ignore_system_fonts=True,  # the same letters on every machine
        sys_inputs={"data": json.dumps(dict(data), default=plain)},
        pdf_standards="ua-1" if form == "pdf" else [],
    )
    if not isinstance(made, bytes):  # a list: one picture a page
        raise TypeError(f"{template} has {len(made or ())} pages, a picture has one")
    return made


def plain(value: object) -> object:
    """Return a QR code as JSON; refuse every other value that JSON does not know."""
    if isinstance(value, Qr):
        return asdict(value)
    raise TypeError(f"not for a document: {type(value).__name__}")
