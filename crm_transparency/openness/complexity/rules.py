"""Which rules there are that narrow what people see of tracked documents."""

import frappe
from frappe import _

from crm_transparency.crm_transparency import registry, role_rules
from crm_transparency.openness import visibility
from crm_transparency.openness.opening import closing
from crm_transparency.openness.opening.closing import Group
from crm_transparency.restrictions import register

OURS = "crm_transparency."
HOOKS = ("permission_query_conditions", "has_permission")


def counts() -> dict[str, int]:
	"""Return how many rules of each kind there are, by what the kind is called; kinds without any are left out."""
	found = {
		_("User Permissions"): sum(len(rows) for rows in user_permissions().values()),
		_("Restrictions"): len(register.all_in_force()),
		_("Conditions of other apps"): len(hooks_of_other_apps()),
		_("Server Scripts"): len(server_scripts()),
		_("Roles that read own documents only"): len(own_only()),
		_("Roles that lost their right to read"): len(taken_from_roles()),
	}
	return {kind: count for kind, count in found.items() if count}


def doctypes() -> list[str]:
	return list(registry.tracked_doctypes())


def user_permissions() -> dict[Group, list[frappe._dict]]:
	"""Return the User Permissions of people in the Desk that close a tracked DocType."""
	people = set(visibility.desk_users())
	return {
		group: rows
		for group, rows in closing.groups().items()
		if group.user in people and any(closing.closes(rows, doctype) for doctype in doctypes())
	}


def hooks_of_other_apps() -> set[tuple[str, str]]:
	"""Return DocTypes with the functions of other apps that decide about them."""
	return {
		(doctype, path)
		for hook in HOOKS
		for doctype in doctypes()
		for path in frappe.get_hooks(hook, {}).get(doctype, [])
		if not path.startswith(OURS)
	}


def server_scripts() -> list[str]:
	filters = {
		"script_type": "Permission Query",
		"reference_doctype": ("in", doctypes()),
		"disabled": 0,
	}
	return frappe.get_all("Server Script", filters=filters, pluck="name")


def own_only() -> list[frappe._dict]:
	return [rule for rule in role_rules.in_force(doctypes(), ["read"]) if rule.if_owner and rule.read]


def taken_from_roles() -> set[tuple[str, str]]:
	"""Return the DocTypes and roles whose standard right to read this site has taken away."""
	now = {(rule.parent, rule.role) for rule in role_rules.in_force(doctypes(), ["read"]) if rule.read}
	standard = frappe.get_all(
		"DocPerm",
		filters={"parent": ("in", doctypes()), "permlevel": 0, "read": 1, "role": ("!=", "Administrator")},
		fields=["parent", "role"],
	)
	return {(rule.parent, rule.role) for rule in standard} - now
