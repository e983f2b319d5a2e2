"""Which accounts a transfer is about, page by page, so that a million of them need no more memory than a thousand.

Accounts from a list: an uploaded CSV file, or lines typed, pasted or selected in a list view.

Every line ends up in the transfer. A line that can't be used becomes an account with a problem, which names the line.
"""

import csv
import io
import json
import os
from collections.abc import Iterator
from typing import NamedTuple, TextIO

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cstr

from crm_transparency.crm_transparency import registry
from crm_transparency.crm_transparency.database import batches, is_one_of
from crm_transparency.ownership.changes import as_title
from crm_transparency.transfers.exceptions import ListNotReadable, TransferNotPossible
from crm_transparency.transfers.transfer_constants import AS_LISTED, ONE_USER

ACCOUNTS_AT_ONCE = 5000


class Account(NamedTuple):
	"""An account as it was when the transfer was planned; `problem` says why it can't be transferred."""

	doctype: str
	name: str
	title: str
	owner: str | None = None
	territory: str | None = None
	# what a list says about it, and where
	listed_successor: str | None = None
	line: int | None = None
	problem: str | None = None


class Columns(NamedTuple):
	"""The columns of an account's table that a transfer reads; there may be none for title and territory."""

	owner: str
	title: str | None
	territory: str | None

	def with_name(self) -> list[str]:
		"""Return those that there are, each once, and the name."""
		return ["name", *{column for column in self if column and column != "name"}]


def columns_of(doctype: str) -> Columns:
	tracked = registry.tracked_doctypes()[doctype]
	title, territory = registry.title_field(doctype), tracked["territory_field"]
	return Columns(
		owner=tracked["owner_field"],
		title=title if title and frappe.db.has_column(doctype, title) else None,
		territory=territory if territory and frappe.db.has_column(doctype, territory) else None,
	)


def account_of(doctype: str, columns: Columns, row: frappe._dict) -> Account:
	return Account(
		doctype=doctype,
		name=cstr(row.name),
		title=as_title(columns.title and row[columns.title], row.name),
		owner=row[columns.owner] or None,
		territory=(columns.territory and row[columns.territory]) or None,
	)


def found_accounts(transfer: Document) -> Iterator[list[Account]]:
	"""Yield the accounts that the transfer's filters find, page by page."""
	for doctype, filters in conditions(transfer):
		yield from matching(doctype, filters)


def count_up_to(transfer: Document, limit: int) -> int:
	"""Return how many accounts filters find, but at most `limit`."""
	found = 0
	for doctype, filters in conditions(transfer):
		found += len(
			frappe.get_all(doctype, filters=filters, pluck="name", order_by=None, limit=limit - found)
		)
		if found >= limit:
			break
	return found


def conditions(transfer: Document) -> list[tuple[str, list]]:
	"""Return the document types in question, with the filters for each.

	Without any, all tracked ones are meant. Whoever has `from_user` filled in means that user's accounts only.
	"""
	rows = transfer.document_types or [
		frappe._dict(document_type=doctype, filters=None) for doctype in registry.tracked_doctypes()
	]
	result = []
	for row in rows:
		check_tracked(row.document_type)
		filters = [] if transfer.source == ONE_USER else parse_filters(row)
		if transfer.from_user:
			filters.append(
				[row.document_type, registry.owner_field(row.document_type), "=", transfer.from_user]
			)
		result.append((row.document_type, filters))
	return result


def check_tracked(doctype: str) -> None:
	if not registry.is_tracked(doctype):
		frappe.throw(
			_("{0} isn't a document type whose owners are tracked. Please choose another one.").format(
				frappe.bold(_(doctype))
			),
			exc=TransferNotPossible,
		)


def parse_filters(row: Document) -> list[list]:
	"""Return a row's filters as [document type, field, operator, value], from JSON as the Desk's lists know it."""
	try:
		filters = json.loads(row.filters or "[]")
	except ValueError:
		refuse_filters(row)
	if isinstance(filters, dict):
		filters = [
			[field, *(value if isinstance(value, list) else ("=", value))] for field, value in filters.items()
		]
	if not isinstance(filters, list) or not all(
		isinstance(part, list) and len(part) >= 3 for part in filters
	):
		refuse_filters(row)
	return [part[:4] if len(part) > 3 else [row.document_type, *part] for part in filters]


def refuse_filters(row: Document) -> None:
	frappe.throw(
		_(
			"Row {0}: the filters can't be read. They are a JSON list of conditions, each of them like "
			'["Customer", "territory", "=", "Bavaria"].'
		).format(row.idx),
		exc=TransferNotPossible,
	)


def matching(doctype: str, filters: list) -> Iterator[list[Account]]:
	"""Yield the accounts that fit the filters, in the order of their names: each page starts where the last ended."""
	columns = columns_of(doctype)
	after: list = []
	while True:
		rows = frappe.get_all(
			doctype,
			filters=[*filters, *after],
			fields=columns.with_name(),
			order_by="name asc",
			distinct=any(condition[0] != doctype for condition in filters),
			limit=ACCOUNTS_AT_ONCE,
		)
		if rows:
			yield [account_of(doctype, columns, row) for row in rows]
		if len(rows) < ACCOUNTS_AT_ONCE:
			return
		after = [[doctype, "name", ">", rows[-1].name]]


DOCTYPE, NAME, SUCCESSOR = "document_type", "name", "successor"
HEADINGS = {
	DOCTYPE: ("document type", "doctype", "type"),
	NAME: ("id", "name", "document", "account", "document name"),
	SUCCESSOR: ("successor", "to", "to user", "new owner", "new account owner"),
}
DELIMITERS = ",;\t"
# spreadsheets write one of these; the second can read any bytes
ENCODINGS = ("utf-8-sig", "cp1252")


class Line(NamedTuple):
	number: int
	doctype: str
	name: str
	successor: str


def listed_accounts(transfer: Document) -> Iterator[list[Account]]:
	"""Yield an account for every line of the list, in its order, page by page: found in the database, or with a problem."""
	wants_successor = transfer.strategy == AS_LISTED
	with open_list(transfer) as text:
		for page in batches(lines(text, transfer), ACCOUNTS_AT_ONCE):
			found = {doctype: find(doctype, page) for doctype in {line.doctype for line in page}}
			users = find_users(page) if wants_successor else {}
			yield [account_on(line, found[line.doctype], users, wants_successor) for line in page]


def has_more_lines_than(transfer: Document, limit: int) -> bool:
	with open_list(transfer) as text:
		return any(number > limit for number, _line in enumerate(text))


def write(names: list[str]) -> str:
	"""Return the names as the text of a list."""
	text = io.StringIO()
	csv.writer(text, lineterminator="\n").writerows([[NAME], *([name] for name in names)])
	return text.getvalue()


def open_list(transfer: Document) -> TextIO:
	if not transfer.csv_file:
		return io.StringIO(transfer.listed_accounts or "")
	path = path_of(transfer.csv_file)
	return open(path, encoding=encoding_of(path), errors="replace", newline="")


def path_of(file_url: str) -> str:
	"""Return where the uploaded file lies. Raises PermissionError unless the session's user may read it."""
	name = frappe.db.get_value("File", {"file_url": file_url})
	if not name:
		refuse_missing_file()
	file = frappe.get_doc("File", name)
	file.check_permission("read")
	if file.is_remote_file:
		frappe.throw(_("Please upload the file with the list: a link isn't enough."), exc=ListNotReadable)
	path = file.get_full_path()
	if not os.path.isfile(path):
		refuse_missing_file()
	return path


def refuse_missing_file() -> None:
	frappe.throw(_("The file with the list is gone. Please attach it again."), exc=ListNotReadable)


def encoding_of(path: str) -> str:
	for encoding in ENCODINGS[:-1]:
		try:
			with open(path, encoding=encoding) as text:
				for _line in text:
					pass
			return encoding
		except UnicodeDecodeError:
			continue
	return ENCODINGS[-1]


def lines(text: TextIO, transfer: Document) -> Iterator[Line]:
	"""Yield the lines that aren't blank. The first one has to say what the columns are, unless all are bare names."""
	first = text.readline()
	delimiter = max(DELIMITERS, key=first.count)
	headings = next(csv.reader([first], delimiter=delimiter), [])
	columns = columns_by_heading(headings)
	if NAME not in columns and len(headings) == 1 and transfer.list_document_type:
		columns = {NAME: 0}
		yield Line(1, transfer.list_document_type, headings[0].strip(), "")
	check_columns(columns, transfer)
	doctypes = {_(doctype).lower(): doctype for doctype in registry.tracked_doctypes()}
	doctypes.update({doctype.lower(): doctype for doctype in registry.tracked_doctypes()})
	rows = csv.reader(text, delimiter=delimiter)
	try:
		for row in rows:
			cells = {column: row[at].strip() if at < len(row) else "" for column, at in columns.items()}
			if any(cells.values()):
				doctype = cells.get(DOCTYPE) or transfer.list_document_type or ""
				doctype = doctypes.get(doctype.lower(), doctype)
				yield Line(rows.line_num + 1, doctype, cells[NAME], cells.get(SUCCESSOR, ""))
	except csv.Error as error:
		frappe.throw(
			_("Line {0} of the list can't be read: {1}").format(rows.line_num + 1, str(error)),
			exc=ListNotReadable,
		)


def heading_of(column: str) -> str:
	"""Return how people are told to head the column; in a list they may write other words for it, too."""
	return {DOCTYPE: _("Document type"), NAME: _("ID"), SUCCESSOR: _("Successor")}[column]


def columns_by_heading(headings: list[str]) -> dict[str, int]:
	found = {}
	for at, heading in enumerate(headings):
		plain = " ".join(heading.replace("_", " ").lower().split())
		for column, names in HEADINGS.items():
			if plain in (*names, heading_of(column).lower()):
				found.setdefault(column, at)
	return found


def check_columns(columns: dict[str, int], transfer: Document) -> None:
	if NAME not in columns:
		frappe.throw(
			_(
				"The first line of the list must name its columns: {0}, and {1} and {2} where needed. "
				"Please add such a line."
			).format(*(frappe.bold(heading_of(column)) for column in (NAME, DOCTYPE, SUCCESSOR))),
			exc=ListNotReadable,
		)
	if DOCTYPE not in columns and not transfer.list_document_type:
		frappe.throw(
			_(
				"The list has no column {0}, and no document type is chosen for lines without one. Please add "
				"either."
			).format(frappe.bold(heading_of(DOCTYPE))),
			exc=ListNotReadable,
		)
	if SUCCESSOR not in columns and transfer.strategy == AS_LISTED:
		frappe.throw(
			_(
				"The list has no column {0}, which the strategy {1} goes by. Please add it, or choose another strategy."
			).format(frappe.bold(heading_of(SUCCESSOR)), frappe.bold(_(AS_LISTED))),
			exc=ListNotReadable,
		)


def find(doctype: str, page: list[Line]) -> dict[str, Account]:
	"""Return those accounts of a document type that lines name, by the name in small letters."""
	names = {line.name for line in page if line.doctype == doctype and line.name}
	if not names or not registry.is_tracked(doctype):
		return {}
	columns = columns_of(doctype)
	table = frappe.qb.DocType(doctype)
	rows = (
		frappe.qb.from_(table)
		.select(*columns.with_name())
		.where(is_one_of(table.name, names))
		.run(as_dict=True)
	)
	return {cstr(row.name).lower(): account_of(doctype, columns, row) for row in rows}


def find_users(page: list[Line]) -> dict[str, str]:
	"""Return the users that lines name as successors, by their name in small letters."""
	names = {spelling for line in page for spelling in (line.successor, line.successor.lower()) if spelling}
	if not names:
		return {}
	user = frappe.qb.DocType("User")
	found = frappe.qb.from_(user).select(user.name).where(is_one_of(user.name, names)).run(pluck=True)
	return {name.lower(): name for name in found}


def account_on(
	line: Line, found: dict[str, Account], users: dict[str, str], wants_successor: bool
) -> Account:
	account = found.get(line.name.lower())
	problem = problem_of(line, account) or (
		(wants_successor and problem_of_successor(line.successor, users)) or None
	)
	if account is None:
		name = as_title(None, line.name)
		account = Account(doctype=as_title(None, line.doctype), name=name, title=name)
	return account._replace(
		listed_successor=users.get(line.successor.lower()),
		line=line.number,
		problem=on_line(line.number, problem) if problem else None,
	)


def on_line(number: int, problem: str) -> str:
	return _("Line {0}: {1}").format(number, problem)


def problem_of(line: Line, account: Account | None) -> str | None:
	if not line.doctype:
		return _("no document type is given.")
	if not registry.is_tracked(line.doctype):
		return _("{0} isn't a document type whose owners are tracked.").format(line.doctype)
	if not line.name:
		return _("no account is named.")
	if account is None:
		return _("there is no {0} {1}.").format(_(line.doctype), line.name)
	return None


def problem_of_successor(successor: str, users: dict[str, str]) -> str | None:
	if not successor:
		return _("no successor is named.")
	if successor.lower() not in users:
		return _("{0} isn't a user.").format(successor)
	return None
