"""The words that Account Transfer and Account Transfer Item keep their state in."""

ACCOUNT_TRANSFER = "Account Transfer"
ITEM = "Account Transfer Item"

# Account Transfer: source
ONE_USER = "Accounts of one user"
FILTERS = "Filters"
LIST = "List"

# Account Transfer: strategy
ONE_SUCCESSOR = "One Successor"
ROUND_ROBIN = "Round Robin"
BY_TERRITORY = "By Territory"
AS_LISTED = "As Listed"

# Account Transfer: mode
FAST = "Fast"
FULL_SAVE = "Full Save"

# Account Transfer: status
DRAFT = "Draft"
RUNNING = "Running"
PAUSED = "Paused"
COMPLETED = "Completed"
UNDONE = "Undone"
# Account Transfer (something stopped it) and Account Transfer Item (this account couldn't be saved)
FAILED = "Failed"

# Account Transfer: task, what a background job is to do or doing; empty when there is nothing to do
PLAN = "Preview"
TRANSFER = "Transfer"
UNDO = "Undo"

# Account Transfer Item: status
PENDING = "Pending"
TRANSFERRED = "Transferred"
SKIPPED = "Skipped"
GIVEN_BACK = "Given Back"
NOT_GIVEN_BACK = "Not Given Back"
