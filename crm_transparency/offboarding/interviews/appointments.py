"""Where the interview stands in the site: an Event of the interviewer's, and HRMS's Exit Interview where that is installed."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.share import add_docshare
from frappe.utils import add_to_date, getdate

EVENT = "Event"
EXIT_INTERVIEW = "Exit Interview"


def has_hrms() -> bool:
	return bool(frappe.db.exists("DocType", EXIT_INTERVIEW))


def enter_in_calendar(offboarding: Document, interview: Document) -> str:
	"""Make or move the private Event that the interviewer and the leaver see; return its name."""
	values = {
		"subject": _("Exit interview: {0}").format(offboarding.employee_name),
		"starts_on": interview.starts_on,
		"ends_on": add_to_date(interview.starts_on, minutes=interview.minutes, as_datetime=True),
		"description": interview.place,
		"event_type": "Private",
		"event_category": "Meeting",
		"status": "Open",
		"send_reminder": 1,
	}
	exists = interview.event and frappe.db.exists(EVENT, interview.event)
	event = frappe.get_doc(EVENT, interview.event) if exists else frappe.new_doc(EVENT)
	event.update(values)
	event.flags.ignore_permissions = True
	event.save(ignore_permissions=True)
	if event.owner != interview.interviewer:
		event.db_set("owner", interview.interviewer, update_modified=False)
	for user in {offboarding.user, frappe.session.user} - {interview.interviewer, None}:
		if frappe.db.get_value("User", user, "enabled"):
			add_docshare(EVENT, event.name, user, flags={"ignore_share_permission": True})
	return event.name


def take_from_calendar(interview: Document) -> None:
	if interview.event and frappe.db.exists(EVENT, interview.event):
		event = frappe.get_doc(EVENT, interview.event)
		event.status = "Cancelled"
		event.save(ignore_permissions=True)


def enter_in_hrms(offboarding: Document, interview: Document) -> str | None:
	"""Make or bring up to date the Exit Interview of HRMS; return its name, None without HRMS or if HRMS refuses.

	HRMS wants a relieving date in the employee's record, and has rules of its own besides. Whatever it says stays its
	message; our own invitation doesn't wait for it.
	"""
	if not (has_hrms() and offboarding.employee):
		return None
	frappe.db.savepoint("exit_interview")
	try:
		return write_exit_interview(offboarding, interview).name
	except frappe.ValidationError:
		frappe.db.rollback(save_point="exit_interview")
		frappe.msgprint(_("HRMS didn't accept an Exit Interview, so there is none."), alert=True)
		return None


def write_exit_interview(offboarding: Document, interview: Document) -> Document:
	filters = {"employee": offboarding.employee, "status": ("!=", "Cancelled"), "docstatus": 0}
	name = frappe.db.get_value(EXIT_INTERVIEW, filters)
	doc = frappe.get_doc(EXIT_INTERVIEW, name) if name else frappe.new_doc(EXIT_INTERVIEW)
	doc.update(
		{"employee": offboarding.employee, "date": getdate(interview.starts_on), "status": "Scheduled"}
	)
	if doc.meta.has_field("interviewers") and not doc.get("interviewers"):
		doc.append("interviewers", {"user": interview.interviewer})
	doc.flags.ignore_permissions = True
	doc.save(ignore_permissions=True)
	return doc
