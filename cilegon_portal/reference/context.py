"""What every page shows of the office: the help block."""

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from cilegon_portal.reference.models import Office


def office(request: HttpRequest) -> dict[str, object]:
    """Return the office in force today as `office`, read only by pages that show it."""
    return {"office": SimpleLazyObject(office_of_today)}


def office_of_today() -> Office:
    """Return the office in force today, or an unsaved one that names only the contact centre."""
    found = Office.objects.in_force_on(timezone.localdate()).first()
    return found or Office(name="BPJS Ketenagakerjaan Cilegon", phone="175")
