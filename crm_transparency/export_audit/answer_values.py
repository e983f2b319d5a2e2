"""What an answer holds: which of the rows that a request read leave with it, in whatever shape.

A row leaves if the answer holds it, or a copy of it, or its record's name, or another value that tells it from the others.
What was read to work something out, and stays on the server, doesn't count.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence

import frappe
from frappe.model import default_fields, optional_fields
from frappe.model.base_document import BaseDocument
from werkzeug.wrappers import Response

from crm_transparency.export_audit.query_recorder import RecordedQuery

NESTING = (dict, list, tuple, set, frozenset, BaseDocument)
#: what stands between values in HTML, CSV, JSON and plain text
BETWEEN_VALUES = re.compile(r"[<>&;,|=\t\r\n\"'{}\[\]\\]+")
#: text that may be a table; names within a shorter sentence aren't looked for
LONG_TEXT = 5_000
#: of a value that tells a record
SHORTEST_VALUE = 3
#: Links, choices, numbers and dates describe many records alike
TELLING_FIELDTYPES = ("Data", "Phone", "Small Text", "Text", "Long Text", "Text Editor", "Read Only")


class AnswerValues:
	"""The values, the lists, and the documents in what is answered to a request that read `queries`."""

	def __init__(self, returned: Iterable, queries: Sequence[RecordedQuery]):
		self.values: set = set()
		self.documents: list[dict | BaseDocument] = []
		self._ids: set[int] = set()
		self._lists: dict[int, list] = {}
		self._is_split = False
		#: where nothing else was read, the list that holds all of it needs no looking into
		read = [query.returned for query in queries if query.rows]
		self._only = read[0] if len(read) == 1 and isinstance(read[0], list | tuple) else ()
		self._add_each(list(returned))

	def _add(self, value: dict | Sequence | set | BaseDocument) -> None:
		self._ids.add(id(value))
		if self._only and is_whole(value, self._only):
			self._ids.add(id(self._only))
			return
		if isinstance(value, BaseDocument):
			self.documents.append(value)
			cells = [cell for cell in vars(value).values() if isinstance(cell, str | list)]
			self._add_each(cells)
			return
		if isinstance(value, dict):
			self.values.update(value)
			if value.get("doctype") and value.get("name"):
				self.documents.append(value)
			self._add_each(value.values())
			return
		if isinstance(value, list | tuple):
			self._lists.setdefault(len(value), []).append(value)
		self._add_each(value)

	def _add_each(self, some: Iterable) -> None:
		nested = [each for each in some if isinstance(each, NESTING)]
		flat = [each for each in some if not isinstance(each, NESTING)] if nested else some
		try:
			self.values.update(flat)
		except TypeError:
			self.values.update(each for each in flat if each.__hash__)
		for each in nested:
			self._add(each)

	def positions(self, query: RecordedQuery) -> Sequence[int]:
		"""Return which rows of a list query leave, by their numbers."""
		rows = query.returned if isinstance(query.returned, list | tuple) else ()
		copies = self._lists.get(len(rows), ())
		if not rows or id(rows) in self._ids or any(is_whole(copy, rows) for copy in copies):
			return range(len(rows))
		same = [number for number, row in enumerate(rows) if id(row) in self._ids]
		if len(same) == len(rows):
			return same
		self._split_texts()
		named = self._found(query.names) if query.names and len(query.names) == len(rows) else []
		if len(named) == len(rows):
			return named
		columns = [self._found(cells) for cells in telling_columns(query, rows)]
		return max((same, named, *columns), key=len)

	def _found(self, cells: Sequence) -> list[int]:
		"""Return the numbers of the cells whose text is in the answer."""
		return [
			number
			for number, cell in enumerate(cells)
			if isinstance(cell, str)
			and (cell in self.values or (self._is_split and longest_piece(cell) in self.values))
		]

	def _split_texts(self) -> None:
		"""Make single values of tables and lists that the answer holds as text."""
		if self._is_split:
			return
		texts = [text for text in self.values if isinstance(text, str) and len(text) >= LONG_TEXT]
		self._is_split = bool(texts)
		for text in texts:
			self.values.update(map(str.strip, BETWEEN_VALUES.split(text)))


def returned_in(response: Response) -> list | None:
	"""Return what a response holds that a method made itself; None if that can't be read."""
	if response.direct_passthrough:
		return None
	try:
		text = response.get_data(as_text=True)
		return [json.loads(text) if response.is_json else text]
	except ValueError:
		return None


def longest_piece(value: str) -> str:
	return max(BETWEEN_VALUES.split(value), key=len).strip()


def is_whole(value: object, rows: Sequence) -> bool:
	"""Return whether a value is a list query's rows, or as many, the first and last of which hold what those hold."""
	if value is rows:
		return True
	if not isinstance(value, list | tuple) or len(value) != len(rows):
		return False
	if len(rows) == 1 and not any(isinstance(cell, str) for cell in cells_of(rows[0])):
		return False
	return is_copy(value[0], rows[0]) and is_copy(value[-1], rows[-1])


def is_copy(copy: object, row: object) -> bool:
	there, cells = cells_of(copy), cells_of(row)
	return any(cell is not None for cell in cells) and all(cell in there for cell in cells)


def cells_of(row: object) -> list:
	if isinstance(row, dict | BaseDocument):
		return list((row if isinstance(row, dict) else vars(row)).values())
	return list(row) if isinstance(row, NESTING) else [row]


def telling_columns(query: RecordedQuery, rows: Sequence) -> Iterator[list]:
	"""Return the columns of a list query, cell by cell, whose values tell its rows from one another."""
	for name, cells in columns_of(query, rows):
		distinct = {cell for cell in cells if isinstance(cell, str) and len(cell) >= SHORTEST_VALUE}
		if 2 * len(distinct) >= len(rows) and (query.is_grouped or is_telling(query.doctype, name)):
			yield [cell if cell in distinct else None for cell in cells]


def columns_of(query: RecordedQuery, rows: Sequence) -> Iterable[tuple[str | None, Sequence]]:
	if isinstance(rows[0], dict):
		return ((key, [row.get(key) for row in rows]) for key in rows[0])
	if not isinstance(rows[0], list | tuple):
		return [(query.plucked, rows)]
	columns = list(zip(*rows, strict=False))
	names = query.columns if len(query.columns) == len(columns) else [None] * len(columns)
	return zip(names, columns, strict=True)


def is_telling(doctype: str, name: str | None) -> bool:
	field = frappe.get_meta(doctype).get_field(name) if name else None
	if field:
		return field.fieldtype in TELLING_FIELDTYPES
	return name == "name" or name not in (*default_fields, *optional_fields)
