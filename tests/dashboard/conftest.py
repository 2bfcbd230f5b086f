"""Somebody at the counter, and a fisherman who is looked for.

Models are imported inside the fixtures: pytest reads this file before Django is set up.
"""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from cilegon_portal.accounts.models import User
    from participants.models import Enrolment


@pytest.fixture
def clerk(db: None) -> "User":
    from cilegon_portal.accounts.models import Role
    from tests.accounts.helpers import member

    return member(Role.SERVICE, email="loket@kantor.contoh.test")


@pytest.fixture
def colleague(db: None) -> "User":
    from cilegon_portal.accounts.models import Role
    from tests.accounts.helpers import member

    return member(Role.HEAD_OF_SECTION, email="kabid@kantor.contoh.test")


@pytest.fixture
def desk(client: "Client", clerk: "User") -> "Client":
    from tests.accounts.helpers import sign_in_staff

    sign_in_staff(client, clerk)
    return client


@pytest.fixture
def fisherman(db: None) -> "Enrolment":
    from tests import make
    from tests.accounts.helpers import worker

    return make.enrolment(worker("+6281299990123"), name="Rahmat Hidayat")
