import frappe
from frappe.model.document import Document


class AccountTransferItem(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		account_title: DF.Data | None
		account_transfer: DF.Link | None
		is_key_account: DF.Check
		moved_along: DF.SmallText | None
		note: DF.SmallText | None
		previous_owner: DF.Link | None
		reference_doctype: DF.Link | None
		reference_name: DF.DynamicLink | None
		status: DF.Literal["Pending", "Transferred", "Skipped", "Failed", "Given Back", "Not Given Back"]
		territory: DF.Data | None
		to_user: DF.Link | None

	# end: auto-generated types


def on_doctype_update():
	"""Index a transfer's items in the order in which they are worked off, and an account's place in transfers.

	Not their status: it changes with every account that moves, and keeping an index of it would cost more than all
	else that is done to the item.
	"""
	item = "Account Transfer Item"
	frappe.db.add_index(item, ["account_transfer", "name"], "items_of_transfer")
	frappe.db.add_index(
		item, ["reference_doctype", "reference_name", "account_transfer"], "transfers_of_account"
	)
