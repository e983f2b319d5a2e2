"""Working off a transfer, one chunk at a time. A chunk is one transaction: all of it happened, or nothing.

Locks are taken in the same order everywhere, so that transfers over the same accounts wait for each other instead of
failing: the transfer, its items, to-dos, accounts by name.
"""

from collections.abc import Iterable
from itertools import takewhile

import frappe
from frappe import _
from frappe.utils import get_fullname, now

from crm_transparency.crm_transparency import jobs, registry
from crm_transparency.crm_transparency.database import choose, is_one_of
from crm_transparency.crm_transparency.jobs import NotOurTurn
from crm_transparency.ownership.changes import LEDGER, account_transfer
from crm_transparency.transfers import account_belongings, account_writers, transfer_successors
from crm_transparency.transfers.account_belongings import ToDo
from crm_transparency.transfers.chunks import (
	DIRECTIONS,
	Belongings,
	Chunk,
	Direction,
	Move,
	items_table,
)
from crm_transparency.transfers.transfer_constants import (
	ACCOUNT_TRANSFER,
	COMPLETED,
	FAILED,
	FAST,
	FULL_SAVE,
	GIVEN_BACK,
	RUNNING,
	TRANSFER,
	TRANSFERRED,
	UNDO,
	UNDONE,
)

MOVERS = {FAST: account_writers.move_fast, FULL_SAVE: account_writers.move_with_full_save}
RUN_FIELDS = (
	"name",
	"status",
	"mode",
	"chunk_size",
	"item_prefix",
	"worked_up_to",
	"transferred",
	"failed",
)
# a save takes a hundred times as long, and people who want to save one of the accounts wait meanwhile
FULL_SAVES_PER_CHUNK = 1 / 10
# sorts after every hexadecimal digit
AFTER_HEX = "g"


def work_on(transfer: str, worker: str) -> bool:
	"""Work off the next chunk of a transfer in the running transaction; return whether there was one.

	Call this with a fresh transaction, and commit afterwards. Raises NotOurTurn if `worker` isn't the one any more
	that the transfer was given to.
	"""
	run = claim(transfer, worker)
	chunk = next_chunk(run)
	if not chunk:
		finish(run)
		return False
	todos = account_belongings.lock_todos(chunk)
	refused = refusals(chunk, lock_accounts(chunk))
	noted_late = already_moved(chunk, refused)
	chunk = chunk.without(refused)
	refused = {item: note for item, note in refused.items() if item not in noted_late}
	note_done_late(chunk.direction, noted_late)
	note_left(chunk.direction.refused, refused)
	failed = move(run, chunk, todos) if chunk.moves else {}
	count(run, chunk, len(chunk.moves) - len(failed) + len(noted_late), len(refused), len(failed))
	return True


def move(run: frappe._dict, chunk: Chunk, todos: list[ToDo]) -> dict[str, str]:
	"""Move accounts and what belongs to them; return why some couldn't be saved, by item."""
	with account_transfer(run.name):
		failed = MOVERS[run.mode](chunk)
	note_left(chunk.direction.failed, failed)
	chunk = chunk.without(failed)
	if chunk.moves:
		note_moved_along(chunk.direction, account_belongings.move(chunk, todos))
		note_done(chunk)
	return failed


def claim(transfer: str, worker: str) -> frappe._dict:
	"""Lock the transfer, and return what is to be done. Raises NotOurTurn."""
	run = jobs.claim(ACCOUNT_TRANSFER, transfer, worker, *RUN_FIELDS)
	if run.status != RUNNING or run.task not in DIRECTIONS:
		raise NotOurTurn
	return run


def next_chunk(run: frappe._dict) -> Chunk | None:
	"""Lock the next items to be worked off, and return what they are about; None if there are none left."""
	direction = DIRECTIONS[run.task]
	length = max(1, int(run.chunk_size * (FULL_SAVES_PER_CHUNK if run.mode == FULL_SAVE else 1)))
	item = items_table()
	query = (
		frappe.qb.from_(item)
		.select(item.reference_doctype, item.name, item.reference_name)
		.select(item[direction.before], item[direction.after])
		.where(
			(item.name > (run.worked_up_to or run.item_prefix)) & (item.name < run.item_prefix + AFTER_HEX)
		)
		.where(item.status == direction.todo)
		.orderby(item.name)
		.limit(length)
		.for_update()
	)
	if direction.done == GIVEN_BACK:
		query = query.select(item.moved_along)
	items = query.run()
	if not items:
		return None
	doctype = items[0][0]
	of_one_type = takewhile(lambda item: item[0] == doctype, items)
	moves = [Move(*item[1:5], *map(Belongings.read, item[5:])) for item in of_one_type]
	return Chunk(
		transfer=run.name,
		doctype=doctype,
		owner_field=owner_field(doctype),
		direction=direction,
		first=moves[0].item,
		last=moves[-1].item,
		moves=moves,
	)


def owner_field(doctype: str) -> str:
	field = registry.owner_field(doctype)
	if not field:
		frappe.throw(
			_(
				"{0} isn't tracked any more, so the transfer can't continue. Please track it again in the settings, "
				"and then resume the transfer."
			).format(frappe.bold(_(doctype)))
		)
	return field


def lock_accounts(chunk: Chunk) -> dict[str, str | None]:
	"""Lock the accounts in the order of their names, and return who has them now."""
	table = frappe.qb.DocType(chunk.doctype)
	rows = (
		frappe.qb.from_(table)
		.select(table.name, table[chunk.owner_field])
		.where(is_one_of(table.name, chunk.accounts()))
		.orderby(table.name)
		.for_update()
		.run()
	)
	return {str(name): owner or None for name, owner in rows}


def refusals(chunk: Chunk, owners: dict[str, str | None]) -> dict[str, str]:
	"""Return why accounts must stay where they are, by item.

	Whoever changed an owner meanwhile has the last word. A successor may have left since the transfer was planned; a
	leaver gets accounts back, but not somebody who isn't a user any more.
	"""
	unwilling = transfer_successors.unfit if chunk.direction.done == TRANSFERRED else transfer_successors.gone
	nobody = unwilling({move.after for move in chunk.moves if move.after})
	reasons = ((move.item, nobody.get(move.after) or why_not(move, owners)) for move in chunk.moves)
	return {item: reason for item, reason in reasons if reason}


def why_not(move: Move, owners: dict[str, str | None]) -> str | None:
	if move.account not in owners:
		return _("The account doesn't exist any more.")
	owner = owners[move.account]
	if owner == move.before:
		return None
	if owner is None:
		return _("The account has no owner any more.")
	if owner == move.after:
		return _("Already belongs to {0}.").format(get_fullname(owner))
	return _("Now belongs to {0}.").format(get_fullname(owner))


def already_moved(chunk: Chunk, refused: Iterable[str]) -> set[str]:
	"""Return those items whose accounts this very transfer moved without getting round to noting it.

	That needs another app that commits while a document is saved, and a worker that dies right then.
	"""
	accounts = {move.account: move for move in chunk.moves if move.item in refused}
	if not accounts:
		return set()
	ledger = frappe.qb.DocType(LEDGER)
	entries = (
		frappe.qb.from_(ledger)
		.select(ledger.reference_name, ledger.new_owner)
		.where((ledger.reference_doctype == chunk.doctype) & is_one_of(ledger.reference_name, accounts))
		.where(ledger.account_transfer == chunk.transfer)
		.orderby(ledger.name)
		.run()
	)
	latest = dict(entries)
	return {
		move.item for account, move in accounts.items() if account in latest and latest[account] == move.after
	}


def note_done(chunk: Chunk) -> None:
	item = items_table()
	frappe.qb.update(item).set(item.status, chunk.direction.done).where(chunk.has(item)).run()


def note_done_late(direction: Direction, items: set[str]) -> None:
	if items:
		item = items_table()
		frappe.qb.update(item).set(item.status, direction.done).where(is_one_of(item.name, items)).run()


def note_left(status: str, notes: dict[str, str]) -> None:
	"""Note why accounts stay where they are."""
	if not notes:
		return
	items: dict[str, list[str]] = {}
	for name, note in notes.items():
		items.setdefault(note, []).append(name)
	item = items_table()
	(
		frappe.qb.update(item)
		.set(item.status, status)
		.set(item.note, choose(item.name, items))
		.where(is_one_of(item.name, notes))
		.run()
	)


def note_moved_along(direction: Direction, moved: dict[str, Belongings]) -> None:
	if moved and direction.done == TRANSFERRED:
		item = items_table()
		texts = choose(item.name, {what.write(): [name] for name, what in moved.items()})
		frappe.qb.update(item).set(item.moved_along, texts).where(is_one_of(item.name, moved)).run()


def count(run: frappe._dict, chunk: Chunk, done: int, refused: int, failed: int) -> None:
	table = frappe.qb.DocType(ACCOUNT_TRANSFER)
	if run.task == TRANSFER:
		counts = {"transferred": done, "skipped": refused, "failed": failed}
	else:
		counts = {"given_back": done, "not_given_back": refused + failed}
	query = frappe.qb.update(table).set(table.worked_up_to, chunk.last).where(table.name == run.name)
	for field, number in counts.items():
		query = query.set(table[field], table[field] + number)
	query.run()


def finish(run: frappe._dict) -> None:
	if run.task == UNDO:
		status = UNDONE
	else:
		status = FAILED if run.failed and not run.transferred else COMPLETED
	values = {"status": status, "task": None, "worker": None, "finished_on": now()}
	frappe.db.set_value(ACCOUNT_TRANSFER, run.name, values, update_modified=False)
