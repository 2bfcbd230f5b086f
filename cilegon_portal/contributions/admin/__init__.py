from cilegon_portal.contributions.admin import ledger, rates

__all__ = ["ledger", "rates"]
