import frappe

from crm_transparency.offboarding.handover import belongings
from crm_transparency.offboarding.handover.words import BELONGING, DONE, LEAVE, MOVE


def execute() -> None:
	"""Plans from before said of approvals and roles that they move, which nobody had decided: now that waits."""
	frappe.db.set_value(
		BELONGING,
		{"kind": ("in", belongings.TO_BE_DECIDED), "action": MOVE, "is_chosen": 0, "status": ("!=", DONE)},
		"action",
		LEAVE,
		update_modified=False,
	)
