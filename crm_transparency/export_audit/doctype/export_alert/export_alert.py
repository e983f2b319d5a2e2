from frappe.model.document import Document


class ExportAlert(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		day: DF.Date
		digest_mailed: DF.Check
		explanation: DF.SmallText
		export_log: DF.Data | None
		looked_at_by: DF.Link | None
		looked_at_on: DF.Datetime | None
		normal: DF.SmallText | None
		note: DF.Text | None
		reason: DF.SmallText | None
		rule: DF.Literal[
			"Large Export",
			"Unusual for This Person",
			"Many Records Read",
			"Sent to a Private Address",
			"Leaving",
			"First Export by an API Key",
		]
		status: DF.Literal["Open", "Explained", "Follow up"]
		user: DF.Data

	# end: auto-generated types
