"""What stands in an address: a contribution month as 2026-11."""

from cilegon_portal.rules.months import Month


class MonthInPath:
    """The path converter `<month:month>`: four digits, a hyphen, 01 to 12; no year before 1000."""

    regex = "[1-9][0-9]{3}-(?:0[1-9]|1[0-2])"

    def to_python(self, value: str) -> Month:
        return Month.parse(value)

    def to_url(self, value: Month) -> str:
        return str(value)
