from frappe.model.document import Document


class AccountTransferSuccessor(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		territory: DF.Link | None
		user: DF.Link
		weight: DF.Int

	# end: auto-generated types
