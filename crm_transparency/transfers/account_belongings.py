"""What moves along with an account: open to-dos of its owner, and that the owner follows it.

A to-do that refers to an account is Frappe's assignment; the account's `_assign` column repeats who has open ones. What
moved is noted in the item, so that undoing gives back just that.
"""

import json
from typing import NamedTuple

import frappe
from frappe.query_builder.functions import Count
from frappe.utils import now

from crm_transparency.crm_transparency.database import choose, insert_rows, inserted, is_one_of
from crm_transparency.transfers import account_writers
from crm_transparency.transfers.chunks import Belongings, Chunk, Move, items_table
from crm_transparency.transfers.transfer_constants import ITEM, PENDING

TO_DO = "ToDo"
FOLLOW = "Document Follow"
OPEN = "Open"


class ToDo(NamedTuple):
	name: str
	account: str
	allocated_to: str


def count_todos(transfer: str) -> int:
	todo, item = frappe.qb.DocType(TO_DO), frappe.qb.DocType(ITEM)
	return (
		frappe.qb.from_(todo)
		.inner_join(item)
		.on((item.reference_doctype == todo.reference_type) & (item.reference_name == todo.reference_name))
		.select(Count("*"))
		.where((item.account_transfer == transfer) & (item.status == PENDING))
		.where((todo.status == OPEN) & (todo.allocated_to == item.previous_owner))
		.run()[0][0]
	)


def count_follows(transfer: str) -> int:
	follow, item = frappe.qb.DocType(FOLLOW), frappe.qb.DocType(ITEM)
	return (
		frappe.qb.from_(follow)
		.inner_join(item)
		.on((item.reference_doctype == follow.ref_doctype) & (item.reference_name == follow.ref_docname))
		.select(Count("*"))
		.where((item.account_transfer == transfer) & (item.status == PENDING))
		.where(follow.user == item.previous_owner)
		.run()[0][0]
	)


def lock_todos(chunk: Chunk) -> list[ToDo]:
	"""Lock the open to-dos that may move along, and return them.

	Call this before locking the accounts: whoever closes a to-do locks the to-do first and its account second.
	They are found without locks, and then locked by their names: locking what a search comes across would lock the
	gaps in between, in which others want to add some.
	"""
	todo, item = frappe.qb.DocType(TO_DO), items_table()
	names = (
		frappe.qb.from_(item)
		.inner_join(todo)
		.on((todo.reference_type == item.reference_doctype) & (todo.reference_name == item.reference_name))
		.select(todo.name)
		.where(chunk.has(item) & (todo.status == OPEN) & (todo.allocated_to == item[chunk.direction.before]))
		.run(pluck=True)
	)
	if not names:
		return []
	rows = (
		frappe.qb.from_(todo)
		.select(todo.name, todo.reference_name, todo.allocated_to)
		.where(is_one_of(todo.name, names) & (todo.status == OPEN))
		.orderby(todo.name)
		.for_update()
		.run()
	)
	moves = {move.account: move for move in chunk.moves}
	return [todo for todo in (ToDo(*row) for row in rows) if moves_along(todo, moves.get(todo.account))]


def moves_along(todo: ToDo, move: Move | None) -> bool:
	if move is None or todo.allocated_to != move.before:
		return False
	return move.noted is None or todo.name in move.noted.todos


def move(chunk: Chunk, locked: list[ToDo]) -> dict[str, Belongings]:
	"""Move what belongs to the accounts that changed hands; return what moved along, by item."""
	todos = move_todos(chunk, locked)
	follows = move_follows(chunk)
	return {
		move.item: Belongings(todos.get(move.account, []), *follows.get(move.account, (None, False)))
		for move in chunk.moves
		if move.account in todos or move.account in follows
	}


def move_todos(chunk: Chunk, locked: list[ToDo]) -> dict[str, list[str]]:
	"""Allocate the to-dos to the accounts' new owners; return their names by account."""
	by_account = {move.account: move for move in chunk.moves if move.after}
	todos = [todo for todo in locked if todo.account in by_account]
	if not todos:
		return {}
	after: dict[str, list[str]] = {}
	moved: dict[str, list[str]] = {}
	for todo in todos:
		after.setdefault(by_account[todo.account].after, []).append(todo.name)
		moved.setdefault(todo.account, []).append(todo.name)
	table = frappe.qb.DocType(TO_DO)
	(
		frappe.qb.update(table)
		.set(table.allocated_to, choose(table.name, after))
		.set(table.modified, now())
		.set(table.modified_by, frappe.session.user)
		.where(is_one_of(table.name, [todo.name for todo in todos]))
		.run()
	)
	account_writers.add(
		TO_DO,
		"allocated_to",
		[(todo.name, todo.allocated_to, by_account[todo.account].after) for todo in todos],
	)
	repeat_in_accounts(chunk.doctype, list(moved))
	return moved


def repeat_in_accounts(doctype: str, names: list[str]) -> None:
	"""Write who has open to-dos into the accounts' `_assign`, as Frappe does when a to-do is saved."""
	todo = frappe.qb.DocType(TO_DO)
	rows = (
		frappe.qb.from_(todo)
		.select(todo.reference_name, todo.allocated_to)
		.where((todo.reference_type == doctype) & is_one_of(todo.reference_name, names))
		.where((todo.status == OPEN) & todo.allocated_to.isnotnull())
		.orderby(todo.creation)
		.run()
	)
	assigned: dict[str, dict[str, None]] = {name: {} for name in names}
	for name, user in rows:
		if name in assigned:
			assigned[name][user] = None
	accounts: dict[str, list[str]] = {}
	for account, users in assigned.items():
		accounts.setdefault(json.dumps(list(users)), []).append(account)
	table = frappe.qb.DocType(doctype)
	(
		frappe.qb.update(table)
		.set(table["_assign"], choose(table.name, accounts))
		.where(is_one_of(table.name, assigned))
		.run()
	)


def move_follows(chunk: Chunk) -> dict[str, tuple[str | None, bool]]:
	"""Let the new owners follow what the owners before followed; return (follow, was dropped) by account."""
	followers = followers_in(chunk)
	passed_on: dict[str, list[str]] = {}
	dropped: list[str] = []
	picked_up: list[Move] = []
	moved: dict[str, tuple[str | None, bool]] = {}
	for move in chunk.moves:
		follows = followers.get(move.account, {})
		mine = follows.get(move.before)
		if move.noted is not None and mine != move.noted.follow:
			mine = None
		if mine and (not move.after or move.after in follows):
			dropped.append(mine)
			moved[move.account] = (None, True)
		elif mine:
			passed_on.setdefault(move.after, []).append(mine)
			moved[move.account] = (mine, False)
		elif move.noted and move.noted.follow_dropped and move.after and move.after not in follows:
			picked_up.append(move)
	pass_on(passed_on)
	drop(dropped)
	pick_up(chunk.doctype, picked_up)
	return moved


def followers_in(chunk: Chunk) -> dict[str, dict[str, str]]:
	"""Return, for each account that its owner before or after follows, these and the names of their follows."""
	follow, item = frappe.qb.DocType(FOLLOW), items_table()
	before, after = item[chunk.direction.before], item[chunk.direction.after]
	rows = (
		frappe.qb.from_(item)
		.inner_join(follow)
		.on((follow.ref_doctype == item.reference_doctype) & (follow.ref_docname == item.reference_name))
		.select(follow.name, item.reference_name, follow.user)
		.where(chunk.has(item) & ((follow.user == before) | (follow.user == after)))
		.run()
	)
	followers: dict[str, dict[str, str]] = {}
	for name, account, user in rows:
		followers.setdefault(account, {})[user] = name
	return followers


def pass_on(follows_by_user: dict[str, list[str]]) -> None:
	if not follows_by_user:
		return
	follow = frappe.qb.DocType(FOLLOW)
	(
		frappe.qb.update(follow)
		.set(follow.user, choose(follow.name, follows_by_user))
		.set(follow.modified, now())
		.set(follow.modified_by, frappe.session.user)
		.where(is_one_of(follow.name, [name for names in follows_by_user.values() for name in names]))
		.run()
	)


def drop(follows: list[str]) -> None:
	if follows:
		follow = frappe.qb.DocType(FOLLOW)
		frappe.qb.from_(follow).delete().where(is_one_of(follow.name, follows)).run()


def pick_up(doctype: str, moves: list[Move]) -> None:
	"""Follow again where a follow was dropped when the account went."""
	common = inserted(frappe.session.user, now())
	rows = [
		(frappe.generate_hash(length=10), doctype, move.account, move.after, *common.values())
		for move in moves
	]
	insert_rows(FOLLOW, ("name", "ref_doctype", "ref_docname", "user", *common), rows)
