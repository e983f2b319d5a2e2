from frappe.model.document import Document


class LedgerVerification(Document):
	"""One check of all seals. Written by `ledger.verification`; people only read it."""

	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		finding_count: DF.Int
		finished_on: DF.Datetime | None
		report: DF.LongText | None
		started_on: DF.Datetime | None
		status: DF.Literal["Queued", "Running", "Nothing Found", "Findings", "Failed"]

	# end: auto-generated types
