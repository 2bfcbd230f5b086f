"""Every address, thirty values, all fourteen roles: no fault of ours, and nothing takes long."""

import time

import pytest
from django.utils import timezone

from cilegon_portal.accounts.models import Role
from tests import fuzz
from tests.chaos.processes import assert_invariants, tell
from tests.roles.pages import client_of, everything
from tests.roles.table import KEEPERS

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]


@pytest.mark.parametrize("role", Role)
def test_no_address_breaks_the_portal_for_anybody(role: Role) -> None:
    owner, every = everything(timezone.now())
    client = client_of(role, owner)
    admin = [page for page in every if page.name.startswith("admin:")]
    others = [page for page in every if not page.name.startswith("admin:")]
    began = time.monotonic()

    found = fuzz.broken(client, others, fuzz.LONG)
    found += fuzz.broken(client, admin, fuzz.LONG[:8] if role in KEEPERS else fuzz.LONG[:1])

    tell(role, f"{len(every)} pages, {len(fuzz.LONG)} values, {time.monotonic() - began:.0f} s")
    assert found == []
    assert_invariants()
