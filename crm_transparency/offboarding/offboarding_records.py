"""Names of the room's DocTypes, their statuses, and the records that belong to an offboarding."""

import frappe
from frappe.model.document import Document

OFFBOARDING = "Offboarding"
STEP = "Offboarding Step"
TEMPLATE = "Offboarding Template"
MAIL = "Offboarding Mail"
INTERVIEW = "Offboarding Interview"
REVIEW, FINDING = "Offboarding Review", "Offboarding Finding"
REMOVAL = "Access Removal"
PLAN, ACCOUNT = "Handover Plan", "Handover Plan Account"
BELONGING, INTRODUCTION = "Handover Belonging", "Handover Introduction"

PAGE = "offboarding-wizard"
#: who run offboardings, all but their own
ROLES = frozenset({"HR Manager", "Offboarding Manager"})

# Offboarding
DRAFT, IN_PROGRESS, COMPLETED, CANCELLED = "Draft", "In Progress", "Completed", "Cancelled"
UNDER_WAY = (DRAFT, IN_PROGRESS)
# Offboarding Step, besides "In Progress"
OPEN, DONE, SKIPPED = "Open", "Done", "Skipped"
# Offboarding Finding
TO_LOOK_AT, EXPLAINED, FOLLOW_UP = "Open", "Explained", "Follow up"
# Access Removal
NOT_PLANNED, PLANNED, ENDED, GIVEN_BACK = "Open", "Planned", "Ended", "Given Back"
# Handover Plan: the task of its background job, empty when there is none
COMPUTE, TRANSFER, UNDO = "Compute", "Transfer", "Undo"
# Handover Belonging: action; status, besides "Planned" and "Done"
MOVE, LEAVE = "Move", "Leave"
UNDONE, FAILED = "Undone", "Failed"
# Handover Introduction: status, besides "Draft" and "Skipped"
APPROVED, SENT, REPLIED, NO_ADDRESS = "Approved", "Sent", "Replied", "No Address"
WENT_OUT = (SENT, REPLIED)
# Handover Introduction: way; voice
LETTER, MEETING = "Letter", "Meeting"
LEAVER, JOINTLY = "Leaver", "Jointly"

#: DocTypes whose documents name their offboarding in the field `offboarding`
RECORDS = (
	REMOVAL,
	INTRODUCTION,
	PLAN,
	"Offboarding Farewell",
	FINDING,
	INTERVIEW,
	MAIL,
	REVIEW,
)
#: the same, of which there can be very many
ROWS = (ACCOUNT, BELONGING)
ALL = (*RECORDS, *ROWS)


def own_record(doctype: str, offboarding: Document, **values) -> Document:
	"""Return the one record of a DocType that has the offboarding's name, locked; insert it with values if there is none."""
	if frappe.db.exists(doctype, offboarding.name):
		return frappe.get_doc(doctype, offboarding.name, for_update=True)
	record = frappe.get_doc(doctype=doctype, offboarding=offboarding.name, **values)
	return record.insert(ignore_permissions=True, set_name=offboarding.name)


def delete(doctype: str, name: str) -> None:
	frappe.delete_doc(doctype, name, force=True, ignore_permissions=True, delete_permanently=True)


def delete_records(offboarding: str) -> None:
	for doctype in ROWS:
		frappe.db.delete(doctype, {"offboarding": offboarding})
	for doctype in RECORDS:
		for name in frappe.get_all(doctype, filters={"offboarding": offboarding}, pluck="name"):
			delete(doctype, name)
