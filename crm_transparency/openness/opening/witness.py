"""Who changed permissions, and when: written down while it happens, because Frappe forgets some of it.

Frappe v15 lets the Role Permissions Manager change and delete rules by SQL, so no document tells about it. Frappe v16
keeps a Permission Log. Here both versions leave the same trace: of documents by their events, of v15's SQL by the
requests that run it.
"""

from datetime import datetime
from typing import NamedTuple

import frappe
from frappe.model.document import Document
from frappe.utils import now_datetime

from crm_transparency.crm_transparency import requested
from crm_transparency.crm_transparency.actor import current_actor
from crm_transparency.crm_transparency.colleagues import COLLEAGUE
from crm_transparency.crm_transparency.permission_results import IS_V15
from crm_transparency.openness.opening import rows

TRACE = "Permission Change"
ADDED, CHANGED, REMOVED, RESET = "Added", "Changed", "Removed", "Reset"
PERMISSION_MANAGER = "frappe.core.page.permission_manager.permission_manager"
#: by request, what v15 does with SQL, and which argument names the DocType
BY_SQL = {
	f"{PERMISSION_MANAGER}.update": (CHANGED, "doctype"),
	f"{PERMISSION_MANAGER}.remove": (REMOVED, "doctype"),
	f"{PERMISSION_MANAGER}.reset": (RESET, "doctype"),
	"frappe.core.doctype.user_permission.user_permission.clear_user_permissions": (REMOVED, "for_doctype"),
}
#: how messages of documents are called in the trace
EVENTS = {"after_insert": ADDED, "on_update": CHANGED, "on_trash": REMOVED}


class Trace(NamedTuple):
	changed_by: str
	changed_on: datetime | str


def note_request() -> None:
	"""`auth_hooks`: if this request is about to change permissions by SQL, write that down with its commit.

	Before that hook Frappe doesn't know yet who sends a request with an API key.
	"""
	if not IS_V15 or frappe.request.method != "POST":
		return
	form = frappe.form_dict
	command = requested.command()
	if command not in BY_SQL or frappe.session.user == "Guest":
		return
	action, argument = BY_SQL[command]
	about = {"document_type": form.get(argument), "role": form.get("role"), "user": form.get("user")}
	if about["document_type"]:
		frappe.db.before_commit.add(lambda: note(action, source=command.rpartition(".")[2], **about))


def note_document(doc: Document, event: str) -> None:
	"""`doc_events` of Custom DocPerm and User Permission."""
	if event == "on_update" and doc.get_doc_before_save() is None:
		return  # it was just added
	if doc.doctype == rows.CUSTOM_PERMISSION:
		note(EVENTS[event], doc.doctype, document_type=doc.parent, role=doc.role)
	else:
		note(EVENTS[event], doc.doctype, document_type=doc.allow, user=doc.user)


def note_roles(user: Document) -> None:
	"""`doc_events` of User: write down who gave or took the role of colleagues."""
	before = user.get_doc_before_save()
	had = bool(before) and COLLEAGUE in {row.role for row in before.roles}
	has = COLLEAGUE in {row.role for row in user.roles}
	if had and not has:
		note(REMOVED, "User", document_type="User", role=COLLEAGUE, user=user.name)


def note(action: str, source: str, **about) -> None:
	if not is_there():
		return
	actor = current_actor()
	trace = frappe.new_doc(TRACE)
	trace.update(
		{
			"action": action,
			"source": source,
			"changed_by": actor.user,
			"impersonated_by": actor.impersonated_by,
			"changed_on": now_datetime(),
			**about,
		}
	)
	trace.insert(ignore_permissions=True)


def is_there() -> bool:
	"""Say whether there is where to write: not while apps come and go, nor before a migration made the table."""
	flags = frappe.flags
	busy = flags.in_install or flags.in_uninstall or flags.in_migrate or flags.in_patch
	return not busy and frappe.db.table_exists(TRACE)


def latest(since: datetime | str | None = None, action: str | None = None, **about) -> Trace | None:
	"""Return the latest trace about something, made at or after `since`."""
	filters = {key: value for key, value in {**about, "action": action}.items() if value}
	if since:
		filters["changed_on"] = (">=", since)
	found = frappe.get_all(
		TRACE, filters=filters, fields=["changed_by", "changed_on"], order_by="changed_on desc", limit=1
	)
	return Trace(found[0].changed_by, found[0].changed_on) if found else None


def who_made(user: str) -> Trace | None:
	"""Return who made a user, and when."""
	made = frappe.db.get_value("User", user, ["owner", "creation"])
	return Trace(*made) if made else None


def who_changed(part: rows.Part, change: rows.LaterChange) -> Trace | None:
	"""Return who made a change to a row, from the trace or from the row itself."""
	about = (
		{"document_type": part["where"]["allow"], "user": part["where"]["user"]}
		if part["table"] == rows.USER_PERMISSION
		else {"document_type": part["where"]["parent"], "role": change.row["role"]}
	)
	since = change.after["modified"] if change.after else change.row["creation"]
	if trace := latest(since, change.kind, **about):
		return trace
	if change.kind == REMOVED and (trace := latest(since, RESET, document_type=about["document_type"])):
		return trace
	if change.now and (not change.after or change.now["modified"] != change.after["modified"]):
		return Trace(change.now["modified_by"], change.now["modified"])
	return None
