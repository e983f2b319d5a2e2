"""The plan's rows, page by page, filtered and changed on the server: a hundred thousand of them open as fast as ten."""

from collections.abc import Iterable

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder.functions import Count, Sum
from frappe.utils import cint, cstr, flt, get_fullname
from pypika import Criterion
from pypika.queries import QueryBuilder, Table
from pypika.terms import Case, Term

from crm_transparency.crm_transparency import formatting, registry
from crm_transparency.crm_transparency.database import is_one_of
from crm_transparency.offboarding import plan_rows, reader_limits, successor_proposals
from crm_transparency.offboarding.exceptions import NotASuccessor, WrongMoment
from crm_transparency.offboarding.offboarding_records import ACCOUNT, PLAN, UNDONE
from crm_transparency.transfers import transfer_successors
from crm_transparency.transfers.transfer_constants import COMPLETED, FAILED

ROWS_OF_A_PAGE = 100
MOST_ROWS_OF_A_PAGE = 10_000
#: the longest list of names that a change can have; more are selected by filters
MOST_NAMED = 10_000
#: what the rows can be sorted by
SORTABLE = ("worth", "account_title", "open_value", "revenue", "last_contact", "successor", "territory")
VALUES = ("worth", "open_value", "revenue")
SHOWN = [column for column in plan_rows.COLUMNS if column not in ("worth", "is_key_chosen")]
NOBODY = "nobody"


def page(
	offboarding: str,
	filters: dict,
	sort: str = "worth",
	descending: bool = True,
	start: int = 0,
	length: int = 0,
) -> dict:
	"""Return some of the matching rows, their total number, and their total value."""
	row = frappe.qb.DocType(ACCOUNT)
	matching = matching_rows(row, offboarding, filters)
	order = frappe.qb.desc if descending else frappe.qb.asc
	length = min(cint(length) or ROWS_OF_A_PAGE, MOST_ROWS_OF_A_PAGE)
	column = sort if sort in sortable() else sortable()[0]
	rows = (
		matching.select(*(row[field] for field in SHOWN))
		# both in the same direction, as the index has them
		.orderby(as_shown(row, column), row.name, order=order)
		.limit(length)
		.offset(max(0, cint(start)))
		.run(as_dict=True)
	)
	total, worth = matching_rows(row, offboarding, filters).select(Count("*"), Sum(row.worth)).run()[0]
	present(offboarding, rows)
	for each in rows:
		each.successor_name = plan_rows.full_name(each.successor) if each.successor else None
	return {"rows": rows, "total": total, "worth": None if reader_limits.is_limited() else flt(worth)}


def present(offboarding: str, rows: list[frappe._dict]) -> None:
	"""Give rows the current titles of their accounts, and leave out what the reader may not see."""
	titles = plan_rows.account_titles(rows)
	for each in rows:
		each.account_title = titles.get((each.reference_doctype, each.reference_name)) or each.account_title
	plan_rows.as_seen(rows, frappe.db.get_value(PLAN, offboarding, "leaver"), frappe.session.user)


def sortable() -> tuple[str, ...]:
	"""Return what the reader can sort by: not by values of which they may not see some."""
	return tuple(it for it in SORTABLE if it not in VALUES) if reader_limits.is_limited() else SORTABLE


def matching_rows(row: Table, offboarding: str, filters: dict) -> QueryBuilder:
	query = frappe.qb.from_(row).where(row.offboarding == offboarding)
	for condition in conditions(row, filters):
		query = query.where(condition)
	return query


def conditions(row: Table, filters: dict) -> list[Criterion]:
	"""Return what narrows the rows down; a filter that is empty narrows nothing.

	`successor` can be NOBODY; `coverage` is "known" or "unknown" to somebody else; `changed`: chosen by people, not as proposed.
	"""
	found = []
	if text := cstr(filters.get("text")).strip():
		pattern = f"%{escaped(text)}%"
		found.append(as_shown(row, "account_title").like(pattern) | row.reference_name.like(pattern))
	for key, column in (("document_type", "reference_doctype"), ("territory", "territory")):
		if filters.get(key):
			found.append(as_shown(row, column) == cstr(filters[key]))
	if successor := cstr(filters.get("successor")):
		nobody = row.successor.isnull() | (row.successor == "")
		found.append(nobody if successor == NOBODY else row.successor == successor)
	if cint(filters.get("key_accounts")):
		found.append(row.is_key_account == 1)
	if coverage := filters.get("coverage"):
		known_by = as_shown(row, "known_by")
		found.append(known_by == "" if coverage == "unknown" else known_by != "")
	if flt(filters.get("least_worth")) and not reader_limits.is_limited():
		found.append(row.worth >= flt(filters["least_worth"]))
	if cint(filters.get("changed")):
		found.append(row.chosen_by.isnotnull() & (row.chosen_by != ""))
	return found


def as_shown(row: Table, column: str) -> Term:
	"""Return what the reader can search and sort by: of types with companies closed to them, what is shown of hidden rows."""
	limited = [it for it in registry.tracked_doctypes() if reader_limits.visible(row, it, None) is not None]
	if column not in ("account_title", "territory", "known_by") or not limited:
		return row[column]
	shown = row.reference_name if column == "account_title" else ""
	return Case().when(row.reference_doctype.isin(limited), shown).else_(row[column])


def escaped(text: str) -> str:
	"""Return text escaped for LIKE (not on SQLite, which has no such escape)."""
	if frappe.db.db_type == "sqlite":
		return text
	return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def change(
	offboarding: str,
	*,
	names: list[str] | None = None,
	filters: dict | None = None,
	successor: str | None = None,
	as_proposed: bool = False,
	is_key_account: bool | None = None,
) -> int:
	"""Change named rows, or all that match filters, in one statement; return how many.

	Raises NotASuccessor for somebody who can't get accounts, and WrongMoment once the transfer has started, except about
	accounts that it left behind.
	"""
	plan = lock(offboarding)
	row = frappe.qb.DocType(ACCOUNT)
	selected = selected_rows(row, offboarding, names, filters)
	selected += plan_rows.not_moved(row, plan.account_transfer)
	query = (
		frappe.qb.update(row).set(row.modified, frappe.utils.now()).set(row.modified_by, frappe.session.user)
	)
	if as_proposed:
		query = query.set(row.successor, row.proposed_successor).set(row.chosen_by, None)
	elif successor:
		check_successor(offboarding, successor)
		query = query.set(row.successor, successor).set(row.chosen_by, frappe.session.user)
	if is_key_account is not None:
		query = query.set(row.is_key_account, cint(is_key_account)).set(row.is_key_chosen, 1)
	count = frappe.qb.from_(row).select(Count("*"))
	for condition in selected:
		query, count = query.where(condition), count.where(condition)
	total = count.run()[0][0]
	query.run()
	return total


def selected_rows(
	row: Table, offboarding: str, names: list[str] | None, filters: dict | None
) -> list[Criterion]:
	"""Return the conditions for the selected rows of this plan. Raises ValidationError if none are selected."""
	of_plan = row.offboarding == offboarding
	if names:
		if len(names) > MOST_NAMED:
			frappe.throw(_("Too many rows are selected. Please use the filters."))
		return [of_plan, is_one_of(row.name, map(cstr, names))]
	if filters is None:
		frappe.throw(_("Please select accounts."))
	return [of_plan, *conditions(row, filters)]


def lock(offboarding: str) -> frappe._dict:
	"""Lock the plan against a calculation or a transfer that starts now, and return what it is about.

	Raises WrongMoment if one has started.
	"""
	fields = ["name", "task", "account_transfer", "leaver"]
	state = frappe.db.get_value(PLAN, offboarding, fields, as_dict=True, for_update=True)
	if not state:
		frappe.throw(_("There is no plan yet. Please create it first."), exc=WrongMoment)
	if state.task:
		frappe.throw(
			_("A background job is working on the plan. Please try again in a moment."), exc=WrongMoment
		)
	check_can_change(state)
	return state


def check_can_change(plan: Document | frappe._dict) -> None:
	"""Raise WrongMoment if a transfer of the plan has started, unless it is through and left accounts behind."""
	name = plan.account_transfer
	status = name and frappe.db.get_value("Account Transfer", name, "status")
	is_through = status in (COMPLETED, FAILED) and plan_rows.left(plan)
	if not status or status == UNDONE or is_through:
		return
	frappe.throw(
		_("The transfer has started, so the plan can't change anymore. Undo the transfer first."),
		exc=WrongMoment,
	)


def check_successor(offboarding: str, successor: str) -> None:
	if successor == frappe.db.get_value(PLAN, offboarding, "leaver"):
		frappe.throw(
			_("{0} is leaving. Please choose somebody else.").format(get_fullname(successor)),
			exc=NotASuccessor,
		)
	if reason := successor_proposals.unable([successor]).get(successor):
		frappe.throw(reason, exc=NotASuccessor)


def unable_successors(plan: Document) -> dict[str, str]:
	"""Return, for those who can't take over what they are still to get, the sentence that says why."""
	return successor_proposals.unable(
		{plan.default_successor, *(group.successor for group in groups_to_move(plan))}
	)


def warnings(plan: Document) -> list[str]:
	"""Return in sentences who can't take over what they are still to get, or couldn't edit it."""
	groups, unable = groups_to_move(plan), unable_successors(plan)
	accounts = totals(groups, "successor")
	sentences = [
		f"{reason} {_('Accounts: {0}.').format(formatting.number(accounts[user])) if accounts.get(user) else ''}".strip()
		for user, reason in unable.items()
	]
	for user in sorted(filter(None, accounts.keys() - unable.keys())):
		doctypes = {group.reference_doctype for group in groups if group.successor == user}
		sentences += transfer_successors.lacking_permission([user], sorted(doctypes))
	return sentences


def groups_to_move(plan: Document) -> list[frappe._dict]:
	return grouped(plan.name, plan_rows.not_moved(frappe.qb.DocType(ACCOUNT), plan.account_transfer))


def summary(offboarding: str) -> dict:
	"""Return the plan's numbers: accounts, by type, by successor, without successor, their value."""
	groups, is_limited = grouped(offboarding), reader_limits.is_limited()
	by_successor, by_type = totals(groups, "successor"), totals(groups, "reference_doctype")
	return {
		"accounts": sum(group.accounts for group in groups),
		"by_type": [line(doctype, _(doctype), accounts) for doctype, accounts in by_type.items()],
		"by_successor": [
			line(user, plan_rows.full_name(user), accounts) for user, accounts in by_successor.items() if user
		],
		"territories": sorted({group.territory for group in groups if group.territory}),
		"without_successor": sum(group.accounts for group in groups if not group.successor),
		"known_to_nobody_else": cint(sum(group.unknown for group in groups)),
		"open_value": None if is_limited else flt(sum(group.open_value for group in groups)),
		"revenue": None if is_limited else flt(sum(group.revenue for group in groups)),
		"key_accounts": cint(sum(group.key_accounts for group in groups)),
	}


def grouped(offboarding: str, conditions: Iterable[Criterion] = ()) -> list[frappe._dict]:
	"""Return the plan's rows grouped by all that the summary shows, so that the database reads them once."""
	row = frappe.qb.DocType(ACCOUNT)
	columns = (row.successor, row.reference_doctype, row.territory)
	query = frappe.qb.from_(row).where(row.offboarding == offboarding)
	for condition in conditions:
		query = query.where(condition)
	return (
		query.select(*columns, Count("*").as_("accounts"))
		.select(Sum(row.open_value).as_("open_value"), Sum(row.revenue).as_("revenue"))
		.select(Sum(row.is_key_account).as_("key_accounts"))
		.select(Sum(Case().when(row.known_by == "", 1).else_(0)).as_("unknown"))
		.groupby(*columns)
		.run(as_dict=True)
	)


def totals(groups: list[frappe._dict], column: str) -> dict[str | None, int]:
	"""Return the accounts by what is in a column, most first."""
	found: dict[str | None, int] = {}
	for group in groups:
		found[group[column]] = found.get(group[column], 0) + group.accounts
	return dict(sorted(found.items(), key=lambda item: (-item[1], item[0] or "")))


def line(value: str, label: str, accounts: int) -> dict:
	return {"value": value, "label": label, "accounts": accounts}
