"""Registrations for a database that another process speaks to: written there, printed here."""

from cilegon_portal.management import static
from tests.bench.registrations import ready


def prepare(how_many: int) -> None:
    """Collect the static files; print one line a registration: its cookies and its form id."""
    static.collect()
    for it in ready(how_many, months=1):
        print(f"{it.cookie}\t{it.form_id}")  # noqa: T201
