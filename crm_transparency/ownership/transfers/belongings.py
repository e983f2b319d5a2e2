"""What moves along with an account: open to-dos of its owner, and that the owner follows it.

A to-do that refers to an account is Frappe's assignment; the account's `_assign` column repeats who has open ones. What
moved is noted in the item, so that undoing gives back just that.
"""

import json
from typing import NamedTuple

import frappe
from frappe.query_builder.functions import Count
from frappe.utils import now

from crm_transparency.ownership.transfers import versions
from crm_transparency.ownership.transfers.bulk import choose, insert_rows, inserted, is_one_of
from crm_transparency.ownership.transfers.words import ITEM, PENDING

TODO = "ToDo"
FOLLOW = "Document Follow"
OPEN = "Open"


class Belongings(NamedTuple):
	"""What moved along with one account."""

	todos: list[str]
	follow: str | None = None
	# the successor followed the account already, so the follow of the one before went
	follow_dropped: bool = False

	@classmethod
	def read(cls, text: str | None) -> "Belongings":
		return cls(**json.loads(text)) if text else cls(todos=[])

	def write(self) -> str | None:
		return json.dumps(self._asdict()) if any(self) else None


class ToDo(NamedTuple):
	name: str
	account: str
	allocated_to: str


class Move(NamedTuple):
	"""An account that changes hands: the item's name, the account's name, and its owner before and after."""

	item: str
	account: str
	before: str | None
	after: str | None
	# what had moved along, when this gives the account back
	noted: Belongings | None = None


def count_todos(transfer: str) -> int:
	todo, item = frappe.qb.DocType(TODO), frappe.qb.DocType(ITEM)
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


def lock_todos(doctype: str, moves: list[Move]) -> list[ToDo]:
	"""Lock the open to-dos that may move along, and return them.

	Call this before locking the accounts: whoever closes a to-do locks the to-do first and its account second.
	Only rows are locked, found by their names, and no gaps between them in which others want to add some.
	"""
	names = [todo.name for todo in open_todos(doctype, moves)]
	if not names:
		return []
	todo = frappe.qb.DocType(TODO)
	rows = (
		frappe.qb.from_(todo)
		.select(todo.name, todo.reference_name, todo.allocated_to, todo.status)
		.where(is_one_of(todo.name, names))
		.orderby(todo.name)
		.for_update()
		.run()
	)
	owners = {move.account: move for move in moves}
	found = [ToDo(*row[:3]) for row in rows if row[3] == OPEN]
	return [todo for todo in found if moves_along(todo, owners.get(todo.account))]


def moves_along(todo: ToDo, move: Move | None) -> bool:
	if move is None or not todo.allocated_to or todo.allocated_to != move.before:
		return False
	return move.noted is None or todo.name in move.noted.todos


def open_todos(doctype: str, moves: list[Move]) -> list[ToDo]:
	"""Return all open to-dos that refer to the accounts, oldest first."""
	todo = frappe.qb.DocType(TODO)
	rows = (
		frappe.qb.from_(todo)
		.select(todo.name, todo.reference_name, todo.allocated_to)
		.where((todo.reference_type == doctype) & is_one_of(todo.reference_name, [m.account for m in moves]))
		.where(todo.status == OPEN)
		.orderby(todo.creation)
		.run()
	)
	return [ToDo(*row) for row in rows]


def move(doctype: str, moves: list[Move], locked: list[ToDo]) -> dict[str, Belongings]:
	"""Move what belongs to the accounts that changed hands; return what moved along, by item."""
	todos = move_todos(doctype, moves, locked)
	follows = move_follows(doctype, moves)
	moved = {
		move.item: Belongings(todos.get(move.account, []), *follows.get(move.account, (None, False)))
		for move in moves
	}
	return {item: belongings for item, belongings in moved.items() if any(belongings)}


def move_todos(doctype: str, moves: list[Move], locked: list[ToDo]) -> dict[str, list[str]]:
	"""Allocate the to-dos to the accounts' new owners; return their names by account."""
	by_account = {move.account: move for move in moves if move.after}
	todos = [todo for todo in locked if todo.account in by_account]
	if not todos:
		return {}
	after: dict[str, list[str]] = {}
	moved: dict[str, list[str]] = {}
	for todo in todos:
		after.setdefault(by_account[todo.account].after, []).append(todo.name)
		moved.setdefault(todo.account, []).append(todo.name)
	table = frappe.qb.DocType(TODO)
	(
		frappe.qb.update(table)
		.set(table.allocated_to, choose(table.name, after))
		.set(table.modified, now())
		.set(table.modified_by, frappe.session.user)
		.where(is_one_of(table.name, [todo.name for todo in todos]))
		.run()
	)
	versions.add(
		TODO,
		"allocated_to",
		[(todo.name, todo.allocated_to, by_account[todo.account].after) for todo in todos],
	)
	repeat_in_accounts(doctype, [by_account[account] for account in moved])
	return moved


def repeat_in_accounts(doctype: str, moves: list[Move]) -> None:
	"""Write who has open to-dos into the accounts' `_assign`, as Frappe does when a to-do is saved."""
	assigned: dict[str, dict[str, None]] = {move.account: {} for move in moves}
	for todo in open_todos(doctype, moves):
		if todo.allocated_to and todo.account in assigned:
			assigned[todo.account][todo.allocated_to] = None
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


def move_follows(doctype: str, moves: list[Move]) -> dict[str, tuple[str | None, bool]]:
	"""Let the new owners follow what the owners before followed; return (follow, was dropped) by account."""
	followers = followers_of(doctype, moves)
	passed_on: dict[str, list[str]] = {}
	dropped: list[str] = []
	picked_up: list[Move] = []
	moved: dict[str, tuple[str | None, bool]] = {}
	for move in moves:
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
	pick_up(doctype, picked_up)
	return moved


def followers_of(doctype: str, moves: list[Move]) -> dict[str, dict[str, str]]:
	"""Return, for each account that anybody concerned follows, the followers and the names of their follows."""
	people = {user for move in moves for user in (move.before, move.after) if user}
	follow = frappe.qb.DocType(FOLLOW)
	rows = (
		frappe.qb.from_(follow)
		.select(follow.name, follow.ref_docname, follow.user)
		.where((follow.ref_doctype == doctype) & is_one_of(follow.ref_docname, [m.account for m in moves]))
		.where(is_one_of(follow.user, people))
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
