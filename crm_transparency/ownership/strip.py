"""What the strip on top of an account's form says: whose account this is, since when, who changed that last, and
what else was changed last.

An account's history of owners, under whatever names it was and whichever accounts were merged into it.
"""

from datetime import datetime
from typing import TypedDict

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder import Order
from frappe.query_builder.functions import Count
from frappe.utils import add_months, get_fullname, now_datetime
from pypika import Criterion
from pypika.queries import QueryBuilder, Table

from crm_transparency.crm_transparency import registry
from crm_transparency.ledger import names
from crm_transparency.ownership import change_reasons, ownership_visibility, recent_edits
from crm_transparency.ownership.ownership_visibility import LEDGER
from crm_transparency.ownership.recent_edits import JUST_CREATED

EDITS_SHOWN = 6  # the last one, and five before it on a click
MONTHS_COUNTED = 12


class LastChange(TypedDict):
	entry: str
	kind: str
	sentence: str
	changed_on: datetime
	reason: str | None
	reason_wanted: bool


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
	change = newest_visible_change(doctype, name) if sees_changes else None
	is_current = change and names.current_name("User", change.new_owner or "") == (account_owner or "")
	return Strip(
		account_owner=account_owner,
		account_owner_name=account_owner and get_fullname(account_owner),
		since=change.changed_on if is_current else None,
		last_change=change and in_words(change),
		changes_in_12_months=_changes_in_12_months(doc) if sees_changes else 0,
		edits=recent_edits.newest_edits(doc, EDITS_SHOWN),
		names=[span.name for span in names.spans(doctype, name)],
	)


def _changes_in_12_months(doc: Document) -> int:
	since = add_months(now_datetime(), -MONTHS_COUNTED)
	return count_visible_changes(doc.doctype, doc.name, since, born=doc.creation)


def in_words(change: frappe._dict) -> LastChange:
	reason = change_reasons.of(change)
	return LastChange(
		entry=change.name,
		kind=change.kind,
		sentence=sentence(change),
		changed_on=change.changed_on,
		reason=reason,
		reason_wanted=not reason and change.kind == "Taken Over" and change.changed_by == frappe.session.user,
	)


def sentence(change: frappe._dict) -> str:
	"""Say who changed the account owner, from whom and to whom: a fact, without a judgement."""
	what_happened = _template(change).format(
		person=_name(change.changed_by), previous=_name(change.previous_owner), new=_name(change.new_owner)
	)
	if not change.impersonated_by:
		return what_happened
	return _("{what_happened}. It was {impersonator}, signed in as {person}.").format(
		what_happened=what_happened,
		impersonator=_name(change.impersonated_by),
		person=_name(change.changed_by),
	)


def _template(change: frappe._dict) -> str:
	if change.kind == "Baseline":
		return _("{new} had this account when recording began")
	if change.source == "Untracked":
		return {
			"Assigned": _("This account was assigned to {new} directly in the database"),
			"Released": _("This account was taken from {previous} directly in the database"),
		}.get(change.kind) or _("This account was moved from {previous} to {new} directly in the database")
	if change.kind == "Assigned" and change.changed_by == change.new_owner:
		return _("{person} took on this account, which had no owner")
	return {
		"Assigned": _("{person} assigned this account to {new}"),
		"Taken Over": _("{person} took this account over from {previous}"),
		"Handed Over": _("{person} handed this account over to {new}"),
		"Reassigned": _("{person} moved this account from {previous} to {new}"),
		"Released": _("{person} released this account, which {previous} had"),
	}[change.kind]


def _name(user: str | None) -> str:
	return get_fullname(names.current_name("User", user)) if user else ""


#: what is read of an entry wherever it is shown
FIELDS = (
	"name",
	"reference_doctype",
	"reference_name",
	"account_title",
	"previous_owner",
	"new_owner",
	"changed_by",
	"impersonated_by",
	"changed_on",
	"kind",
	"source",
	"account_transfer",
	"reason",
)


def newest_change(doctype: str, name: str) -> frappe._dict | None:
	"""Return the newest ledger entry of an account, or None if it has none; for the app, whoever asks."""
	table = frappe.qb.DocType(LEDGER)
	newest = _changes(doctype, name, table).limit(1).run(as_dict=True)
	return newest[0] if newest else None


def newest_visible_change(doctype: str, name: str) -> frappe._dict | None:
	"""Return the newest ledger entry of an account that the user may see, or None."""
	table = frappe.qb.DocType(LEDGER)
	newest = _only_visible(_changes(doctype, name, table), table).limit(1).run(as_dict=True)
	return newest[0] if newest else None


def count_visible_changes(doctype: str, name: str, since: datetime, born: datetime) -> int:
	"""Return how often an account changed hands after the moment `since`, as far as the user may see it.

	The owner with whom it came into being, at the moment `born`, is no change.
	"""
	table = frappe.qb.DocType(LEDGER)
	query = (
		frappe.qb.from_(table)
		.select(Count("*"))
		.where(_belongs_to(doctype, name, table))
		.where((table.changed_on > since) & (table.kind != "Baseline"))
		.where((table.kind != "Assigned") | (table.changed_on > born + JUST_CREATED))
	)
	return _only_visible(query, table).run()[0][0]


def _only_visible(query: QueryBuilder, table: Table) -> QueryBuilder:
	visible = ownership_visibility.criterion(table)
	return query if visible is None else query.where(visible)


def _changes(doctype: str, name: str, table: Table) -> QueryBuilder:
	return (
		frappe.qb.from_(table)
		.select(*(table[field] for field in FIELDS))
		.where(_belongs_to(doctype, name, table))
		.orderby(table.changed_on, order=Order.desc)
		.orderby(table.name, order=Order.desc)
	)


def _belongs_to(doctype: str, name: str, table: Table) -> Criterion:
	spans = names.spans(doctype, name)
	return (table.reference_doctype == doctype) & names.criterion(
		spans, table.reference_name, table.changed_on
	)
