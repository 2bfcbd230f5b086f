from cilegon_portal.contributions.models.codes import CodeLine, PaymentCode, Repricing
from cilegon_portal.contributions.models.lateness import (
    Lateness,
    LatePart,
    lateness_of,
    penalty_of,
)
from cilegon_portal.contributions.models.ledger import (
    Account,
    Allocation,
    Bill,
    Charge,
    ChargeRate,
    Payment,
    Rollup,
    covered_months,
)
from cilegon_portal.contributions.models.rates import DueDateRule, Rate, SizeProgramme

__all__ = [
    "Account",
    "Allocation",
    "Bill",
    "Charge",
    "ChargeRate",
    "CodeLine",
    "DueDateRule",
    "LatePart",
    "Lateness",
    "Payment",
    "PaymentCode",
    "Rate",
    "Repricing",
    "Rollup",
    "SizeProgramme",
    "covered_months",
    "lateness_of",
    "penalty_of",
]
