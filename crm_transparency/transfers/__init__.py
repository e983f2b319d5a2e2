"""Account transfers: many accounts change hands in one go, without losing one.

A transfer is planned first (`planning`: who gets which account, written down item by item), looked at, and then worked
off chunk by chunk in the background (`job`, `moving`), each chunk one transaction. What happened can be undone the same
way. The people's ways in are the whitelisted functions in `actions`; other rooms call these.
"""

from crm_transparency.transfers.actions import (
	call_off,
	pause,
	preview,
	progress,
	resume,
	start,
	undo,
)
from crm_transparency.transfers.progress import progress_of

__all__ = ["call_off", "pause", "preview", "progress", "progress_of", "resume", "start", "undo"]
