"""Several statements sent in one go: each still has its own snapshot, as if sent by itself."""

from collections.abc import Mapping
from typing import Any

from django.db.backends.utils import CursorWrapper


def send(
    cursor: CursorWrapper, *statements: str, given: Mapping[str, Any] | None = None
) -> list[int]:
    """Execute `statements` in order; return how many rows each wrote or found.

    The rows of the last one can then be fetched. A text of several statements (work tables) may
    stand first only; its number says nothing.
    """
    text = ";\n".join(statement.strip().removesuffix(";") for statement in statements)
    cursor.execute(text, None if given is None else dict(given))
    # The trail of changes puts a statement of its own before ours, and leaves us at the last one.
    cursor.set_result(0)
    counts = [cursor.rowcount]
    while cursor.nextset():
        counts.append(cursor.rowcount)
    return counts[-len(statements) :]
