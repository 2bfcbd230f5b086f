"""An account officer at the desk, and a head of section beside them."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from cilegon_portal.accounts.models import User


@pytest.fixture
def officer(db: None) -> "User":
    from cilegon_portal.accounts.models import Role
    from tests.accounts.helpers import member

    return member(Role.OFFICER, email="pembina@kantor.contoh.test")


@pytest.fixture
def office(client: "Client", officer: "User") -> "Client":
    from tests.accounts.helpers import sign_in_staff

    sign_in_staff(client, officer)
    return client
