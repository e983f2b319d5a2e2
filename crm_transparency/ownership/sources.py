"""Where a change came from, read from the request, job and flags that surround it."""

from collections.abc import Iterator
from contextlib import contextmanager

import frappe

FORM = "Form"
API = "API"
DATA_IMPORT = "Data Import"
BULK_EDIT = "Bulk Edit"
ACCOUNT_TRANSFER = "Account Transfer"
BACKGROUND_JOB = "Background Job"
UNTRACKED = "Untracked"

ACCOUNT_TRANSFER_FLAG = "crm_transparency_account_transfer"

BULK_UPDATE = "frappe.desk.doctype.bulk_update.bulk_update"
# the command behind a list's Edit action, and the job that it queues for more than a handful of documents
BULK_EDIT_ENTRY_POINTS = {f"{BULK_UPDATE}.submit_cancel_or_update_docs", f"{BULK_UPDATE}._bulk_action"}
SAVING_A_FORM = "frappe.desk.form.save.savedocs"


def current_source() -> str:
	"""Name what is saving right now, as Account Owner Change's `source` words it.

	Whatever runs without a request, in a worker, the scheduler or a console, is a Background Job.
	"""
	if current_account_transfer():
		return ACCOUNT_TRANSFER
	if frappe.flags.in_import:
		return DATA_IMPORT
	job = getattr(frappe.local, "job", None)
	if job:
		return BULK_EDIT if job.method in BULK_EDIT_ENTRY_POINTS else BACKGROUND_JOB
	if not getattr(frappe.local, "request", None):
		return BACKGROUND_JOB
	if _is_bulk_edit():
		return BULK_EDIT
	return FORM if _came_from_the_desk() else API


def current_account_transfer() -> str | None:
	"""Return the name of the Account Transfer that is saving right now, or None."""
	return frappe.flags.get(ACCOUNT_TRANSFER_FLAG)


@contextmanager
def account_transfer(name: str) -> Iterator[None]:
	"""Let everything saved within the block count as done by the Account Transfer `name`."""
	frappe.flags[ACCOUNT_TRANSFER_FLAG] = name
	try:
		yield
	finally:
		frappe.flags.pop(ACCOUNT_TRANSFER_FLAG, None)


def _is_bulk_edit() -> bool:
	form = frappe.form_dict
	if form.cmd in BULK_EDIT_ENTRY_POINTS:
		return True
	# the Bulk Update tool calls its document's method of the same name
	return (form.cmd or "").endswith("run_doc_method") and form.method == "bulk_update"


def _came_from_the_desk() -> bool:
	"""Say whether a person clicked: a saved form, or any other request of the Desk, which names its command in a header."""
	return frappe.form_dict.cmd == SAVING_A_FORM or bool(frappe.get_request_header("X-Frappe-CMD"))
