"""Changes of openness: applying them, keeping what was there before, and undoing them exactly.

Only one person at a time changes anything here: whoever comes second waits, and then finds what the first did.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypedDict

import frappe
from frappe import _, permissions
from frappe.cache_manager import clear_user_cache
from frappe.model.document import Document
from frappe.utils import now_datetime
from pypika import Order

from crm_transparency.crm_transparency.actor import current_actor
from crm_transparency.crm_transparency.colleagues import COLLEAGUE
from crm_transparency.openness.opening import choices, rows, words
from crm_transparency.openness.opening.exceptions import (
	AlreadyUndone,
	LaterChangesFirst,
	NotToBeOpened,
)
from crm_transparency.openness.opening.rows import CUSTOM_PERMISSION, USER_PERMISSION, Part

CHANGE = "Openness Change"
OPENING = "Opening"
APPLIED, UNDONE, WAITING, DROPPED = "Applied", "Undone", "Waiting", "Dropped"
SHORTEST_REASON = 10


class Decision(TypedDict):
	"""Whose decision a change is, and why."""

	business_owner: str
	reason: str


@contextmanager
def one_at_a_time() -> Iterator[None]:
	"""Keep others from changing what is open until this transaction ends."""
	frappe.db.get_value("Role", COLLEAGUE, "name", for_update=True)
	yield


def open_up(doctypes: Iterable[str], decision: Decision) -> Document | None:
	"""Let colleagues read documents of the DocTypes; return the change, None if all of that was so already.

	Everything that another role may do stays as it is. Raises NotToBeOpened for what has no documents of its own,
	ValidationError without a reason and a business owner.
	"""
	doctypes = list(dict.fromkeys(doctypes))
	check(decision)
	for doctype in doctypes:
		if not choices.can_be_opened(doctype):
			frappe.throw(_("{0} can't be opened.").format(_(doctype)), exc=NotToBeOpened)
	with one_at_a_time():
		parts = [part for doctype in doctypes if (part := let_colleagues_read(doctype))]
		forget(parts)
		opened_before = set(opened_on(locked=True))
		opened = opened_before | set(doctypes)
		if not parts and opened == opened_before:
			return None
		left_closed = {choice["doctype"] for choice in choices.choices(opened)} - opened
		return keep(
			OPENING,
			parts,
			doctypes,
			decision,
			summary=words.opened(doctypes),
			left_closed="\n".join(sorted(left_closed)),
		)


def check(decision: Decision) -> None:
	if len((decision["reason"] or "").strip()) < SHORTEST_REASON:
		frappe.throw(_("Please write down in a sentence why this is decided."))
	owner = decision["business_owner"]
	if not frappe.db.exists("User", {"name": owner, "enabled": 1, "user_type": "System User"}):
		frappe.throw(_("Please name the business owner of this decision: somebody who works here."))


def let_colleagues_read(doctype: str) -> Part | None:
	"""Give colleagues the open rights; return what that changed, None if they have all of them."""
	where = {"parent": doctype}
	before = rows.read(CUSTOM_PERMISSION, where)
	rights = choices.rights_for_colleagues(doctype)
	rule = next(filter(choices.is_colleagues_rule, before or standard_permissions(doctype)), None)
	if rule and all(rule[right] for right in rights):
		return None
	if not before:
		permissions.copy_perms(doctype)
	after_copying = rows.read(CUSTOM_PERMISSION, where)
	if rule := next(filter(choices.is_colleagues_rule, after_copying), None):
		document = frappe.get_doc(CUSTOM_PERMISSION, rule["name"], for_update=True)
		document.update(dict.fromkeys(rights, 1)).save(ignore_permissions=True)
	else:
		add_rule(doctype, rights)
	return Part(
		table=CUSTOM_PERMISSION, where=where, before=before, after=rows.read(CUSTOM_PERMISSION, where)
	)


def standard_permissions(doctype: str) -> list[dict]:
	return frappe.get_all("DocPerm", filters={"parent": doctype}, fields=["*"])


def add_rule(doctype: str, rights: tuple[str, ...]) -> None:
	"""Add the rule of colleagues with these rights, and with nothing of what Frappe gives new rules by default."""
	nothing = {
		right: 0 for right in permissions.rights if frappe.get_meta(CUSTOM_PERMISSION).has_field(right)
	}
	rule = frappe.new_doc(CUSTOM_PERMISSION)
	rule.update(
		{
			"parent": doctype,
			"parenttype": "DocType",
			"parentfield": "permissions",
			"role": COLLEAGUE,
			"permlevel": choices.DOCUMENTS_LEVEL,
			**nothing,
			**dict.fromkeys(rights, 1),
		}
	)
	rule.insert(ignore_permissions=True)


def keep(
	kind: str,
	parts: list[Part],
	doctypes: Iterable[str],
	decision: Decision,
	summary: str,
	status: str = APPLIED,
	**values,
) -> Document:
	"""Write a change down, with everything that undoing needs."""
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
			"known_conditions": json.dumps(conditions_on(doctypes)),
			**values,
		}
	)
	return change.insert(ignore_permissions=True)


def conditions_on(doctypes: Iterable[str]) -> dict[str, list[str]]:
	"""Return the functions by which apps close documents of each DocType, so that a new one is noticed."""
	hooks = frappe.get_hooks("permission_query_conditions", {})
	return {doctype: [*hooks.get(doctype, []), *hooks.get("*", [])] for doctype in doctypes}


def open_doctypes() -> set[str]:
	"""Return what was decided to be open, by changes that hold."""
	return set(opened_on())


def opened_on(locked: bool = False) -> dict[str, frappe._dict]:
	"""Return the change that first opened each open DocType, of those that hold, and when that was last done again.

	`locked` finds what others committed since this transaction began, too.
	"""
	change, opened = frappe.qb.DocType(CHANGE), frappe.qb.DocType("Opened Document Type")
	query = (
		frappe.qb.from_(change)
		.join(opened)
		.on((opened.parent == change.name) & (opened.parenttype == CHANGE))
		.where((change.kind == OPENING) & (change.status == APPLIED))
		.orderby(change.applied_on)
		.select(opened.document_type, change.name, change.applied_on, change.business_owner)
	)
	found = (query.for_update() if locked else query).run(as_dict=True)
	first: dict[str, frappe._dict] = {}
	for row in found:
		if frappe.db.exists("DocType", row.document_type):
			first.setdefault(row.document_type, row).reapplied_on = row.applied_on
	return first


def parts_of(change: Document) -> list[Part]:
	return json.loads(change.state or "[]")


def changed_since(change: Document) -> list[tuple[Part, rows.LaterChange]]:
	"""Return what others changed in the rows that a change touched, which undoing would take back."""
	return [
		(part, later)
		for part in parts_of(change)
		if still_makes_sense(part)
		for later in rows.undoing(part, rows.read(part["table"], part["where"]), True).later_changes
	]


def undo(change: Document, keep_later_changes: bool = True) -> Document:
	"""Put back what was there before a change; what others changed since is kept, or taken back if that's wanted.

	Raises AlreadyUndone, and LaterChangesFirst if a later change that holds touched the same rows.
	"""
	with one_at_a_time():
		change = frappe.get_doc(CHANGE, change.name, for_update=True)
		if change.status == UNDONE:
			frappe.throw(_("This was undone before."), exc=AlreadyUndone)
		check_is_latest(change)
		kept = put_back(change, keep_later_changes)
		actor = current_actor()
		change.update(
			{
				"status": UNDONE,
				"undone_by": actor.user,
				"undone_on": now_datetime(),
				"kept": "\n".join(kept) if keep_later_changes else words.taken_back(kept),
			}
		)
		return change.save(ignore_permissions=True)


def put_back(change: Document, keep_later_changes: bool) -> list[str]:
	"""Write the rows from before a change; return in sentences what others had changed since."""
	later, touched = [], []
	for part in parts_of(change):
		if not still_makes_sense(part):
			continue
		now = rows.read(part["table"], part["where"])
		undoing = rows.undoing(part, now, keep_later_changes)
		later += [words.later_change(part, each) for each in undoing.later_changes]
		rows.write(part, now, undoing.rows)
		touched.append(part)
	forget(touched)
	return later


def check_is_latest(change: Document) -> None:
	"""A later change remembers as "before" what this one made: it has to go first."""
	mine = {(part["table"], *part["where"].values()) for part in parts_of(change)}
	later = [
		other
		for other in changes_that_hold(after=change)
		if mine & {(part["table"], *part["where"].values()) for part in parts_of(other)}
	]
	if later:
		frappe.throw(
			_("A later change touched the same permissions. Please undo it first: {0}").format(
				", ".join(other.summary for other in later)
			),
			exc=LaterChangesFirst,
		)


def changes_that_hold(after: Document | None = None) -> list[Document]:
	"""Return the changes that hold, latest first."""
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


def undo_everything() -> None:
	"""Put everything back that changes of openness changed, and keep what others changed since."""
	for change in changes_that_hold():
		undo(change)


def still_makes_sense(part: Part) -> bool:
	"""Say whether that whose permissions these are is still there."""
	if part["table"] == USER_PERMISSION:
		return bool(frappe.db.exists("User", part["where"]["user"]))
	return bool(frappe.db.exists("DocType", part["where"]["parent"]))


def forget(parts: list[Part]) -> None:
	"""Let everybody read anew what the parts say."""
	users = {part["where"]["user"] for part in parts if part["table"] == USER_PERMISSION}
	doctypes = {part["where"]["parent"] for part in parts if part["table"] == CUSTOM_PERMISSION}
	forget_now(users, doctypes)
	# until this transaction ends, other processes may read the old rules once more
	frappe.db.after_commit.add(lambda: forget_now(users, doctypes))


def forget_now(users: set[str], doctypes: set[str]) -> None:
	for user in users:
		frappe.clear_cache(user=user)
	for doctype in doctypes:
		frappe.clear_cache(doctype=doctype)
	if doctypes:
		clear_user_cache()  # what everybody's Desk is told at the start says what they may read
		frappe.local.role_permissions = {}
