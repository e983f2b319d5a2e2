"""An account's history of owners, under whatever names it was and whichever accounts were merged into it, and how each
change is told: a fact, without a judgement.
"""

from datetime import datetime, timedelta

import frappe
from frappe import _
from frappe.query_builder import Order
from frappe.query_builder.functions import Count
from pypika import Criterion
from pypika.queries import QueryBuilder, Table

from crm_transparency.ledger import names
from crm_transparency.ownership import ownership_visibility
from crm_transparency.ownership.ownership_visibility import LEDGER

#: what happens so soon after an account was created belongs to creating it
JUST_CREATED = timedelta(minutes=1)
MOST_CHANGES = 50


def sentence(change: frappe._dict, is_undo: bool = False) -> str:
	"""Say who changed the account owner, from whom and to whom; whether it undid a transfer, the caller knows."""
	return sentences([frappe._dict(change, is_undo=is_undo)])[change.name]


def sentences(changes: list[frappe._dict]) -> dict[str, str]:
	"""Return `sentence` of each change, by the name of its entry."""
	called = names.full_names_at(
		(change[field], change.changed_on) for change in changes for field in ownership_visibility.CONCERNED
	)
	return {change.name: _sentence(change, called) for change in changes}


def _sentence(change: frappe._dict, called: dict[names.Mention, str]) -> str:
	previous, new, taken_from, person, impersonator = (
		called.get((change[field], change.changed_on), "") for field in ownership_visibility.CONCERNED
	)
	what_happened = _template(change).format(
		person=person, previous=previous, new=new, taken_from=taken_from, transfer=change.account_transfer
	)
	if not impersonator:
		return what_happened
	return _("{what_happened}. It was {impersonator}, signed in as {person}.").format(
		what_happened=what_happened, impersonator=impersonator, person=person
	)


def _template(change: frappe._dict) -> str:
	if change.kind == "Baseline":
		return _("{new} had this account when recording began")
	if change.source == "Untracked":
		return {
			"Assigned": _("This account was assigned to {new} directly in the database"),
			"Released": _("This account was taken from {previous} directly in the database"),
		}.get(change.kind) or _("This account was moved from {previous} to {new} directly in the database")
	if change.is_undo:
		return _("{person} undid transfer {transfer}, which gave this account back to {new}")
	if change.account_transfer and change.kind == "Released":
		return _("{person} released this account, which {previous} had, with transfer {transfer}")
	if change.account_transfer:
		return _("{person} moved this account from {previous} to {new} with transfer {transfer}")
	if change.taken_from:
		return _template_of_detour(change)
	if change.kind == "Assigned" and change.changed_by == change.new_owner:
		return _("{person} took on this account, which had no owner")
	return {
		"Assigned": _("{person} assigned this account to {new}"),
		"Taken Over": _("{person} took this account over from {previous}"),
		"Handed Over": _("{person} handed this account over to {new}"),
		"Reassigned": _("{person} moved this account from {previous} to {new}"),
		"Released": _("{person} released this account, which {previous} had"),
	}[change.kind]


def _template_of_detour(change: frappe._dict) -> str:
	if change.changed_by != change.new_owner:
		return _("{person} passed this account on to {new}, who had taken it from {taken_from}")
	if change.previous_owner:
		return _("{person} took this account over from {taken_from}, after {previous} had it in between")
	return _("{person} took this account over from {taken_from}, after it had no owner in between")


#: what is read of an entry wherever it is shown
FIELDS = (
	"name",
	"reference_doctype",
	"reference_name",
	"account_title",
	"previous_owner",
	"new_owner",
	"taken_from",
	"changed_by",
	"impersonated_by",
	"changed_on",
	"kind",
	"source",
	"account_transfer",
	"reason",
	"utc_offset",
)


def newest_changes(doctype: str, name: str, until: datetime | None = None) -> list[frappe._dict]:
	"""Return the newest ledger entries of an account, newest first; for the app, whoever asks.

	`until`: when a deleted account that bore the name was deleted.
	"""
	table = frappe.qb.DocType(LEDGER)
	return _changes(doctype, name, table, until).limit(MOST_CHANGES).run(as_dict=True)


def newest_visible_changes(doctype: str, name: str) -> list[frappe._dict]:
	"""Return the newest ledger entries of an account that the user may see, newest first."""
	table = frappe.qb.DocType(LEDGER)
	return _only_visible(_changes(doctype, name, table), table).limit(MOST_CHANGES).run(as_dict=True)


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


def _changes(doctype: str, name: str, table: Table, until: datetime | None = None) -> QueryBuilder:
	"""Select the account's entries in their own order: names tell it also in the hour that comes twice."""
	return (
		frappe.qb.from_(table)
		.select(*(table[field] for field in FIELDS))
		.where(_belongs_to(doctype, name, table, until))
		.orderby(table.name, order=Order.desc)
	)


def _belongs_to(doctype: str, name: str, table: Table, until: datetime | None = None) -> Criterion:
	spans = names.spans(doctype, name, until)
	return (table.reference_doctype == doctype) & names.criterion(
		spans, table.reference_name, table.changed_on
	)
