"""Many records at once, for what nobody watches being saved: mails, notes, contacts, orders."""

from collections.abc import Iterable
from datetime import datetime

import frappe
from frappe.model.document import Document

from embedded.demo_data.plan.source import Source

ROWS_AT_ONCE = 100


def new(doctype: str, moment: datetime, user: str, /, **values) -> Document:
	"""A document with its defaults, as if `user` had made it at `moment`. Not saved yet."""
	document = frappe.new_doc(doctype)
	document.update(values)
	document.owner = document.modified_by = user
	document.creation = document.modified = moment
	return document


def insert(documents: Iterable[Document], source: Source) -> None:
	"""Write `documents` and their child rows without running hooks. The nameless get a name from `source`."""
	rows: dict[str, list[dict]] = {}
	for document in documents:
		document.name = document.name or source.key()
		rows.setdefault(document.doctype, []).append(document.get_valid_dict())
		for child in document.get_all_children():
			rows.setdefault(child.doctype, []).append(child_row(child, document, source))
	for doctype, values in rows.items():
		columns = [column for column in values[0] if any(row[column] is not None for row in values)]
		frappe.db.bulk_insert(
			doctype, columns, [[row[column] for column in columns] for row in values], chunk_size=ROWS_AT_ONCE
		)


def child_row(child: Document, parent: Document, source: Source) -> dict:
	child.name = source.key()
	child.parent, child.parenttype = parent.name, parent.doctype
	child.docstatus = parent.docstatus
	child.owner, child.modified_by = parent.owner, parent.modified_by
	child.creation, child.modified = parent.creation, parent.modified
	return child.get_valid_dict()
