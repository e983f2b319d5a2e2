"""Answers to "Who can see this?" and "Why can't I see this?".

Who can't read a document must not learn from an answer whether there is one. So they get the rules that keep documents
of its type from them, whichever of them it was, and the very same for a name that nobody has.
"""

from typing import TypedDict

import frappe
from frappe import _
from frappe.utils import get_fullname

from crm_transparency.crm_transparency import managers, registry
from crm_transparency.crm_transparency.colleagues import COLLEAGUE
from crm_transparency.openness import visibility
from crm_transparency.openness.opening import choices
from crm_transparency.openness.seeing import verdicts, words
from crm_transparency.openness.visibility import BY_APP, Rule
from crm_transparency.restrictions.register import HIDE_FIELDS, in_force

ROOM = "crm_transparency."
SAY_NOTHING = ("All", "Guest", "Desk User", COLLEAGUE)


class Person(TypedDict):
	user: str
	full_name: str
	roles: list[str]


class Closed(TypedDict):
	rule: words.Told
	people: list[Person]


class WhoCanSee(TypedDict):
	people: int
	open_to: list[Person]
	closed: list[Closed]


class Field(TypedDict):
	label: str
	rule: words.Told


class WhyNot(TypedDict):
	#: whether the person can read a document of that name; None where the reader isn't told
	readable: bool | None
	sentence: str
	rules: list[words.Told]
	#: fields of it that the person doesn't get to see
	fields: list[Field]
	ask: list[str]


def may_be_asked_about(doctype: str) -> bool:
	return doctype in choices.defaults() and choices.can_be_opened(doctype)


def readable(doctype: str, name: str, user: str):
	"""Return the document if the person can read it, None otherwise, and where there is none."""
	if not may_be_asked_about(doctype) or not frappe.db.exists(doctype, name):
		return None
	doc = frappe.get_doc(doctype, name)
	return doc if verdicts.can_read(doc, user) else None


def who_can_see(doctype: str, name: str) -> WhoCanSee:
	"""Return who can read a document and who can't, by which rule. Raises PermissionError where the asker can't."""
	doc = readable(doctype, name, frappe.session.user)
	if not doc:
		frappe.throw(_("Only who can read a document can ask who else does."), exc=frappe.PermissionError)
	of_everybody = verdicts.of(doc)
	people = people_named(of_everybody)
	closed: dict[str, Closed] = {}
	for user, rules in of_everybody.items():
		for told in told_rules(rules, doctype, user):
			told = {**told, "link_filters": None} if told["link_filters"] else told
			closed.setdefault(told["text"], Closed(rule=told, people=[]))["people"].append(people[user])
	return WhoCanSee(
		people=len(of_everybody),
		open_to=[people[user] for user, rules in of_everybody.items() if not rules],
		closed=sorted(closed.values(), key=lambda each: -len(each["people"])),
	)


def people_named(users) -> dict[str, Person]:
	names = dict(
		frappe.get_all(
			"User", filters={"name": ("in", list(users))}, fields=["name", "full_name"], as_list=True
		)
	)
	roles: dict[str, list[str]] = {}
	for row in frappe.get_all(
		"Has Role",
		filters={"parent": ("in", list(users)), "parenttype": "User", "role": ("not in", SAY_NOTHING)},
		fields=["parent", "role"],
		order_by="role",
	):
		roles.setdefault(row.parent, []).append(_(row.role))
	return {
		user: Person(user=user, full_name=names.get(user) or user, roles=roles.get(user, []))
		for user in users
	}


def told_rules(rules: list[Rule], doctype: str, user: str) -> list[words.Told]:
	return [words.told(rule, [doctype], user) for rule in rules]


def why_not(doctype: str, name: str, user: str | None = None) -> WhyNot:
	"""Return why a person can't read a document. Only managers may ask for others. Raises PermissionError."""
	user = user or frappe.session.user
	if user != frappe.session.user and not managers.is_manager():
		frappe.throw(
			_("Only managers ask this for others: {0}.").format(managers.roles_in_words()),
			exc=frappe.PermissionError,
		)
	if not may_be_asked_about(doctype):
		frappe.throw(_("Please choose one of: {0}.").format(", ".join(sorted(doctypes_to_ask_about()))))
	doc = readable(doctype, name, frappe.session.user)
	if doc:
		return about_a_document(doc, user)
	return about_what_may_not_be_there(doctype, user)


def doctypes_to_ask_about() -> list[str]:
	return [_(doctype) for doctype in choices.defaults() if may_be_asked_about(doctype)]


def about_a_document(doc, user: str) -> WhyNot:
	"""Answer somebody who can read the document, about themselves or, a manager, about somebody else."""
	rules = told_rules(verdicts.rules_against(doc, user), doc.doctype, user)
	fields = [] if rules else hidden_fields(doc.doctype, user)
	if rules:
		sentence = _("{0} can't read this {1}, by these rules.")
	elif fields:
		sentence = _("{0} can read this {1}, but not all of its fields.")
	else:
		sentence = _("{0} can read this {1} with all its fields.")
	if user == frappe.session.user:
		sentence = (
			_("You can read this {0}, but not all of its fields.")
			if fields
			else _("You can read this {0} with all its fields.")
		)
		sentence = sentence.format(_(doc.doctype))
	else:
		sentence = sentence.format(get_fullname(user), _(doc.doctype))
	return WhyNot(readable=not rules, sentence=sentence, rules=rules, fields=fields, ask=words.whom_to_ask())


def about_what_may_not_be_there(doctype: str, user: str) -> WhyNot:
	"""Answer somebody who can't read a document of that name. The name plays no part."""
	rules = [*visibility.rules_narrowing(user, doctype), *rules_at_opening(user, doctype)]
	is_self = user == frappe.session.user
	if rules and is_self:
		sentence = _(
			"Some documents of type {0} are closed to you. If there is one of this name, one of these rules keeps it from you."
		).format(_(doctype))
	elif rules:
		sentence = _("Some documents of type {0} are closed to {1}, by these rules.").format(
			_(doctype), get_fullname(user)
		)
	elif is_self:
		sentence = _(
			"No document of type {0} is closed to you. There is most likely none of this name: please check how it is written."
		).format(_(doctype))
	else:
		sentence = _("No document of type {0} is closed to {1}.").format(_(doctype), get_fullname(user))
	return WhyNot(
		readable=None,
		sentence=sentence,
		rules=told_rules(rules, doctype, user),
		fields=[],
		ask=words.whom_to_ask(),
	)


def rules_at_opening(user: str, doctype: str) -> list[Rule]:
	"""Return what lists don't show and only opening a document meets: hooks of apps, and links within tables."""
	hooks = frappe.get_hooks("has_permission")
	found = [
		Rule(
			BY_APP,
			_("The app {0} decides about each document when it is opened").format(path.split(".")[0]),
			path,
		)
		for path in dict.fromkeys([*hooks.get(doctype, []), *hooks.get("*", [])])
		if not path.startswith(ROOM)
	]
	permissions = frappe.permissions.get_user_permissions(user)
	in_lists = visibility.allowed_through(doctype)
	for table in frappe.get_meta(doctype).get_table_fields():
		for field in frappe.get_meta(table.options).get_link_fields():
			applies = any(
				row.get("applicable_for") in (None, "", doctype) for row in permissions.get(field.options, ())
			)
			if applies and not field.ignore_user_permissions and field.options not in in_lists:
				found.append(visibility.user_permission_rule(user, doctype, field.options))
	return list({(rule.kind, rule.source): rule for rule in found}.values())


def hidden_fields(doctype: str, user: str) -> list[Field]:
	"""Return the fields of a DocType that a person doesn't get to see, with what hides each."""
	meta = frappe.get_meta(doctype)
	found: dict[str, Field] = {}
	for restriction in in_force(user, doctype):
		if restriction.restriction_kind == HIDE_FIELDS:
			told = words.told_restriction(restriction.name)
			for name in restriction.fields:
				found[name] = Field(label=_(meta.get_label(name)), rule=told)
	levels = set(meta.get_permlevel_access("read", user=user))
	for field in meta.fields:
		is_closed = field.permlevel and field.permlevel not in levels and field.fieldname not in found
		if is_closed and field.label and registry.has_column(doctype, field.fieldname):
			told = words.unlinked(
				_("No role here may read fields of permission level {0}").format(field.permlevel)
			)
			found[field.fieldname] = Field(label=_(field.label), rule=told)
	return list(found.values())
