"""Which DocTypes hold tracked data, and which of their fields hold contact data: read off the settings once in a while."""

import re
from collections.abc import Iterable
from typing import TypedDict

import frappe
from frappe.utils import cint

from crm_transparency.crm_transparency import registry
from crm_transparency.crm_transparency.database import batches
from crm_transparency.crm_transparency.own_doctypes import own_doctypes

# what hangs on every account
ALWAYS_AUDITED = ("Contact", "Address", "Communication")
DEFAULT_BULK_READ_ROWS = 500
#: the fields that name a document, in child tables and in the app's own records
PARENT, POINTER = ("parenttype", "parent"), ("reference_doctype", "reference_name")
CONTACT_FIELDTYPES = {"Phone"}
CONTACT_OPTIONS = {"Email", "Phone"}
CONTACT_WORDS = ("email", "e-mail", "phone", "mobile", "fax", "whatsapp")


class Audited(TypedDict):
	doctypes: frozenset[str]
	#: whose rows belong to documents of these
	child_tables: frozenset[str]
	#: the app's own records that name audited documents and what became of them
	pointing: frozenset[str]
	#: all of these
	watched: frozenset[str]
	bulk_read_rows: int
	#: finds the table of an audited DocType in SQL
	in_sql: str
	#: by watched DocType, which of its fields hold contact data
	contact_fields: dict[str, dict[str, bool]]


def audited_doctypes() -> frozenset[str]:
	"""Return the DocTypes whose exports keep a manifest: tracked ones, what hangs on accounts, and the settings' own."""
	return what_is_audited()["doctypes"]


def child_tables() -> frozenset[str]:
	"""Return the child tables of audited DocTypes: Contact Email and Contact Phone tell as much as Contact."""
	return what_is_audited()["child_tables"]


def pointing_doctypes() -> frozenset[str]:
	"""Return the app's own DocTypes that tell customers and their owners: account owner changes, transfers, handovers."""
	return what_is_audited()["pointing"]


def watched_doctypes() -> frozenset[str]:
	"""Return the DocTypes whose rows tell about audited documents: these, and their child tables."""
	return what_is_audited()["watched"]


def bulk_read_rows() -> int:
	"""Return how many rows of tracked data make a read an export."""
	return what_is_audited()["bulk_read_rows"]


def what_is_audited() -> Audited:
	return registry.cached(registry.AUDIT_CACHE_KEY, read_settings)


def read_settings() -> Audited:
	further, rows = [], 0
	# while the app is uninstalled, Frappe runs its hooks some moments longer than its DocTypes live
	if frappe.db.exists("DocType", registry.SETTINGS):
		settings = frappe.get_cached_doc(registry.SETTINGS)
		further = [row.document_type for row in settings.get("audited_doctypes") or ()]
		rows = cint(settings.get("bulk_read_rows"))
	doctypes = frozenset((*ALWAYS_AUDITED, *registry.tracked_doctypes(), *further))
	child_tables = frozenset(table for doctype in doctypes for table in tables_of(doctype))
	pointing = frozenset(filter(points_at_documents, own_doctypes()))
	return Audited(
		doctypes=doctypes,
		child_tables=child_tables,
		pointing=pointing,
		watched=doctypes | child_tables | pointing,
		bulk_read_rows=rows or DEFAULT_BULK_READ_ROWS,
		in_sql=rf"tab({'|'.join(map(re.escape, sorted(doctypes)))})(?=[`\"\s.,;)]|$)",
		contact_fields={doctype: contact_fields_of(doctype) for doctype in sorted(doctypes | child_tables)},
	)


def points_at_documents(doctype: str) -> bool:
	if not frappe.db.exists("DocType", doctype):
		return False
	return all(frappe.get_meta(doctype).has_field(field) for field in POINTER)


def contact_fields_of(doctype: str) -> dict[str, bool]:
	if not frappe.db.exists("DocType", doctype):
		return {}
	return {field.fieldname: is_contact_field(field) for field in frappe.get_meta(doctype).fields}


def tables_of(doctype: str) -> list[str]:
	if not frappe.db.exists("DocType", doctype):
		return []
	return [field.options for field in frappe.get_meta(doctype).get_table_fields()]


def is_audited(doctype: str | None) -> bool:
	return doctype in audited_doctypes()


def existing(doctype: str, names: Iterable) -> list[str]:
	"""Return those names that are records': a query may call anything a name."""
	wanted = sorted({str(name) for name in names if name})
	return [
		name
		for some in batches(wanted)
		for name in frappe.db.get_values(doctype, {"name": ("in", some)}, "name", pluck=True)
	]


def holds_contact_data(doctype: str | None, columns: list[str] | None = None) -> bool:
	"""Return whether fields of a DocType hold email addresses or phone numbers: those in `columns`, or any of them."""
	if not doctype:
		return False
	known = what_is_audited()["contact_fields"]
	fields = known[doctype] if doctype in known else contact_fields_of(doctype)
	if columns is not None and "*" not in columns:
		return bool(fields) and any(fields.get(name, sounds_like_contact_data(name)) for name in columns)
	return any(fields.values()) or any(
		any((known.get(table) or contact_fields_of(table)).values()) for table in tables_of(doctype)
	)


def is_contact_column(name: str, field: object | None = None) -> bool:
	return is_contact_field(field) if field else sounds_like_contact_data(name)


def is_contact_field(field: object) -> bool:
	if field.get("fieldtype") in CONTACT_FIELDTYPES or field.get("options") in CONTACT_OPTIONS:
		return True
	return field.get("fieldtype") in (
		None,
		"Data",
		"Read Only",
		"Small Text",
		"Table",
	) and sounds_like_contact_data(field.get("fieldname") or field.get("label"))


def sounds_like_contact_data(name: str | None) -> bool:
	name = (name or "").lower()
	return any(word in name for word in CONTACT_WORDS)
