"""Nasty addresses get an answer, never a fault: every GET route, three roles, six values."""

import pytest
from django.utils import timezone

from cilegon_portal.accounts.models import Role
from tests import fuzz
from tests.roles.pages import client_of, everything

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]


@pytest.mark.parametrize("role", [Role.ANONYMOUS, Role.WORKER, Role.SERVICE])
def test_no_address_breaks_the_portal(role: Role) -> None:
    owner, every = everything(timezone.now())
    client = client_of(role, owner)

    pages = [page for page in every if not page.name.startswith("admin:")]

    assert len(pages) > 60
    assert fuzz.broken(client, pages, fuzz.SHORT) == []


def test_no_address_breaks_the_pages_of_a_firm() -> None:
    owner, every = everything(timezone.now())
    client = client_of(Role.APPROVER, owner)

    pages = [page for page in every if page.name.startswith("employers:")]

    assert len(pages) > 40
    assert fuzz.broken(client, pages, fuzz.SHORT) == []


def test_no_address_breaks_the_admin() -> None:
    owner, every = everything(timezone.now())
    client = client_of(Role.ADMIN, owner)

    pages = [page for page in every if page.name.startswith("admin:")]

    assert len(pages) > 100
    assert fuzz.broken(client, pages, fuzz.SHORT[:3]) == []
