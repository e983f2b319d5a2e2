import frappe
from frappe.model.document import Document

from crm_transparency.crm_transparency.permissions import ReadRule
from crm_transparency.export_audit import export_visibility


class ReadVolume(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		day: DF.Date
		distinct_records: DF.Int
		reads: DF.Int
		reference_doctype: DF.Data
		user: DF.Data

	# end: auto-generated types

	read_rule = ReadRule(export_visibility.condition_of_read_volumes)


def on_doctype_update():
	"""A person has one row for a day and a document type."""
	frappe.db.add_unique("Read Volume", ["user", "day", "reference_doctype"], "one_row_a_day")
