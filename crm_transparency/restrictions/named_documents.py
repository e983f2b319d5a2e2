"""Requests that name a hidden document, refused before any method sees them.

Frappe and other apps have many small methods that tell something about a document they are given by name (its title, the
address it is shown with, the terms of a customer) without asking whether the user may read it.

A request that opens a document by its name, or writes about it, is answered the same whether the document is hidden or
there is none: the difference would tell which names of customers exist. (What a document to be saved links to is looked
after by `records`.)
"""

import json
import re
from collections.abc import Iterable

import frappe
from frappe import _
from frappe.utils import cint

from crm_transparency.crm_transparency import patching, registry, requested
from crm_transparency.crm_transparency.permissions import IS_V15
from crm_transparency.restrictions import explanations
from crm_transparency.restrictions.closed_reports import closing
from crm_transparency.restrictions.hidden_fields import hidden_fields, names_one_of
from crm_transparency.restrictions.linked_records import links_between_doctypes
from crm_transparency.restrictions.records import concerning, condition, hiding, is_stored, predicates
from crm_transparency.restrictions.register import HIDE_FIELDS, in_force, of_kind

#: pairs of arguments that name the document which a request opens
OPENED_BY = (
	("doctype", "name"),
	("doctype", "docname"),
	("dt", "dn"),
)
#: and those in which it names one to write about, or to work with
NAMED_BY = (
	("doctype", "doc_name"),
	("document_type", "document_name"),
	("reference_doctype", "reference_name"),
	("reference_doctype", "reference_docname"),
	("ref_doctype", "ref_docname"),
	("ref_doctype", "ref_name"),
	("ref_doctype", "docname"),
	("party_type", "party"),
	("party_type", "party_name"),
	("link_doctype", "link_name"),
	("attached_to_doctype", "attached_to_name"),
	("source_doctype", "source_name"),
)
#: arguments that name a document of one DocType and aren't called after it
OTHER_ARGUMENTS = {
	"address_dict": "Address",
	"contact_name": "Contact",
	"contact_person": "Contact",
	"customer_name": "Customer",
}
#: in link searches, which field is searched in, and filters: searches of apps put them into SQL of their own
SEARCHED_FIELD = "searchfield"
ASKED_BY = (
	"filters",
	"or_filters",
	"current_filters",
	"order_by",
	"group_by",
	"export_fields",
	"workflow_state_field",
)
#: which fields a calendar goes by
CALENDAR_FIELDS = "field_map"
#: gives the document that conditions find, and tells by that whether they hold
GET = "frappe.client.get"
#: on v15, ignoring User Permissions ignores all other permissions as well
IGNORES_PERMISSIONS = "ignore_user_permissions"
ADDRESSES = ("email_id", "email_ids")
NUMBERS = ("phone_nos", "phone", "mobile_no")
#: what tells a contact's addresses or numbers without asking for levels of fields, and the fields of Contact it tells
TELLING_OF_CONTACTS = {
	"frappe.contacts.doctype.contact.contact.download_vcard": (*ADDRESSES, *NUMBERS),
	"frappe.contacts.doctype.contact.contact.download_vcards": (*ADDRESSES, *NUMBERS),
	"frappe.core.doctype.sms_settings.sms_settings.get_contact_number": NUMBERS,
	"frappe.email.get_contact_list": ADDRESSES,
}
#: the realtime server asks the first on v15, the second, without a name, from v16 on: lists learn the names of what changed
SUBSCRIPTIONS = ("frappe.realtime.can_subscribe_doctype", "frappe.realtime.has_permission")
#: counts documents by state without asking for permissions
COUNT_BY_STATE = "frappe.workflow.doctype.workflow.workflow.get_workflow_state_count"
#: arguments that name a DocType, and the path of a list
DOCTYPE_ARGUMENTS = ("doctype", "dt", "document_type", "goal_doctype", "reference_doctype")
#: `/api/resource/Customer/Mill`, `/api/v2/document/Customer/Mill/copy`, …; without a name they list or add documents
RESOURCES = (
	re.compile(r"^/api/(?:v1/)?resource/(?P<doctype>[^/]+)(?:/(?P<name>.+?))?/?$"),
	re.compile(r"^/api/v2/document/(?P<doctype>[^/]+)(?:/(?P<name>.+?)(?:/copy|/method/[^/]+)?)?/?$"),
)
#: these give a document a name by the same arguments by which others open one
NAMING_METHODS = ("update_document_title", "create_custom_format")
#: by which arguments documents are renamed, and the one that names another document if both are merged
RENAMED_BY = {"rename_doc": ("old_name", "new_name"), "update_document_title": ("docname", "name")}
#: what the Desk calls documents that aren't saved yet
UNSAVED = "new-"


def check_request() -> None:
	"""`auth_hooks`: refuse a request for something hidden. Frappe knows no sooner who sent it with an API key."""
	user = getattr(frappe.session, "user", None)
	if user and in_force(user):
		refuse_hidden_documents(user)


def refuse_hidden_documents(user: str) -> None:
	"""Refuse what the running request asks for, if it is hidden from `user`. Raises frappe.PermissionError."""
	form = frappe.local.form_dict
	arguments = as_texts(form)
	command = requested.command()
	refuse_what_is_not_enforced(user, arguments, command)
	refuse_searching_for_a_document(user, form)
	refuse_asking_by_hidden_field(user, form)
	refuse_command(user, command, arguments)
	if rule := closing(user, arguments.get("report_name")):
		explanations.refuse(rule)
	opened = dict.fromkeys(opened_documents(frappe.request.path, arguments))
	for doctype, name in opened:
		rules = list(predicates(user, doctype))
		if rules and (hiding(user, doctype, name) or not is_stored(doctype, name)):
			explanations.refuse_name(doctype, rules)
	named = [each for each in dict.fromkeys(named_documents(arguments)) if each not in opened]
	for doctype, name in named:
		if predicates(user, doctype) and (restriction := hiding(user, doctype, name)):
			explanations.refuse(restriction)
	if command == GET:
		name_what_is_found(user, form)
	if IS_V15 and form.get(IGNORES_PERMISSIONS) and concerning(user, arguments.get("doctype", "")):
		form[IGNORES_PERMISSIONS] = 0


def refuse_what_is_not_enforced(user: str, arguments: dict[str, str], command: str | None) -> None:
	"""Refuse to open what this version of Frappe can't keep from the user: see `frappe_patches`."""
	doctypes = doctypes_asked_for(frappe.request.path, arguments)
	lacks_records = any(predicates(user, doctype) for doctype in doctypes) and patching.missing(
		patching.HIDDEN_RECORDS
	)
	lacks_fields = any(hidden_fields(user, doctype) for doctype in doctypes) and patching.missing(
		patching.HIDDEN_FIELDS
	)
	is_report = (command or "").startswith("frappe.desk.query_report.")
	if lacks_records or lacks_fields or (is_report and patching.missing(patching.RESTRICTED_REPORTS)):
		explanations.refuse_with(
			_(
				"This can't be opened at the moment: part of it is restricted for you, and CRM Transparency has to be "
				"updated first. Please tell your System Manager."
			)
		)


def doctypes_asked_for(path: str, arguments: dict[str, str]) -> set[str]:
	"""Return the DocTypes that a request names, by its path or its arguments."""
	resource = next(filter(None, (pattern.match(path) for pattern in RESOURCES)), None)
	named = {arguments[argument] for argument in DOCTYPE_ARGUMENTS if argument in arguments}
	return named | ({resource["doctype"]} if resource else set())


def refuse_command(user: str, command: str | None, arguments: dict[str, str]) -> None:
	"""Refuse methods that tell something hidden, and of which nothing can be taken away."""
	if told := TELLING_OF_CONTACTS.get(command or ""):
		for rule in in_force(user, "Contact"):
			if rule.restriction_kind == HIDE_FIELDS and set(told) & set(rule.fields):
				explanations.refuse(rule)
	doctype = arguments.get("doctype", "")
	is_subscription = command in SUBSCRIPTIONS and not arguments.get("name")
	if (is_subscription or command == COUNT_BY_STATE) and condition(user, doctype):
		explanations.refuse(next(iter(predicates(user, doctype))))


def name_what_is_found(user: str, form: dict) -> None:
	"""Let `frappe.client.get` open, of what conditions find, the first that its user sees, by what they see of it."""
	doctype, filters = form.get("doctype"), form.get("filters")
	rules = concerning(user, doctype) if filters and not form.get("name") else None
	if not rules or frappe.get_meta(doctype).issingle:
		return
	filters = frappe.parse_json(filters)
	filters = {"name": filters} if isinstance(filters, str) else filters
	found = frappe.get_list(
		doctype, filters=filters, pluck="name", limit=1, parent_doctype=form.get("parent")
	)
	if not found:
		explanations.refuse_name(doctype, rules)
	form.update(name=found[0], filters=None)


def as_texts(arguments: dict) -> dict[str, str]:
	"""Return the arguments as a form would send them: JSON may bring them as numbers, lists and objects, too."""
	texts = {key: json.dumps(value) if are_names(value) else value for key, value in arguments.items()}
	return {key: str(value) for key, value in texts.items() if value and isinstance(value, str | int)}


def are_names(value: object) -> bool:
	return isinstance(value, list) and all(isinstance(name, str | int) for name in value)


def refuse_searching_for_a_document(user: str, arguments: dict) -> None:
	"""Refuse a request with conditions where a document is named, which would tell whether they hold.

	`frappe.client.get` takes conditions by its own argument; see `name_what_is_found`.
	"""
	for type_argument, name_argument in (*OPENED_BY, *NAMED_BY):
		doctype, name = arguments.get(type_argument), arguments.get(name_argument)
		if isinstance(doctype, str) and isinstance(name, dict | list) and not are_names(name):
			if rules := concerning(user, doctype):
				explanations.refuse_name(doctype, rules)


def refuse_asking_by_hidden_field(user: str, arguments: dict) -> None:
	"""Refuse a request whose search field, filters or order name a hidden field."""
	for rule in of_kind(HIDE_FIELDS, user):
		is_about = arguments.get("doctype") == rule.document_type
		asked = [arguments.get(argument) for argument in (SEARCHED_FIELD, *(ASKED_BY if is_about else ()))]
		if is_about and (period := frappe.parse_json(arguments.get(CALENDAR_FIELDS))):
			asked += [period.get("start"), period.get("end")]
		texts = [
			value if isinstance(value, str) else json.dumps(value, default=str) for value in asked if value
		]
		if any(names_one_of(rule.fields, text) for text in texts):
			explanations.refuse(rule)


def opened_documents(path: str, arguments: dict[str, str]) -> Iterable[tuple[str, str]]:
	"""Yield the documents that a request opens, or writes about, by their names, as (DocType, name)."""
	resource = next(filter(None, (pattern.match(path) for pattern in RESOURCES)), None)
	command = arguments.get("cmd") or path
	pairs = NAMED_BY
	if resource:
		if resource["name"] and is_doctype(resource["doctype"]):
			yield resource["doctype"], resource["name"]
	elif not command.endswith(NAMING_METHODS):
		pairs = (*OPENED_BY, *NAMED_BY)
	for method, (old, new) in RENAMED_BY.items():
		if command.endswith(method):
			pairs = (*pairs, ("doctype", old), *((("doctype", new),) if cint(arguments.get("merge")) else ()))
	named = [*named_in_pairs(pairs, arguments), *named_accounts(arguments)]
	yield from ((doctype, name) for doctype, name in named if not name.startswith(UNSAVED))


def named_accounts(arguments: dict[str, str]) -> Iterable[tuple[str, str]]:
	"""Yield the accounts that arguments called after their DocTypes name; other such arguments may hold any text."""
	for doctype in registry.tracked_doctypes():
		if name := arguments.get(frappe.scrub(doctype)):
			yield from ((doctype, each) for each in names_in(name))


def names_in(text: str) -> list[str]:
	"""Return the name that an argument holds, or the names: several are printed and assigned at once, as a list of JSON."""
	try:
		names = json.loads(text) if text.startswith("[") else text
	except ValueError:
		names = text
	return [str(name) for name in names] if are_names(names) else [text]


def named_documents(arguments: dict[str, str]) -> Iterable[tuple[str, str]]:
	"""Yield the documents that a request's arguments name, as (DocType, name)."""
	yield from named_in_pairs((*OPENED_BY, *NAMED_BY), arguments)
	for key, value in arguments.items():
		doctype = OTHER_ARGUMENTS.get(key) or frappe.unscrub(key)
		if is_doctype(doctype):
			yield from ((doctype, name) for name in names_in(value))


def named_in_pairs(pairs: Iterable[tuple[str, str]], arguments: dict[str, str]) -> Iterable[tuple[str, str]]:
	for type_argument, name_argument in pairs:
		doctype = arguments.get(type_argument)
		if doctype and name_argument in arguments and is_doctype(doctype):
			yield from ((doctype, name) for name in names_in(arguments[name_argument]))


def is_doctype(name: str) -> bool:
	return name in links_between_doctypes().by_doctype
