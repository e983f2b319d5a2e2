"""Pages of things that happened, newest first, by what comes after what and not by counting rows.

Skipping rows costs the more the further back one goes, and shifts pages while new things happen. A cursor names the
last thing of a page; the next page holds what is older. Two things can bear the same moment (a transfer moves a
thousand accounts at once), so a cursor also has the source a thing was read from, and its name there.
"""

from datetime import datetime
from typing import NamedTuple

import frappe
from frappe import _
from frappe.utils import cint
from pypika import Criterion
from pypika.terms import Field

ROWS_OF_A_PAGE = 100
ROWS_OF_AN_EXPORT = 100_000
SEPARATOR = "|"


class Cursor(NamedTuple):
	"""A place in the order of things: newest moment first, then by source, then by name from Z to A."""

	moment: datetime
	source: str
	name: str

	def __str__(self) -> str:
		return SEPARATOR.join((self.moment.isoformat(" ", "microseconds"), self.source, self.name))

	@classmethod
	def parse(cls, text: str | None) -> "Cursor | None":
		"""Read what `str` of a cursor wrote; None for nothing. Raises ValidationError for anything else."""
		if not text:
			return None
		try:
			moment, source, name = text.split(SEPARATOR, 2)
			return cls(datetime.fromisoformat(moment), source, name)
		except ValueError:
			frappe.throw(_("There is no such page. Please start again with the newest one."))

	def sort_key(self) -> tuple:
		"""Return what sorts cursors in their order, the newest first."""
		return (-self.moment.timestamp(), self.source, _Descending(self.name))


def older_than(cursor: Cursor | None, source: str, moment: Field, name: Field) -> Criterion | None:
	"""Return the condition under which a row of `source` comes after the cursor, None without a cursor."""
	if cursor is None:
		return None
	if source == cursor.source:
		# the first half alone lets the database enter its index at the right place
		return (moment <= cursor.moment) & ((moment < cursor.moment) | (name < cursor.name))
	return moment < cursor.moment if source < cursor.source else moment <= cursor.moment


def rows_wanted(filters: frappe._dict, doctype: str) -> int:
	"""Return how many rows a report gives at once: a page, or everything to those who may export the DocType."""
	if not cint(filters.everything):
		return ROWS_OF_A_PAGE
	frappe.permissions.can_export(doctype, raise_exception=True)
	return ROWS_OF_AN_EXPORT


def note_of_cut(next_page: Cursor | None, limit: int) -> str | None:
	"""Return the note that a report was cut off after `limit` entries, None if it wasn't."""
	if next_page is None:
		return None
	return _(
		"{0} entries are shown, and there are older ones. Choose Older to go on, or narrow the filters."
	).format(f"{limit:,}")


class _Descending(str):
	def __lt__(self, other: str) -> bool:
		return str.__gt__(self, other)
