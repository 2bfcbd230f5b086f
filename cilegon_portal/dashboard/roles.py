"""Which roles may do what at the desk, in one place."""

from cilegon_portal.accounts.models import Role
from participants.models import DESK_ROLES, HELP_ROLES

READERS = DESK_ROLES
HELPERS = HELP_ROLES
CASHIERS = (Role.SERVICE,)
HEADS = (Role.HEAD_OF_SECTION, Role.HEAD_OF_BRANCH)
MATCHERS = (Role.SERVICE, *HEADS)
REVERSERS = (Role.SERVICE, *HEADS)
REVEALERS = (Role.SERVICE, *HEADS)
