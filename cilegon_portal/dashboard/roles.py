"""Which roles may do what at the desk, in one place."""

from cilegon_portal.accounts.models import DESK_ROLES, Role
from participants.models import HELP_ROLES

READERS = DESK_ROLES
HELPERS = HELP_ROLES
CASHIERS = (Role.SERVICE,)
HEADS = (Role.HEAD_OF_SECTION, Role.HEAD_OF_BRANCH)
MATCHERS = (Role.SERVICE, *HEADS)
REVERSERS = (Role.SERVICE, *HEADS)
REVEALERS = (Role.SERVICE, *HEADS)
DECIDERS = (Role.SERVICE, Role.OFFICER, *HEADS)  # of registrations and of differing data
CHANGERS = (Role.OFFICER, *HEADS)  # of terms, state and limits of a firm
CALLERS = (Role.SERVICE, Role.OFFICER, Role.INSPECTOR, *HEADS)  # who see a contact's whole number
