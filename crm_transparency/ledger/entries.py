"""Ledgers: DocTypes whose entries are only ever added.

What the framework lets anybody do to a document, a ledger entry refuses, for Administrator too: there is no
form, API, bulk action or `db_set` by which an entry changes or goes. (What SQL does behind the framework's
back, the seals find.)
"""

import re
import secrets
import time
from datetime import datetime
from zoneinfo import ZoneInfo

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_system_timezone, now

from crm_transparency.crm_transparency.database import insert_rows, inserted

SHORT = ("Data", "Select", "Link")
#: MariaDB's `text`
MOST_BYTES = {"Small Text": 65_535, "Text": 65_535}
#: a statement has to stay below `max_allowed_packet`
MOST_BYTES_OF_ALL = 1_000_000


class LedgerEntryIsFinal(frappe.ValidationError):
	"""A ledger entry was to be changed, deleted, renamed or written by hand."""

	http_status_code = 403


def add(ledger: str, /, *, name: str | None = None, **values) -> "LedgerEntry":
	"""Add an entry to the DocType `ledger` in the running transaction and return it. `name` is for seals."""
	entry = frappe.get_doc({"doctype": ledger, "utc_offset": utc_offset(), **values})
	entry.flags.added_by_app = True
	return entry.insert(ignore_permissions=True, set_name=name or new_name())


def add_at_once(ledger: str, /, *, name: str | None = None, **values) -> frappe._dict:
	"""Add an entry with a single statement in the running transaction and return what it holds.

	For what somebody waits for: no document, so no hooks of other apps, no defaults, and nothing validated. Text that
	is too long for its field is cut, and what no database takes is replaced: nobody keeps an entry out by what they send.
	"""
	row = {
		"name": name or new_name(),
		**inserted(frappe.session.user, now()),
		**{fieldname: fitting(ledger, fieldname, value) for fieldname, value in values.items()},
	}
	if frappe.get_meta(ledger).has_field("utc_offset"):
		row["utc_offset"] = utc_offset()
	insert_rows(ledger, tuple(row), [tuple(row.values())])
	return frappe._dict(row)


def fitting(ledger: str, fieldname: str, value: object) -> object:
	if not isinstance(value, str) or (len(value) <= frappe.db.VARCHAR_LEN and value.isascii()):
		return value
	stored = value.encode("utf-8", "replace")
	field = frappe.get_meta(ledger).get_field(fieldname)
	fieldtype = field.fieldtype if field else "Data"  # such as the owner
	if fieldtype in SHORT:
		return stored.decode()[: frappe.db.VARCHAR_LEN]
	return stored[: MOST_BYTES.get(fieldtype, MOST_BYTES_OF_ALL)].decode("utf-8", "ignore")


def new_name() -> str:
	"""Return a name for an entry: 24 hexadecimal digits that sort by time.

	Sorted names put new entries at the end of the table, where the database is fastest, and give a ledger an
	order that doesn't hang on one database's sequences. Nanoseconds since 1970 in 16 digits, then 8 random
	ones for entries of the same moment.
	"""
	return f"{time.time_ns():016x}{secrets.token_hex(4)}"


def utc_offset(name: str | None = None) -> str:
	"""Return the offset of the site's time zone, such as +02:00: now, or when the entry with this name was written."""
	is_timed = name and re.match("[0-9a-f]{16}", name)
	seconds = int(name[:16], 16) / 1e9 if is_timed else time.time()
	return datetime.fromtimestamp(seconds, ZoneInfo(get_system_timezone())).isoformat()[-6:]


class LedgerEntry(Document):
	"""Base class of every ledger DocType's controller."""

	#: the fields that hold users
	people: tuple[str, ...] = ()

	def _set_defaults(self):
		"""An entry holds what happened, never a default that somebody set for a field."""

	def before_insert(self):
		if not self.flags.added_by_app:
			self.refuse(
				_("Entries of the {0} are written by the app itself, when the thing they record happens.")
			)

	def before_validate(self):
		if not self.is_new():
			self.refuse_change()

	def db_update(self):
		self.refuse_change()

	def db_set(self, *args, **kwargs):
		self.refuse_change()

	def before_rename(self, old: str, new: str, merge: bool = False):
		self.refuse_change()

	def on_trash(self):
		self.refuse_deletion()

	def after_delete(self):
		# reached only by callers who tell Frappe to skip on_trash: raising here still undoes the deletion
		self.refuse_deletion()

	def refuse_change(self):
		self.refuse(
			_(
				"This entry of the {0} is final: nobody can change entries of a ledger. If something is wrong, correct "
				"it where it happened, which adds a new entry."
			)
		)

	def refuse_deletion(self):
		self.refuse(
			_(
				"This entry of the {0} can't be deleted: nobody can delete entries of a ledger. They are removed only "
				"after the retention period in CRM Transparency Settings."
			)
		)

	def refuse(self, sentence: str):
		frappe.throw(
			sentence.format(_(self.doctype)), exc=LedgerEntryIsFinal, title=_("Ledger entries are final")
		)
