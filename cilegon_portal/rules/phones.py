"""Indonesian mobile numbers, kept with the country code: +628…, no spaces."""

import re

MOBILE = re.compile(r"(?:\+?62|0)(8[0-9]{8,11})")  # 08 and 8 to 11 digits more
SEPARATORS = str.maketrans("", "", "-.()")
COUNTRY = "+62"
SHOWN_IN_FRONT = 4
SHOWN_AT_THE_END = 4


class PhoneError(ValueError):
    """The text is no Indonesian mobile number; `key` names why: "empty" or "fmt"."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def read_phone(text: str) -> str:
    """Return the number as "+628…"; spaces, hyphens, dots and brackets do not matter."""
    typed = "".join(text.split()).translate(SEPARATORS)
    if not typed:
        raise PhoneError("empty")
    found = MOBILE.fullmatch(typed)
    if found is None:
        raise PhoneError("fmt")
    return COUNTRY + found[1]


def local_phone(number: str) -> str:
    """Return "+628…" as people write it: "08…"."""
    return "0" + number.removeprefix(COUNTRY)


def mask_phone(number: str) -> str:
    """Return "+6281234567890" as "0812••••7890": the middle hidden, digit for digit."""
    shown = local_phone(number)
    hidden = max(len(shown) - SHOWN_IN_FRONT - SHOWN_AT_THE_END, 0)
    return shown[:SHOWN_IN_FRONT] + "•" * hidden + shown[SHOWN_IN_FRONT + hidden :]
