"""Documents whose texts only those read who run the offboarding.

The texts are stored encrypted with the site's key, so whoever finds a way around the permissions of lists, in a report's SQL
or in the bin, finds nothing. They are readable in the session of somebody who runs the offboarding, which its leaver never is.
"""

import frappe
from frappe.model.document import Document

from crm_transparency.crm_transparency import sealed_texts
from crm_transparency.offboarding import permissions
from crm_transparency.offboarding.words import OFFBOARDING


class SealedDocument(Document):
	"""Base class; `SEALED_FIELDS` names the texts."""

	SEALED_FIELDS: tuple[str, ...] = ()

	def load_from_db(self):
		result = super().load_from_db()
		if may_read(self.offboarding):
			self.update({field: sealed_texts.unseal(self.get(field)) for field in self.SEALED_FIELDS})
		return result

	def db_insert(self, *args, **kwargs):
		with sealed_texts.sealed(self, self.SEALED_FIELDS):
			super().db_insert(*args, **kwargs)

	def db_update(self):
		with sealed_texts.sealed(self, self.SEALED_FIELDS):
			super().db_update()

	def after_delete(self):
		# Frappe keeps a copy of deleted documents, which System Managers can read
		self.update(dict.fromkeys(self.SEALED_FIELDS))

	def run_notifications(self, method: str):
		"""Do without Frappe's Notifications: whoever sets one up could have the text mailed to himself."""

	def notify_update(self):
		"""Do without telling every open Desk that this list has changed, and who changed it."""


def may_read(offboarding: str) -> bool:
	about = frappe.db.get_value(OFFBOARDING, offboarding, ["name", "user"], as_dict=True)
	return bool(about) and permissions.runs(about)
