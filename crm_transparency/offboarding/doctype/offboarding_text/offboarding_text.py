from frappe.model.document import Document


class OffboardingText(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		language: DF.Link
		letter: DF.Literal[
			"Invitation",
			"Reaffirmation",
			"Thank You",
			"Farewell Note",
			"Introduction",
		]
		subject: DF.Data
		text: DF.TextEditor

	# end: auto-generated types
