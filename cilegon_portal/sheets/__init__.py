"""Spreadsheets in and out: the floor knows nothing of who sends them, or what they say.

`uploads` and `writing` are imported by name. What stands here needs the standard library only: the
child process that opens a file starts with it.
"""

from cilegon_portal.sheets.limits import LARGE, WEB, Limits, SheetRefused
from cilegon_portal.sheets.reading import Cell, Formula, Row, Sheet, Stream, read, stream

__all__ = [
    "LARGE",
    "WEB",
    "Cell",
    "Formula",
    "Limits",
    "Row",
    "Sheet",
    "SheetRefused",
    "Stream",
    "read",
    "stream",
]
