"""The handover plan: one row for every account of the leaver, with open business, who knows it, and the proposed successor.

Recalculating it keeps what people decided; unchanged rows aren't written. It is calculated page by page, each page one
transaction, and an interrupted calculation simply starts over: rows are found by their account, so none is duplicated, and
only the last page, in one transaction with the end, removes accounts that aren't the leaver's any more.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import frappe
from frappe.model.document import Document
from frappe.query_builder.functions import Coalesce, Count
from frappe.utils import cint, cstr, flt, now
from pypika import Criterion
from pypika.queries import Table

from crm_transparency.crm_transparency import registry
from crm_transparency.crm_transparency.database import batches, by_doctype, insert_rows, inserted, is_one_of
from crm_transparency.ledger.entries import new_name
from crm_transparency.offboarding import account_business, handover_belongings, reader_limits
from crm_transparency.offboarding.account_business import Business
from crm_transparency.offboarding.offboarding_permissions import facts_of
from crm_transparency.offboarding.offboarding_records import ACCOUNT, PLAN
from crm_transparency.offboarding.successor_proposals import Candidates
from crm_transparency.relationships import coverage, strength
from crm_transparency.relationships.colleagues import Colleagues
from crm_transparency.relationships.coverage import Acquaintance
from crm_transparency.transfers.chosen_accounts import Account, account_of, columns_of
from crm_transparency.transfers.transfer_constants import ITEM, TRANSFERRED

ACQUAINTANCES_NAMED = 3
COLUMNS = (
	"name",
	"reference_doctype",
	"reference_name",
	"account_title",
	"territory",
	"open_value",
	"revenue",
	"worth",
	"open_business",
	"last_contact",
	"known_by",
	"proposed_successor",
	"reason",
	# what people may have decided
	"successor",
	"chosen_by",
	"is_key_account",
	"is_key_chosen",
)

Checkpoint = Callable[[int], None]
#: rows that are there already, by account
Rows = dict[str, frappe._dict]
ACCOUNTS_AT_ONCE = 5000


def of_offboarding(offboarding: str) -> Document:
	"""Return the plan of an offboarding; an empty one if there is none yet."""
	if frappe.db.exists(PLAN, offboarding):
		return frappe.get_doc(PLAN, offboarding)
	facts = facts_of(offboarding)
	plan = frappe.new_doc(PLAN, offboarding=offboarding, leaver=facts.user)
	plan.letters_per_hour = frappe.db.get_single_value(registry.SETTINGS, "introductions_per_hour")
	plan.default_successor = facts.manager if facts.manager != facts.user else None
	return plan.insert(ignore_permissions=True, ignore_links=True)


def compute(plan: Document, checkpoint: Checkpoint = lambda done: None) -> None:
	"""Recalculate the plan. `checkpoint` is called after every page with the number of accounts done."""
	colleagues, candidates = Colleagues(), Candidates(plan.leaver)
	seen: dict[str, set[str]] = {}
	done = 0
	is_new = not frappe.db.exists(ACCOUNT, {"offboarding": plan.name})
	for doctype, page in account_pages(plan.leaver):
		names = [account.name for account in page]
		there = {} if is_new else rows_there(plan.name, doctype, names)
		write(plan.name, rows_of(plan, doctype, page, there, colleagues, candidates), there)
		seen.setdefault(doctype, set()).update(names)
		done += len(page)
		checkpoint(done)
	handover_belongings.find_all(plan)
	drop_others(plan.name, seen)
	propose_key_accounts(plan.name)
	values = {"computed_on": now(), "total": done, "done": done, "error_message": None}
	plan.db_set(values, update_modified=False)


def rows_of(
	plan: Document,
	doctype: str,
	page: list[Account],
	there: Rows,
	colleagues: Colleagues,
	candidates: Candidates,
) -> list[tuple]:
	"""Return the rows of one page of accounts, in the order of COLUMNS."""
	names = [account.name for account in page]
	known = coverage.of_accounts([(doctype, name) for name in names], colleagues)
	currency = account_business.currency_of(plan.leaver)
	open_business = account_business.business_of(doctype, names, currency)
	counted_elsewhere = with_their_customer(plan.leaver, doctype, names)
	new_names = new_name()[:16]
	rows = []
	for number, account in enumerate(page):
		people = known[doctype, account.name]
		theirs = open_business.get(account.name) or Business()
		proposal = candidates.propose(account, people)
		decision = there.get(account.name) or frappe._dict()
		successor = decision.successor if decision.chosen_by else proposal.user
		candidates.gets_one(successor)
		rows.append(
			(
				decision.name or f"{new_names}{number:08x}",
				doctype,
				account.name,
				account.title,
				account.territory,
				theirs.open_value,
				theirs.revenue,
				0 if account.name in counted_elsewhere else theirs.worth,
				theirs.in_words(currency),
				max((person.last_contact for person in people), default=None),
				known_in_words(person for person in people if person.user != plan.leaver),
				proposal.user,
				proposal.reason,
				successor,
				decision.chosen_by,
				cint(decision.is_key_account),
				cint(decision.is_key_chosen),
			)
		)
	return rows


def known_in_words(people: Iterable[Acquaintance]) -> str:
	"""Return who knows a customer best, one per line."""
	return "\n".join(
		f"{full_name(person.user)} {strength.in_words(person.strength)}: {person.in_words()}"
		for person in islice(people, ACQUAINTANCES_NAMED)
	)


def full_name(user: str) -> str:
	"""Return a colleague's name, cached for the request or job since it is needed for every account."""
	names = frappe.local.cache.setdefault("crm_transparency:full_names", {})
	if user not in names:
		names[user] = frappe.utils.get_fullname(user)
	return names[user]


def rows_there(offboarding: str, doctype: str, names: list[str]) -> Rows:
	"""Lock the existing rows, which hold what people decided, and return them."""
	row = frappe.qb.DocType(ACCOUNT)
	found = (
		frappe.qb.from_(row)
		.select(*(row[column] for column in COLUMNS))
		.where((row.offboarding == offboarding) & (row.reference_doctype == doctype))
		.where(is_one_of(row.reference_name, names))
		.for_update()
		.run(as_dict=True)
	)
	return {each.reference_name: each for each in found}


def with_their_customer(leaver: str, doctype: str, names: list[str]) -> set[str]:
	"""Return those opportunities whose customer is the leaver's account as well: the customer's row counts them."""
	if doctype != "Opportunity":
		return set()
	parties = coverage.earlier_selves([(doctype, name) for name in names])
	by_party: dict[str, set[str]] = {}
	for party_doctype, party in parties.values():
		by_party.setdefault(party_doctype, set()).add(party)
	own: set[tuple[str, str]] = set()
	for party_doctype, party_names in by_party.items():
		if owner_field := registry.owner_field(party_doctype):
			table = frappe.qb.DocType(party_doctype)
			query = frappe.qb.from_(table).select(table.name).where(table[owner_field] == leaver)
			found = query.where(is_one_of(table.name, party_names)).run(pluck=True)
			own |= {(party_doctype, name) for name in found}
	return {name for (_doctype, name), party in parties.items() if party in own}


def write(offboarding: str, rows: list[tuple], there: Rows) -> None:
	"""Write new and changed rows; changed ones replace the old ones under their names."""
	as_they_are = {tuple(each.values()) for each in there.values()}
	changed = [values for values in rows if values not in as_they_are]
	outdated = {each.name for each in there.values()} & {values[0] for values in changed}
	delete(outdated)
	common = {"offboarding": offboarding, **inserted(frappe.session.user, now())}
	insert_rows(ACCOUNT, (*COLUMNS, *common), [(*values, *common.values()) for values in changed])


def drop_others(offboarding: str, seen: dict[str, set[str]]) -> None:
	"""Delete the rows of accounts that weren't seen: they aren't the leaver's any more. Those that moved stay."""
	row = frappe.qb.DocType(ACCOUNT)
	if frappe.db.count(ACCOUNT, {"offboarding": offboarding}) == sum(map(len, seen.values())):
		return
	query = frappe.qb.from_(row).select(row.name, row.reference_doctype, row.reference_name)
	for condition in not_moved(row, frappe.db.get_value(PLAN, offboarding, "account_transfer")):
		query = query.where(condition)
	rows = query.where(row.offboarding == offboarding).run()
	delete(name for name, doctype, account in rows if account not in seen.get(doctype, ()))


def not_moved(row: Table, account_transfer: str | None) -> list[Criterion]:
	"""Return the conditions that the plan's transfer hasn't moved the account of a row."""
	item = frappe.qb.DocType(ITEM)
	moved = frappe.qb.from_(item).select(item.reference_name)
	moved = moved.where((item.account_transfer == account_transfer) & (item.status == TRANSFERRED))
	return [
		(
			(row.reference_doctype == doctype)
			& row.reference_name.isin(moved.where(item.reference_doctype == doctype))
		).negate()
		for doctype in (registry.tracked_doctypes() if account_transfer else ())
	]


def left(plan: Document) -> int:
	"""Return how many accounts the leaver has, without those that the plan leaves on purpose: without a successor."""
	total, row = 0, frappe.qb.DocType(ACCOUNT)
	for doctype, tracked in registry.tracked_doctypes().items():
		table = frappe.qb.DocType(doctype)
		of_plan = (row.offboarding == plan.name) & (row.reference_doctype == doctype)
		total += (
			frappe.qb.from_(table)
			.left_join(row)
			.on(of_plan & (row.reference_name == table.name))
			.select(Count("*"))
			.where(table[tracked["owner_field"]] == plan.leaver)
			.where(row.name.isnull() | (Coalesce(row.successor, "") != ""))
			.run()[0][0]
		)
	return total


def delete(names: Iterable[str]) -> None:
	row = frappe.qb.DocType(ACCOUNT)
	for batch in batches(names):
		frappe.qb.from_(row).delete().where(is_one_of(row.name, batch)).run()


def propose_key_accounts(offboarding: str) -> None:
	"""Mark the accounts with the highest open value and revenue as key accounts, where nobody decided otherwise.

	Their number and minimum value are in the settings.
	"""
	settings = frappe.get_cached_doc(registry.SETTINGS)
	row = frappe.qb.DocType(ACCOUNT)
	best = (
		frappe.qb.from_(row)
		.select(row.name)
		.where((row.offboarding == offboarding) & (row.worth > 0))
		.where(row.worth >= flt(settings.key_account_worth))
		.orderby(row.worth, order=frappe.qb.desc)
		.orderby(row.name)
		.limit(cint(settings.key_accounts_proposed))
		.run(pluck=True)
	)
	undecided = (row.offboarding == offboarding) & (row.is_key_chosen == 0)
	frappe.qb.update(row).set(row.is_key_account, 0).where(undecided & (row.is_key_account == 1)).run()
	if best:
		frappe.qb.update(row).set(row.is_key_account, 1).where(undecided & is_one_of(row.name, best)).run()


def account_pages(leaver: str) -> Iterator[tuple[str, list[Account]]]:
	"""Yield DocTypes and accounts in the order of their names: each page starts where the last ended."""
	for doctype in registry.tracked_doctypes():
		columns = columns_of(doctype)
		table = frappe.qb.DocType(doctype)
		query = (
			frappe.qb.from_(table)
			.select(*(table[column] for column in columns.with_name()))
			.where(table[columns.owner] == leaver)
			.orderby(table.name)
			.limit(ACCOUNTS_AT_ONCE)
		)
		page = query.run(as_dict=True)
		while page:
			yield doctype, [account_of(doctype, columns, row) for row in page]
			page = (
				query.where(table.name > page[-1].name).run(as_dict=True)
				if len(page) == ACCOUNTS_AT_ONCE
				else []
			)


def as_seen(rows: Iterable[frappe._dict], leaver: str, reader: str) -> None:
	"""Replace in rows of the plan what their reader may not see: values and accounts of companies closed to them."""
	if not reader_limits.is_limited(reader):
		return
	currency = account_business.currency_of(leaver)
	accounts: dict[str, dict[str, frappe._dict]] = {}
	for row in rows:
		accounts.setdefault(row.reference_doctype, {})[row.reference_name] = row
	for doctype, of_type in accounts.items():
		theirs = account_business.business_of(doctype, list(of_type), currency, reader)
		hidden = reader_limits.hidden(doctype, of_type, reader)
		for name, row in of_type.items():
			business = theirs.get(name) or Business()
			row.update({"open_value": business.open_value, "revenue": business.revenue})
			row.open_business = business.in_words(currency)
			if name in hidden:
				row.update({"account_title": name, "territory": "", "known_by": "", "reason": ""})


def account_titles(rows: Iterable[frappe._dict]) -> dict[tuple[str, str], str]:
	"""Return the current titles of the accounts of a plan's rows.

	They are read through Frappe's lists, so the export audit counts the read.
	"""
	found = {}
	for doctype, of_type in by_doctype((row.reference_doctype, row.reference_name) for row in rows).items():
		title = registry.title_field(doctype) if registry.is_tracked(doctype) else None
		fields = ["name", *([title] if title and title != "name" else [])]
		filters = {"name": ("in", of_type)}
		accounts = frappe.get_all(doctype, filters=filters, fields=fields, limit_page_length=0, order_by=None)
		found |= {(doctype, cstr(each.name)): cstr(each.get(title) or each.name) for each in accounts}
	return found
