"""The numbers of a firm as people write them: NIB, NPWP and NPP; what looks like a worker's."""

import re

NIB_LENGTHS = (13,)
NPWP_LENGTHS = (15, 16)  # PMK 112/2022: 16 digits from July 2024 on
NPP = re.compile(r"([A-Z0-9]{8})(?:[-/. ]?([0-9]{3}))?")
ONLY_DIVISION = "000"  # of a firm without branches under one number
DIGITS_OF_A_WORKER = 5  # as few as these make a passport or a KPJ; no name has them


class NumberError(ValueError):
    """The text is no such number: `key` says why, `count` how many digits there were."""

    def __init__(self, key: str, count: int = 0) -> None:
        super().__init__(key)
        self.key = key
        self.count = count


def read_nib(text: str) -> str:
    """Return the 13 digits of a NIB; raise NumberError (empty, chars, len)."""
    return read_digits(text, NIB_LENGTHS)


def read_npwp(text: str) -> str:
    """Return the 15 or 16 digits of an NPWP; dots and hyphens do not matter."""
    return read_digits(text, NPWP_LENGTHS)


def read_digits(text: str, lengths: tuple[int, ...]) -> str:
    digits = re.sub(r"[\s./-]", "", text)
    if not digits:
        raise NumberError("empty")
    if not re.fullmatch("[0-9]+", digits):
        raise NumberError("chars")
    if len(digits) not in lengths:
        raise NumberError("len", len(digits))
    return digits


def read_npp(text: str, *, division: str = ONLY_DIVISION) -> str:
    """Return the 8 characters of an NPP; raise NumberError (empty, form, division).

    A division may stand behind it; the portal serves only `division`.
    """
    typed = " ".join(text.split()).upper()
    if not typed:
        raise NumberError("empty")
    found = NPP.fullmatch(typed)
    if found is None:
        raise NumberError("form")
    if found[2] not in {None, division}:
        raise NumberError("division")
    return found[1]


def is_number(text: str) -> bool:
    """Tell whether this looks for a worker by a number: such words stand in no address."""
    return len(re.findall("[0-9]", text)) >= DIGITS_OF_A_WORKER
