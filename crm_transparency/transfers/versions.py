"""Version documents for set-based changes: the same that Frappe writes when a document is saved."""

from collections.abc import Iterable
from functools import cache, partial

import frappe
from frappe.core.doctype.version.version import Version, get_diff
from frappe.utils import now

from crm_transparency.crm_transparency.bulk import insert_rows, inserted
from crm_transparency.ledger.entries import new_name

COLUMNS = ("name", "ref_doctype", "docname", "data")


def are_kept(doctype: str) -> bool:
	return bool(frappe.get_meta(doctype).track_changes)


def data_of(doctype: str, fieldname: str, before: str | None, after: str | None) -> str:
	"""Return what a Version says about the change of one field.

	Frappe's own comparison words it, of two documents that differ in nothing else: what it writes depends on the
	version of Frappe and on the field.
	"""
	old, new = frappe.new_doc(doctype), frappe.new_doc(doctype)
	old.set(fieldname, before)
	new.set(fieldname, after)
	diff = get_diff(old, new)
	Version.set_impersonator(diff)
	return frappe.as_json(diff, indent=None, separators=(",", ":"))


def add(doctype: str, fieldname: str, changes: Iterable[tuple[str, str | None, str | None]]) -> None:
	"""Write Versions for (name, before, after), if the DocType keeps any."""
	if not are_kept(doctype):
		return
	common = inserted(frappe.session.user, now())
	# few people, many documents
	data = cache(partial(data_of, doctype, fieldname))
	rows = [
		(new_name(), doctype, name, data(before, after), *common.values()) for name, before, after in changes
	]
	insert_rows("Version", (*COLUMNS, *common), rows)
