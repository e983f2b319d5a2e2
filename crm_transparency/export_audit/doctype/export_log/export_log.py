import frappe

from crm_transparency.crm_transparency.permissions import ReadRule
from crm_transparency.export_audit import export_queries, export_visibility
from crm_transparency.ledger.entries import LedgerEntry


class ExportLog(LedgerEntry):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		channel: DF.Literal[
			"List Export",
			"Report Export",
			"Data Export",
			"Import Template",
			"vCard",
			"Print",
			"API Read",
			"Scheduled Report",
			"Email Attachment",
			"File Download",
			"Backup Download",
			"Evidence Bundle",
		]
		column_count: DF.Int
		columns: DF.SmallText | None
		contact_data: DF.Check
		exported_on: DF.Datetime
		file_bytes: DF.Int
		file_format: DF.Data | None
		file_name: DF.Data | None
		file_sha256: DF.Data | None
		filters: DF.LongText | None
		impersonated_by: DF.Data | None
		ip_address: DF.Data | None
		ledger_seal: DF.Int
		manifest_sha256: DF.Data | None
		purpose: DF.SmallText | None
		recipients: DF.SmallText | None
		record_count: DF.Int
		reference_doctype: DF.Data | None
		report_name: DF.Data | None
		row_count: DF.Int
		signed_in_with: DF.Literal["", "Session", "API Key", "OAuth Token"]
		trace: DF.Data | None
		user: DF.Data
		user_agent: DF.SmallText | None
		utc_offset: DF.Data | None

	# end: auto-generated types

	read_rule = ReadRule(export_visibility.condition)
	people = ("user", "impersonated_by")

	def onload(self):
		"""Say who exported what, and let people see the details of their own exports, whose level is for managers."""
		described = frappe._dict(self.as_dict())
		export_queries.describe([described])
		self.set_onload("title", f"{described.person_name}: {described.what}")
		if export_visibility.sees_details(self):
			self.set_onload(
				"details", {fieldname: self.get(fieldname) for fieldname in export_visibility.DETAILS}
			)


def on_doctype_update():
	"""Index the ways the ledger is read: one person's exports, and the exports of a file."""
	frappe.db.add_index("Export Log", ["user", "exported_on"], "exports_by_person")
	frappe.db.add_index("Export Log", ["file_sha256"], "exports_by_file")
