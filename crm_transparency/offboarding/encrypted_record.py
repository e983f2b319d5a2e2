"""Base class of records whose texts only those read who run the offboarding.

The texts are encrypted with the site's key, so whoever gets past the permissions, in a report's SQL or in the list of
deleted documents, finds nothing. They are decrypted in the session of somebody who runs the offboarding, never the leaver's.
"""

import frappe
from frappe.model.document import Document

from crm_transparency.crm_transparency import encryption
from crm_transparency.offboarding import offboarding_permissions
from crm_transparency.offboarding.offboarding_records import OFFBOARDING


class EncryptedRecord(Document):
	"""Base class; `ENCRYPTED_FIELDS` names the texts."""

	ENCRYPTED_FIELDS: tuple[str, ...] = ()

	def load_from_db(self):
		result = super().load_from_db()
		if may_read(self.offboarding):
			self.update({field: encryption.decrypted(self.get(field)) for field in self.ENCRYPTED_FIELDS})
		return result

	def db_insert(self, *args, **kwargs):
		with encryption.stored_encrypted(self, self.ENCRYPTED_FIELDS):
			super().db_insert(*args, **kwargs)

	def db_update(self):
		with encryption.stored_encrypted(self, self.ENCRYPTED_FIELDS):
			super().db_update()

	def after_delete(self):
		# Frappe keeps a copy of deleted documents, which System Managers can read
		self.update(dict.fromkeys(self.ENCRYPTED_FIELDS))

	def run_notifications(self, method: str):
		"""Run no Notifications: whoever configures one could have the text mailed to themselves."""

	def notify_update(self):
		"""Publish no realtime update, which would tell every open Desk who changed this list."""


def may_read(offboarding: str) -> bool:
	about = frappe.db.get_value(OFFBOARDING, offboarding, ["name", "user"], as_dict=True)
	return bool(about) and offboarding_permissions.runs(about)
