"""Which roles may do what at the desk, in one place."""

from cilegon_portal.accounts.models import Role

READERS = (
    Role.SERVICE,
    Role.OFFICER,
    Role.INSPECTOR,
    Role.OUTREACH,
    Role.HEAD_OF_SECTION,
    Role.HEAD_OF_BRANCH,
    Role.AUDITOR,
)
HELPERS = (Role.SERVICE, Role.OUTREACH)
CASHIERS = (Role.SERVICE,)
HEADS = (Role.HEAD_OF_SECTION, Role.HEAD_OF_BRANCH)
MATCHERS = (Role.SERVICE, *HEADS)
REVERSERS = (Role.SERVICE, *HEADS)
REVEALERS = (Role.SERVICE, *HEADS)
