"""Working off a transfer, one chunk at a time. A chunk is one transaction: all of it happened, or nothing.

Locks are taken in the same order everywhere, so that transfers over the same accounts wait for each other instead of
failing: the transfer, its items, to-dos, accounts by name. A chunk holds accounts of one document type only.
"""

from collections.abc import Iterable
from itertools import takewhile
from typing import NamedTuple

import frappe
from frappe import _
from frappe.utils import get_fullname, now

from crm_transparency.crm_transparency import registry
from crm_transparency.ownership.changes import LEDGER
from crm_transparency.ownership.sources import account_transfer
from crm_transparency.ownership.transfers import belongings, fast, full_save, successors
from crm_transparency.ownership.transfers.belongings import Belongings, Move, ToDo
from crm_transparency.ownership.transfers.bulk import choose, is_one_of
from crm_transparency.ownership.transfers.words import (
	ACCOUNT_TRANSFER,
	COMPLETED,
	FAILED,
	FAST,
	FULL_SAVE,
	GIVEN_BACK,
	ITEM,
	NOT_GIVEN_BACK,
	PENDING,
	RUNNING,
	SKIPPED,
	TRANSFER,
	TRANSFERRED,
	UNDO,
	UNDONE,
)

MOVERS = {FAST: fast.move, FULL_SAVE: full_save.move}
# a save takes a hundred times as long, and people who want to save one of the accounts wait meanwhile
FULL_SAVES_PER_CHUNK = 1 / 10


class NotOurTurn(Exception):
	"""The transfer was paused, finished or given to another worker."""


class Direction(NamedTuple):
	"""What moving means: which items are to be worked off, and between which of their fields accounts move."""

	todo: str
	done: str
	refused: str
	failed: str
	before: str
	after: str


DIRECTIONS = {
	TRANSFER: Direction(PENDING, TRANSFERRED, SKIPPED, FAILED, before="previous_owner", after="to_user"),
	UNDO: Direction(TRANSFERRED, GIVEN_BACK, NOT_GIVEN_BACK, NOT_GIVEN_BACK, "to_user", "previous_owner"),
}


class Chunk(NamedTuple):
	"""Accounts of one document type that change hands in one transaction."""

	transfer: str
	doctype: str
	owner_field: str
	direction: Direction
	moves: list[Move]


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
	todos = belongings.lock_todos(chunk.doctype, chunk.moves)
	refused = refusals(chunk, lock_accounts(chunk))
	noted_late = already_moved(chunk, refused)
	going = chunk._replace(moves=[move for move in chunk.moves if move.item not in refused])
	failed, moved_along = move(run, going, todos) if going.moves else ({}, {})
	done = [*(move.item for move in going.moves if move.item not in failed), *noted_late]
	refused = {item: note for item, note in refused.items() if item not in noted_late}
	note_done(chunk.direction, done, moved_along)
	note_left(chunk.direction.refused, refused)
	note_left(chunk.direction.failed, failed)
	count(run, len(done), len(refused), len(failed))
	return True


def move(run: frappe._dict, chunk: Chunk, todos: list[ToDo]) -> tuple[dict[str, str], dict[str, Belongings]]:
	"""Move accounts and what belongs to them; return why some couldn't be saved, and what moved along, by item."""
	with account_transfer(run.name):
		failed = MOVERS[run.mode](chunk)
	done = [move for move in chunk.moves if move.item not in failed]
	return failed, belongings.move(chunk.doctype, done, todos) if done else {}


def claim(transfer: str, worker: str) -> frappe._dict:
	"""Lock the transfer, and return what is to be done.

	The lock ends with the transaction, so it dies with its holder. Writing first makes SQLite lock, too.
	"""
	table = frappe.qb.DocType(ACCOUNT_TRANSFER)
	frappe.qb.update(table).set(table.last_progress_on, now()).where(table.name == transfer).run()
	fields = ["name", "status", "task", "worker", "mode", "chunk_size", "transferred", "failed"]
	run = frappe.db.get_value(ACCOUNT_TRANSFER, transfer, fields, as_dict=True, for_update=True)
	if not run or run.worker != worker or run.status != RUNNING or run.task not in DIRECTIONS:
		raise NotOurTurn
	return run


def next_chunk(run: frappe._dict) -> Chunk | None:
	"""Lock the next items to be worked off, and return what they are about; None if there are none left.

	They are found without locks, and then locked by their names: locking what a search comes across would lock
	the gaps in between, in which other transfers add items.
	"""
	direction = DIRECTIONS[run.task]
	item = frappe.qb.DocType(ITEM)
	length = max(1, int(run.chunk_size * (FULL_SAVES_PER_CHUNK if run.mode == FULL_SAVE else 1)))
	names = (
		frappe.qb.from_(item)
		.select(item.name)
		.where((item.account_transfer == run.name) & (item.status == direction.todo))
		.orderby(item.name)
		.limit(length)
		.run(pluck=True)
	)
	if not names:
		return None
	items = (
		frappe.qb.from_(item)
		.select(item.name, item.reference_doctype, item.reference_name, item.previous_owner, item.to_user)
		.select(item.moved_along)
		.where(is_one_of(item.name, names))
		.orderby(item.name)
		.for_update()
		.run(as_dict=True)
	)
	doctype = items[0].reference_doctype
	return Chunk(
		transfer=run.name,
		doctype=doctype,
		owner_field=owner_field(doctype),
		direction=direction,
		moves=[
			move_of(item, direction)
			for item in takewhile(lambda item: item.reference_doctype == doctype, items)
		],
	)


def move_of(item: frappe._dict, direction: Direction) -> Move:
	return Move(
		item=item.name,
		account=item.reference_name,
		before=item[direction.before],
		after=item[direction.after],
		noted=Belongings.read(item.moved_along) if direction.done == GIVEN_BACK else None,
	)


def owner_field(doctype: str) -> str:
	field = registry.owner_field(doctype)
	if not field:
		frappe.throw(
			_(
				"The owners of {0} aren't tracked any more, so the transfer can't go on. Please track them again "
				"in the settings, and then resume it."
			).format(frappe.bold(_(doctype)))
		)
	return field


def lock_accounts(chunk: Chunk) -> dict[str, str | None]:
	"""Lock the accounts in the order of their names, and return who has them now."""
	table = frappe.qb.DocType(chunk.doctype)
	rows = (
		frappe.qb.from_(table)
		.select(table.name, table[chunk.owner_field])
		.where(is_one_of(table.name, [move.account for move in chunk.moves]))
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
	unwilling = successors.unfit if chunk.direction.done == TRANSFERRED else successors.gone
	nobody = unwilling({move.after for move in chunk.moves if move.after})
	reasons = {move.item: nobody.get(move.after) or why_not(move, owners) for move in chunk.moves}
	return {item: reason for item, reason in reasons.items() if reason}


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
	return _("Belongs to {0} meanwhile.").format(get_fullname(owner))


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


def note_done(direction: Direction, items: list[str], moved: dict[str, Belongings]) -> None:
	if not items:
		return
	table = frappe.qb.DocType(ITEM)
	(
		frappe.qb.update(table)
		.set(table.status, direction.done)
		.set(table.note, None)
		.where(is_one_of(table.name, items))
		.run()
	)
	if moved and direction.done == TRANSFERRED:
		moved_along = {name: what.write() for name, what in moved.items()}
		case = choose(table.name, {text: [name] for name, text in moved_along.items()})
		frappe.qb.update(table).set(table.moved_along, case).where(is_one_of(table.name, moved_along)).run()


def note_left(status: str, notes: dict[str, str]) -> None:
	"""Note why accounts stay where they are."""
	if not notes:
		return
	items: dict[str, list[str]] = {}
	for name, note in notes.items():
		items.setdefault(note, []).append(name)
	table = frappe.qb.DocType(ITEM)
	(
		frappe.qb.update(table)
		.set(table.status, status)
		.set(table.note, choose(table.name, items))
		.where(is_one_of(table.name, notes))
		.run()
	)


def count(run: frappe._dict, done: int, refused: int, failed: int) -> None:
	table = frappe.qb.DocType(ACCOUNT_TRANSFER)
	if run.task == TRANSFER:
		counts = {"transferred": done, "skipped": refused, "failed": failed}
	else:
		counts = {"given_back": done, "not_given_back": refused + failed}
	query = frappe.qb.update(table).where(table.name == run.name)
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
