"""What every way into the site is, seen from its end."""

from dataclasses import dataclass, field

import frappe
from frappe.model.document import Document


@dataclass(frozen=True)
class Closed:
	"""What closing a door took away: how much of it, and what it takes to give it back."""

	number: int
	was: list | dict = field(default_factory=list)


class Door:
	"""A way into the site. `close` takes it away in the running transaction; again it finds nothing more to take.

	`reopen` gives back what `close` noted, and says whether it could.
	"""

	key: str
	#: what was ended, translated when shown
	label: str

	def close(self, user: str, removal: Document) -> Closed:
		raise NotImplementedError

	def reopen(self, user: str, was: list | dict) -> bool:
		return False


def rows(doctype: str, filters: dict, fields: list[str]) -> list[frappe._dict]:
	"""Return rows of a DocType, of its fields those that there are; none where Frappe doesn't have it."""
	if not frappe.db.exists("DocType", doctype, cache=True):
		return []
	columns = frappe.get_meta(doctype).get_valid_columns()
	if not set(filters) <= set(columns):
		return []
	wanted = [name for name in fields if name == "*" or name in columns]
	return frappe.get_all(
		doctype, filters=filters, fields=wanted, order_by="creation, name", limit_page_length=0
	)


def set_all(doctype: str, names: list[str], values: dict) -> None:
	for name in names:
		frappe.db.set_value(doctype, name, values)


def insert_again(doctype: str, kept: list[dict]) -> None:
	"""Insert rows again that were deleted, under their names, those that aren't there."""
	for values in kept:
		if not frappe.db.exists(doctype, values["name"]):
			row = frappe.get_doc({"doctype": doctype, **values})
			row.db_insert()
