"""Copies of values that Frappe keeps beside documents, without those of hidden fields: versions and milestones."""

import json
from collections.abc import Callable

import frappe

from crm_transparency.restrictions.fields import hidden_fields
from crm_transparency.restrictions.register import REGISTER, in_force


def versions_without(get_versions: Callable) -> Callable:
	"""Stand in `frappe.desk.form.load.get_versions`: changes of hidden fields aren't in the timeline.

	Nor are, for everybody, those of the register's own filter, which may name customers.
	"""

	def versions(doc, *args, **kwargs):
		found = get_versions(doc, *args, **kwargs)
		hidden = unreadable_fields(doc)
		for version in found if hidden else ():
			version.data = frappe.as_json(
				changes_without(json.loads(version.data or "{}"), hidden), indent=None
			)
		return found

	return versions


def unreadable_fields(doc: object) -> set[str]:
	"""Return the fields of a document whose permission level keeps them from the session's user."""
	if not in_force() and doc.doctype != REGISTER:
		return set()
	levels = doc.get_permlevel_access("read")
	return {df.fieldname for df in doc.meta.get_high_permlevel_fields() if df.permlevel not in levels}


def changes_without(data: dict, hidden: set[str]) -> dict:
	"""Return a version's data without the changes of hidden fields: each names its field first."""
	for kind in ("changed", "added", "removed", "row_changed"):
		if kind in data:
			data[kind] = [change for change in data[kind] if change[0] not in hidden]
	return data


def milestones_without(get_milestones: Callable) -> Callable:
	"""Stand in `frappe.desk.form.load.get_milestones`, in the timeline as well."""

	def milestones(doctype, name):
		hidden = hidden_fields(frappe.session.user, doctype)
		return [row for row in get_milestones(doctype, name) if row.track_field not in hidden]

	return milestones
