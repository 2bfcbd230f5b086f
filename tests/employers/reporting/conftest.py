"""A firm with an approver and a reporter, each at a browser, and the month that is reported.

Models are imported inside the fixtures: pytest reads this file before Django is set up.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from cilegon_portal.accounts.models import User
    from cilegon_portal.rules.months import Month
    from employers.models import Employer


@pytest.fixture(autouse=True)
def uploads_folder(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path / "uploads"


@pytest.fixture
def month() -> "Month":
    """Return the month that runs: it can be reported, and is not due yet."""
    from django.utils import timezone

    from cilegon_portal.rules.months import Month

    return Month.of(timezone.localdate())


@pytest.fixture
def firm(db: None, month: "Month") -> "Employer":
    from django.utils import timezone

    from tests import make

    return make.firm(first=month.plus(-2), name="PT Baja Contoh", at=timezone.now())


@pytest.fixture
def approver(firm: "Employer") -> "User":
    from tests.employers.reporting.rosters import approver_of

    return approver_of(firm)


@pytest.fixture
def reporter(firm: "Employer") -> "User":
    from cilegon_portal.accounts.models import Role
    from tests import make

    return make.firm_user(firm, Role.REPORTER)


@pytest.fixture
def desk(client: "Client", approver: "User") -> "Client":
    """Return the browser of the approver, who has given the second factor."""
    from tests.accounts.helpers import sign_in_staff

    sign_in_staff(client, approver)
    return client


@pytest.fixture
def at_reporter(reporter: "User") -> "Client":
    from django.test import Client

    from tests.accounts.helpers import sign_in_staff

    browser = Client()
    sign_in_staff(browser, reporter, second_factor=False)
    return browser


@pytest.fixture
def address(firm: "Employer", month: "Month") -> "Callable[..., str]":
    """Return a function that names a page of the month: `address("hasil/")`."""

    def build(page: str = "", of: "Month | None" = None) -> str:
        return f"/perusahaan/{firm.reference}/upah/{of or month}/{page}"

    return build
