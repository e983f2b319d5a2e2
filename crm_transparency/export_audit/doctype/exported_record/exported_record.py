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
	tell_names_apart()


def tell_names_apart():
	"""Let names that differ in case, accents or spaces only be those of different records, as they are in manifests.

	To MariaDB they are the same, unless it's told otherwise. Such records can't be there at the same time, but one after
	the other, or under a former name and a new one.
	"""
	if frappe.db.db_type == "mariadb":
		frappe.db.sql_ddl(
			"alter table `tabExported Record` modify `reference_name` varchar(140) "
			"character set utf8mb4 collate utf8mb4_nopad_bin"
		)
