"""What Frappe keeps beside documents: for an offboarding it is seen by those who see the offboarding, and by nobody else.

Comments, versions, tasks, files and the like have lists of their own, which administrators read whatever they are about.
A leaver who is an administrator would find the whole offboarding there.
"""

from functools import partial

import frappe
from frappe.model.document import Document

from crm_transparency.crm_transparency.permission_results import pass_on, quoted
from crm_transparency.offboarding import permissions
from crm_transparency.offboarding.records import ALL
from crm_transparency.offboarding.words import OFFBOARDING

#: the fields that name the DocType and the document
REFERENCES = {
	"Comment": ("reference_doctype", "reference_name"),
	"Communication": ("reference_doctype", "reference_name"),
	"Deleted Document": ("deleted_doctype", "deleted_name"),
	"DocShare": ("share_doctype", "share_name"),
	"File": ("attached_to_doctype", "attached_to_name"),
	"Tag Link": ("document_type", "document_name"),
	"ToDo": ("reference_type", "reference_name"),
	"Version": ("ref_doctype", "docname"),
}
#: the field that names who has to read a record to do something
ADDRESSEE = {"ToDo": "allocated_to"}


def query_condition(user: str | None, doctype: str) -> str:
	"""`permission_query_conditions` of what is kept beside documents."""
	user = user or frappe.session.user
	about, name = (f"`tab{doctype}`.`{field}`" for field in REFERENCES[doctype])
	ours = ", ".join(quoted(one) for one in (OFFBOARDING, *ALL))
	is_elsewhere = f"ifnull({about}, '') not in ({ours})"
	seen = [is_elsewhere]
	if permissions.is_runner(user):
		own = " or ".join(f"user = {quoted(person)}" for person in permissions.people_behind(user))
		seen.append(
			f"({about} = {quoted(OFFBOARDING)} and "
			f"{name} in (select name from `tab{OFFBOARDING}` where not ifnull({own}, 0)))"
		)
	if doctype in ADDRESSEE:
		seen.append(f"`tab{doctype}`.`{ADDRESSEE[doctype]}` = {quoted(user)}")
	return f"({' or '.join(seen)})"


# hooks name one function for each DocType, because early versions of v15 don't say which they ask about
comment_query_condition = partial(query_condition, doctype="Comment")
communication_query_condition = partial(query_condition, doctype="Communication")
deleted_document_query_condition = partial(query_condition, doctype="Deleted Document")
docshare_query_condition = partial(query_condition, doctype="DocShare")
file_query_condition = partial(query_condition, doctype="File")
tag_link_query_condition = partial(query_condition, doctype="Tag Link")
todo_query_condition = partial(query_condition, doctype="ToDo")
version_query_condition = partial(query_condition, doctype="Version")


def has_permission(doc: Document, ptype: str | None = None, user: str | None = None) -> bool | None:
	"""`has_permission` of the same, by the same rule."""
	user = user or frappe.session.user
	about, name = (doc.get(field) for field in REFERENCES[doc.doctype])
	if about not in (OFFBOARDING, *ALL):
		return pass_on()
	if doc.get(ADDRESSEE.get(doc.doctype, "")) == user:
		return pass_on()
	offboarding = (
		frappe.db.get_value(OFFBOARDING, name, ["user"], as_dict=True) if about == OFFBOARDING else None
	)
	return pass_on() if offboarding is not None and permissions.runs(offboarding, user) else False
