"""The questions of a registration in their order, each a page."""

STEPS = ("facts", "address", "contact", "programmes", "workers", "check")
