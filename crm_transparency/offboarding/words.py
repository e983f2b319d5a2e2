"""Names of the room's DocTypes and statuses."""

OFFBOARDING = "Offboarding"
STEP = "Offboarding Step"
TEMPLATE = "Offboarding Template"
MAIL = "Offboarding Mail"
PAGE = "offboarding-wizard"

DRAFT, IN_PROGRESS, COMPLETED, CANCELLED = "Draft", "In Progress", "Completed", "Cancelled"
UNDER_WAY = (DRAFT, IN_PROGRESS)
#: of a step
OPEN, DONE, SKIPPED = "Open", "Done", "Skipped"

#: who run offboardings, all but their own
ROLES = frozenset({"HR Manager", "Offboarding Manager"})
