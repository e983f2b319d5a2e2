"""Who reads what the ringers tell: Ringer Managers, and nobody else, System Managers neither.

Frappe lets Administrator open every document. Whoever can run code on the server, or log in as a Ringer Manager, reads
everything, too. What identifies anybody is encrypted in the database, so lists by people who found a way around the
permissions, SQL reports, exports of a ledger and the bin hold nothing but cipher; that there is an entry, and when it
was written, they can tell.
"""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils.user import get_users_with_role

from crm_transparency.crm_transparency.permission_results import pass_on

ROLE = "Ringer Manager"
SIGHTING, CASE, CASE_SIGHTING = "Ringer Sighting", "Ringer Case", "Ringer Case Sighting"
TIP, LEAVER, LINK = "Ringer Tip", "Watched Leaver", "Ringer Watch Link"
KEPT_FOR_READERS = (SIGHTING, CASE, CASE_SIGHTING, TIP, LEAVER, LINK)
#: what a role may do by its permissions, and what nobody does, since it makes copies with other readers
ALLOWED = (None, "read", "select", "write")
#: records that Frappe keeps beside a document, by the field that names its DocType; they'd be open to others
RECORDS_BESIDE = {
	"Comment": "reference_doctype",
	"Communication": "reference_doctype",
	"DocShare": "share_doctype",
	"Document Follow": "ref_doctype",
	"File": "attached_to_doctype",
	"Tag Link": "document_type",
	"ToDo": "reference_type",
	"Version": "ref_doctype",
}


def is_reader(user: str | None = None) -> bool:
	user = user or frappe.session.user
	return user == "Administrator" or ROLE in frappe.get_roles(user)


def check() -> None:
	"""Refuse whoever isn't a Ringer Manager, in the words with which Frappe refuses everything else."""
	if not is_reader():
		frappe.throw(_("Not permitted"), exc=frappe.PermissionError)


def all_readers() -> list[str]:
	"""Return the enabled users with the role."""
	return sorted(set(get_users_with_role(ROLE)) - {"Administrator"})


def query_condition(user: str | None = None) -> str:
	"""`permission_query_conditions`: `is_reader`, as SQL."""
	return "" if is_reader(user) else "1 = 0"


def has_permission(doc: Document, ptype: str | None = None, user: str | None = None) -> bool | None:
	"""`has_permission`: Ringer Managers, and nothing that makes a copy: no print, mail, share, export."""
	return pass_on() if ptype in ALLOWED and is_reader(user) else False


def refuse_records_beside(record: Document) -> None:
	"""Let nothing be kept beside these documents: comments, files, tasks and tags have readers of their own."""
	doctype = record.get(RECORDS_BESIDE[record.doctype])
	if doctype not in KEPT_FOR_READERS or record.get("comment_type") == "Deleted":
		return
	frappe.throw(
		_(
			"Nothing can be attached here, because others could read it. Please write it into the document itself."
		),
		exc=frappe.PermissionError,
	)
