"""Owner changes that no hook could see: `frappe.db.set_value`, SQL, restored tables.

Each account's owner is compared with its newest ledger entry. Accounts that are new to the ledger get a Baseline,
whatever else differs an entry with the source Untracked. Runs at installation and every night, in chunks: memory
doesn't grow with the number of accounts.
"""

from collections.abc import Iterator
from datetime import datetime

import frappe
from frappe.query_builder import Order
from frappe.query_builder.functions import Min
from frappe.utils import get_datetime, now_datetime

from crm_transparency.crm_transparency import registry
from crm_transparency.crm_transparency.database import insert_rows, is_one_of
from crm_transparency.ledger import entries
from crm_transparency.ledger import names as ledger_names
from crm_transparency.ownership import account_history
from crm_transparency.ownership.changes import BACKGROUND_JOB, UNTRACKED, as_title, kind_of_change
from crm_transparency.ownership.ownership_visibility import LEDGER

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
	"utc_offset",
)


def reconcile_all() -> int:
	"""Bring the ledger up to every tracked DocType's accounts; return the number of entries written.

	A DocType that can't be compared is logged, and doesn't keep the others from being compared.
	"""
	written = 0
	for doctype in registry.tracked_doctypes():
		try:
			written += reconcile(doctype)
		except Exception:
			frappe.db.rollback()
			frappe.log_error(title=f"Comparing the owners of {doctype} with the ledger failed")
	return written


def reconcile(doctype: str) -> int:
	"""Write an entry for every account of `doctype` whose owner differs from its newest entry; return how many.

	Commits after each chunk. An account without an entry gets a Baseline the first time, and where its entries may have
	ended with the retention period. Of any other difference the ledger should have known: that is Untracked.
	"""
	owner_field = registry.owner_field(doctype)
	baseline_until = _baseline_until(doctype)
	written = 0
	for accounts in _chunks_of_differing_accounts(doctype, owner_field):
		accounts = _still_differing(doctype, owner_field, accounts)
		rows = [_entry(doctype, owner_field, account, baseline_until) for account in accounts]
		insert_rows(LEDGER, COLUMNS, rows)
		# a background job: each chunk is done for good
		frappe.db.commit()  # nosemgrep: frappe-manual-commit
		written += len(rows)
	if not registry.baseline_written_on(doctype):
		registry.note_baseline(doctype)
		# a background job: the baseline is there for good
		frappe.db.commit()  # nosemgrep: frappe-manual-commit
	return written


def _chunks_of_differing_accounts(doctype: str, owner_field: str) -> Iterator[list[frappe._dict]]:
	last_name = None
	while accounts := _accounts_with_recorded_owner(doctype, owner_field, after=last_name):
		last_name = accounts[-1].name
		if differing := _differing(doctype, accounts):
			yield differing


def _still_differing(doctype: str, owner_field: str, accounts: list[frappe._dict]) -> list[frappe._dict]:
	"""Leave out accounts that somebody saved, and so recorded, since they were read; the others are locked now.

	Accounts that are new to the ledger are taken as read: locking a million of them would stop everybody's work.
	"""
	known = [account.name for account in accounts if account.newest_entry]
	if not known:
		return accounts
	# a background job: what others committed meanwhile is seen from here on
	frappe.db.commit()  # nosemgrep: frappe-manual-commit
	table = frappe.qb.DocType(doctype)
	frappe.qb.from_(table).select(table.name).where(is_one_of(table.name, known)).for_update().run()
	new_to_the_ledger = [account for account in accounts if not account.newest_entry]
	again = _accounts_with_recorded_owner(doctype, owner_field, names=known)
	return new_to_the_ledger + _differing(doctype, again)


def _accounts_with_recorded_owner(
	doctype: str, owner_field: str, after: str | None = None, names: list[str] | None = None
) -> list[frappe._dict]:
	"""Return accounts by name, each with its newest entry and the owner whom that entry names.

	These are the accounts called `names`, or else the next ones `after` a name.
	"""
	account, ledger = frappe.qb.DocType(doctype), frappe.qb.DocType(LEDGER)
	newest_entry = (
		frappe.qb.from_(ledger)
		.select(ledger.name)
		.where((ledger.reference_doctype == doctype) & (ledger.reference_name == account.name))
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
	if names is not None:
		accounts = accounts.where(is_one_of(account.name, names))
	elif after is not None:
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


def _differing(doctype: str, accounts: list[frappe._dict]) -> list[frappe._dict]:
	"""Return the accounts whose owner isn't the recorded one, even after following renamed accounts and users."""
	accounts = [
		account for account in accounts if (account.account_owner or None) != (account.recorded or None)
	]
	renamed_accounts = _ever_renamed(doctype)
	renamed_users = _ever_renamed("User")
	differing = []
	for account in accounts:
		if account.name in renamed_accounts:
			change = next(iter(account_history.newest_changes(doctype, account.name)), frappe._dict())
			account.newest_entry, account.recorded = change.name, change.new_owner
		if account.recorded in renamed_users:
			account.recorded = ledger_names.current_name("User", account.recorded)
		if (account.account_owner or None) != (account.recorded or None):
			differing.append(account)
	return differing


def _ever_renamed(doctype: str) -> set[str]:
	rows = frappe.get_all(
		ledger_names.LEDGER,
		filters={"reference_doctype": doctype},
		fields=["old_name", "new_name"],
		as_list=True,
	)
	return {name for row in rows for name in row}


def _entry(doctype: str, owner_field: str, account: frappe._dict, baseline_until: datetime | None) -> tuple:
	now = now_datetime()
	is_new_to_the_ledger = not account.newest_entry and baseline_until and account.creation < baseline_until
	previous_owner, new_owner = account.recorded or None, account.account_owner or None
	if is_new_to_the_ledger:
		kind, source, reason = "Baseline", BACKGROUND_JOB, None
	else:
		kind, source, reason = (
			kind_of_change(previous_owner, new_owner, None),
			UNTRACKED,
			_what_is_known(account),
		)
	user = frappe.session.user
	title = as_title(account.title, account.name)
	return (
		*(entries.new_name(), now, now, user, user),
		*(doctype, account.name, title, owner_field, previous_owner, new_owner, now, kind, source, reason),
		entries.utc_offset(),
	)


def _what_is_known(account: frappe._dict) -> str:
	# an entry is read by people of all languages for years, so it is written in the one of the source
	return f"Changed directly in the database. The account was last modified by {account.modified_by} on {account.modified}."


def _baseline_until(doctype: str) -> datetime | None:
	"""Return the moment such that accounts created before it may lack an entry without anybody's doing.

	Before the baseline is written that is now; then, once entries were pruned, the oldest one that was kept.
	"""
	if not registry.baseline_written_on(doctype):
		return now_datetime()
	if not frappe.db.exists("Ledger Pruning", {"ledger": LEDGER}):
		return None
	ledger = frappe.qb.DocType(LEDGER)
	query = frappe.qb.from_(ledger).select(Min(ledger.changed_on)).where(ledger.reference_doctype == doctype)
	oldest = query.run()[0][0]
	return get_datetime(oldest) if oldest else now_datetime()
