"""What the desk writes of its own: saved filters and chosen columns."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from cilegon_portal.accounts.models import User
from cilegon_portal.dashboard.models import ChosenColumns, SavedView

MOST_VIEWS = 30  # of one person and list


class TooManyViews(Exception):
    """Somebody has saved as many filters as one person may."""


@transaction.atomic
def save_view(
    *, table: str, name: str, query: str, is_shared: bool, by: User, at: datetime
) -> SavedView:
    """Keep these filters under `name`; a name that its owner used before means these now."""
    User.objects.select_for_update(of=("self",)).get(pk=by.pk)
    own = SavedView.objects.of_table(table).filter(owner=by)
    if own.exclude(name=name).count() >= MOST_VIEWS:
        raise TooManyViews
    view, _ = SavedView.objects.update_or_create(
        owner=by,
        table=table,
        name=name,
        defaults={"query": query, "is_shared": is_shared, "saved_at": at},
    )
    return view


def choose_columns(*, table: str, names: Sequence[str], by: User) -> None:
    """Remember which columns `by` wants to see; none means those that everybody sees."""
    if names:
        ChosenColumns.objects.update_or_create(
            user=by, table=table, defaults={"names": list(names)}
        )
    else:
        ChosenColumns.objects.filter(user=by, table=table).delete()
