"""Writing a bulk read to the journal instead of the ledger."""

import json

import frappe

from crm_transparency.export_audit import exports
from crm_transparency.export_audit.journal import files
from crm_transparency.export_audit.reads import BulkRead

ENCODE = json.JSONEncoder(default=str).encode
SEPARATOR = "\x1f"
MOVING = "crm_transparency.export_audit.journal.moving.move_safely"


def write(read: BulkRead) -> None:
	"""Append a read to the journal, and have it moved to the ledger soon.

	Its name in the ledger is given here: so that a line which is moved twice is known the second time. Raises OSError
	if it can't be written.
	"""
	is_first = files.append(as_line(read))
	after_response = getattr(frappe.request, "after_response", None)
	if is_first and after_response:
		after_response.add(have_it_moved)


def as_line(read: BulkRead) -> bytes:
	line = {
		"entry": exports.values_of(read),
		"names": {doctype: joined(names) for doctype, names in read.names.items()},
		"columns": read.columns_by_doctype(),
	}
	return ENCODE(line).encode()


def joined(names: list[str | int]) -> str | list[str]:
	"""Return names as one text, which is written ten times as fast as a list; as a list if that isn't possible."""
	try:
		text = SEPARATOR.join(names)
	except TypeError:  # numbers
		return list(map(str, names))
	return text if text.count(SEPARATOR) == len(names) - 1 else names


def separated(names: str | list[str]) -> list[str]:
	"""Return the names that `joined` put together."""
	return names.split(SEPARATOR) if isinstance(names, str) else names


def have_it_moved() -> None:
	"""Queue the job that moves what waits; without a queue, the scheduler and whoever looks at the ledger move it.

	Only the first line of a file asks for it, so one job is queued however many reads come until it runs.
	"""
	try:
		frappe.enqueue(MOVING, queue="short")
	except Exception:
		frappe.logger().warning(
			"CRM Transparency: reads are moved to the ledger later, the queue doesn't answer"
		)
