"""Documents whose telling fields are encrypted in the database and open only in the session of a Ringer Manager."""

from collections.abc import Callable

import frappe

from crm_transparency.crm_transparency import sealed_texts
from crm_transparency.ringers import readers


class SealedFields:
	"""Mixed into a DocType's controller, before its base class. `SEALED` names the fields."""

	SEALED: tuple[str, ...] = ()

	def load_from_db(self):
		result = super().load_from_db()
		if readers.is_reader():
			self.update({field: sealed_texts.unseal(self.get(field)) for field in self.SEALED})
		return result

	def db_insert(self, *args, **kwargs):
		self.write_sealed(super().db_insert, *args, **kwargs)

	def db_update(self):
		self.write_sealed(super().db_update)

	def write_sealed(self, write: Callable, *args, **kwargs) -> None:
		with sealed_texts.sealed(self, self.SEALED):
			write(*args, **kwargs)

	def after_delete(self):
		# Frappe keeps a copy of deleted documents, which System Managers can read
		self.update(dict.fromkeys(self.SEALED))

	def run_notifications(self, method: str):
		"""Do without Frappe's Notifications: whoever sets one up could have the content mailed to himself."""

	def notify_update(self):
		"""Do without telling every open Desk that a list has changed."""


def opened(doctype: str, name: str, *fields: str) -> frappe._dict:
	"""Return fields of a document with sealed texts opened. Asks for no permission."""
	row = frappe.db.get_value(doctype, name, list(fields), as_dict=True)
	return frappe._dict(
		{
			field: sealed_texts.unseal(value) if isinstance(value, str) else value
			for field, value in row.items()
		}
	)
