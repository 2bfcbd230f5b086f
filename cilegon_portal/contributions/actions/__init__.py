"""The verbs of the ledger."""

from cilegon_portal.contributions.actions.accounts import open_account
from cilegon_portal.contributions.actions.codes import (
    MonthOrder,
    NothingToPay,
    close_expired_codes,
    issue_code,
)
from cilegon_portal.contributions.actions.posting import (
    Money,
    Posted,
    Receipt,
    post_moneys,
    post_payments,
)
from cilegon_portal.contributions.models import covered_months

__all__ = [
    "Money",
    "MonthOrder",
    "NothingToPay",
    "Posted",
    "Receipt",
    "close_expired_codes",
    "covered_months",
    "issue_code",
    "open_account",
    "post_moneys",
    "post_payments",
]
