"""Changes of permissions: those a person made, and those made to a person's own roles.

Frappe v16 keeps a Permission Log. Frappe v15 keeps Versions of users and role profiles; of a change of a role's
permissions it only keeps who made the latest one and when.
"""

import json

import frappe
from frappe import _
from frappe.utils import get_datetime
from pypika import Criterion

from crm_transparency.crm_transparency.period import Period
from crm_transparency.export_audit.events.event import PERMISSION_CHANGE, Event
from crm_transparency.ledger import people

PERMISSION_LOG = "Permission Log"
VERSION = "Version"
ROLE_PERMISSION = "Custom DocPerm"
#: what of a document has to do with permissions, where Frappe keeps Versions of it
FIELDS = {
	"User": {"roles", "role_profile_name", "role_profiles", "block_modules", "module_profile"},
	"Role Profile": {"roles"},
	"User Permission": None,
}


def of(user: str, period: Period) -> list[Event]:
	if frappe.db.exists("DocType", PERMISSION_LOG):
		return logged(user, period)
	return [*versions(user, period), *role_permissions(user, period)]


def logged(user: str, period: Period) -> list[Event]:
	"""Read v16's Permission Log."""
	log = frappe.qb.DocType(PERMISSION_LOG)
	is_about_user = (log.for_doctype == "User") & (log.for_document == user)
	rows = (
		frappe.qb.from_(log)
		.select(log.name, log.creation, log.changed_by, log.for_doctype, log.for_document, log.changes)
		.where(((log.changed_by == user) | is_about_user) & period.contains(log.creation))
		.run(as_dict=True)
	)
	called = people.full_names(
		person
		for row in rows
		for person in (row.changed_by, row.for_document if row.for_doctype == "User" else None)
	)
	return [
		Event(
			PERMISSION_CHANGE,
			get_datetime(row.creation),
			sentence(row.changed_by, row.for_doctype, row.for_document, roles_in_log(row.changes), called),
			PERMISSION_LOG,
			row.name,
		)
		for row in rows
	]


def versions(user: str, period: Period) -> list[Event]:
	"""Read v15's Versions."""
	version = frappe.qb.DocType(VERSION)
	is_about_user = (version.ref_doctype == "User") & (version.docname == user)
	rows = (
		frappe.qb.from_(version)
		.select(
			version.name, version.creation, version.owner, version.ref_doctype, version.docname, version.data
		)
		.where(version.ref_doctype.isin(list(FIELDS)) & ((version.owner == user) | is_about_user))
		.where(period.contains(version.creation))
		.run(as_dict=True)
	)
	found = [(row, json.loads(row.data or "{}")) for row in rows]
	found = [(row, data) for row, data in found if is_about_permissions(row.ref_doctype, data)]
	called = people.full_names(
		person
		for row, _data in found
		for person in (row.owner, row.docname if row.ref_doctype == "User" else None)
	)
	return [
		Event(
			PERMISSION_CHANGE,
			get_datetime(row.creation),
			sentence(row.owner, row.ref_doctype, row.docname, roles_in_version(data), called),
			VERSION,
			row.name,
		)
		for row, data in found
	]


def role_permissions(user: str, period: Period) -> list[Event]:
	"""Read who changed roles' permissions last, on v15."""
	permission = frappe.qb.DocType(ROLE_PERMISSION)
	rows = (
		frappe.qb.from_(permission)
		.select(permission.parent, permission.role, permission.modified)
		.where(Criterion.all([permission.modified_by == user, period.contains(permission.modified)]))
		.run(as_dict=True)
	)
	return [
		Event(
			PERMISSION_CHANGE,
			get_datetime(row.modified),
			_("Changed what the role {0} may do with {1}").format(_(row.role), _(row.parent)),
		)
		for row in rows
	]


def is_about_permissions(doctype: str, data: dict) -> bool:
	fields = FIELDS[doctype]
	changes = [*data.get("changed", ()), *data.get("added", ()), *data.get("removed", ())]
	return fields is None or any(change[0] in fields for change in changes)


def roles_in_version(data: dict) -> tuple[set[str], set[str]]:
	"""Return the roles that were given, and those that were taken away."""
	given, taken = (
		{row["role"] for fieldname, row in data.get(what, ()) if fieldname == "roles"}
		for what in ("added", "removed")
	)
	return given - taken, taken - given


def roles_in_log(changes: str | None) -> tuple[set[str], set[str]]:
	changes = json.loads(changes or "{}")
	given, taken = (roles_of((changes.get(side) or {}).get("roles")) for side in ("to", "from"))
	return given - taken, taken - given


def roles_of(rows: object) -> set[str]:
	return {row["role"] for row in rows if row.get("role")} if isinstance(rows, list) else set()


def sentence(
	by: str, doctype: str, name: str, roles: tuple[set[str], set[str]], called: dict[str, str]
) -> str:
	given, taken = (", ".join(_(role) for role in sorted(some)) for some in roles)
	whose = called.get(name, name) if doctype == "User" else f"{_(doctype)} {_(name)}"
	if given and taken:
		return _("{0} changed the roles of {1}: gave {2}, took {3}").format(called[by], whose, given, taken)
	if given:
		return _("{0} gave {1} the roles {2}").format(called[by], whose, given)
	if taken:
		return _("{0} took from {1} the roles {2}").format(called[by], whose, taken)
	return _("{0} changed permissions: {1}").format(called[by], whose)
