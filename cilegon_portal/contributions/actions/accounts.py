"""Opening an account: a payer's place in the ledger."""

from datetime import datetime

from django.db import IntegrityError, transaction

from cilegon_portal.accounts.models import User
from cilegon_portal.contributions.models import Account
from cilegon_portal.reference.models import Kelurahan
from cilegon_portal.rules.virtual_account import new_virtual_account

TRIES = 5  # a collision among 10^13 numbers is a rare thing; five in a row are a fault


def open_account(
    *,
    kind: str,
    name: str,
    phone: str = "",
    email: str = "",
    kelurahan: Kelurahan | None = None,
    sector: str = "OTHER",
    officer: User | None = None,
    campaign_code: str = "",
    at: datetime,
) -> Account:
    """Open an account of `kind` (Account.Kind) with a fresh virtual-account number."""
    account = Account(
        kind=kind,
        name=name,
        phone=phone,
        email=email,
        kelurahan=kelurahan,
        sector=sector,
        officer=officer,
        campaign_code=campaign_code,
        opened_at=at,
    )
    for _ in range(TRIES - 1):
        try:
            with transaction.atomic():
                return with_number(account)
        except IntegrityError as error:
            if "account_virtual_account_stands_once" not in str(error):
                raise
    return with_number(account)


def with_number(account: Account) -> Account:
    account.virtual_account = new_virtual_account()
    account.save(force_insert=True)
    return account
