from frappe.model.document import Document

from crm_transparency.offboarding import letter_texts


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

	def validate(self) -> None:
		letter_texts.fill_in(self.subject, {}, as_html=False)
		letter_texts.fill_in(self.text, {})
