import frappe

from crm_transparency.offboarding import handover_belongings
from crm_transparency.offboarding.offboarding_records import BELONGING, DONE, LEAVE, MOVE


def execute() -> None:
	"""Plans from before said of approvals and roles that they move, which nobody had decided: now that waits."""
	frappe.db.set_value(
		BELONGING,
		{
			"kind": ("in", handover_belongings.TO_BE_DECIDED),
			"action": MOVE,
			"is_chosen": 0,
			"status": ("!=", DONE),
		},
		"action",
		LEAVE,
		update_modified=False,
	)
