"""Moving what waits in the journal to the ledger: each line once, in the order in which they were written.

A line's file is deleted after the transaction that adds its entries is committed. A mover that dies in between leaves
the file to the next one, which knows by their names the entries that are there already.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

import frappe
from frappe import _
from frappe.utils.file_lock import LockTimeoutError
from frappe.utils.synchronization import filelock

from crm_transparency.crm_transparency.bulk import batches
from crm_transparency.export_audit import exports, reads
from crm_transparency.export_audit.journal import files, writing
from crm_transparency.export_audit.permissions import LEDGER
from crm_transparency.ledger import entries

LOCK = "crm_transparency_journal"
#: whoever looks at the ledger waits so long for another mover
SECONDS_TO_WAIT = 10
ENTRIES_AT_ONCE = 100
LOOKS_AT_THE_LEDGER = (
	"crm_transparency.",
	"frappe.desk.query_report.",
	"frappe.desk.reportview.export_query",
)
#: in the names of our DocTypes and reports that tell about exports
ABOUT_EXPORTS = "Export"


def move_waiting() -> int:
	"""Move everything that waits to the ledger; return how many entries that were. Commits."""
	if files.is_empty() or frappe.flags.read_only:
		return 0
	with filelock(LOCK, timeout=SECONDS_TO_WAIT):
		frappe.db.commit()  # nosemgrep: what another mover added is seen only by a new transaction
		return sum(move_file(path) for path in files.take_waiting())


def move_again() -> None:
	"""Move what waits, and try again what couldn't be moved before: the scheduler's turn, lest every request tries."""
	files.take_postponed()
	move_safely()


def move_before_reading(command: str | None) -> None:
	"""Move what waits if the running request is about to look at the ledger. Commits, so nothing may be open."""
	if looks_at_the_ledger(command):
		move_safely()


def move_safely() -> None:
	"""Move what waits; if that fails, say so in the Error Log, leave it for later, and go on."""
	try:
		move_waiting()
	except LockTimeoutError:
		frappe.logger().warning("CRM Transparency: another process moves the journal")
	except Exception:
		frappe.db.rollback()
		log_failure(_("CRM Transparency: recorded reads wait to be moved to the ledger"))


def looks_at_the_ledger(command: str | None) -> bool:
	if command and command.startswith(LOOKS_AT_THE_LEDGER):
		return True
	form = frappe.form_dict if isinstance(frappe.form_dict, dict) else {}
	return ABOUT_EXPORTS in frappe.request.path or any(
		isinstance(value, str) and ABOUT_EXPORTS in value for value in form.values()
	)


def move_file(path: Path) -> int:
	"""Move the lines of a file; postpone it if some of them couldn't be moved, set it aside if some can't be read."""
	lines = files.lines_in(path)
	readable = [line for line in map(parsed, lines) if line]
	moved, all_moved = 0, True
	for some in batches(readable, ENTRIES_AT_ONCE):
		there = names_in_ledger(line["entry"]["name"] for line in some)
		outcomes = [move(line) for line in some if line["entry"]["name"] not in there]
		frappe.db.commit()  # nosemgrep: a background job, or before a request begins
		moved += sum(outcomes)
		all_moved = all_moved and all(outcomes)
	if not all_moved:
		files.postpone(path)
	elif len(readable) == len(lines):
		files.delete(path)
	else:
		files.set_aside(path)
		log_failure(_("CRM Transparency: a recorded read was written in part only, and can't be read"))
	return moved


def parsed(line: bytes) -> dict | None:
	"""Return what a line says; None if it was written in part only: its read was never answered."""
	try:
		content = json.loads(line)
		return content if content["entry"]["name"] else None
	except (ValueError, KeyError, TypeError):
		return None


def names_in_ledger(names: Iterable[str]) -> set[str]:
	return set(frappe.get_all(LEDGER, filters={"name": ("in", list(names))}, pluck="name"))


def move(line: dict) -> bool:
	"""Add a line's entry to the ledger; return whether that was possible. One that fails keeps no other back."""
	entry = line["entry"]
	frappe.db.savepoint("journal")
	try:
		entry["contact_data"] = int(reads.hold_contact_data(line["columns"]))
		names = {doctype: writing.separated(text) for doctype, text in line["names"].items()}
		exports.add(entry, entries.moment_of(entry["name"]), names)
	except Exception:
		frappe.db.rollback(save_point="journal")
		log_failure(_("CRM Transparency: a recorded read could not be moved to the ledger"))
		return False
	return True


def log_failure(title: str) -> None:
	"""Tell the administrator, without anybody's data: what failed may be in the database's own message."""
	failure = sys.exc_info()[0]
	frappe.log_error(title, failure.__name__ if failure else files.folder())
