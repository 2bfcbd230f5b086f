"""Our own virtual-account numbers: 16 digits, random, the last one a check digit (Luhn).

They begin with 99, which no bank of ours gives out: the portal never mints a number that looks
like somebody else's.
"""

import secrets

PREFIX = "99"
LENGTH = 16
RANDOM_DIGITS = LENGTH - len(PREFIX) - 1


def check_digit(digits: str) -> str:
    """Return the Luhn digit that follows `digits`: it tells one wrong digit and most swaps."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def new_virtual_account() -> str:
    """Return a fresh number; the caller's unique constraint sees to the rest."""
    digits = PREFIX + str(secrets.randbelow(10**RANDOM_DIGITS)).zfill(RANDOM_DIGITS)
    return digits + check_digit(digits)


def read_virtual_account(text: str) -> str | None:
    """Return the 16 digits that were typed, spaces and hyphens left out, or None."""
    digits = "".join(text.split()).replace("-", "")
    if len(digits) != LENGTH or not digits.isascii() or not digits.isdigit():
        return None
    return digits if check_digit(digits[:-1]) == digits[-1] else None
