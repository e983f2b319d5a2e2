"""The gate: before a response goes, what leaves in it is recorded. If it can't be, it doesn't go.

It stands before Frappe's `process_response`, which is called for every response, after all hooks. An `after_request`
hook wouldn't do: Frappe calls these one after the other and stops at the first that raises, so another app's failing hook
could keep ours from being called, and the response goes out all the same.
"""

from collections.abc import Callable

import frappe
from frappe import _
from werkzeug.wrappers import Response

from crm_transparency.export_audit import exports, reads, traceable, witness
from crm_transparency.export_audit.exports import Export
from crm_transparency.export_audit.journal import writing
from crm_transparency.export_audit.ways_out import way_of

STATE = "crm_transparency_gate"


class State:
	"""What the gate knows about the running request."""

	def __init__(self, command: str | None, purpose: str | None):
		self.command = command
		self.purpose = purpose


def open_for_request(command: str | None, purpose: str | None) -> None:
	setattr(frappe.local, STATE, State(command, purpose))


def current_purpose() -> str | None:
	state = getattr(frappe.local, STATE, None)
	return state.purpose if state else None


def watch_response(process_response: Callable) -> Callable:
	def watched(response):
		state = getattr(frappe.local, STATE, None)
		if response is not None and state:
			setattr(frappe.local, STATE, None)
			close(response, state)
		return process_response(response)

	return watched


def close(response: Response, state: State) -> None:
	"""Record what leaves in a response, or keep it from leaving."""
	if not brings_data(response):
		return
	is_export = True
	try:
		way = way_of(frappe.request, state.command, response)
		is_export = bool(way)
		traceable.add_to_vcards(witness.current(), response)
		export = way(response) if way else reads.exported(response, state.command)
		if export:
			is_export = True
			export.purpose = export.purpose or state.purpose
			export.trace = witness.current().trace
			keep(export)
	except Exception:
		if is_export or reads.may_hold_many_rows(response):
			refuse(response)
		frappe.logger().error("CRM Transparency: an export could not be recorded", exc_info=True)


def keep(export: Export) -> None:
	"""Record an export for good: bulk reads in the journal, which is fast, everything else in the ledger at once."""
	if isinstance(export, reads.BulkRead):
		writing.write(export)
		return
	exports.record(export)
	frappe.db.commit()  # nosemgrep: Frappe is done with the request, and what isn't committed isn't recorded


def brings_data(response: Response) -> bool:
	"""Say whether a response tells anything: a refusal, a redirect or "not modified" doesn't."""
	return 200 <= response.status_code < 300 and frappe.request.method not in ("HEAD", "OPTIONS")


def refuse(response: Response) -> None:
	"""Take everything out of a response that was about to leave without being recorded."""
	message = _(
		"This export could not be recorded, so it wasn't delivered. Nothing is wrong with your data. Please try again, "
		"and tell your administrator if it happens again."
	)
	if db := getattr(frappe.local, "db", None):
		db.rollback()
	for header in list(response.headers.keys()):
		if header.lower() not in ("server", "date"):
			response.headers.remove(header)
	response.status_code = 503
	response.direct_passthrough = False
	response.mimetype = "text/plain"
	response.set_data(message)
