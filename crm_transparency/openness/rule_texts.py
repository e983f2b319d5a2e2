"""Rules as text that their reader may see: values of User Permissions can be names of customers."""

from typing import TypedDict

import frappe
from frappe import _
from frappe.utils import get_fullname
from frappe.utils.user import get_users_with_role

from crm_transparency.openness.limiting_rules import (
	BY_RESTRICTION,
	BY_USER_PERMISSION,
	NO_ROLE,
	ONLY_OWN,
	ONLY_SHARED,
	RESTRICTION,
	USER_PERMISSION,
	Rule,
)

MOST_VALUES = 5
MOST_NAMES = 3
ANSWERING_ROLES = ("Transparency Manager", "System Manager")


class RuleText(TypedDict):
	text: str
	#: where the rule is defined, if the reader may look there: a document, or a list
	link_doctype: str | None
	link_name: str | None
	link_filters: dict | None
	#: full name of the business owner, if there is one
	owner: str | None


def by_rule(rules: dict[str, list[Rule]]) -> dict[Rule, list[str]]:
	"""Return from the rules of each DocType each rule once, with the DocTypes that it limits."""
	found: dict[Rule, list[str]] = {}
	for doctype, of_doctype in rules.items():
		for rule in of_doctype:
			is_for_one = rule.kind == BY_USER_PERMISSION or rule.source != doctype
			found.setdefault(rule if is_for_one else rule._replace(source=""), []).append(doctype)
	return found


def text_of(rule: Rule, doctypes: list[str], user: str | None) -> RuleText:
	"""Return a rule as text for the session's user. `user`: whom it limits; None for several people."""
	if rule.kind == BY_RESTRICTION:
		return restriction_text(rule.documents[0])
	if rule.kind == BY_USER_PERMISSION:
		text = user_permission_text(rule, doctypes, user)
		if user and frappe.has_permission(USER_PERMISSION):
			return plain(text, USER_PERMISSION, filters={"user": user, "allow": rule.source})
		return plain(text)
	labels = ", ".join(_(doctype) for doctype in doctypes)
	texts = {
		NO_ROLE: _("No role gives access to {0}").format(labels),
		ONLY_OWN: _("The roles only give access to one's own documents of type {0}").format(labels),
		ONLY_SHARED: _("No role gives access to {0}, only to shared documents").format(labels),
	}
	return plain(texts.get(rule.kind) or rule.explanation.rstrip("."))


def restriction_text(name: str) -> RuleText:
	"""Return a restriction as text. Everybody may read active restrictions."""
	row = frappe.db.get_value(RESTRICTION, name, ["reason", "business_owner"], as_dict=True)
	text = _("Restriction {0}: {1}").format(name, row.reason.strip().rstrip("."))
	return plain(text, RESTRICTION, name, owner=get_fullname(row.business_owner))


def plain(
	text: str,
	doctype: str | None = None,
	name: str | None = None,
	filters: dict | None = None,
	owner: str | None = None,
) -> RuleText:
	return RuleText(text=text, link_doctype=doctype, link_name=name, link_filters=filters, owner=owner)


def user_permission_text(rule: Rule, doctypes: list[str], user: str | None) -> str:
	values = frappe.get_all(
		USER_PERMISSION, filters={"name": ("in", rule.documents)}, pluck="for_value", order_by="for_value"
	)
	readable = values if user == frappe.session.user else readable_names(rule.source, values)
	shown = readable[:MOST_VALUES]
	listed, more = ", ".join(shown), len(values) - len(shown)
	if more:
		listed = _("{0} and {1} more").format(listed, more) if listed else str(more)
	labels = ", ".join(_(doctype) for doctype in doctypes)
	if doctypes == [rule.source]:
		return _("User Permissions limit {0} to {1}").format(labels, listed)
	return _("User Permissions limit {0} to {1} {2}").format(labels, _(rule.source), listed)


def readable_names(doctype: str, values: list[str]) -> list[str]:
	"""Return those of the values that the session's user may read."""
	known = frappe.local.cache.setdefault("crm_transparency_readable_names", {})
	key = (frappe.session.user, doctype, tuple(values))
	if key not in known:
		known[key] = []
		if values and frappe.has_permission(doctype):
			known[key] = frappe.get_list(
				doctype, filters={"name": ("in", values)}, pluck="name", order_by="name", limit=0
			)
	return known[key]


def people_to_ask() -> list[str]:
	"""Return the full names of some who answer for rules without a business owner."""
	for role in ANSWERING_ROLES:
		if users := get_users_with_role(role):
			return sorted(get_fullname(user) for user in users)[:MOST_NAMES]
	return []
