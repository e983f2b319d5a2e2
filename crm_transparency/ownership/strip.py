"""What the strip on top of an account's form says: whose account this is, since when, who changed that last, and
what else was changed last.
"""

from datetime import datetime
from typing import TypedDict

import frappe
from frappe.model.document import Document
from frappe.utils import add_months, get_fullname, now_datetime

from crm_transparency.crm_transparency import registry
from crm_transparency.ledger import names
from crm_transparency.ownership import account_history, change_reasons, ownership_visibility, recent_edits

EDITS_SHOWN = 6  # the last one, and five before it on a click
MONTHS_COUNTED = 12
ACCOUNT_TRANSFER = "Account Transfer"


class LastChange(TypedDict):
	entry: str
	kind: str
	sentence: str
	changed_on: datetime
	reason: str | None
	reason_wanted: bool
	#: the transfer behind the change, if the reader may open it
	account_transfer: str | None


class Strip(TypedDict):
	account_owner: str | None
	account_owner_name: str | None
	since: datetime | None
	last_change: LastChange | None
	changes_in_12_months: int
	edits: list[recent_edits.Edit]
	names: list[str]


@frappe.whitelist(methods=["GET"])
def read(doctype: str, name: str) -> Strip | None:
	"""Return what the strip shows for an account; None if its DocType isn't tracked.

	Raises PermissionError for whoever may not read the account.
	"""
	owner_field = registry.owner_field(doctype)
	if not owner_field:
		return None
	doc = frappe.get_doc(doctype, name)
	doc.check_permission("read")
	account_owner = doc.get(owner_field) or None
	sees_changes = frappe.has_permission(ownership_visibility.LEDGER, "read")
	changes = account_history.newest_visible_changes(doctype, name) if sees_changes else []
	change = changes[0] if changes else None
	is_current = change and account_owner and _today(change.new_owner, change.changed_on) == account_owner
	return Strip(
		account_owner=account_owner,
		account_owner_name=account_owner and get_fullname(account_owner),
		since=_since(changes) if is_current else None,
		last_change=change and in_words(change, is_undo=bool(_before_undone_transfer(changes))),
		changes_in_12_months=_changes_in_12_months(doc) if sees_changes else 0,
		edits=recent_edits.newest_edits(doc, EDITS_SHOWN),
		names=[span.name for span in names.spans(doctype, name)],
	)


def _changes_in_12_months(doc: Document) -> int:
	since = add_months(now_datetime(), -MONTHS_COUNTED)
	return account_history.count_visible_changes(doc.doctype, doc.name, since, born=doc.creation)


def _since(changes: list[frappe._dict]) -> datetime:
	"""Return since when the account is with its owner, from its changes, newest first: a transfer and its undo don't count."""
	before = _before_undone_transfer(changes)
	return _since(before) if before else changes[0].changed_on


def _before_undone_transfer(changes: list[frappe._dict]) -> list[frappe._dict]:
	"""Return the changes before the transfer that the newest change undid; none if it isn't an undo."""
	transfer = changes[0].account_transfer
	moved = [number for number, change in enumerate(changes) if change.account_transfer == transfer]
	return changes[moved[1] + 1 :] if transfer and len(moved) > 1 else []


def in_words(change: frappe._dict, is_undo: bool = False) -> LastChange:
	reason = change_reasons.of(change)
	is_takeover = change.kind == "Taken Over" or change.taken_from
	return LastChange(
		entry=change.name,
		kind=change.kind,
		sentence=account_history.sentence(change, is_undo),
		changed_on=change.changed_on,
		reason=reason,
		reason_wanted=bool(not reason and is_takeover and change_reasons.is_by(frappe.session.user, change)),
		account_transfer=_transfer_to_open(change.account_transfer),
	)


def _transfer_to_open(transfer: str | None) -> str | None:
	"""Return the transfer if the reader may open it."""
	if transfer and frappe.db.exists(ACCOUNT_TRANSFER, transfer):
		if frappe.has_permission(ACCOUNT_TRANSFER, doc=transfer):
			return transfer
	return None


def _today(user: str | None, at: datetime) -> str | None:
	"""Return which user of today an entry of a moment means."""
	return names.people([(user, at)]).get((user, at))
