"""What the wizard's page asks: the only door to the steps. Each function checks who asks in its first line."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_fullname, today

from crm_transparency.offboarding import cancelling, permissions, progress, seen_steps, starting
from crm_transparency.offboarding.exceptions import OffboardingIsClosed
from crm_transparency.offboarding.steps import registry
from crm_transparency.offboarding.words import CANCELLED, DONE, OFFBOARDING, OPEN, SKIPPED, UNDER_WAY

MOST_LISTED = 200
LONGEST_REASON = 500


@frappe.whitelist(methods=["GET"])
def open(offboarding: str, step: str | None = None) -> dict:
	"""Return an offboarding as the user sees it, and what one of its steps knows: the one asked for, or the first open one.

	Raises PermissionError for whoever sees none of it.
	"""
	doc = get(offboarding, step)
	seen = seen_steps.of(doc)
	rows = [row for row in doc.steps if row.step in seen]
	current = step or next((row.step for row in rows if row.status not in (DONE, SKIPPED)), None)
	current = current or (rows[0].step if rows else None)
	return {
		"offboarding": header(doc),
		"runs": permissions.runs(doc),
		"steps": [as_shown(row) for row in rows],
		"current": current,
		"known": registry.get(current).known(doc) if current else {},
	}


@frappe.whitelist(methods=["POST"])
def do(offboarding: str, step: str, arguments: dict | str | None = None) -> dict:
	"""Do a step, or a part of it, and return what `open` returns.

	Who comes second waits for who came first, and does no harm: every step is safe to do twice. Raises PermissionError,
	and OffboardingIsClosed for an offboarding that was cancelled.
	"""
	get(offboarding, step)
	row = progress.lock(offboarding, step)
	doc = get(offboarding, step)
	check_is_not_cancelled(doc)
	outcome = registry.get(step).do(doc, **(frappe.parse_json(arguments) or {}))
	progress.note(offboarding, row, outcome)
	return open(offboarding, step)


@frappe.whitelist(methods=["POST"])
def skip(offboarding: str, step: str, reason: str) -> dict:
	"""Leave a step out, for a reason that is on record."""
	get(offboarding, step)
	reason = (reason or "").strip()[:LONGEST_REASON]
	if not reason:
		frappe.throw(_("Please say why the step is skipped."))
	row = progress.lock(offboarding, step)
	check_is_not_cancelled(get(offboarding, step))
	progress.skip(offboarding, row, reason)
	return open(offboarding, step)


@frappe.whitelist(methods=["POST"])
def reopen(offboarding: str, step: str) -> dict:
	"""Open a step again that was done or skipped. What it did stays done."""
	get(offboarding, step)
	row = progress.lock(offboarding, step)
	check_is_not_cancelled(get(offboarding, step))
	progress.reopen(offboarding, row)
	return open(offboarding, step)


@frappe.whitelist(methods=["POST"])
def start(employee: str | None = None, user: str | None = None) -> str:
	"""Return the name of the open offboarding of an employee or a user; begin one if there is none."""
	permissions.check_runner()
	doc = starting.open_or_begin(employee=employee, user=user, started_from="Form")
	permissions.check_runs(doc)
	return doc.name


@frappe.whitelist(methods=["POST"])
def cancel(offboarding: str, reason: str) -> list[str]:
	"""Cancel an offboarding because the person stays; return what couldn't be undone, in sentences."""
	doc = frappe.get_doc(OFFBOARDING, offboarding)
	permissions.check_runs(doc)
	return cancelling.cancel(doc, reason)


@frappe.whitelist(methods=["GET"])
def overview() -> dict:
	"""Return the offboardings under way that the user sees at least one step of, those that end first on top."""
	user = frappe.session.user
	fields = ["name", "user", "employee_name", "manager", "status", "resignation_date", "last_working_day"]
	rows = frappe.get_all(
		OFFBOARDING,
		filters={"status": ("in", UNDER_WAY), **({} if permissions.is_runner() else {"manager": user})},
		fields=fields,
		order_by="creation",
		limit=MOST_LISTED,
	)
	rows.sort(key=lambda row: str(row.last_working_day or "9999"))
	return {
		"runs": permissions.is_runner(),
		"offboardings": [with_progress(row) for row in rows if seen_steps.of(row)],
	}


def get(offboarding: str, step: str | None = None) -> Document:
	"""Return an offboarding. Raises PermissionError for whoever doesn't see the step, or, if none is named, any."""
	doc = frappe.get_doc(OFFBOARDING, offboarding) if frappe.db.exists(OFFBOARDING, offboarding) else None
	if doc is None:
		permissions.refuse()
	seen_steps.check(doc, step)
	return doc


def check_is_not_cancelled(offboarding: Document) -> None:
	if offboarding.status == CANCELLED:
		frappe.throw(
			_("This offboarding was cancelled. If {0} leaves after all, please begin a new one.").format(
				offboarding.employee_name
			),
			exc=OffboardingIsClosed,
		)


def header(doc: Document) -> dict:
	fields = ("name", "employee", "user", "employee_name", "status", "resignation_date", "last_working_day")
	shown = {field: doc.get(field) for field in fields}
	shown["manager_name"] = get_fullname(doc.manager) if doc.manager else None
	if permissions.runs(doc):
		shown.update({field: doc.get(field) for field in ("leaving_for", "cancel_reason", "not_undone")})
	return shown


def as_shown(row: Document) -> dict:
	return {
		"step": row.step,
		"label": registry.label(row.step),
		"status": row.status,
		"due_on": row.due_on,
		"is_late": bool(row.due_on) and row.status not in (DONE, SKIPPED) and str(row.due_on) < today(),
		"responsible": row.responsible,
		"responsible_name": get_fullname(row.responsible) if row.responsible else None,
		"done_by_name": get_fullname(row.done_by) if row.done_by else None,
		"done_on": row.done_on,
		"result": row.result,
	}


def with_progress(row: frappe._dict) -> dict:
	seen = seen_steps.of(row)
	steps = [step for step in frappe.get_doc(OFFBOARDING, row.name).steps if step.step in seen]
	return {
		**row,
		"steps": len(steps),
		"finished": sum(step.status in (DONE, SKIPPED) for step in steps),
		"is_mine": any(
			step.responsible == frappe.session.user and step.status in (OPEN, "In Progress") for step in steps
		),
	}
