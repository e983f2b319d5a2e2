"""Opening DocTypes to everybody, recording what that changed, and undoing it exactly.

Only one person at a time changes anything here: whoever comes second waits, and then sees what the first did.
"""

import json
from collections.abc import Iterable
from typing import TypedDict

import frappe
from frappe import _, permissions
from frappe.cache_manager import clear_user_cache
from frappe.model.document import Document
from frappe.utils import now_datetime
from pypika import Order

from crm_transparency.crm_transparency.staff import COLLEAGUE, current_actor
from crm_transparency.openness import open_doctypes, permission_changes, permission_rows
from crm_transparency.openness.exceptions import AlreadyUndone, CannotBeOpened, LaterChangesFirst
from crm_transparency.openness.open_doctypes import APPLIED, CHANGE, OPENING
from crm_transparency.openness.permission_rows import (
	CUSTOM_PERMISSION,
	USER_PERMISSION,
	LaterChange,
	Part,
)

UNDONE, PENDING, CANCELED = "Undone", "Pending", "Canceled"
SHORTEST_REASON = 10


class Decision(TypedDict):
	"""Whose decision a change is, and why."""

	business_owner: str
	reason: str


def lock() -> None:
	"""Keep others from changing what is open until this transaction ends."""
	frappe.db.get_value("Role", COLLEAGUE, "name", for_update=True)


def open_up(doctypes: Iterable[str], decision: Decision) -> Document | None:
	"""Let colleagues read documents of the DocTypes; return the change, None if all of them were open already.

	What other roles may do stays as it is. Raises CannotBeOpened for a DocType without documents of its own,
	ValidationError without a reason and a business owner.
	"""
	doctypes = list(dict.fromkeys(doctypes))
	check_decision(decision)
	for doctype in doctypes:
		if not open_doctypes.can_be_opened(doctype):
			frappe.throw(_("{0} can't be opened.").format(_(doctype)), exc=CannotBeOpened)
	lock()
	parts = [part for doctype in doctypes if (part := let_colleagues_read(doctype))]
	clear_caches(parts)
	opened_before = set(open_doctypes.openings(locked=True))
	opened = opened_before | set(doctypes)
	if not parts and opened == opened_before:
		return None
	not_opened = {choice["doctype"] for choice in open_doctypes.choices(opened)} - opened
	return record(
		OPENING,
		parts,
		doctypes,
		decision,
		summary=_("Everybody in the company may read {0}").format(listed(doctypes)),
		left_closed="\n".join(sorted(not_opened)),
	)


def check_decision(decision: Decision) -> None:
	check_reason(decision["reason"])
	owner = decision["business_owner"]
	if not frappe.db.exists("User", {"name": owner, "enabled": 1, "user_type": "System User"}):
		frappe.throw(_("Please choose a business owner who works here."))


def check_reason(reason: str | None) -> None:
	if len((reason or "").strip()) < SHORTEST_REASON:
		frappe.throw(_("Please give the reason in a sentence."))


def listed(doctypes: Iterable[str]) -> str:
	return ", ".join(_(doctype) for doctype in doctypes)


def let_colleagues_read(doctype: str) -> Part | None:
	"""Give colleagues the open rights; return what that changed, None if they have all of them."""
	where = {"parent": doctype}
	before = permission_rows.read(CUSTOM_PERMISSION, where)
	rights = open_doctypes.rights_of_colleagues(doctype)
	standard = frappe.get_all("DocPerm", filters=where, fields=["*"])
	rule = colleague_rule(before or standard)
	if rule and all(rule[right] for right in rights):
		return None
	if not before:
		permissions.copy_perms(doctype)
	if rule := colleague_rule(permission_rows.read(CUSTOM_PERMISSION, where)):
		document = frappe.get_doc(CUSTOM_PERMISSION, rule["name"], for_update=True)
		document.update(dict.fromkeys(rights, 1)).save(ignore_permissions=True)
	else:
		add_colleague_rule(doctype, rights)
	after = permission_rows.read(CUSTOM_PERMISSION, where)
	return Part(table=CUSTOM_PERMISSION, where=where, before=before, after=after)


def colleague_rule(rows: list[dict]) -> dict | None:
	return next(filter(open_doctypes.is_colleague_rule, rows), None)


def add_colleague_rule(doctype: str, rights: tuple[str, ...]) -> None:
	"""Add a permission with these rights only: a new Custom DocPerm has others by default."""
	columns = frappe.get_meta(CUSTOM_PERMISSION)
	rule = frappe.new_doc(CUSTOM_PERMISSION)
	rule.update(
		{
			"parent": doctype,
			"parenttype": "DocType",
			"parentfield": "permissions",
			"role": COLLEAGUE,
			"permlevel": open_doctypes.DOCUMENTS_LEVEL,
			**{right: 0 for right in permissions.rights if columns.has_field(right)},
			**dict.fromkeys(rights, 1),
		}
	)
	rule.insert(ignore_permissions=True)


def record(
	kind: str,
	parts: list[Part],
	doctypes: Iterable[str],
	decision: Decision,
	summary: str,
	status: str = APPLIED,
	**values: str,
) -> Document:
	"""Insert an Openness Change with everything that undoing it needs."""
	actor = current_actor()
	change = frappe.new_doc(CHANGE)
	change.update(
		{
			"kind": kind,
			"status": status,
			"summary": summary,
			"document_types": [{"document_type": doctype} for doctype in doctypes],
			"business_owner": decision["business_owner"],
			"reason": decision["reason"].strip(),
			"applied_by": actor.user,
			"impersonated_by": actor.impersonated_by,
			"applied_on": now_datetime(),
			"state": json.dumps(parts),
			"known_conditions": json.dumps(conditions_of_apps(doctypes)),
			**values,
		}
	)
	return change.insert(ignore_permissions=True)


def conditions_of_apps(doctypes: Iterable[str]) -> dict[str, list[str]]:
	"""Return the functions by which apps hide documents of each DocType, so that a new one is noticed."""
	hooks = frappe.get_hooks("permission_query_conditions", {})
	return {doctype: [*hooks.get(doctype, []), *hooks.get("*", [])] for doctype in doctypes}


def recorded_parts(change: Document) -> list[Part]:
	return json.loads(change.state or "[]")


def parts_of(change: Document) -> list[Part]:
	"""Return the parts that a change touched, of users and DocTypes that still exist."""
	return [
		part
		for part in recorded_parts(change)
		if (
			frappe.db.exists("User", part["where"]["user"])
			if part["table"] == USER_PERMISSION
			else frappe.db.exists("DocType", part["where"]["parent"])
		)
	]


def changed_since(change: Document) -> list[tuple[Part, LaterChange]]:
	"""Return what others changed since in the rows of a change: undoing keeps it or takes it back."""
	return [
		(part, later)
		for part in parts_of(change)
		for later in permission_rows.undoing(
			part, permission_rows.read(part["table"], part["where"]), True
		).later_changes
	]


def undo(change: Document, keep_later_changes: bool = True) -> Document:
	"""Put back what was there before a change; keep what others changed since, or take that back as well.

	Raises AlreadyUndone, and LaterChangesFirst if a later change that still applies touched the same rows.
	"""
	lock()
	change = frappe.get_doc(CHANGE, change.name, for_update=True)
	if change.status == UNDONE:
		frappe.throw(_("This change is already undone."), exc=AlreadyUndone)
	check_is_latest(change)
	later = put_back(change, keep_later_changes)
	if not keep_later_changes:
		later = [_("Also taken back: {0}").format(sentence) for sentence in later]
	change.update(
		{
			"status": UNDONE,
			"undone_by": current_actor().user,
			"undone_on": now_datetime(),
			"kept": "\n".join(later),
		}
	)
	return change.save(ignore_permissions=True)


def put_back(change: Document, keep_later_changes: bool) -> list[str]:
	"""Write the rows from before a change; return in sentences what others had changed since."""
	later, parts = [], parts_of(change)
	for part in parts:
		now = permission_rows.read(part["table"], part["where"])
		undoing = permission_rows.undoing(part, now, keep_later_changes)
		later += [permission_changes.in_words(part, each) for each in undoing.later_changes]
		permission_rows.write(part, now, undoing.rows)
	clear_caches(parts)
	return later


def check_is_latest(change: Document) -> None:
	"""Refuse while a later change applies that recorded as "before" what this one made."""

	def touched(some: Document) -> set[tuple]:
		return {(part["table"], *part["where"].values()) for part in parts_of(some)}

	mine = touched(change)
	later = [other for other in applied_changes(after=change) if mine & touched(other)]
	if later:
		frappe.throw(
			_("A later change touched the same permissions. Please undo it first: {0}").format(
				", ".join(other.summary for other in later)
			),
			exc=LaterChangesFirst,
		)


def applied_changes(after: Document | None = None) -> list[Document]:
	"""Return the changes that aren't undone, latest first."""
	change = frappe.qb.DocType(CHANGE)
	names = (
		frappe.qb.from_(change)
		.where(change.status == APPLIED)
		.orderby(change.applied_on, change.creation, order=Order.desc)
		.select(change.name)
		.for_update()
		.run(pluck=True)
	)
	if after:
		names = names[: names.index(after.name)] if after.name in names else []
	# locked as well: what this transaction read before may be older than what was locked
	return [frappe.get_doc(CHANGE, name, for_update=True) for name in names]


def undo_all() -> None:
	"""Undo every change, and keep what others changed since."""
	for change in applied_changes():
		undo(change)


def put_permissions_back() -> None:
	"""When the app is uninstalled: undo every change, and delete what Frappe v16 logged about rows that go with that.

	The permissions of our roles go later, with the roles.
	"""
	written = sorted(
		{
			row["name"]
			for change in applied_changes()
			for part in recorded_parts(change)
			for row in part["after"]
		}
	)
	undo_all()
	if written and frappe.db.exists("DocType", "Permission Log"):
		tables = (CUSTOM_PERMISSION, USER_PERMISSION)
		frappe.db.delete("Permission Log", {"reference_type": ("in", tables), "reference": ("in", written)})


def follow_rename(doc: Document, method: str | None, old: str, new: str, merge: bool = False) -> None:
	"""`doc_events` of all DocTypes: what changes keep for undoing names a renamed document by its new name.

	Otherwise undoing would limit people to a territory that doesn't exist, or give rights to a role that isn't there.
	"""
	if not frappe.db.table_exists(CHANGE):
		return
	for row in frappe.get_all(CHANGE, filters={"status": APPLIED}, fields=["name", "state"], order_by="name"):
		parts = recorded_parts(row)
		renamed = [permission_rows.renamed(part, doc.doctype, old, new) for part in parts]
		if renamed != parts:
			frappe.db.set_value(CHANGE, row.name, "state", json.dumps(renamed), update_modified=False)


def clear_caches(parts: list[Part]) -> None:
	"""Clear what is cached of the permissions in these parts, now and once more after the commit.

	Until the commit, other processes may cache the old permissions again.
	"""
	users = {part["where"]["user"] for part in parts if part["table"] == USER_PERMISSION}
	doctypes = {part["where"]["parent"] for part in parts if part["table"] == CUSTOM_PERMISSION}

	def clear() -> None:
		for user in users:
			frappe.clear_cache(user=user)
		for doctype in doctypes:
			frappe.clear_cache(doctype=doctype)
		if doctypes:
			clear_user_cache()  # boot info says what each user may read
			frappe.local.role_permissions = {}

	clear()
	frappe.db.after_commit.add(clear)
