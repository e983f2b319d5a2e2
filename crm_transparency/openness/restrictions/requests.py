"""Requests that name a hidden document, refused before any method sees them.

Frappe and other apps have many small methods that tell something about a document they are given by name (its title, the
address it is shown with, the terms of a customer) without asking whether the user may read it.
"""

from collections.abc import Iterable

import frappe

from crm_transparency.openness.restrictions import explanation, places
from crm_transparency.openness.restrictions.links import links_between_doctypes
from crm_transparency.openness.restrictions.records import condition, hiding
from crm_transparency.openness.restrictions.register import in_force

#: pairs of arguments that together name a document
NAMED_BY = (
	("doctype", "name"),
	("doctype", "docname"),
	("doctype", "doc_name"),
	("dt", "dn"),
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
OTHER_ARGUMENTS = {"address_dict": "Address", "contact_person": "Contact", "customer_name": "Customer"}


def attend() -> None:
	"""`before_request`: stand where restrictions are enforced, and look at what the request names."""
	places.take()
	user = getattr(frappe.session, "user", None)
	if user and in_force(user):
		refuse_hidden_documents(user)


def attend_job(**_arguments: object) -> None:
	"""`before_job`: a job works with the permissions of whoever queued it."""
	places.take()


def refuse_hidden_documents(user: str) -> None:
	for doctype, name in dict.fromkeys(named_documents(frappe.local.form_dict)):
		if condition(user, doctype) and (restriction := hiding(user, doctype, name)):
			explanation.refuse(restriction)


def named_documents(arguments: dict) -> Iterable[tuple[str, str]]:
	"""Yield the documents that a request's arguments name, as (DocType, name)."""
	texts = {key: value for key, value in arguments.items() if isinstance(value, str) and value}
	for type_argument, name_argument in NAMED_BY:
		if type_argument in texts and name_argument in texts and is_doctype(texts[type_argument]):
			yield texts[type_argument], texts[name_argument]
	for key, value in texts.items():
		doctype = OTHER_ARGUMENTS.get(key) or frappe.unscrub(key)
		if is_doctype(doctype):
			yield doctype, value


def is_doctype(name: str) -> bool:
	return name in links_between_doctypes().by_doctype
