"""The verbs of the ledger."""

from cilegon_portal.contributions.actions.accounts import open_account
from cilegon_portal.contributions.actions.codes import (
    MonthOrder,
    NothingToPay,
    close_expired_codes,
    issue_code,
    issue_first_code,
)
from cilegon_portal.contributions.actions.corrections import (
    AlreadyBilled,
    MonthIsBought,
    Parts,
    charge_month,
    correct,
)
from cilegon_portal.contributions.actions.posting import (
    Money,
    Posted,
    Receipt,
    post_moneys,
    post_payments,
)
from cilegon_portal.contributions.actions.repricing import (
    AlreadyApproved,
    NothingToReprice,
    RepricingWaits,
    Surplus,
    approve_repricing,
    preview_repricing,
    propose_repricing,
)
from cilegon_portal.contributions.actions.telling import tell_payers
from cilegon_portal.contributions.actions.unwinding import (
    AlreadyReversed,
    MoneyMovedOn,
    NotEnoughMoney,
    SamePerson,
    move,
    refund,
    reverse,
)
from cilegon_portal.contributions.models import covered_months, penalty_of

__all__ = [
    "AlreadyApproved",
    "AlreadyBilled",
    "AlreadyReversed",
    "Money",
    "MoneyMovedOn",
    "MonthIsBought",
    "MonthOrder",
    "NotEnoughMoney",
    "NothingToPay",
    "NothingToReprice",
    "Parts",
    "Posted",
    "Receipt",
    "RepricingWaits",
    "SamePerson",
    "Surplus",
    "approve_repricing",
    "charge_month",
    "close_expired_codes",
    "correct",
    "covered_months",
    "issue_code",
    "issue_first_code",
    "move",
    "open_account",
    "penalty_of",
    "post_moneys",
    "post_payments",
    "preview_repricing",
    "propose_repricing",
    "refund",
    "reverse",
    "tell_payers",
]
