"""Names of the handover's DocTypes, and the words that they keep their state in."""

PLAN = "Handover Plan"
ACCOUNT = "Handover Plan Account"
BELONGING = "Handover Belonging"
INTRODUCTION = "Handover Introduction"
#: rows of these name their offboarding
RECORDS = (PLAN, ACCOUNT, BELONGING, INTRODUCTION)

# Handover Plan: task, what a background job is to do or doing; empty when there is nothing to do
COMPUTE, TRANSFER, UNDO = "Compute", "Transfer", "Undo"

# Handover Belonging: action
MOVE, LEAVE = "Move", "Leave"
# Handover Belonging: status
PLANNED, DONE, UNDONE, FAILED = "Planned", "Done", "Undone", "Failed"

# Handover Introduction: status
DRAFT, APPROVED, SENT, REPLIED = "Draft", "Approved", "Sent", "Replied"
NO_ADDRESS, SKIPPED = "No Address", "Skipped"
WENT_OUT = (SENT, REPLIED)
# Handover Introduction: way
LETTER, MEETING = "Letter", "Meeting"
# voice: who writes
LEAVER, JOINTLY = "Leaver", "Jointly"
