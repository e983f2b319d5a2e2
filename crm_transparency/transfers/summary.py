"""What the form shows about a plan: how many accounts go where, what stands in the way, what moves along."""

from collections.abc import Callable
from typing import TypedDict

import frappe
from frappe import _
from frappe.query_builder.functions import Count
from frappe.utils import get_fullname

from crm_transparency.transfers import belongings, successors
from crm_transparency.transfers.words import ITEM, PENDING, SKIPPED

LINES_SHOWN = 100
CONFLICTS_SHOWN = 20


class Line(TypedDict):
	label: str
	accounts: int


class Summary(TypedDict):
	by_successor: list[Line]
	by_document_type: list[Line]
	by_territory: list[Line]
	conflicts: list[Line]
	other_conflicts: int
	hints: list[str]
	open_todos: int
	follows: int


def of(transfer: str) -> Summary:
	groups = pending_groups(transfer)
	users = {group.to_user for group in groups}
	doctypes = {group.reference_doctype for group in groups}
	conflicts, other_conflicts = conflicts_of(transfer)
	return Summary(
		by_successor=totals(groups, "to_user", get_fullname),
		by_document_type=totals(groups, "reference_doctype", _),
		by_territory=totals(groups, "territory", lambda territory: territory or _("Without territory")),
		conflicts=conflicts,
		other_conflicts=other_conflicts,
		hints=successors.lacking_permission(sorted(users), sorted(doctypes))[:CONFLICTS_SHOWN],
		open_todos=belongings.count_todos(transfer),
		follows=belongings.count_follows(transfer),
	)


def pending_groups(transfer: str) -> list[frappe._dict]:
	item = frappe.qb.DocType(ITEM)
	return (
		frappe.qb.from_(item)
		.select(item.to_user, item.reference_doctype, item.territory, Count("*").as_("accounts"))
		.where((item.account_transfer == transfer) & (item.status == PENDING))
		.groupby(item.to_user, item.reference_doctype, item.territory)
		.run(as_dict=True)
	)


def totals(groups: list[frappe._dict], field: str, label: Callable[[str], str]) -> list[Line]:
	"""Add the groups up by one of their fields, most accounts first; what is beyond LINES_SHOWN makes one line."""
	accounts: dict[str, int] = {}
	for group in groups:
		accounts[group[field]] = accounts.get(group[field], 0) + group.accounts
	most_first = sorted(accounts, key=lambda value: (-accounts[value], value or ""))
	lines = [Line(label=label(value), accounts=accounts[value]) for value in most_first[:LINES_SHOWN]]
	others = most_first[LINES_SHOWN:]
	if others:
		label_of_others = _("{0} others").format(len(others))
		lines.append(Line(label=label_of_others, accounts=sum(accounts[value] for value in others)))
	return lines


def conflicts_of(transfer: str) -> tuple[list[Line], int]:
	"""Return the most frequent reasons why accounts will be skipped, and how many more accounts have others."""
	item = frappe.qb.DocType(ITEM)
	reasons = (
		frappe.qb.from_(item)
		.select(item.note.as_("label"), Count("*").as_("accounts"))
		.where((item.account_transfer == transfer) & (item.status == SKIPPED))
		.groupby(item.note)
		.orderby(Count("*"), order=frappe.qb.desc)
		.orderby(item.note)
		.limit(CONFLICTS_SHOWN)
		.run(as_dict=True)
	)
	skipped = frappe.db.count(ITEM, {"account_transfer": transfer, "status": SKIPPED})
	return reasons, skipped - sum(reason.accounts for reason in reasons)
