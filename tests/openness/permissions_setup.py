"""What the tests of openness share: a decision, dumps of permission tables, and limiting what people see."""

import frappe

from crm_transparency.crm_transparency.permissions import IS_V15
from crm_transparency.openness import permission_changes
from crm_transparency.openness.openness_changes import Decision
from crm_transparency.openness.visibility import Counting

TABLES = ("DocPerm", "Custom DocPerm", "User Permission", "Property Setter")
DECISION = Decision(business_owner="Administrator", reason="Everybody can help every customer from now on")


def dump() -> dict[str, list[dict]]:
	"""Return every column of every row that decides about permissions."""
	return {
		table: frappe.db.sql(f"select * from `tab{table}` order by name", as_dict=True) for table in TABLES
	}


def rules(doctype: str) -> list[tuple]:
	"""Return the rules in force for a DocType, without those of colleagues: whose, where, and every right in them."""
	rights = frappe.permissions.rights
	return sorted(
		(rule.role, rule.permlevel, rule.if_owner, *(int(rule.get(right) or 0) for right in rights))
		for rule in frappe.get_meta(doctype).permissions
		if rule.role != "CRM Colleague"
	)


def colleague_rule(doctype: str) -> frappe._dict | None:
	found = frappe.get_all(
		"Custom DocPerm", filters={"parent": doctype, "role": "CRM Colleague"}, fields=["*"]
	)
	return found[0] if found else None


def set_right(doctype: str, role: str, right: str, value: int) -> None:
	"""Change a rule as the Role Permissions Manager does; v15 does that by SQL, and its endpoint is what is recorded."""
	if IS_V15:
		permission_changes.record(permission_changes.CHANGED, "update", document_type=doctype, role=role)
	frappe.permissions.update_permission_property(doctype, role, 0, right, value)
	frappe.clear_cache(doctype=doctype)


def limit(user: str, allow: str, value: str, **values):
	return frappe.get_doc(
		doctype="User Permission",
		user=user,
		allow=allow,
		for_value=value,
		**{"apply_to_all_doctypes": 0 if values.get("applicable_for") else 1, **values},
	).insert(ignore_permissions=True)


def make_territory(title: str, parent: str | None = None, is_group: int = 0) -> str:
	return (
		frappe.get_doc(
			doctype="Territory",
			territory_name=f"{title} {frappe.generate_hash(length=5)}",
			parent_territory=parent or root("Territory"),
			is_group=is_group,
		)
		.insert(ignore_permissions=True)
		.name
	)


def root(doctype: str) -> str:
	field = f"parent_{frappe.scrub(doctype)}"
	return frappe.get_all(doctype, filters={field: ("in", ("", None)), "is_group": 1}, pluck="name")[0]


def readable_count(user: str, doctype: str) -> int:
	return Counting().readable(user, doctype)


def total_count(doctype: str) -> int:
	return Counting().total(doctype)
