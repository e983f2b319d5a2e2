"""An account's history of owners, under whatever names it was and whichever accounts were merged into it."""

from datetime import datetime, timedelta

import frappe
from frappe.query_builder import Order
from frappe.query_builder.functions import Count
from pypika import Criterion
from pypika.queries import QueryBuilder, Table

from crm_transparency.ledger import names
from crm_transparency.ownership import permissions
from crm_transparency.ownership.permissions import LEDGER

BORN_WITH_ITS_OWNER = timedelta(minutes=1)
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
		.where((table.kind != "Assigned") | (table.changed_on > born + BORN_WITH_ITS_OWNER))
	)
	return _only_visible(query, table).run()[0][0]


def _only_visible(query: QueryBuilder, table: Table) -> QueryBuilder:
	visible = permissions.criterion(table)
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
