"""Who may know about ringers, and how what identifies them is kept from everybody else.

People with the role Ringer Manager know, and Administrator; no other role does, System Manager neither. Everything that
identifies a ringer is stored encrypted with the site's key (`EncryptedDocument`), and what goes wrong is logged by its kind
only: Frappe writes the values of variables into the Error Log and the Scheduled Job Log, which System Managers read.
"""

from collections.abc import Callable, Iterable
from functools import wraps

import frappe
from frappe import _
from frappe.database.database import savepoint
from frappe.model.document import Document
from frappe.utils import cstr, get_first_day, nowdate

from crm_transparency.crm_transparency import encryption, staff
from crm_transparency.crm_transparency.encryption import UnheardDocument
from crm_transparency.crm_transparency.permissions import EVERYBODY, NOBODY, ReadRule
from crm_transparency.ringers.exceptions import DidNotWork, JobFailed, RingersAreClosed

ROLE = "Ringer Manager"
EXPECTED = (frappe.ValidationError, frappe.PermissionError)


def may_know(user: str | None = None) -> bool:
	user = user or frappe.session.user
	return user == "Administrator" or ROLE in frappe.get_roles(user)


def check_ringer_manager() -> None:
	"""Raise PermissionError for everybody but Ringer Managers. The message says nothing about what there is."""
	if not may_know():
		frappe.throw(_("Only a Ringer Manager can do this."), exc=frappe.PermissionError)


def is_recorded() -> bool:
	"""Return whether Frappe's Recorder keeps the statements of this request or job, for System Managers to read."""
	return bool(getattr(frappe.local, "_recorder", None))


def condition(user: str, doctype: str) -> str:
	"""`ReadRule.condition` of everything in this room that only Ringer Managers read.

	Reports such as *Permitted Documents For User* list for one user what another asks for: both have to be allowed.
	"""
	return EVERYBODY if may_know(user) and may_know() else NOBODY


READ_RULE = ReadRule(condition, linked_records=False)


def ringer_managers() -> list[str]:
	"""Return the enabled users who have the role."""
	users = staff.holders(ROLE)
	if not users:
		return []
	return sorted(frappe.get_all("User", filters={"name": ("in", users), "enabled": 1}, pluck="name"))


def ringer_managers_only(function: Callable) -> Callable:
	"""Keep what a Ringer Manager asks for out of the Recorder, and what goes wrong with it out of the Error Log.

	Whoever may not know is told just that, whether requests are recorded or not.
	"""

	@wraps(function)
	def run(*args, **kwargs):
		check_ringer_manager()
		if is_recorded():
			frappe.throw(
				_("Stop Frappe's Recorder first: it would keep what you ask for."), exc=RingersAreClosed
			)
		try:
			return function(*args, **kwargs)
		except EXPECTED:
			raise
		except Exception as error:
			failure = type(error).__name__
		frappe.db.rollback()
		frappe.throw(_("Something went wrong ({0}).").format(failure), exc=DidNotWork)

	return run


def failure_of(work: Callable[[], object]) -> str | None:
	"""Do something that is undone if it fails; return the kind of failure then, None if there was none."""
	failure = None
	with savepoint(catch=Exception):
		try:
			work()
		except Exception as error:
			failure = type(error).__name__
			raise
	if failure:
		frappe.clear_messages()
	return failure


def job_without_details(job: Callable[[], None]) -> Callable[[], None]:
	"""Let a background job fail with nothing but its name and the kind of failure."""

	@wraps(job)
	def run():
		try:
			return job()
		except JobFailed:
			raise
		except Exception as error:
			failure = type(error).__name__
		frappe.db.rollback()
		frappe.clear_messages()
		raise JobFailed(f"{job.__name__}: {failure}")

	return run


def decrypted(document: Document, field: str) -> str | None:
	"""Return a field's text, whoever loaded the document: for the app's own work.

	A function, not a method: templates and Server Scripts can call the methods of a document that they get hold of.
	"""
	return encryption.decrypted(document.get(field))


class EncryptedDocument(UnheardDocument):
	"""A document whose fields are stored encrypted with the site's key.

	In the database it tells that it exists, and nothing else: its times and owner say nothing, because a row that came about
	in the same second as a contact would point at it. In memory it's readable in the requests of Ringer Managers. In jobs it
	isn't: these fill in, as Administrator, templates that System Managers wrote. The app's own jobs use `decrypted`.
	"""

	read_rule = READ_RULE
	#: the fields that are stored encrypted
	encrypted_fields: Iterable[str] = ()

	def load_from_db(self):
		result = super().load_from_db()
		if self.meta.issingle:
			# until somebody saves it, Frappe gives it the reader's name and the moment, and v15 refuses to change these
			self.update({"owner": "Administrator", "creation": None})
		if may_know() and not getattr(frappe.local, "job", None):
			self.update({field: encryption.decrypted(self.get(field)) for field in self.encrypted_fields})
		return result

	def _set_fingerprints(self) -> None:
		"""Derive from the fields, before they are encrypted, what the document is found by."""

	def _prepare(self) -> None:
		self.update({field: cstr(self.get(field)) or None for field in self.encrypted_fields})
		self._set_fingerprints()

	def db_insert(self, *args, **kwargs):
		self._prepare()
		with encryption.stored_encrypted(self, self.encrypted_fields):
			super().db_insert(*args, **kwargs)

	def db_update(self):
		self._prepare()
		with encryption.stored_encrypted(self, self.encrypted_fields):
			super().db_update()

	def update_single(self, d):
		super().update_single(
			{**d, **{field: encryption.encrypted(d.get(field)) for field in self.encrypted_fields}}
		)

	def db_set(self, fieldname, value=None, *args, **kwargs):
		"""Save instead: what Frappe would write directly is neither encrypted nor has a fingerprint."""
		self.update(fieldname if isinstance(fieldname, dict) else {fieldname: value})
		self.db_update()

	def __getstate__(self):
		"""Keep the encrypted texts where Frappe caches documents, since it gives them to anybody."""
		state = super().__getstate__()
		return {
			**state,
			**{
				field: encryption.encrypted(state.get(field))
				for field in self.encrypted_fields
				if field in state
			},
		}

	def set_user_and_timestamp(self):
		super().set_user_and_timestamp()
		self.modified = f"{get_first_day(nowdate())} 00:00:00"
		self.modified_by = "Administrator"
		if self.is_new():
			self.creation, self.owner = self.modified, self.modified_by

	def after_delete(self):
		# Frappe keeps a copy of deleted documents, which System Managers can read
		self.update(dict.fromkeys(self.encrypted_fields))


def random_name() -> str:
	"""Return a name at random. (Frappe's own names begin, in some versions, with the time.)"""
	return frappe.generate_hash(length=12)
