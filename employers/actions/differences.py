"""What a firm reported otherwise than the person's record: the office settles it, row by row."""

from datetime import datetime

from django.db import transaction

from cilegon_portal.accounts.models import User
from employers.models import Employment


class AlreadySettled(Exception):
    """Somebody has settled this difference, or there is none any more."""


@transaction.atomic
def settle(*, employment: Employment, note: str, by: User, at: datetime) -> Employment:
    """Note how the difference was settled; neither the person nor the report changes by it."""
    found = Employment.objects.select_for_update(of=("self",)).filter(pk=employment.pk)
    differing = found.differing().first()
    if differing is None:
        raise AlreadySettled
    differing.settled_at = at
    differing.settled_by = by
    differing.settled_note = note
    differing.save(update_fields=["settled_at", "settled_by", "settled_note"])
    return differing
