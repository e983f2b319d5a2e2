"""Who may export, import, print and mail tracked data: the site's real permissions, role by role, and changing them.

A change goes through Frappe's own Role Permissions, so it survives migrations and outlives the app. Frappe v15 writes
down nothing about such changes, so each one made here is an entry of the ledger Export Right Change.
"""

from typing import TypedDict

import frappe
from frappe import _, permissions
from frappe.core.doctype.doctype.doctype import validate_permissions_for_doctype
from frappe.utils import cint, now_datetime

from crm_transparency.crm_transparency import effective_permissions, registry, staff
from crm_transparency.crm_transparency.effective_permissions import (
	DOCUMENTS_LEVEL,
	LEFT_OUT_ROLES,
	RoleHolders,
)
from crm_transparency.crm_transparency.staff import COLLEAGUE, current_actor
from crm_transparency.export_audit.audited import audited_doctypes
from crm_transparency.ledger import entries, names

LEDGER = "Export Right Change"
CHANGER = "System Manager"
READ = "read"
RIGHTS = {"export": "Export", "import": "Import", "print": "Print", "email": "Email"}
ALLOWED, NOT_ALLOWED, NO_RULE = "Allowed", "Not Allowed", "No Rule"
CHANGES_SHOWN = 10


class Rule(TypedDict):
	"""What a role may do with a DocType's documents; with `if_owner`, with those that the user made."""

	doctype: str
	role: str
	if_owner: bool
	rights: dict[str, bool]


class Overview(TypedDict):
	may_change: bool
	rights: dict[str, str]
	doctypes: list[str]
	#: whose documents Frappe lets nobody import
	not_importable: list[str]
	roles: list[RoleHolders]
	rules: list[Rule]
	changes: list[dict]


@frappe.whitelist(methods=["GET"])
def overview() -> Overview:
	"""Return who may export, import, print and mail what, and the latest changes of it."""
	check_may_look()
	doctypes = existing_doctypes()
	rules = rules_for(doctypes)
	return Overview(
		may_change=CHANGER in frappe.get_roles(),
		rights=RIGHTS,
		doctypes=doctypes,
		not_importable=[doctype for doctype in doctypes if not frappe.get_meta(doctype).allow_import],
		roles=effective_permissions.role_holders({rule["role"] for rule in rules}),
		rules=rules,
		changes=latest_changes(),
	)


def existing_doctypes() -> list[str]:
	"""Return the DocTypes that hold tracked data: accounts first, as the settings list them."""
	accounts = list(registry.tracked_doctypes())
	doctypes = [*accounts, *sorted(audited_doctypes() - set(accounts))]
	return [doctype for doctype in doctypes if frappe.db.exists("DocType", doctype)]


def check_may_look() -> None:
	"""Role permissions are no secret within the company: everybody who works in the Desk may know them."""
	frappe.only_for((COLLEAGUE, *sorted(staff.MANAGER_ROLES)))


def rules_for(doctypes: list[str]) -> list[Rule]:
	"""Return the rules in force: the site's own for DocTypes that it has some for, or else the standard ones."""
	rows = effective_permissions.role_permissions(doctypes, [READ, *RIGHTS])
	merged: dict[tuple[str, str, bool], Rule] = {}
	for row in rows:
		key = (row.parent, row.role, bool(row.if_owner))
		rule = merged.setdefault(
			key, Rule(doctype=row.parent, role=row.role, if_owner=bool(row.if_owner), rights={})
		)
		# the same rule twice allows what either allows
		rule["rights"] = {
			right: rule["rights"].get(right, False) or bool(row[right]) for right in (READ, *RIGHTS)
		}
	return [merged[key] for key in sorted(merged)]


def latest_changes() -> list[dict]:
	fields = ["role", "document_type", "permission", "if_owner", "value_before", "value_after"]
	changes = frappe.get_list(
		LEDGER, fields=[*fields, "changed_by", "changed_on"], order_by="name desc", limit=CHANGES_SHOWN
	)
	called = names.full_names_at((change.changed_by, change.changed_on) for change in changes)
	return [
		{**change, "changed_by": called.get((change.changed_by, change.changed_on))} for change in changes
	]


@frappe.whitelist(methods=["POST"])
def change(
	doctype: str, role: str, right: str, allowed: bool | int | str, if_owner: bool | int | str = False
) -> Overview:
	"""Allow a role something, or take it away again, and write that down. Does nothing if it's so already.

	A role without a rule for the DocType gets one first, with the right to read. Raises PermissionError for whoever
	isn't a System Manager, ValidationError for what can't be, such as importing what Frappe lets nobody import.
	"""
	frappe.only_for(CHANGER)
	allowed, if_owner = bool(cint(allowed)), bool(cint(if_owner))
	check_can_be_changed(doctype, role, right)
	rule = rule_of(doctype, role, if_owner)
	if rule is None and (if_owner or not allowed):
		frappe.throw(_("The role {0} has no such rule for {1}.").format(_(role), _(doctype)))
	if rule is None:
		add_rule(doctype, role)
		record(doctype, role, READ, if_owner, NO_RULE, ALLOWED)
		rule = rule_of(doctype, role, if_owner)
	if rule["rights"][right] != allowed:
		set_right(doctype, role, right, allowed, if_owner)
		record(
			doctype, role, right, if_owner, *((NOT_ALLOWED, ALLOWED) if allowed else (ALLOWED, NOT_ALLOWED))
		)
	forget_permissions(doctype)
	return overview()


def check_can_be_changed(doctype: str, role: str, right: str) -> None:
	if doctype not in audited_doctypes() or not frappe.db.exists("DocType", doctype):
		frappe.throw(
			_("{0} has no tracked data. Please use the Role Permissions Manager.").format(_(doctype))
		)
	if right not in RIGHTS:
		frappe.throw(_("There is no such right here: {0}.").format(right))
	if role in LEFT_OUT_ROLES or not frappe.db.exists("Role", role):
		frappe.throw(_("There is no role {0} whose rights could be changed.").format(role))
	if right == "import" and not frappe.get_meta(doctype).allow_import:
		frappe.throw(_("{0} can't be imported by anybody.").format(_(doctype)))


def rule_of(doctype: str, role: str, if_owner: bool) -> Rule | None:
	for rule in rules_for([doctype]):
		if (rule["role"], rule["if_owner"]) == (role, if_owner):
			return rule
	return None


def add_rule(doctype: str, role: str) -> None:
	"""Add a rule that allows reading, and nothing of what Frappe allows by default in new rules."""
	permissions.add_permission(doctype, role, DOCUMENTS_LEVEL)
	for right in (*RIGHTS, "report", "share"):
		permissions.update_permission_property(doctype, role, DOCUMENTS_LEVEL, right, 0, validate=False)


def set_right(doctype: str, role: str, right: str, allowed: bool, if_owner: bool) -> None:
	"""Change one rule as the Role Permissions Manager does.

	Some versions of Frappe (v16) change the first rule of a role that they find, be it the one for own documents or the
	one for all. So a role with both gets its rule saved by itself.
	"""
	permissions.setup_custom_perms(doctype)
	rule = {"parent": doctype, "role": role, "permlevel": DOCUMENTS_LEVEL}
	if frappe.db.count("Custom DocPerm", rule) == 1:
		permissions.update_permission_property(
			doctype, role, DOCUMENTS_LEVEL, right, int(allowed), if_owner=int(if_owner)
		)
	else:
		for name in frappe.get_all(
			"Custom DocPerm", filters={**rule, "if_owner": int(if_owner)}, pluck="name"
		):
			frappe.get_doc("Custom DocPerm", name).update({right: int(allowed)}).save()
		validate_permissions_for_doctype(doctype)
	if rule_of(doctype, role, if_owner)["rights"][right] != allowed:
		frappe.throw(_("Frappe didn't accept this change. Please look into the Role Permissions Manager."))


def forget_permissions(doctype: str) -> None:
	"""Other processes may read the old rules into the cache until this transaction ends."""
	frappe.clear_cache(doctype=doctype)
	frappe.db.after_commit.add(lambda: frappe.clear_cache(doctype=doctype))


def record(doctype: str, role: str, right: str, if_owner: bool, before: str, after: str) -> None:
	actor = current_actor()
	entries.add(
		LEDGER,
		document_type=doctype,
		role=role,
		permission="Read" if right == READ else RIGHTS[right],
		if_owner=int(if_owner),
		value_before=before,
		value_after=after,
		changed_by=actor.user,
		impersonated_by=actor.impersonated_by,
		changed_on=now_datetime(),
	)
