"""Rules in words that their reader may read: values of User Permissions can be names of customers."""

from typing import TypedDict

import frappe
from frappe import _
from frappe.utils import get_fullname

from crm_transparency.openness.visibility import (
	BY_RESTRICTION,
	BY_USER_PERMISSION,
	NO_ROLE,
	ONLY_OWN,
	ONLY_SHARED,
	USER_PERMISSION,
	Rule,
)
from crm_transparency.restrictions.register import REGISTER

#: said here in other words than where the rule is found
TOLD_HERE = (BY_RESTRICTION, BY_USER_PERMISSION, NO_ROLE, ONLY_OWN, ONLY_SHARED)
MOST_VALUES = 5
ANSWER_ABOUT_RULES = ("Transparency Manager", "System Manager")
MOST_NAMES = 3


class Told(TypedDict):
	text: str
	#: where the rule is written down, if its reader may look there: a list or a document
	link_doctype: str | None
	link_name: str | None
	link_filters: dict | None
	#: who owns the decision, if somebody does
	owner: str | None


def by_rule(rules: dict[str, list[Rule]]) -> dict[Rule, list[str]]:
	"""Return the rules with the DocTypes that each narrows, from the rules of each DocType."""
	found: dict[Rule, list[str]] = {}
	for doctype, each in rules.items():
		for rule in each:
			about_itself = rule.kind == BY_USER_PERMISSION and rule.source == doctype
			source = rule.source if rule.source != doctype or about_itself else ""
			explanation = "" if rule.kind in TOLD_HERE else rule.explanation
			key = rule._replace(source=source, explanation=explanation)
			found.setdefault(key, []).append(doctype)
	return found


def told(rule: Rule, doctypes: list[str], user: str | None) -> Told:
	"""Return a rule in words for the session's user. `user`: whom it narrows; None for several people."""
	if rule.kind == BY_RESTRICTION:
		return told_restriction(rule.documents[0])
	if rule.kind == BY_USER_PERMISSION:
		may_look = user and frappe.has_permission(USER_PERMISSION)
		filters = {"user": user, "allow": rule.source} if may_look else None
		text = user_permissions(rule, doctypes, user)
		return unlinked(text, USER_PERMISSION if may_look else None, filters=filters)
	labels = ", ".join(_(doctype) for doctype in doctypes)
	texts = {
		NO_ROLE: _("No role here may read {0}").format(labels),
		ONLY_OWN: _("The roles here may read only those of {0} that one made oneself").format(labels),
		ONLY_SHARED: _("No role here may read {0}; only shared documents are open").format(labels),
	}
	return unlinked(texts.get(rule.kind) or rule.explanation.rstrip("."))


def told_restriction(name: str) -> Told:
	"""Return a restriction in words. Everybody may read those in force."""
	row = frappe.db.get_value(REGISTER, name, ["reason", "business_owner"], as_dict=True)
	text = _("Restriction {0}: {1}").format(name, row.reason.strip().rstrip("."))
	return unlinked(text, REGISTER, name, owner=get_fullname(row.business_owner))


def unlinked(
	text: str,
	doctype: str | None = None,
	name: str | None = None,
	filters: dict | None = None,
	owner: str | None = None,
) -> Told:
	return Told(text=text, link_doctype=doctype, link_name=name, link_filters=filters, owner=owner)


def user_permissions(rule: Rule, doctypes: list[str], user: str | None) -> str:
	values = frappe.get_all(
		USER_PERMISSION, filters={"name": ("in", rule.documents)}, pluck="for_value", order_by="for_value"
	)
	named = values if user == frappe.session.user else nameable(rule.source, values)
	listed = ", ".join(named[:MOST_VALUES])
	if len(values) > len(named[:MOST_VALUES]):
		more = len(values) - len(named[:MOST_VALUES])
		listed = _("{0} and {1} more").format(listed, more) if listed else str(more)
	labels = ", ".join(_(doctype) for doctype in doctypes)
	if doctypes == [rule.source]:
		return _("User Permissions open only these of {0}: {1}").format(labels, listed)
	return _("User Permissions open only {0} of {1}: {2}").format(labels, _(rule.source), listed)


def nameable(doctype: str, values: list[str]) -> list[str]:
	"""Return those of the values that the session's user may read, by name."""
	known = frappe.local.cache.setdefault("crm_transparency_nameable", {})
	key = (frappe.session.user, doctype, tuple(values))
	if key not in known:
		known[key] = (
			frappe.get_list(doctype, filters={"name": ("in", values)}, pluck="name", order_by="name", limit=0)
			if values and frappe.has_permission(doctype)
			else []
		)
	return known[key]


def whom_to_ask() -> list[str]:
	"""Return some of those who answer for rules that no business owner does, by full name."""
	for role in ANSWER_ABOUT_RULES:
		holders = frappe.get_all("Has Role", filters={"role": role, "parenttype": "User"}, pluck="parent")
		found = frappe.get_all(
			"User",
			filters={
				"name": ("in", holders),
				"enabled": 1,
				"user_type": "System User",
				"full_name": ("!=", "Administrator"),
			},
			pluck="full_name",
			order_by="full_name",
			limit=MOST_NAMES,
		)
		if found:
			return found
	return []
