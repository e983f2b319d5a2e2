"""A chunk of a transfer: accounts of one document type that change hands in one transaction."""

from __future__ import annotations

import json
from typing import NamedTuple

import frappe
from pypika import Criterion
from pypika.queries import Table

from crm_transparency.transfers.transfer_constants import (
	FAILED,
	GIVEN_BACK,
	ITEM,
	NOT_GIVEN_BACK,
	PENDING,
	SKIPPED,
	TRANSFER,
	TRANSFERRED,
	UNDO,
)


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


class Belongings(NamedTuple):
	"""What moved along with one account."""

	todos: list[str]
	follow: str | None = None
	# the successor followed the account already, so the follow of the one before went
	follow_dropped: bool = False

	@classmethod
	def read(cls, text: str | None) -> Belongings:
		return cls(**json.loads(text)) if text else cls(todos=[])

	def write(self) -> str:
		return json.dumps(self._asdict())


class Move(NamedTuple):
	"""An account that changes hands: the item's name, the account's name, and its owner before and after."""

	item: str
	account: str
	before: str | None
	after: str | None
	# what had moved along, when this gives the account back
	noted: Belongings | None = None


class Chunk(NamedTuple):
	transfer: str
	doctype: str
	owner_field: str
	direction: Direction
	# the names of the first and the last item, and those between them that are still to be worked off
	first: str
	last: str
	moves: list[Move]

	def accounts(self) -> list[str]:
		return [move.account for move in self.moves]

	def has(self, item: Table) -> Criterion:
		"""Return the condition that an item is in the chunk, and hasn't been worked off yet.

		Between two items of a transfer there are none of another one, see `planning.Written`. So the names are
		enough, and the database goes straight through the items, without the detour over an index.
		"""
		return (item.name >= self.first) & (item.name <= self.last) & (item.status == self.direction.todo)

	def without(self, items: set[str] | dict) -> Chunk:
		return self._replace(moves=[move for move in self.moves if move.item not in items])


def items_table() -> Table:
	return frappe.qb.DocType(ITEM)
