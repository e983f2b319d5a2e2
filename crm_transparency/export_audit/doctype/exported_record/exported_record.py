import frappe
from frappe.model.document import Document


class ExportedRecord(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		number: DF.Int
		reference_doctype: DF.Data
		reference_name: DF.Data

	# end: auto-generated types


def on_doctype_update():
	"""A record has one number."""
	frappe.db.add_unique("Exported Record", ["reference_doctype", "reference_name"], "one_number_per_record")
