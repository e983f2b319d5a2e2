"""Who reads a bundle: managers, but none that somebody else made about themselves, which would tell how their leaving is
looked at; and where it holds what only one role may know, only those of them who have that role. Bundles keep the names
that people had when they were made, so whoever was renamed since is known by their former ones."""

import frappe

from crm_transparency.crm_transparency.permission_results import quoted
from crm_transparency.ledger import names

BUNDLE = "Evidence Bundle"


def condition(user: str, doctype: str) -> str:
	"""`ReadRule.condition` of the bundles."""
	if user == "Administrator":
		return ""
	roles = ", ".join(quoted(role) for role in ["", *frappe.get_roles(user)])
	by_role = f"ifnull(`tab{BUNDLE}`.`only_for_role`, '') in ({roles})"
	spans = names.spans("User", user)
	is_about, is_own = (
		names.condition(spans, f"`tab{BUNDLE}`.{field}", f"`tab{BUNDLE}`.creation")
		for field in ("person", "asked_by")
	)
	return f"{by_role} and (not ({is_about}) or {is_own})"
