"""The database indexes that the reports need to stay fast with millions of rows.

Those of the ledger go with its table when the app is uninstalled. Those of other apps' tables don't, so `remove` takes
them away again.
"""

from collections.abc import Iterator

import frappe
from frappe.utils import get_table_name

from crm_transparency.ownership import change_log
from crm_transparency.ownership.permissions import LEDGER

LEDGER_INDEXES = {
	# holds everything that counting needs, so that counts don't touch the rows
	"changes_by_kind": ["kind", "changed_on", "changed_by", "source", "impersonated_by"],
	"changes_by_previous_owner": ["previous_owner", "changed_on"],
	"changes_by_new_owner": ["new_owner", "changed_on"],
	"changes_by_impersonator": ["impersonated_by", "changed_on"],
}
WHAT_A_PERSON_DID = {
	"Version": ["owner", "ref_doctype", "creation"],
	"Comment": ["owner", "reference_doctype", "creation"],
	"Deleted Document": ["owner", "deleted_doctype", "creation"],
}
WHAT_A_PERSON_CREATED = ["owner", "creation"]


def add() -> None:
	"""Add the indexes that aren't there yet. Takes about ten seconds per million rows, and commits."""
	for name, columns in LEDGER_INDEXES.items():
		frappe.db.add_index(LEDGER, columns, name)
	for doctype, columns in _of_other_apps():
		frappe.db.add_index(doctype, columns, _name(doctype))


def remove() -> None:
	"""Take our indexes off other apps' tables; commits."""
	for doctype in frappe.get_all(
		"DocType", filters={"issingle": 0, "is_virtual": 0, "istable": 0}, pluck="name"
	):
		table = get_table_name(doctype)
		if frappe.db.table_exists(doctype) and frappe.db.has_index(table, _name(doctype)):
			frappe.db.sql_ddl(
				f"drop index `{_name(doctype)}`" + ("" if frappe.db.db_type == "sqlite" else f" on `{table}`")
			)


def _of_other_apps() -> Iterator[tuple[str, list[str]]]:
	yield from WHAT_A_PERSON_DID.items()
	for doctype in change_log.logged_doctypes():
		yield doctype, WHAT_A_PERSON_CREATED


def _name(doctype: str) -> str:
	"""Name our index of a table; in SQLite, names of indexes belong to the database and not to a table."""
	return f"crm_transparency_{frappe.scrub(doctype)}"[:64]
