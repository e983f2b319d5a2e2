from frappe.model.document import Document


class HandoverSummary(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		account_transfer: DF.Link | None
		accounts: DF.Int
		belongings: DF.Int
		message: DF.TextEditor | None
		offboarding: DF.Link | None
		sent_on: DF.Datetime | None
		successor: DF.Link | None

	# end: auto-generated types
