"""Requests that name a hidden document, refused before any method sees them.

Frappe and other apps have many small methods that tell something about a document they are given by name (its title, the
address it is shown with, the terms of a customer) without asking whether the user may read it.

A request that opens a document by its name is answered the same whether the document is hidden or there is none: the
difference would tell which names of customers exist.
"""

import json
import re
from collections.abc import Iterable

import frappe

from crm_transparency.restrictions import explanation, places
from crm_transparency.restrictions.fields import names_one_of
from crm_transparency.restrictions.links import links_between_doctypes
from crm_transparency.restrictions.records import concerning, hiding, is_stored, predicates
from crm_transparency.restrictions.register import HIDE_FIELDS, in_force, of_kind

#: pairs of arguments that name the document which a request opens
OPENED_BY = (
	("doctype", "name"),
	("doctype", "docname"),
	("dt", "dn"),
)
#: and those in which a request names other documents
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
#: in link searches, which field is searched in: searches of apps put it into SQL of their own
SEARCHED_FIELD = "searchfield"
#: `/api/resource/Customer/Mill`, `/api/v2/document/Customer/Mill/copy`, …; without a name they list or add documents
RESOURCES = (
	re.compile(r"^/api/(?:v1/)?resource/(?P<doctype>[^/]+)(?:/(?P<name>.+?))?/?$"),
	re.compile(r"^/api/v2/document/(?P<doctype>[^/]+)(?:/(?P<name>.+?)(?:/copy|/method/[^/]+)?)?/?$"),
)
#: these give a document a name by the same arguments by which others open one
NAMING_METHODS = ("update_document_title", "create_custom_format")
#: what the Desk calls documents that aren't saved yet
UNSAVED = "new-"


def attend() -> None:
	"""`before_request`: stand where restrictions are enforced."""
	places.take()


def look_at_what_is_named() -> None:
	"""`auth_hooks`: refuse a request that names hidden documents. Frappe knows no sooner who sent it with an API key."""
	user = getattr(frappe.session, "user", None)
	if user and in_force(user):
		refuse_hidden_documents(user)


def attend_job(**_arguments: object) -> None:
	"""`before_job`: a job works with the permissions of whoever queued it."""
	places.take()


def refuse_hidden_documents(user: str) -> None:
	arguments = as_texts(frappe.local.form_dict)
	refuse_searching_for_a_document(user, frappe.local.form_dict)
	refuse_searching_in_hidden_field(user, arguments)
	opened = dict.fromkeys(opened_documents(frappe.request.path, arguments))
	for doctype, name in opened:
		rules = list(predicates(user, doctype))
		if rules and (hiding(user, doctype, name) or not is_stored(doctype, name)):
			explanation.refuse_name(doctype, rules)
	named = [each for each in dict.fromkeys(named_documents(arguments)) if each not in opened]
	for doctype, name in named:
		if predicates(user, doctype) and (restriction := hiding(user, doctype, name)):
			explanation.refuse(restriction)


def as_texts(arguments: dict) -> dict[str, str]:
	"""Return those arguments that may hold names, as a form would send them; in JSON they come as numbers and lists, too."""
	texts = {key: json.dumps(value) if are_names(value) else value for key, value in arguments.items()}
	return {key: str(value) for key, value in texts.items() if value and isinstance(value, str | int)}


def are_names(value: object) -> bool:
	return isinstance(value, list) and all(isinstance(name, str | int) for name in value)


def refuse_searching_for_a_document(user: str, arguments: dict) -> None:
	"""Refuse a request with conditions where a document is named, which would tell whether they hold.

	`frappe.client.get` takes conditions by its own argument; see `searching.found_first`.
	"""
	for type_argument, name_argument in (*OPENED_BY, *NAMED_BY):
		doctype, name = arguments.get(type_argument), arguments.get(name_argument)
		if isinstance(doctype, str) and isinstance(name, dict | list) and not are_names(name):
			if rules := concerning(user, doctype):
				explanation.refuse_name(doctype, rules)


def refuse_searching_in_hidden_field(user: str, arguments: dict[str, str]) -> None:
	field = arguments.get(SEARCHED_FIELD, "")
	for rule in of_kind(HIDE_FIELDS, user):
		if names_one_of(rule.fields, field):
			explanation.refuse(rule)


def opened_documents(path: str, arguments: dict[str, str]) -> Iterable[tuple[str, str]]:
	"""Yield the documents that a request opens by their names, as (DocType, name)."""
	resource = next(filter(None, (pattern.match(path) for pattern in RESOURCES)), None)
	if resource:
		if resource["name"] and is_doctype(resource["doctype"]):
			yield resource["doctype"], resource["name"]
		return
	command = arguments.get("cmd") or path
	if not command.endswith(NAMING_METHODS):
		pairs = named_in_pairs(OPENED_BY, arguments)
		yield from ((doctype, name) for doctype, name in pairs if not name.startswith(UNSAVED))


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
