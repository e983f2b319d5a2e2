"""What the scheduler does for handovers, every ten minutes."""

from crm_transparency.offboarding.handover import job, transfer
from crm_transparency.offboarding.handover.introductions import sending


def go_on() -> None:
	"""Take up what died, bring transfers a step further, and send the introductions that are due."""
	job.WORK.continue_stalled()
	transfer.go_on_everywhere()
	sending.send_due()
