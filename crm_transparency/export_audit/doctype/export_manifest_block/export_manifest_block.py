import frappe
from frappe.model.document import Document


class ExportManifestBlock(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		block: DF.Int
		export_log: DF.Data
		members: DF.LongText | None

	# end: auto-generated types


def on_doctype_update():
	"""Index the search: all exports that held records of a block."""
	frappe.db.add_index("Export Manifest Block", ["block", "export_log"], "exports_by_block")
