"""The employer's door: firms and their people, terms, employments, wage reports and drafts."""

from employers.models.draft import DraftRow, ReportDraft
from employers.models.employment import Employment
from employers.models.firm import (
    Contact,
    Decision,
    Employer,
    Evidence,
    LineOfBusiness,
    Seat,
    SignUp,
)
from employers.models.report import WageLine, WageReport
from employers.models.terms import Terms

__all__ = [
    "Contact",
    "Decision",
    "DraftRow",
    "Employer",
    "Employment",
    "Evidence",
    "LineOfBusiness",
    "ReportDraft",
    "Seat",
    "SignUp",
    "Terms",
    "WageLine",
    "WageReport",
]
