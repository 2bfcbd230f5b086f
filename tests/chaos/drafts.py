"""Registrations for a database that another process speaks to: written there, printed here."""

from tests.bench.registrations import ready


def write(how_many: int) -> None:
    """Print one line a registration: its cookies and its form id."""
    for it in ready(how_many, months=1):
        print(f"{it.cookie}\t{it.form_id}")  # noqa: T201
