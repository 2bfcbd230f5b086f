"""Who of a firm's workers takes part in which programme."""

from datetime import date

from cilegon_portal.rules.months import Month
from cilegon_portal.rules.nik import age_on


def has_jp(month: Month, *, id_kind: str, birth_date: date, pension_age: int) -> bool:
    """Say whether a worker can take part in JP (jaminan pensiun) in `month`.

    A foreigner (passport) never can; others until the month that begins at pension age or later
    (PP 45/2015 Ps. 15, the age grows by one every three years).
    """
    return id_kind == "NIK" and age_on(birth_date, month.first_day) < pension_age
