"""What Frappe's own logs tell about people: logins, and changes of permissions.

Frappe v16 keeps a Permission Log. Frappe v15 keeps Versions of users and role profiles; of a change of a role's permissions
it keeps only who made the latest one and when.
"""

import json
from collections.abc import Iterator

import frappe
from frappe.query_builder.functions import Min
from frappe.utils import get_datetime
from pypika import Criterion
from pypika.queries import Table

from crm_transparency.crm_transparency.activity import Activity, Selection, newest_rows

LOGIN = "Login"
NEW_ADDRESS = "Login from a new address"
PERMISSION_CHANGE = "Permission change"

LOGINS = "Activity Log"
PERMISSION_LOG = "Permission Log"
VERSION = "Version"
ROLE_PERMISSION = "Custom DocPerm"
#: what of a document has to do with permissions, where Frappe keeps Versions of it
FIELDS = {
	"User": {"roles", "role_profile_name", "role_profiles", "block_modules", "module_profile"},
	"Role Profile": {"roles"},
	"User Permission": None,
}
Roles = tuple[set[str], set[str]]


def logins(selection: Selection) -> Iterator[Activity]:
	log = frappe.qb.DocType(LOGINS)
	is_login = log.user.isin(selection.users) & successful_login(log)
	for row in newest_rows(log, "creation", LOGIN, is_login, ("user", "ip_address"), selection):
		yield Activity(row.on, LOGIN, row.user, None, None, LOGINS, row.name, row)


def logins_from_new_addresses(selection: Selection) -> Iterator[Activity]:
	"""Yield logins from addresses never used before, as far back as the Activity Log goes: 90 days by default."""
	log = frappe.qb.DocType(LOGINS)
	query = frappe.qb.from_(log).select(log.user, log.ip_address, Min(log.creation))
	query = query.where(log.user.isin(selection.users) & successful_login(log) & log.ip_address.isnotnull())
	first_seen: dict[str, list[tuple]] = {}
	for user, address, moment in query.groupby(log.user, log.ip_address).run():
		first_seen.setdefault(user, []).append((get_datetime(moment), address))
	for user, logins in first_seen.items():
		# the first login of all is new to the log only
		for moment, address in sorted(logins)[1:]:
			if selection.period.start <= moment < selection.period.end:
				details = frappe._dict(ip_address=address)
				yield Activity(moment, NEW_ADDRESS, user, None, None, LOGINS, address, details)


def successful_login(log: Table) -> Criterion:
	return (log.operation == "Login") & (log.status == "Success")


def permission_changes(selection: Selection) -> Iterator[Activity]:
	"""Yield changes of permissions that people made, and those made to people's own roles.

	`details` has the roles that were `given` and `taken`.
	"""
	if frappe.db.exists("DocType", PERMISSION_LOG):
		yield from permission_logs(selection)
	else:
		yield from versions(selection)
		yield from role_permissions(selection)


def permission_logs(selection: Selection) -> Iterator[Activity]:
	"""Read v16's Permission Log."""
	log = frappe.qb.DocType(PERMISSION_LOG)
	is_about = (log.for_doctype == "User") & log.for_document.isin(selection.users)
	condition = log.changed_by.isin(selection.users) | is_about
	fields = ("changed_by", "for_doctype", "for_document", "changes")
	for row in newest_rows(log, "creation", PERMISSION_CHANGE, condition, fields, selection):
		row.given, row.taken = roles_in_log(row.changes)
		yield change(row, row.changed_by, row.for_doctype, row.for_document, PERMISSION_LOG)


def versions(selection: Selection) -> Iterator[Activity]:
	"""Read v15's Versions."""
	version = frappe.qb.DocType(VERSION)
	is_about = (version.ref_doctype == "User") & version.docname.isin(selection.users)
	condition = version.ref_doctype.isin(list(FIELDS)) & (version.owner.isin(selection.users) | is_about)
	fields = ("owner", "ref_doctype", "docname", "data")
	for row in newest_rows(version, "creation", PERMISSION_CHANGE, condition, fields, selection):
		data = json.loads(row.data or "{}")
		if is_about_permissions(row.ref_doctype, data):
			row.given, row.taken = roles_in_version(data)
			yield change(row, row.owner, row.ref_doctype, row.docname, VERSION)


def role_permissions(selection: Selection) -> Iterator[Activity]:
	"""Read who changed roles' permissions last, on v15. `details` has the `role` and, as `parent`, the DocType."""
	table = frappe.qb.DocType(ROLE_PERMISSION)
	condition = table.modified_by.isin(selection.users)
	fields = ("parent", "role", "modified_by")
	for row in newest_rows(table, "modified", PERMISSION_CHANGE, condition, fields, selection):
		yield change(row, row.modified_by, "DocType", row.parent, ROLE_PERMISSION)


def change(row: frappe._dict, user: str, doctype: str, name: str, source: str) -> Activity:
	return Activity(row.on, PERMISSION_CHANGE, user, doctype, name, source, row.name, row)


def is_about_permissions(doctype: str, data: dict) -> bool:
	fields = FIELDS[doctype]
	changes = [*data.get("changed", ()), *data.get("added", ()), *data.get("removed", ())]
	return fields is None or any(change[0] in fields for change in changes)


def roles_in_version(data: dict) -> Roles:
	"""Return the roles that were given, and those that were taken away."""
	given, taken = (
		{row["role"] for fieldname, row in data.get(what, ()) if fieldname == "roles"}
		for what in ("added", "removed")
	)
	return given - taken, taken - given


def roles_in_log(changes: str | None) -> Roles:
	changes = json.loads(changes or "{}")
	given, taken = (roles_of((changes.get(side) or {}).get("roles")) for side in ("to", "from"))
	return given - taken, taken - given


def roles_of(rows: object) -> set[str]:
	return {row["role"] for row in rows if row.get("role")} if isinstance(rows, list) else set()
