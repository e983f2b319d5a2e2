"""The plan as a CSV file: downloaded, edited in a spreadsheet, and uploaded again.

The download reads the accounts' names the way every list does, so the export audit records which of them left. Addresses
and phone numbers aren't in it. Of an upload every line is checked first: lines that can't be used are listed with the
reason, and the others take effect together or not at all.
"""

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

import frappe
from frappe import _
from frappe.utils import cstr, flt, format_datetime

from crm_transparency.crm_transparency.database import batches, is_one_of
from crm_transparency.offboarding import account_business, plan_grid, successor_proposals
from crm_transparency.offboarding.offboarding_records import ACCOUNT, PLAN
from crm_transparency.transfers import chosen_accounts
from crm_transparency.transfers.exceptions import ListNotReadable

ROWS_AT_ONCE = 1000
#: a spreadsheet treats a cell that starts with one of these as a formula
FORMULA = ("=", "+", "-", "@", "\t", "\r")
GUARD = "'"
KEY_HEADINGS = ("key account", "key_account", "key")
YES = ("yes", "y", "1", "true", "x", "ja", "oui", "si", "sí")
NO = ("no", "n", "0", "false", "", "nein", "non")


class Edit(NamedTuple):
	"""What a line changes in a row: its successor, and whether it is a key account (None: nothing)."""

	row: str
	successor: str | None
	is_key_account: bool | None


class Line(NamedTuple):
	number: int
	doctype: str
	name: str
	successor: str
	key: str | None


class Outcome(NamedTuple):
	lines: int
	edits: list[Edit]
	problems: list[dict]


def write(offboarding: str, filters: dict) -> str:
	"""Return the matching rows as the text of a CSV file, with headings that `read` recognizes."""
	text = io.StringIO()
	text.write("\ufeff")  # tells spreadsheets that it's UTF-8
	writer = csv.writer(text, lineterminator="\r\n")
	currency = account_business.currency_of(frappe.db.get_value(PLAN, offboarding, "leaver"))
	writer.writerow(headings(currency))
	row = frappe.qb.DocType(ACCOUNT)
	matching = plan_grid.matching_rows(row, offboarding, filters).select(
		*(row[field] for field in plan_grid.SHOWN)
	)
	after = ""
	while page := matching.where(row.name > after).orderby(row.name).limit(ROWS_AT_ONCE).run(as_dict=True):
		plan_grid.present(offboarding, page)
		writer.writerows(cells(each) for each in page)
		after = page[-1].name
	return text.getvalue()


def headings(currency: str) -> list[str]:
	return [
		chosen_accounts.heading_of(chosen_accounts.DOCTYPE),
		chosen_accounts.heading_of(chosen_accounts.NAME),
		_("Account name"),
		_("Territory"),
		f"{_('Open value')} ({currency})",
		f"{_('Orders in the last 12 months')} ({currency})",
		_("Open business"),
		_("Last contact"),
		_("Who else knows the customer"),
		_("Reason"),
		chosen_accounts.heading_of(chosen_accounts.SUCCESSOR),
		_("Key account"),
	]


def cells(row: frappe._dict) -> list[str]:
	values = [
		row.reference_doctype,
		row.reference_name,
		row.account_title,
		row.territory,
		flt(row.open_value, 2),
		flt(row.revenue, 2),
		row.open_business,
		format_datetime(row.last_contact, "yyyy-MM-dd") if row.last_contact else "",
		row.known_by,
		row.reason,
		row.successor,
		_("Yes") if row.is_key_account else _("No"),
	]
	return [value if isinstance(value, float) else guarded(cstr(value)) for value in values]


def guarded(text: str) -> str:
	return f"{GUARD}{text}" if text.startswith(FORMULA) else text


def unguarded(text: str) -> str:
	return text[1:] if text.startswith(GUARD) and text[1:].startswith(FORMULA) else text


def read(offboarding: str, file_url: str) -> Outcome:
	"""Return what an uploaded file would change, and which of its lines can't be used, without changing anything."""
	path = chosen_accounts.path_of(file_url)
	edits: dict[str, Edit] = {}
	problems, count = [], 0
	with open(path, encoding=chosen_accounts.encoding_of(path), errors="replace", newline="") as text:
		for page in batches(lines(text), ROWS_AT_ONCE):
			count += len(page)
			for line, edit, problem in checked(offboarding, page):
				if not problem and edit.row in edits:
					problem = _("This account is listed more than once.")
				if problem:
					problems.append({"line": line.number, "account": line.name, "problem": problem})
				else:
					edits[edit.row] = edit
	changes = [it for it in edits.values() if it.successor is not None or it.is_key_account is not None]
	return Outcome(count, changes, problems)


def lines(text: io.TextIOBase) -> Iterator[Line]:
	"""Yield the lines that aren't blank. Raises ListNotReadable if the first one has no headings."""
	first = text.readline()
	delimiter = max(chosen_accounts.DELIMITERS, key=first.count)
	head = next(csv.reader([first], delimiter=delimiter), [])
	columns = chosen_accounts.columns_by_heading(head)
	known = (*KEY_HEADINGS, _("Key account").lower())
	keys = [at for at, heading in enumerate(head) if heading.strip().lower() in known]
	if chosen_accounts.NAME not in columns or chosen_accounts.DOCTYPE not in columns:
		frappe.throw(
			_("The first line must contain the headings, including {0} and {1}.").format(
				chosen_accounts.heading_of(chosen_accounts.DOCTYPE),
				chosen_accounts.heading_of(chosen_accounts.NAME),
			),
			exc=ListNotReadable,
		)
	rows = csv.reader(text, delimiter=delimiter)
	try:
		for row in rows:
			if any(cell.strip() for cell in row):
				cell = {name: cell_at(row, at) for name, at in columns.items()}
				key = cell_at(row, keys[0]) if keys else None
				successor = cell.get(chosen_accounts.SUCCESSOR, "")
				yield Line(
					rows.line_num + 1,
					cell[chosen_accounts.DOCTYPE],
					cell[chosen_accounts.NAME],
					successor,
					key,
				)
	except csv.Error as error:
		frappe.throw(
			_("Line {0} of the list can't be read: {1}").format(rows.line_num + 1, cstr(error)),
			exc=ListNotReadable,
		)


def cell_at(row: list[str], at: int) -> str:
	return unguarded(row[at].strip()) if at < len(row) else ""


def checked(offboarding: str, page: list[Line]) -> Iterator[tuple[Line, Edit | None, str | None]]:
	"""Yield each line with what it changes, or with why it can't be used."""
	rows = rows_named(offboarding, page)
	users = chosen_accounts.find_users([chosen_accounts.Line(0, "", "", line.successor) for line in page])
	unfit = successor_proposals.unable(users.values())
	leaver = frappe.db.get_value(PLAN, offboarding, "leaver")
	for line in page:
		row = rows.get((line.doctype.lower(), line.name.lower()))
		user = users.get(line.successor.lower())
		problem = (
			problem_of_row(line, row)
			or problem_of_successor(line, user, unfit, leaver)
			or problem_of_key(line.key)
		)
		yield line, None if problem else edit_of(line, row, user), problem


def rows_named(offboarding: str, page: list[Line]) -> dict[tuple[str, str], frappe._dict]:
	row = frappe.qb.DocType(ACCOUNT)
	found = (
		frappe.qb.from_(row)
		.select(row.name, row.reference_doctype, row.reference_name, row.successor, row.is_key_account)
		.where((row.offboarding == offboarding) & is_one_of(row.reference_name, {line.name for line in page}))
		.run(as_dict=True)
	)
	by_account = {}
	for each in found:
		for doctype in {each.reference_doctype, _(each.reference_doctype)}:
			by_account[doctype.lower(), each.reference_name.lower()] = each
	return by_account


def problem_of_row(line: Line, row: frappe._dict | None) -> str | None:
	if not line.name:
		return _("There is no account in this line.")
	return None if row else _("{0} {1} isn't in this plan.").format(line.doctype, line.name)


def problem_of_successor(line: Line, user: str | None, unfit: dict[str, str], leaver: str) -> str | None:
	if not line.successor:
		return None
	if not user:
		return _("{0} isn't a user.").format(line.successor)
	if user == leaver:
		return _("{0} is leaving.").format(line.successor)
	return unfit.get(user)


def problem_of_key(key: str | None) -> str | None:
	if key is None or key.lower() in (*YES, *NO, _("Yes").lower(), _("No").lower()):
		return None
	return _("“{0}” isn't yes or no.").format(key)


def edit_of(line: Line, row: frappe._dict, user: str | None) -> Edit:
	"""Return what a line changes. An empty cell changes nothing, so columns can be left out."""
	successor = user if user and user != row.successor else None
	is_key = (line.key or "").lower() in (*YES, _("Yes").lower()) if line.key else None
	if is_key is not None and is_key == bool(row.is_key_account):
		is_key = None
	return Edit(row.name, successor, is_key)


def apply(offboarding: str, edits: list[Edit]) -> int:
	"""Apply the changes to the plan; return how many rows changed."""
	plan_grid.lock(offboarding)
	by_successor: dict[str, list[str]] = {}
	by_key: dict[bool, list[str]] = {}
	for edit in edits:
		if edit.successor:
			by_successor.setdefault(edit.successor, []).append(edit.row)
		if edit.is_key_account is not None:
			by_key.setdefault(edit.is_key_account, []).append(edit.row)
	for successor, rows in by_successor.items():
		for batch in batches(rows, plan_grid.MOST_NAMED):
			plan_grid.change(offboarding, names=batch, successor=successor)
	for is_key_account, rows in by_key.items():
		for batch in batches(rows, plan_grid.MOST_NAMED):
			plan_grid.change(offboarding, names=batch, is_key_account=is_key_account)
	return len(edits)
