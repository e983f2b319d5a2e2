from frappe.model.document import Document

from crm_transparency.crm_transparency.permissions import ReadRule
from crm_transparency.export_audit import export_visibility


class ExportManifest(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		indexed: DF.Check
		record_count: DF.Int
		records: DF.LongText | None

	# end: auto-generated types

	read_rule = ReadRule(export_visibility.condition_of_manifests)
