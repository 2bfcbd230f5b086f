"""What these tests read off a page, and how they send a form."""

import re
from html import unescape
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests import make

TAGS = re.compile(r"<[^>]+>")


def text_of(answer: Any) -> str:
    """Return the words of the main part of a page."""
    body = answer.content.decode()
    main = body[body.index("<main") : body.index("</main>")]
    return " ".join(unescape(TAGS.sub(" ", main)).split())


def send(client: Client, address: str, form_id: str = "", **answers: Any) -> Any:
    """Post a form as a browser does, with an id of its own unless one is given."""
    form_id = form_id or f"a-form-of-the-tests-{next(make._numbers)}"
    return client.post(address, {"form_id": form_id, **answers})


def file(content: bytes, name: str = "upah.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)
