"""Coaching notes: written by a coach about an employee, and read by those two only.

No role opens a note, System Manager neither. One predicate, `is_one_of_the_two`, stands behind lists, documents and the
text itself, which is stored encrypted with the site's key and readable only in the session of one of the two: lists and
counts by people who found a way around the permissions, SQL reports, templates and the bin hold nothing but cipher.

Frappe lets Administrator open every document. Administrator sees that there is a note and between whom, but not its
text. Whoever can run code on the server, or log in as one of the two, can read everything.
"""

from collections.abc import Iterable

import frappe
from frappe import _
from frappe.model.document import Document

from crm_transparency.crm_transparency import formatting, staff
from crm_transparency.crm_transparency.permissions import quoted

NOTE = "Coaching Note"
THE_TWO = ("coach", "employee_user")
READING = (None, "read", "select")
WRITING = ("create", "write", "delete")


def may_coach(employee: str, coach: str | None = None) -> bool:
	"""Return whether `coach` (who is asking, if None) may write notes about `employee`: managers, but not about themselves."""
	coach = coach or frappe.session.user
	return coach != employee and staff.is_manager(coach)


def is_one_of_the_two(user: str, note: Document | frappe._dict) -> bool:
	return user in {note.get(field) for field in THE_TWO}


def condition(user: str, doctype: str) -> str:
	"""`ReadRule.condition` of the notes: `is_one_of_the_two`, as SQL."""
	is_named = (f"`tab{NOTE}`.`{field}` = {quoted(user)}" for field in THE_TWO)
	return f"({' or '.join(is_named)})"


def allows(note: Document, ptype: str | None, user: str) -> bool:
	"""`ReadRule.allows` of the notes: the coach writes, and nobody shares, prints, mails or exports."""
	return ptype in READING or (ptype in WRITING and user == note.coach)


def newest_notes(employees: Iterable[str]) -> dict[str, frappe._dict]:
	"""Return, by employee, the newest note that the session's user wrote or got: its `name` and `status`."""
	user = frappe.session.user
	notes = frappe.get_all(
		NOTE,
		filters={"employee_user": ("in", set(employees))},
		or_filters={field: user for field in THE_TWO},
		fields=["name", "status", "employee_user"],
		order_by="creation",
	)
	return {note.employee_user: note for note in notes}


def tell_employee(note: Document) -> None:
	"""Tell the employee in the app that there is a note, in the employee's language and without what it says."""
	language = formatting.language_of(note.employee_user)
	subject = _("{0} has written a coaching note for you", lang=language)
	frappe.get_doc(
		doctype="Notification Log",
		type="Alert",
		for_user=note.employee_user,
		from_user=note.coach,
		subject=subject.format(frappe.utils.escape_html(frappe.utils.get_fullname(note.coach))),
		document_type=NOTE,
		document_name=note.name,
	).insert(ignore_permissions=True)
