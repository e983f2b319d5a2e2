"""What one person changed: in accounts, and in contacts and addresses. Newest first, whatever it was read from.

Read from Versions (field, before, after), the ledger of account owner changes, the comments that people and Frappe
wrote, and the documents that were created and deleted. Readers see only what they may read: values of a document or
field that is closed to them are left out, and so is a closed document's name.

This is for looking up what happened. Nothing here counts anything.
"""

from typing import NamedTuple

import frappe
from frappe import _

from crm_transparency.crm_transparency import managers
from crm_transparency.crm_transparency.paging import Cursor
from crm_transparency.ownership.change_log.events import Selection, newest_events
from crm_transparency.ownership.change_log.lines import Line, lines_of


class Page(NamedTuple):
	lines: list[Line]
	#: what the next page comes after, None on the last page
	next_page: Cursor | None


def may_read_log_of(user: str, reader: str | None = None) -> bool:
	"""Say whether `reader` (who is asking, if None) may see what `user` changed: one's own log, and managers all."""
	reader = reader or frappe.session.user
	return user == reader or managers.is_manager(reader)


def read(selection: Selection, limit: int) -> Page:
	"""Return the newest `limit` events of a selection, each with a line for every field that it changed.

	Raises PermissionError for whoever may not see this person's changes.
	"""
	if not may_read_log_of(selection.user):
		refuse()
	events = newest_events(selection, limit + 1)
	shown = events[:limit]
	return Page(lines_of(shown, selection), shown[-1].cursor if len(events) > limit else None)


def refuse() -> None:
	roles = managers.roles_in_words()
	frappe.throw(
		_(
			"You can see what you changed yourself. What others changed is open to people with one of the roles {0}."
		).format(roles),
		exc=frappe.PermissionError,
		title=_("Somebody else's changes"),
	)
