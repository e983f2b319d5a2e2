from frappe.model.document import Document

from crm_transparency.crm_transparency.permissions import ReadRule
from crm_transparency.export_audit.evidence import permissions


class EvidenceBundle(Document):
	"""A bundle that a manager asked for. Written by `evidence.requests`; people only read it, and delete it with its file."""

	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		asked_by: DF.Data
		entry_count: DF.Int
		export_count: DF.Int
		export_log: DF.Data | None
		file: DF.Attach | None
		file_bytes: DF.Int
		file_sha256: DF.Data | None
		finished_on: DF.Datetime | None
		from_date: DF.Date
		full_name: DF.Data | None
		only_for_role: DF.Data | None
		person: DF.Data
		purpose: DF.SmallText | None
		status: DF.Literal["Queued", "Running", "Ready", "Failed"]
		to_date: DF.Date

	# end: auto-generated types

	read_rule = ReadRule(permissions.condition)
