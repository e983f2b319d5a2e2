"""The words that Account Transfer and Account Transfer Item keep their state in."""

ACCOUNT_TRANSFER, ITEM = "Account Transfer", "Account Transfer Item"

# Account Transfer: source; strategy; mode
ONE_USER, FILTERS, LIST = "Accounts of one user", "Filters", "List"
ONE_SUCCESSOR, ROUND_ROBIN, BY_TERRITORY, AS_LISTED = (
	"One Successor",
	"Round Robin",
	"By Territory",
	"As Listed",
)
FAST, FULL_SAVE = "Fast", "Full Save"

# Account Transfer: status
DRAFT, RUNNING, PAUSED, COMPLETED, UNDONE = "Draft", "Running", "Paused", "Completed", "Undone"
# Account Transfer (something stopped it) and Account Transfer Item (this account couldn't be saved)
FAILED = "Failed"

# Account Transfer: task, what a background job is to do or doing; empty when there is nothing to do
PLAN, TRANSFER, UNDO = "Preview", "Transfer", "Undo"

# Account Transfer Item: status
PENDING, TRANSFERRED, SKIPPED = "Pending", "Transferred", "Skipped"
GIVEN_BACK, NOT_GIVEN_BACK = "Given Back", "Not Given Back"
