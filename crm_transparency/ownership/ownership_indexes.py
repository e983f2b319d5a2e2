"""The database indexes that the reports need to stay fast with millions of rows.

Those of the ledger go with its table when the app is uninstalled. Those of other apps' tables don't, so `remove` takes
them away again.
"""

import frappe
from frappe.utils import get_table_name

from crm_transparency.ownership.change_log import logged_doctypes
from crm_transparency.ownership.ownership_visibility import LEDGER

LEDGER_INDEXES = {
	# these two hold everything that counting needs, so that counts don't touch the rows
	"changes_by_kind": ["kind", "changed_on", "changed_by", "source", "impersonated_by"],
	"changes_by_person_and_kind": ["changed_by", "kind", "changed_on", "source", "impersonated_by"],
	"changes_by_previous_owner": ["previous_owner", "changed_on"],
	"changes_by_new_owner": ["new_owner", "changed_on"],
	"changes_by_whom_it_was_taken_from": ["taken_from", "changed_on"],
	"changes_by_impersonator": ["impersonated_by", "changed_on"],
}
WHAT_A_PERSON_DID = {
	"Version": ["owner", "ref_doctype", "creation"],
	"Comment": ["owner", "reference_doctype", "creation"],
	"Deleted Document": ["owner", "deleted_doctype", "creation"],
}
WHAT_A_PERSON_CREATED = ["owner", "creation"]
WHAT_A_PERSON_SAVED_LAST = ["modified_by", "modified"]
BY_PERSON, BY_LAST_PERSON = "crm_transparency_by_person", "crm_transparency_by_last_person"


def add() -> None:
	"""Add the indexes that aren't there yet. Takes some ten seconds per million rows the first time, and commits."""
	for name, columns in LEDGER_INDEXES.items():
		frappe.db.add_index(LEDGER, columns, name)
	for doctype, columns in WHAT_A_PERSON_DID.items():
		frappe.db.add_index(doctype, columns, BY_PERSON)
	for doctype in logged_doctypes():
		frappe.db.add_index(doctype, WHAT_A_PERSON_CREATED, BY_PERSON)
		if not frappe.get_meta(doctype).track_changes:
			frappe.db.add_index(doctype, WHAT_A_PERSON_SAVED_LAST, BY_LAST_PERSON)


def remove() -> None:
	"""Take our indexes off other apps' tables, those of DocTypes that aren't tracked any more included; commits."""
	tables = frappe.get_all("DocType", filters={"issingle": 0, "is_virtual": 0, "istable": 0}, pluck="name")
	for doctype in filter(frappe.db.table_exists, tables):
		table = get_table_name(doctype)
		for name in (BY_PERSON, BY_LAST_PERSON):
			if frappe.db.has_index(table, name):
				frappe.db.sql_ddl(f"drop index `{name}` on `{table}`")
