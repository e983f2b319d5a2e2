"""Documents whose fields are stored encrypted with the site's key, and which nobody can listen to.

In the database such a document tells that it exists, and nothing else: its fields are cipher, and its times and owner
say nothing, because a row that came about in the same second as a contact would point at it. In memory it's readable
for Ringer Managers.
"""

from collections.abc import Iterable

import frappe
from frappe.model.document import Document
from frappe.utils import cstr, get_first_day, nowdate

from crm_transparency.crm_transparency import sealed_texts
from crm_transparency.crm_transparency.unheard_documents import UnheardDocument
from crm_transparency.ringers import secrecy


def in_clear(document: Document, field: str) -> str | None:
	"""Return a field's text, whoever loaded the document: for the app's own work.

	A function, not a method: templates and Server Scripts can call the methods of a document that they get hold of.
	"""
	return sealed_texts.unseal(document.get(field))


class SealedDocument(UnheardDocument):
	read_rule = secrecy.READ_RULE
	#: the fields that are stored encrypted
	sealed_fields: Iterable[str] = ()

	def __init__(self, *args, **kwargs):
		secrecy.note_who_asks()
		super().__init__(*args, **kwargs)

	def load_from_db(self):
		result = super().load_from_db()
		if self.meta.issingle:
			# until somebody saves it, Frappe gives it the reader's name and the moment, and v15 refuses to change these
			self.update({"owner": "Administrator", "creation": None})
		if secrecy.may_read_in_clear():
			self._keep_out_of_the_cache()
			self.update({field: sealed_texts.unseal(self.get(field)) for field in self.sealed_fields})
		return result

	def _keep_out_of_the_cache(self) -> None:
		"""Frappe puts a document in place of its cached copy, as it is: scripts that run in the same job would get it."""
		frappe.cache.delete_value(f"document_cache::{self.doctype}::{self.name}")

	def _derive(self) -> None:
		"""What a document derives from its fields before they are sealed. (Scripts can't call what begins so.)"""

	def _make_ready(self) -> None:
		secrecy.refuse_scripts()
		self.update({field: cstr(self.get(field)) or None for field in self.sealed_fields})
		self._derive()

	def db_insert(self, *args, **kwargs):
		self._make_ready()
		with sealed_texts.sealed(self, self.sealed_fields):
			super().db_insert(*args, **kwargs)

	def db_update(self):
		self._make_ready()
		with sealed_texts.sealed(self, self.sealed_fields):
			super().db_update()

	def update_single(self, d):
		secrecy.refuse_scripts()
		super().update_single(
			{**d, **{field: sealed_texts.seal(d.get(field)) for field in self.sealed_fields}}
		)

	def db_set(self, fieldname, value=None, *args, **kwargs):
		"""Save instead: what Frappe would write directly is neither sealed nor has a fingerprint."""
		self.update(fieldname if isinstance(fieldname, dict) else {fieldname: value})
		self.db_update()

	def __getstate__(self):
		"""Keep the sealed texts where Frappe caches documents: whoever it gives them to may not know."""
		state = super().__getstate__()
		return {
			**state,
			**{field: sealed_texts.seal(state.get(field)) for field in self.sealed_fields if field in state},
		}

	def __setstate__(self, state: dict):
		secrecy.note_who_asks()
		self.__dict__.update(state)

	def set_user_and_timestamp(self):
		super().set_user_and_timestamp()
		self.modified = f"{get_first_day(nowdate())} 00:00:00"
		self.modified_by = "Administrator"
		if self.is_new():
			self.creation, self.owner = self.modified, self.modified_by

	def after_delete(self):
		# Frappe keeps a copy of deleted documents, which System Managers can read
		self.update(dict.fromkeys(self.sealed_fields))


def new_name() -> str:
	"""Return a name at random. (Frappe's own names begin, in some versions, with the time.)"""
	return frappe.generate_hash(length=12)
