"""Endpoints of the wizard's page. Each checks permissions in its first line."""

from collections.abc import Callable

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cstr, get_fullname, today

from crm_transparency.crm_transparency import requested
from crm_transparency.offboarding import (
	access_ending,
	disabled_owners,
	leaver_details,
	offboarding_permissions,
	starting_offboardings,
	step_flows,
	step_progress,
	steps,
)
from crm_transparency.offboarding.exceptions import OffboardingIsClosed
from crm_transparency.offboarding.offboarding_records import (
	CANCELLED,
	DONE,
	OFFBOARDING,
	OPEN,
	REMOVAL,
	SKIPPED,
	UNDER_WAY,
)

MOST_LISTED = 200
FROZEN_NOTICE = "All access of {0} is frozen, until somebody decides."
UNFROZEN_NOTICE = "{0} has access again."
NOT_RESTORED = "Not restored: {1}."


@frappe.whitelist(methods=["GET"])
def open(offboarding: str, step: str | None = None) -> dict:
	"""Return an offboarding as the user sees it, with the details of a step: the one asked for, or the first open one.

	Raises PermissionError for whoever sees none of it.
	"""
	doc = get(offboarding, step)
	seen = offboarding_permissions.visible_steps(doc)
	rows = [row for row in doc.steps if row.step in seen]
	current = step or next((row.step for row in rows if row.status not in (DONE, SKIPPED)), None)
	current = current or (rows[0].step if rows else None)
	return {
		"offboarding": header(doc),
		"runs": offboarding_permissions.runs(doc),
		"steps": [as_shown(row, doc if row.step == current else None) for row in rows],
		"current": current,
		"known": step_flows.get(current).known(doc) if current else {},
	}


@frappe.whitelist(methods=["POST"])
def run(offboarding: str, step: str, arguments: dict | str | None = None, seen: str | None = None) -> dict:
	"""Run a step, or a part of it, and return what `open` returns.

	`seen` is the `done_on` of the step that the page showed. Of two requests at once the second waits for the first, and
	runs nothing. Raises PermissionError, and OffboardingIsClosed for an offboarding that was cancelled.
	"""
	row = lock(offboarding, step, seen)
	if not row:
		return open(offboarding, step)
	doc = get(offboarding, step)
	check_is_not_cancelled(doc)
	# an argument that the step doesn't know, or what is no date or number
	with requested.refusing_junk(TypeError, ValueError):
		outcome = step_flows.get(step).run(doc, **requested.values(arguments))
	step_progress.log(offboarding, row, outcome)
	return open(offboarding, step)


@frappe.whitelist(methods=["POST"])
def skip(offboarding: str, step: str, reason: str, seen: str | None = None) -> dict:
	"""Skip a step, for a reason that goes on record."""
	get(offboarding, step)
	reason = (reason or "").strip()[: step_flows.LONGEST_REASON]
	if not reason:
		frappe.throw(_("Please enter why the step is skipped."))
	row = lock(offboarding, step, seen)
	check_is_not_cancelled(get(offboarding, step))
	if row:
		step_progress.skip(offboarding, row, reason)
	return open(offboarding, step)


@frappe.whitelist(methods=["POST"])
def reopen(offboarding: str, step: str, seen: str | None = None) -> dict:
	"""Reopen a step that was done or skipped. What it did stays done."""
	row = lock(offboarding, step, seen)
	check_is_not_cancelled(get(offboarding, step))
	if row:
		step_progress.reopen(offboarding, row)
	return open(offboarding, step)


@frappe.whitelist(methods=["POST"])
def start(
	employee: str | None = None,
	user: str | None = None,
	last_working_day: str | None = None,
	leaving_for: str | None = None,
) -> str:
	"""Return the name of the open offboarding of an employee or a user; start one if there is none.

	The day and the new employer take precedence over what the records say.
	"""
	offboarding_permissions.check_runner()
	given = {"last_working_day": last_working_day, "leaving_for": leaving_for}
	doc = starting_offboardings.open_or_start(employee=employee, user=user, started_from="Form", **given)
	offboarding_permissions.check_runs(doc)
	return doc.name


@frappe.whitelist(methods=["POST"])
def freeze(offboarding: str | None = None, employee: str | None = None, user: str | None = None) -> str:
	"""Stop all access of a person at once, for HR or their manager to decide later; return the offboarding's name.

	For a person without an offboarding, one is drafted. A second time changes nothing.
	"""
	if offboarding:
		doc = get(offboarding)
	else:
		offboarding_permissions.check_freezes(employee, user)
		doc = starting_offboardings.draft("Form", employee, user)
		# an open offboarding of the employee may be about another user
		offboarding_permissions.check_freezes(None, doc.user)
	change_access(doc, access_ending.freeze, FROZEN_NOTICE)
	return doc.name


@frappe.whitelist(methods=["POST"])
def unfreeze(offboarding: str) -> dict:
	"""Restore exactly the access that `freeze` stopped, and return what `open` returns."""
	doc = get(offboarding)
	if not offboarding_permissions.unfreezes(doc):
		offboarding_permissions.refuse()
	change_access(doc, access_ending.unfreeze, UNFROZEN_NOTICE)
	return open(offboarding)


def change_access(doc: Document, change: Callable[[Document], Document | None], notice: str) -> None:
	"""Freeze or unfreeze access; record that with its step, and notify HR, if it changed anything."""
	# whatever changes access locks the step first; without a step for it any will do: cancelling locks them all
	found = [row.step for row in doc.steps]
	row = step_progress.lock(doc.name, access_ending.STEP if access_ending.STEP in found else found[0])
	doc = frappe.get_doc(OFFBOARDING, doc.name)
	check_is_not_cancelled(doc)
	if removal := change(doc):
		outcome = access_ending.outcome(removal)
		if row.step == access_ending.STEP:
			step_progress.log(doc.name, row, outcome)
		else:
			step_progress.add_to_timeline(doc.name, access_ending.STEP, _("In progress"), outcome.result)
		lost = [] if removal.frozen_on else [(item.what, item.number) for item in removal.items]
		sentences = [notice, (NOT_RESTORED, lost)] if lost else [notice]
		step_progress.notify_hr(doc, *sentences, but=frappe.session.user)


@frappe.whitelist(methods=["POST"])
def cancel(offboarding: str, reason: str) -> list[str]:
	"""Cancel an offboarding because the person stays; return what couldn't be undone, in sentences."""
	doc = frappe.get_doc(OFFBOARDING, offboarding)
	offboarding_permissions.check_runs(doc)
	return step_flows.cancel(doc, reason)


@frappe.whitelist(methods=["GET"])
def overview() -> dict:
	"""Return the offboardings under way that the user sees at least one step of, by last working day."""
	user = frappe.session.user
	fields = ["name", "user", "employee_name", "manager", "status", "resignation_date", "last_working_day"]
	rows = frappe.get_all(
		OFFBOARDING,
		filters={
			"status": ("in", UNDER_WAY),
			**({} if offboarding_permissions.is_runner() else {"manager": user}),
		},
		fields=fields,
		order_by="creation",
		limit=MOST_LISTED,
	)
	rows.sort(key=lambda row: str(row.last_working_day or "9999"))
	return {
		"runs": offboarding_permissions.is_runner(),
		"disabled_owners": disabled_owners.disabled_owners() if offboarding_permissions.is_runner() else [],
		"reports": [
			{"value": person, "label": get_fullname(person)} for person in leaver_details.direct_reports(user)
		],
		"offboardings": [with_progress(row) for row in rows if offboarding_permissions.visible_steps(row)],
	}


def get(offboarding: str, step: str | None = None) -> Document:
	"""Return an offboarding. Raises PermissionError for whoever doesn't see the step, or, if none is named, any."""
	doc = frappe.get_doc(OFFBOARDING, offboarding) if frappe.db.exists(OFFBOARDING, offboarding) else None
	if doc is None:
		offboarding_permissions.refuse()
	offboarding_permissions.check_step(doc, step)
	return doc


def lock(offboarding: str, step: str, seen: str | None) -> frappe._dict | None:
	"""Lock a step, and return its row; None if somebody worked on it since the page, or else this request, read it.

	So what is already arranged wins, and the reader is told. Raises PermissionError for whoever doesn't see the step.
	"""
	doc = get(offboarding, step)
	if seen is None:
		seen = next((row.done_on for row in doc.steps if row.step == step), None)
	row = step_progress.lock(offboarding, step)
	if cstr(row.done_on) == cstr(seen):
		return row
	frappe.msgprint(_("Somebody has just worked on this step. Please check whether anything is left to do."))
	return None


def check_is_not_cancelled(offboarding: Document) -> None:
	if offboarding.status == CANCELLED:
		frappe.throw(
			_("This offboarding was cancelled. If {0} leaves after all, please start a new one.").format(
				offboarding.employee_name
			),
			exc=OffboardingIsClosed,
		)


def header(doc: Document) -> dict:
	fields = ("name", "employee", "user", "employee_name", "status", "resignation_date", "last_working_day")
	shown = {field: doc.get(field) for field in fields}
	shown["manager_name"] = get_fullname(doc.manager) if doc.manager else None
	shown["frozen_on"] = frappe.db.get_value(REMOVAL, doc.name, "frozen_on")
	shown["unfreezes"] = bool(shown["frozen_on"]) and offboarding_permissions.unfreezes(doc)
	shown["is_enabled"] = bool(doc.user) and bool(frappe.db.get_value("User", doc.user, "enabled"))
	if offboarding_permissions.runs(doc):
		shown.update({field: doc.get(field) for field in ("leaving_for", "cancel_reason", "not_undone")})
	return shown


def as_shown(row: Document, of: Document | None = None) -> dict:
	"""Return a step as the page shows it; of the current one, whose offboarding is given, what its result says by now."""
	return {
		"step": row.step,
		"label": steps.label(row.step),
		"status": row.status,
		"due_on": row.due_on,
		"is_late": bool(row.due_on) and row.status not in (DONE, SKIPPED) and str(row.due_on) < today(),
		"responsible": row.responsible,
		"responsible_name": get_fullname(row.responsible) if row.responsible else None,
		"done_by_name": get_fullname(row.done_by) if row.done_by else None,
		"done_on": row.done_on,
		"result": step_flows.record_of(of, row) if of else row.result,
	}


def with_progress(row: frappe._dict) -> dict:
	seen = offboarding_permissions.visible_steps(row)
	steps = [step for step in frappe.get_doc(OFFBOARDING, row.name).steps if step.step in seen]
	return {
		**row,
		"steps": len(steps),
		"finished": sum(step.status in (DONE, SKIPPED) for step in steps),
		"is_mine": any(
			step.responsible == frappe.session.user and step.status in (OPEN, "In Progress") for step in steps
		),
	}
