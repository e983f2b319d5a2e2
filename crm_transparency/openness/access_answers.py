"""Answers to "Who can see this?" and "Why can't I see this?".

An answer must not tell somebody who can't read a document whether it exists. So they get all the rules that keep
documents of its type from them, and exactly the same for a name that doesn't exist.

Arguments that name a document aren't called doctype and name: requests that name a hidden document that way are refused
before they get here, and that would tell that it exists.
"""

from collections.abc import Iterable
from typing import TypedDict

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_fullname

from crm_transparency.crm_transparency import registry, staff
from crm_transparency.crm_transparency.staff import COLLEAGUE
from crm_transparency.openness import limiting_rules, open_doctypes, rule_texts, visibility
from crm_transparency.openness.limiting_rules import Rule
from crm_transparency.openness.rule_texts import RuleText
from crm_transparency.restrictions.register import HIDE_FIELDS, in_force

DESK_USER = "Desk User"
#: roles that nearly everybody has
GENERAL_ROLES = ("All", "Guest", DESK_USER, COLLEAGUE)


class Person(TypedDict):
	user: str
	full_name: str
	roles: list[str]


class Hidden(TypedDict):
	rule: RuleText
	people: list[Person]


class WhoCanSee(TypedDict):
	people: int
	can_read: list[Person]
	hidden_from: list[Hidden]


class HiddenField(TypedDict):
	label: str
	rule: RuleText


class WhyNot(TypedDict):
	#: whether the person can read a document of that name; None where the asker must not know
	readable: bool | None
	sentence: str
	rules: list[RuleText]
	fields: list[HiddenField]
	ask: list[str]


@frappe.whitelist(methods=["GET"])
def who_can_see(of_doctype: str, of_name: str) -> WhoCanSee:
	"""Return who can read a document and who can't, by which rule. Raises PermissionError if the asker can't."""
	frappe.only_for(DESK_USER)
	doc = readable_document(of_doctype, of_name)
	if not doc:
		frappe.throw(
			_("Only people who can read a document can ask who else can."), exc=frappe.PermissionError
		)
	rules_of = {user: limiting_rules.hiding_document(doc, user) for user in visibility.desk_users()}
	people = people_with_roles(rules_of)
	hidden: dict[str, Hidden] = {}
	for user, rules in rules_of.items():
		for text in texts(rules, of_doctype, user):
			text["link_filters"] = None
			hidden.setdefault(text["text"], Hidden(rule=text, people=[]))["people"].append(people[user])
	return WhoCanSee(
		people=len(people),
		can_read=[people[user] for user, rules in rules_of.items() if not rules],
		hidden_from=sorted(hidden.values(), key=lambda each: -len(each["people"])),
	)


@frappe.whitelist(methods=["GET"])
def why_not(of_doctype: str, of_name: str, person: str | None = None) -> WhyNot:
	"""Return why the asker, or the person a manager asks for, can't read a document. Raises PermissionError."""
	frappe.only_for(DESK_USER)
	user = person or frappe.session.user
	if user != frappe.session.user and not staff.is_manager():
		frappe.throw(
			_("Only managers can ask this for others: {0}.").format(staff.roles_in_words()),
			exc=frappe.PermissionError,
		)
	if not can_be_asked_about(of_doctype):
		labels = sorted(_(doctype) for doctype in open_doctypes.defaults() if can_be_asked_about(doctype))
		frappe.throw(_("Please choose one of these types: {0}.").format(", ".join(labels)))
	doc = readable_document(of_doctype, of_name)
	return answer_about_document(doc, user) if doc else answer_about_doctype(of_doctype, user)


def can_be_asked_about(doctype: str) -> bool:
	return doctype in open_doctypes.defaults() and open_doctypes.can_be_opened(doctype)


def readable_document(doctype: str, name: str) -> Document | None:
	"""Return the document if the session's user can read it, None otherwise, and if it doesn't exist."""
	if not can_be_asked_about(doctype) or not frappe.db.exists(doctype, name):
		return None
	doc = frappe.get_doc(doctype, name)
	return doc if limiting_rules.can_read(doc, frappe.session.user) else None


def people_with_roles(users: Iterable[str]) -> dict[str, Person]:
	named = ("in", list(users))
	names = frappe.get_all("User", filters={"name": named}, fields=["name", "full_name"])
	roles: dict[str, list[str]] = {}
	for row in frappe.get_all(
		"Has Role",
		filters={"parent": named, "parenttype": "User", "role": ("not in", GENERAL_ROLES)},
		fields=["parent", "role"],
		order_by="role",
	):
		roles.setdefault(row.parent, []).append(_(row.role))
	return {
		row.name: Person(user=row.name, full_name=row.full_name or row.name, roles=roles.get(row.name, []))
		for row in names
	}


def texts(rules: list[Rule], doctype: str, user: str) -> list[RuleText]:
	return [rule_texts.text_of(rule, [doctype], user) for rule in rules]


def answer_about_document(doc: Document, user: str) -> WhyNot:
	"""Answer somebody who can read the document, about themselves or about somebody else."""
	rules = texts(limiting_rules.hiding_document(doc, user), doc.doctype, user)
	fields = [] if rules else hidden_fields(doc.doctype, user)
	doctype = _(doc.doctype)
	if user == frappe.session.user:
		sentence = (
			_("You can read this {0}, but not all of its fields.")
			if fields
			else _("You can read this {0} with all its fields.")
		).format(doctype)
	else:
		sentence = (
			_("{0} can't read this {1} because of these rules.")
			if rules
			else _("{0} can read this {1}, but not all of its fields.")
			if fields
			else _("{0} can read this {1} with all its fields.")
		).format(get_fullname(user), doctype)
	return WhyNot(
		readable=not rules, sentence=sentence, rules=rules, fields=fields, ask=rule_texts.people_to_ask()
	)


def answer_about_doctype(doctype: str, user: str) -> WhyNot:
	"""Answer somebody who can't read a document of that name. The name plays no part."""
	rules = [
		*limiting_rules.limiting(user, doctype),
		*limiting_rules.limiting_when_opened(user, doctype),
	]
	if user == frappe.session.user:
		sentence = (
			_(
				"Some documents of type {0} are hidden from you. If one with this name exists, one of these rules hides it."
			)
			if rules
			else _(
				"No documents of type {0} are hidden from you. Most likely none with this name exists. Please check the spelling."
			)
		).format(_(doctype))
	else:
		sentence = (
			_("Some documents of type {0} are hidden from {1} by these rules.")
			if rules
			else _("No documents of type {0} are hidden from {1}.")
		).format(_(doctype), get_fullname(user))
	return WhyNot(
		readable=None,
		sentence=sentence,
		rules=texts(rules, doctype, user),
		fields=[],
		ask=rule_texts.people_to_ask(),
	)


def hidden_fields(doctype: str, user: str) -> list[HiddenField]:
	"""Return the fields of a DocType that a person can't see, and what hides each."""
	meta = frappe.get_meta(doctype)
	found: dict[str, HiddenField] = {}
	for restriction in in_force(user, doctype):
		if restriction.restriction_kind == HIDE_FIELDS:
			rule = rule_texts.restriction_text(restriction.name)
			for name in restriction.fields:
				found[name] = HiddenField(label=_(meta.get_label(name)), rule=rule)
	levels = set(meta.get_permlevel_access("read", user=user))
	for field in meta.fields:
		is_hidden = field.permlevel and field.permlevel not in levels and field.fieldname not in found
		if is_hidden and field.label and registry.has_column(doctype, field.fieldname):
			text = _("No role gives access to fields of permission level {0}").format(field.permlevel)
			found[field.fieldname] = HiddenField(label=_(field.label), rule=rule_texts.plain(text))
	return list(found.values())
