"""Who changed permissions, and when: recorded at the change, because Frappe v15 keeps no log of it.

Documents are recorded by their events. On v15 the Role Permissions Manager and the User Permission list also change
permissions by SQL, which runs no event: these endpoints are overridden. Frappe v16 saves documents there.
"""

from datetime import datetime
from typing import Any, NamedTuple

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_fullname, now_datetime

from crm_transparency.crm_transparency import formatting, requested
from crm_transparency.crm_transparency.permissions import IS_V15
from crm_transparency.crm_transparency.staff import current_actor
from crm_transparency.openness.permission_rows import (
	CUSTOM_PERMISSION,
	USER_PERMISSION,
	LaterChange,
	Part,
	contents,
)

PERMISSION_CHANGE = "Permission Change"
ADDED, CHANGED, REMOVED, RESET = "Added", "Changed", "Removed", "Reset"
ACTIONS_BY_EVENT = {"after_insert": ADDED, "on_update": CHANGED, "on_trash": REMOVED}
PERMISSION_MANAGER = "frappe.core.page.permission_manager.permission_manager"
#: endpoints that change permissions by SQL on v15: what they do, and the argument that names the DocType
SQL_ENDPOINTS = {
	f"{PERMISSION_MANAGER}.update": (CHANGED, "doctype"),
	f"{PERMISSION_MANAGER}.remove": (REMOVED, "doctype"),
	f"{PERMISSION_MANAGER}.reset": (RESET, "doctype"),
	"frappe.core.doctype.user_permission.user_permission.clear_user_permissions": (REMOVED, "for_doctype"),
}


class Change(NamedTuple):
	changed_by: str
	changed_on: datetime | str


def record_document(doc: Document, event: str) -> None:
	"""`doc_events` of Custom DocPerm and User Permission."""
	if event == "on_update" and doc.get_doc_before_save() is None:
		return  # it was just added
	if doc.doctype == CUSTOM_PERMISSION:
		record(ACTIONS_BY_EVENT[event], doc.doctype, document_type=doc.parent, role=doc.role)
	else:
		record(ACTIONS_BY_EVENT[event], doc.doctype, document_type=doc.allow, user=doc.user)


@frappe.whitelist(methods=["POST"])
def run_and_record(**arguments: Any) -> Any:
	"""Override of each of SQL_ENDPOINTS: run it, and on v15 record what it changed."""
	frappe.only_for("System Manager")
	endpoint = requested.command()
	if endpoint not in SQL_ENDPOINTS:
		raise frappe.PermissionError
	result = frappe.call(endpoint, **arguments)
	action, argument = SQL_ENDPOINTS[endpoint]
	if IS_V15:
		record(
			action,
			endpoint.rpartition(".")[2],
			document_type=arguments.get(argument),
			role=arguments.get("role"),
			user=arguments.get("user"),
		)
	return result


def record(action: str, source: str, **about: str | None) -> None:
	flags = frappe.flags
	is_migrating = flags.in_install or flags.in_uninstall or flags.in_migrate or flags.in_patch
	if is_migrating or not frappe.db.table_exists(PERMISSION_CHANGE):
		return
	actor = current_actor()
	change = frappe.new_doc(PERMISSION_CHANGE)
	change.update(
		{
			"action": action,
			"source": source,
			"changed_by": actor.user,
			"impersonated_by": actor.impersonated_by,
			"changed_on": now_datetime(),
			**about,
		}
	)
	change.insert(ignore_permissions=True)


def latest(since: datetime | str, action: str, **about: str) -> Change | None:
	"""Return who made the latest change at or after `since`."""
	found = frappe.get_all(
		PERMISSION_CHANGE,
		filters={"action": action, "changed_on": (">=", since), **about},
		fields=["changed_by", "changed_on"],
		order_by="changed_on desc",
		limit=1,
	)
	return Change(found[0].changed_by, found[0].changed_on) if found else None


def role_taken(user: str, role: str) -> Change | None:
	"""Return who last took a role from a user, as the user's versions tell."""
	for version in frappe.get_all(
		"Version",
		filters={"ref_doctype": "User", "docname": user, "data": ("like", f"%{role}%")},
		fields=["owner", "creation", "data"],
		order_by="creation desc",
	):
		removed = frappe.parse_json(version.data).get("removed") or ()
		if any(table == "roles" and row.get("role") == role for table, row in removed):
			return Change(version.owner, version.creation)
	return None


def who_changed(part: Part, change: LaterChange) -> Change | None:
	"""Return who made a change to a row, from the record or from the row itself."""
	about = (
		{"document_type": part["where"]["allow"], "user": part["where"]["user"]}
		if part["table"] == USER_PERMISSION
		else {"document_type": part["where"]["parent"], "role": change.row["role"]}
	)
	since = change.after["modified"] if change.after else change.row["creation"]
	if found := latest(since, change.kind, **about):
		return found
	if change.kind == REMOVED and (found := latest(since, RESET, document_type=about["document_type"])):
		return found
	if change.now and (not change.after or change.now["modified"] != change.after["modified"]):
		return Change(change.now["modified_by"], change.now["modified"])
	return None


def in_words(part: Part, change: LaterChange) -> str:
	"""Return a sentence that says who changed what and when, as far as anything tells."""
	what, who = what_changed(part, change), who_changed(part, change)
	if not who:
		return _("{0}. There is no record of who did that.").format(what)
	return _("{0}. By {1} on {2}.").format(
		what, get_fullname(who.changed_by), formatting.moment(who.changed_on)
	)


def what_changed(part: Part, change: LaterChange) -> str:
	row = change.row
	if part["table"] == USER_PERMISSION:
		sentences = {
			ADDED: _("A User Permission was added for {0}: {1} {2}"),
			REMOVED: _("A User Permission of {0} was removed: {1} {2}"),
			CHANGED: _("A User Permission of {0} was changed: {1} {2}"),
		}
		return sentences[change.kind].format(get_fullname(row["user"]), _(row["allow"]), row["for_value"])
	sentences = {
		ADDED: _("A permission for {0} was added to {1}"),
		REMOVED: _("The permission for {0} was removed from {1}"),
		CHANGED: _("The permission for {0} on {1} was changed"),
	}
	sentence = sentences[change.kind].format(_(row["role"]), _(part["where"]["parent"]))
	return f"{sentence}: {', '.join(differences(change))}" if change.kind == CHANGED else sentence


def differences(change: LaterChange) -> list[str]:
	"""Return the rights that a row gained and lost."""
	was, now = contents(change.after), contents(change.now)
	changed = [column for column in now if now[column] != was.get(column)]
	added = [f"+ {_(frappe.unscrub(column))}" for column in changed if now[column]]
	removed = [f"- {_(frappe.unscrub(column))}" for column in changed if not now[column]]
	return [*added, *removed]
