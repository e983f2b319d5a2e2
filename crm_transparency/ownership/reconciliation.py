"""Owner changes that no hook could see: `frappe.db.set_value`, SQL, restored tables.

Each account's owner is compared with its newest ledger entry. Accounts that are new to the ledger get a Baseline,
whatever else differs an entry with the source Untracked. Runs at installation and every night, in chunks: memory
doesn't grow with the number of accounts.
"""

from collections.abc import Iterator
from datetime import datetime

import frappe
from frappe import _
from frappe.query_builder import Order
from frappe.query_builder.functions import Min
from frappe.utils import cstr, get_datetime, now_datetime

from crm_transparency.crm_transparency import registry
from crm_transparency.ledger import entries, names
from crm_transparency.ownership import history
from crm_transparency.ownership.changes import LEDGER, kind_of_change
from crm_transparency.ownership.sources import BACKGROUND_JOB, UNTRACKED
from crm_transparency.ownership.transfers.bulk import insert_rows

ACCOUNTS_AT_A_TIME = 10_000
COLUMNS = (
	"name",
	"creation",
	"modified",
	"owner",
	"modified_by",
	"reference_doctype",
	"reference_name",
	"account_title",
	"owner_field",
	"previous_owner",
	"new_owner",
	"changed_on",
	"kind",
	"source",
	"reason",
)


def reconcile_all() -> int:
	"""Bring the ledger up to every tracked DocType's accounts; return the number of entries written."""
	return sum(reconcile(doctype) for doctype in registry.tracked_doctypes())


def reconcile(doctype: str) -> int:
	"""Write an entry for every account of `doctype` whose owner differs from its newest entry; return how many.

	Commits after each chunk. An account older than the DocType's oldest entry can't have been recorded when its owner
	was set (it was there before the app, before its DocType was tracked, or its entries ended with the retention
	period): that is a Baseline. Of any other difference the ledger should have known: that is Untracked.
	"""
	owner_field = registry.owner_field(doctype)
	known_since = _oldest_entry(doctype)
	written = 0
	for accounts in _chunks_of_differing_accounts(doctype, owner_field):
		rows = [_entry(doctype, owner_field, account, known_since) for account in accounts]
		insert_rows(LEDGER, COLUMNS, rows)
		frappe.db.commit()
		written += len(rows)
	return written


def _chunks_of_differing_accounts(doctype: str, owner_field: str) -> Iterator[list[frappe._dict]]:
	last_name = None
	while accounts := _accounts_with_recorded_owner(doctype, owner_field, last_name):
		last_name = accounts[-1].name
		differing = [
			account for account in accounts if (account.account_owner or None) != (account.recorded or None)
		]
		if differing := _really_differing(doctype, differing):
			yield differing


def _accounts_with_recorded_owner(doctype: str, owner_field: str, after: str | None) -> list[frappe._dict]:
	"""Return the next accounts by name, each with its newest entry and the owner whom that entry names."""
	account, ledger = frappe.qb.DocType(doctype), frappe.qb.DocType(LEDGER)
	newest_entry = (
		frappe.qb.from_(ledger)
		.select(ledger.name)
		.where((ledger.reference_doctype == doctype) & (ledger.reference_name == account.name))
		.orderby(ledger.changed_on, order=Order.desc)
		.orderby(ledger.name, order=Order.desc)
		.limit(1)
	)
	accounts = (
		frappe.qb.from_(account)
		.select(
			account.name,
			account[owner_field].as_("account_owner"),
			account[registry.title_field(doctype) or "name"].as_("title"),
			account.creation,
			account.modified,
			account.modified_by,
			newest_entry.as_("newest_entry"),
		)
		.orderby(account.name)
		.limit(ACCOUNTS_AT_A_TIME)
	)
	if after is not None:
		accounts = accounts.where(account.name > after)
	accounts = accounts.as_("accounts")
	entry = frappe.qb.DocType(LEDGER).as_("entry")
	query = (
		frappe.qb.from_(accounts)
		.left_join(entry)
		.on(entry.name == accounts.newest_entry)
		.select(accounts.star, entry.new_owner.as_("recorded"))
		.orderby(accounts.name)
	)
	return query.run(as_dict=True)


def _really_differing(doctype: str, accounts: list[frappe._dict]) -> list[frappe._dict]:
	"""Leave out accounts whose own name, or whose owner's name, changed since the newest entry was written."""
	renamed_accounts = _ever_renamed(doctype)
	renamed_users = _ever_renamed("User")
	differing = []
	for account in accounts:
		if account.name in renamed_accounts:
			change = history.newest_change(doctype, account.name)
			account.newest_entry, account.recorded = (
				(change.name, change.new_owner) if change else (None, None)
			)
		if account.recorded in renamed_users:
			account.recorded = names.current_name("User", account.recorded)
		if (account.account_owner or None) != (account.recorded or None):
			differing.append(account)
	return differing


def _ever_renamed(doctype: str) -> set[str]:
	rows = frappe.get_all(
		names.LEDGER, filters={"reference_doctype": doctype}, fields=["old_name", "new_name"], as_list=True
	)
	return {name for row in rows for name in row}


def _entry(doctype: str, owner_field: str, account: frappe._dict, known_since: datetime | None) -> tuple:
	now = now_datetime()
	is_new_to_the_ledger = not account.newest_entry and (
		known_since is None or account.creation < known_since
	)
	previous_owner, new_owner = account.recorded or None, account.account_owner or None
	if is_new_to_the_ledger:
		kind, source, reason = "Baseline", BACKGROUND_JOB, None
	else:
		kind, source, reason = (
			kind_of_change(previous_owner, new_owner, None),
			UNTRACKED,
			_what_is_known(account),
		)
	title = cstr(account.title or account.name)[: frappe.db.VARCHAR_LEN]
	user = frappe.session.user
	return (
		*(entries.new_name(), now, now, user, user),
		*(doctype, account.name, title, owner_field, previous_owner, new_owner, now, kind, source, reason),
	)


def _what_is_known(account: frappe._dict) -> str:
	return _("Changed behind the application. The account was last modified by {0} on {1}.").format(
		account.modified_by, account.modified
	)


def _oldest_entry(doctype: str) -> datetime | None:
	ledger = frappe.qb.DocType(LEDGER)
	query = frappe.qb.from_(ledger).select(Min(ledger.changed_on)).where(ledger.reference_doctype == doctype)
	oldest = query.run()[0][0]
	return get_datetime(oldest) if oldest else None
