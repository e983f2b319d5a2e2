"""Who sees a handover: those who run the offboarding, the leaver's manager, and the leaver the own introductions.

One rule for all four DocTypes, as a condition for lists and as a check of documents. What can be done with a handover
is asked in `api`, by `check_edits`, `check_runs` and `check_introduction`.
"""

import frappe
from frappe import _
from frappe.model.document import Document

from crm_transparency.crm_transparency.permission_results import quoted
from crm_transparency.crm_transparency.permissions import READING
from crm_transparency.offboarding import permissions as offboardings
from crm_transparency.offboarding.handover.words import INTRODUCTION
from crm_transparency.offboarding.words import OFFBOARDING


def edits(offboarding: frappe._dict, user: str | None = None) -> bool:
	"""Say whether a user works on the handover: whoever runs the offboarding, and the leaver's manager."""
	return offboardings.runs(offboarding, user) or offboardings.manages(offboarding, user)


def sees(doctype: str, offboarding: frappe._dict, user: str | None = None) -> bool:
	"""Say whether a user sees a handover's documents of this type."""
	if doctype == INTRODUCTION and offboarding.get("user") == (user or frappe.session.user):
		return True
	return edits(offboarding, user)


def check_edits(offboarding: str) -> frappe._dict:
	"""Return what is to be known of an offboarding. Raises PermissionError, also if there is none of that name."""
	return _checked(offboarding, edits)


def check_runs(offboarding: str) -> frappe._dict:
	return _checked(offboarding, offboardings.runs)


def check_introduction(introduction: str) -> frappe._dict:
	"""Return the offboarding that an introduction belongs to, if the session's user may word and approve that letter."""
	offboarding = frappe.db.get_value(INTRODUCTION, introduction, "offboarding")
	return _checked(offboarding, lambda facts: sees(INTRODUCTION, facts))


def check_own_introductions(offboarding: str) -> frappe._dict:
	return _checked(offboarding, lambda facts: sees(INTRODUCTION, facts))


def _checked(offboarding: str | None, may) -> frappe._dict:
	facts = of(offboarding)
	if not facts or not may(facts):
		frappe.throw(
			_("Handovers are for HR Managers, Offboarding Managers and the leaver's manager."),
			exc=frappe.PermissionError,
			title=_("Not your handover"),
		)
	return facts


def of(offboarding: str | None) -> frappe._dict | None:
	"""Return whose offboarding it is, and who manages that person; None if there is none."""
	fields = ["name", "user", "manager", "employee", "employee_name", "status", "last_working_day"]
	return offboarding and frappe.db.get_value(OFFBOARDING, offboarding, fields, as_dict=True)


def condition(user: str, doctype: str) -> str:
	"""`ReadRule.condition` of a handover's DocTypes: `sees`, as SQL."""
	may_edit = "1 = 1" if offboardings.is_runner(user) else f"manager = {quoted(user)}"
	# neither the user nor whoever impersonates them sees the handover of their own accounts
	people = ", ".join(map(quoted, offboardings.people_behind(user)))
	visible = f"{may_edit} and ifnull(user, '') not in ({people})"
	if doctype == INTRODUCTION:
		visible = f"({visible}) or user = {quoted(user)}"
	return f"`tab{doctype}`.offboarding in (select name from `tab{OFFBOARDING}` where {visible})"


def allows(doc: Document, ptype: str | None, user: str) -> bool:
	"""`ReadRule.allows` of the same: nobody writes the documents by themselves, `api` does."""
	return ptype in READING
