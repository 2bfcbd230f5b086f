"""Money: whole rupiah, rates in whole parts per million, one rounding."""

from typing import TypeAlias

Rupiah: TypeAlias = int
PartsPerMillion: TypeAlias = int

WHOLE: PartsPerMillion = 1_000_000


def share_of(amount: Rupiah, rate: PartsPerMillion) -> Rupiah:
    """Return `rate` of `amount`, rounded half up to a whole rupiah."""
    if amount < 0 or rate < 0:
        raise ValueError("take the share of a positive amount, then change the sign")
    return (amount * rate + WHOLE // 2) // WHOLE
