"""Our own reference numbers: CLG-XXXX-XXXX, random, with a check character.

The prefix keeps them apart from official numbers, which the portal never mints.
"""

import secrets

PREFIX = "CLG"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base 32: no I, L, O, U
LOOK_ALIKES = str.maketrans("ILO", "110")
RANDOM_CHARACTERS = 7
FIELD_POLYNOMIAL = 0b100101  # x^5 + x^2 + 1, primitive over two elements


def fold(digits: list[int]) -> int:
    """Return the value at x of the polynomial with these coefficients in the field of 32.

    A number is right when this is 0. The powers of x differ from place to place, so one wrong
    character, or two that changed places, never leave it 0.
    """
    value = 0
    for digit in digits:
        value <<= 1
        if value & len(ALPHABET):
            value ^= FIELD_POLYNOMIAL
        value ^= digit
    return value


def new_reference() -> str:
    """Return a fresh reference number; the caller's unique constraint sees to the rest."""
    return reference_of(secrets.randbelow(len(ALPHABET) ** RANDOM_CHARACTERS))


def reference_of(number: int) -> str:
    """Return the reference number that stands for `number`, with its check character."""
    digits = []
    for _ in range(RANDOM_CHARACTERS):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(digit)
    digits.append(fold([*digits, 0]))
    text = "".join(ALPHABET[digit] for digit in digits)
    return f"{PREFIX}-{text[:4]}-{text[4:]}"


def read_reference(text: str) -> str | None:
    """Return the reference number that was typed, in its one spelling, or None.

    Case, spaces and hyphens do not matter, the prefix may be missing, and I, L, O are read as
    1, 1, 0.
    """
    typed = "".join(text.split()).replace("-", "").upper()
    if len(typed) == len(PREFIX) + RANDOM_CHARACTERS + 1:
        typed = typed.removeprefix(PREFIX)
    typed = typed.translate(LOOK_ALIKES)
    if len(typed) != RANDOM_CHARACTERS + 1 or any(letter not in ALPHABET for letter in typed):
        return None
    if fold([ALPHABET.index(letter) for letter in typed]) != 0:
        return None
    return f"{PREFIX}-{typed[:4]}-{typed[4:]}"
