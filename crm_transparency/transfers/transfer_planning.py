"""The plan of a transfer: one item for every account, with its owner now and the owner to be.

What the form shows about a plan: how many accounts go where, what stands in the way, what moves along.
"""

import time
from collections.abc import Callable, Iterator

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder.functions import Count
from frappe.utils import escape_html, get_fullname, now

from crm_transparency.crm_transparency.database import insert_rows, inserted, is_one_of
from crm_transparency.transfers import (
	account_belongings,
	chosen_accounts,
	transfer_permissions,
	transfer_progress,
	transfer_successors,
)
from crm_transparency.transfers.chosen_accounts import Account
from crm_transparency.transfers.exceptions import TransferNotPossible
from crm_transparency.transfers.transfer_constants import (
	ACCOUNT_TRANSFER,
	ITEM,
	LIST,
	PENDING,
	SKIPPED,
	TRANSFERRED,
)
from crm_transparency.transfers.transfer_successors import Chooser, chooser

ITEMS_DELETED_AT_ONCE = 10_000
# what a request may plan while somebody waits for it; more is planned in the background
ACCOUNTS_WHILE_WAITING = 2000

Checkpoint = Callable[[], None]


def is_small(transfer: Document) -> bool:
	"""Return whether planning the transfer anew is done in a moment."""
	if frappe.db.count(ITEM, {"account_transfer": transfer.name}) > ACCOUNTS_WHILE_WAITING:
		return False
	if transfer.source == LIST:
		return not chosen_accounts.has_more_lines_than(transfer, ACCOUNTS_WHILE_WAITING)
	return chosen_accounts.count_up_to(transfer, ACCOUNTS_WHILE_WAITING + 1) <= ACCOUNTS_WHILE_WAITING


def plan(transfer: Document, checkpoint: Checkpoint = lambda: None) -> None:
	"""Write the transfer's items anew, and what the form shows about them.

	`checkpoint` is called after every page of items: a background job commits there. What an unfinished plan leaves is
	thrown away by the next one; until one is finished the transfer can't be started.
	"""
	forget(transfer.name, checkpoint)
	written = Written(transfer)
	for page in permitted_accounts(transfer):
		written.add(page)
		checkpoint()
	if not written.total:
		frappe.throw(_("No accounts match, so there is nothing to transfer."), exc=TransferNotPossible)
	frappe.db.set_value(
		ACCOUNT_TRANSFER,
		transfer.name,
		{
			"total": written.total,
			"skipped": written.skipped,
			"item_prefix": written.prefix,
			"plan": frappe.as_json(summary_of(transfer.name), indent=None),
			"previewed_on": now(),
			"error_message": None,
		},
		update_modified=False,
	)


def forget(transfer: str, checkpoint: Checkpoint = lambda: None) -> None:
	"""Delete the items of an earlier plan, except those of accounts that moved."""
	item = frappe.qb.DocType(ITEM)
	while names := (
		frappe.qb.from_(item)
		.select(item.name)
		.where((item.account_transfer == transfer) & (item.status != TRANSFERRED))
		.limit(ITEMS_DELETED_AT_ONCE)
		.run(pluck=True)
	):
		frappe.qb.from_(item).delete().where(is_one_of(item.name, names)).run()
		checkpoint()


def permitted_accounts(transfer: Document) -> Iterator[list[Account]]:
	"""Yield the accounts that the transfer is about, page by page.

	Raises PermissionError at the first one that the session's user mayn't transfer.
	"""
	may_transfer_any = transfer_permissions.may_transfer_any()
	pages = (
		chosen_accounts.listed_accounts(transfer)
		if transfer.source == LIST
		else chosen_accounts.found_accounts(transfer)
	)
	for page in pages:
		if not may_transfer_any:
			check_own(page)
		yield [only_from(transfer.from_user, account) for account in page] if transfer.from_user else page


def check_own(page: list[Account]) -> None:
	for account in page:
		if not account.problem and account.owner != frappe.session.user:
			transfer_permissions.refuse(not_your_account(account))


def not_your_account(account: Account) -> str:
	title = frappe.bold(escape_html(account.title))
	if account.owner:
		return _("{0} isn't your account: it belongs to {1}.").format(title, get_fullname(account.owner))
	return _("{0} isn't your account: it has no owner.").format(title)


def only_from(user: str, account: Account) -> Account:
	"""Leave out what a list names although it belongs to somebody else than the user whose accounts are meant."""
	if account.problem or account.owner == user:
		return account
	if account.owner:
		problem = _("Belongs to {0}, not to {1}.").format(get_fullname(account.owner), get_fullname(user))
	else:
		problem = _("Has no owner, so it isn't an account of {0}.").format(get_fullname(user))
	return account._replace(problem=problem)


class Written:
	"""Writes items, and counts them, going on after those of accounts that moved already.

	Their names are the time at which that began, in 16 digits, and their number in 8: so they lie side by side in
	the order in which they are worked off. The number, which no other item of the transfer has, also ends the names
	of the ledger entries and Versions made for it.
	"""

	COLUMNS = (
		"name",
		"reference_doctype",
		"reference_name",
		"account_title",
		"territory",
		"previous_owner",
		"to_user",
		"status",
		"note",
	)

	def __init__(self, transfer: Document):
		self.transfer = transfer
		last = frappe.db.get_value(ITEM, {"account_transfer": transfer.name}, "name", order_by="name desc")
		self.prefix = last[:16] if last else f"{time.time_ns():016x}"
		self.number = int(last[16:], 16) if last else 0
		self.chooser: Chooser = chooser(transfer)
		self.fitness: dict[str, str | None] = {}
		self.total = frappe.db.count(ITEM, {"account_transfer": transfer.name}) if last else 0
		self.skipped = 0

	def add(self, page: list[Account]) -> None:
		repeated = self.already_written(page)
		# the same values in every row; an item belongs to whoever the transfer belongs to
		common = {"account_transfer": self.transfer.name, **inserted(self.transfer.owner, now())}
		rows = []
		for account in page:
			key = (account.doctype, account.name)
			if key in repeated and not account.problem:
				if account.line is None:
					continue
				repetition = chosen_accounts.on_line(account.line, _("it is in the list more than once."))
				account = account._replace(problem=repetition)
			item = self.item(account)
			if not item[-1]:
				repeated.add(key)
			rows.append((*item, *common.values()))
		insert_rows(ITEM, (*self.COLUMNS, *common), rows)

	def item(self, account: Account) -> tuple:
		successor, problem = None, account.problem
		if not problem:
			successor, problem = self.chooser(account)
			problem = problem or self.conflict(account, successor)
		self.total += 1
		self.number += 1
		self.skipped += bool(problem)
		return (
			f"{self.prefix}{self.number:08x}",
			account.doctype,
			account.name,
			account.title,
			account.territory,
			account.owner,
			successor,
			SKIPPED if problem else PENDING,
			problem,
		)

	def conflict(self, account: Account, successor: str) -> str | None:
		if successor == account.owner:
			return _("Already belongs to {0}.").format(get_fullname(successor))
		if successor not in self.fitness:
			self.fitness[successor] = transfer_successors.unfit([successor]).get(successor)
		return self.fitness[successor]

	def already_written(self, page: list[Account]) -> set[tuple[str, str]]:
		"""Return those accounts of a page that have an item already: lists repeat themselves, and filters overlap.

		Of a list, lines that were no use don't count: a later one may say it better.
		"""
		item = frappe.qb.DocType(ITEM)
		written = set()
		for doctype in {account.doctype for account in page}:
			query = (
				frappe.qb.from_(item)
				.select(item.reference_name)
				.where(item.reference_doctype == doctype)
				.where(item.account_transfer == self.transfer.name)
				.where(is_one_of(item.reference_name, [a.name for a in page if a.doctype == doctype]))
			)
			if self.transfer.source == LIST:
				query = query.where(item.status == PENDING)
			written.update((doctype, name) for name in query.run(pluck=True))
		return written


LINES_SHOWN = 100
CONFLICTS_SHOWN = 20


def summary_of(transfer: str) -> dict:
	"""Return what the form shows about a plan; most of it as lists of `label` and `accounts`."""
	groups = pending_groups(transfer)
	users = {group.to_user for group in groups}
	doctypes = {group.reference_doctype for group in groups}
	conflicts, other_conflicts = conflicts_of(transfer)
	return dict(
		by_successor=totals(groups, "to_user", get_fullname),
		by_document_type=totals(groups, "reference_doctype", _),
		by_territory=totals(groups, "territory", lambda territory: territory or _("No territory")),
		conflicts=conflicts,
		other_conflicts=other_conflicts,
		hints=transfer_successors.lacking_permission(sorted(users), sorted(doctypes))[:CONFLICTS_SHOWN],
		open_todos=account_belongings.count_todos(transfer),
		follows=account_belongings.count_follows(transfer),
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


def totals(groups: list[frappe._dict], field: str, label: Callable[[str], str]) -> list[dict]:
	"""Add the groups up by one of their fields, most accounts first; what is beyond LINES_SHOWN makes one line."""
	accounts: dict[str, int] = {}
	for group in groups:
		accounts[group[field]] = accounts.get(group[field], 0) + group.accounts
	most_first = sorted(accounts, key=lambda value: (-accounts[value], value or ""))
	lines = [dict(label=label(value), accounts=accounts[value]) for value in most_first[:LINES_SHOWN]]
	others = most_first[LINES_SHOWN:]
	if others:
		label_of_others = _("{0} others").format(len(others))
		lines.append(dict(label=label_of_others, accounts=sum(accounts[value] for value in others)))
	return lines


def conflicts_of(transfer: str) -> tuple[list[dict], int]:
	"""Return the most frequent reasons why accounts will be skipped, and how many more accounts have others."""
	reasons = transfer_progress.why_left(transfer, CONFLICTS_SHOWN)
	skipped = frappe.db.count(ITEM, {"account_transfer": transfer, "status": SKIPPED})
	return reasons, skipped - sum(reason.accounts for reason in reasons)
