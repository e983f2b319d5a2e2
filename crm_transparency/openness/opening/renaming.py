"""Changes of openness keep rows of permissions for undoing. What is renamed since is renamed in these as well.

Otherwise undoing would close everything by a territory that nobody has, or give a right back to a role that isn't there.
"""

import json

import frappe

from crm_transparency.openness.opening import changes
from crm_transparency.openness.opening.rows import USER_PERMISSION, Part, Row

#: columns of both tables that name documents, by what they name
NAMING = {
	"User": ("user", "owner", "modified_by"),
	"Role": ("role",),
	"DocType": ("parent", "allow", "applicable_for"),
}


def follow(doctype: str, old: str, new: str) -> None:
	"""Let all changes that hold say `new` where they say `old` of the DocType."""
	if not frappe.db.table_exists(changes.CHANGE):
		return
	for row in frappe.get_all(
		changes.CHANGE, filters={"status": changes.APPLIED}, fields=["name", "state"], order_by="name"
	):
		parts = json.loads(row.state or "[]")
		renamed = [renamed_part(part, doctype, old, new) for part in parts]
		if renamed != parts:
			frappe.db.set_value(changes.CHANGE, row.name, "state", json.dumps(renamed), update_modified=False)


def renamed_part(part: Part, doctype: str, old: str, new: str) -> Part:
	def renamed(row: Row) -> Row:
		is_value = part["table"] == USER_PERMISSION and row.get("allow") == doctype
		columns = (*NAMING.get(doctype, ()), *(("for_value",) if is_value else ()))
		return {column: new if column in columns and value == old else value for column, value in row.items()}

	return Part(
		table=part["table"],
		where=renamed(part["where"]),
		before=[renamed(row) for row in part["before"]],
		after=[renamed(row) for row in part["after"]],
	)
