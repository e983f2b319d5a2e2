"""What the pages of steps 4 to 6 ask. Each function checks who asks in its first line."""

import frappe
from frappe import _
from frappe.utils import cint, get_fullname

from crm_transparency.offboarding.api import check_is_not_cancelled
from crm_transparency.offboarding.handover import belongings, grid, permissions, plan, spreadsheet
from crm_transparency.offboarding.handover.introductions import drafting, letters, replies
from crm_transparency.offboarding.handover.words import (
	BELONGING,
	INTRODUCTION,
	JOINTLY,
	LEAVE,
	LEAVER,
	MOVE,
	PLAN,
	PLANNED,
)
from crm_transparency.offboarding.words import OFFBOARDING
from crm_transparency.transfers.chosen_accounts import path_of

LONGEST_LETTER = 50_000
LONGEST_PROBLEMS = 1000
INTRODUCTION_FIELDS = (
	"name",
	"account_title",
	"reference_doctype",
	"reference_name",
	"contact_name",
	"email",
	"successor",
	"status",
	"way",
	"note",
	"voice",
	"subject",
	"message",
	"is_edited",
	"meeting_on",
	"meeting_minutes",
	"approved_by",
	"sent_on",
	"replied_on",
)


def open_for_changes(offboarding: str) -> None:
	check_is_not_cancelled(frappe.get_doc(OFFBOARDING, offboarding))


def parsed(filters: dict | str | None) -> dict | None:
	"""Return filters as they are meant; None if none were given."""
	filters = frappe.parse_json(filters)
	if filters is not None and not isinstance(filters, dict):
		frappe.throw(_("These filters can't be read."))
	return filters


# the plan


@frappe.whitelist(methods=["GET"])
def progress(offboarding: str) -> dict:
	"""Return how far a computation, a transfer or an undoing is."""
	permissions.check_edits(offboarding)
	fields = ["task", "done", "total", "computed_on", "error_message"]
	return frappe.db.get_value(PLAN, offboarding, fields, as_dict=True) or {}


@frappe.whitelist(methods=["GET"])
def page(
	offboarding: str,
	filters: dict | str | None = None,
	sort: str = "worth",
	descending: bool | int | str = True,
	start: int | str = 0,
	length: int | str = 0,
) -> dict:
	"""Return a page of the plan's rows."""
	permissions.check_edits(offboarding)
	return grid.page(
		offboarding, parsed(filters) or {}, sort, bool(cint(descending)), cint(start), cint(length)
	)


@frappe.whitelist(methods=["POST"])
def change(
	offboarding: str,
	names: list | str | None = None,
	filters: dict | str | None = None,
	successor: str | None = None,
	as_proposed: bool | int | str = False,
	is_key_account: bool | int | str | None = None,
) -> int:
	"""Change rows by name, or all that fit filters; return how many."""
	permissions.check_edits(offboarding)
	open_for_changes(offboarding)
	return grid.change(
		offboarding,
		names=frappe.parse_json(names) or None,
		filters=parsed(filters),
		successor=successor or None,
		as_proposed=bool(cint(as_proposed)),
		is_key_account=None if is_key_account in (None, "") else bool(cint(is_key_account)),
	)


@frappe.whitelist(methods=["GET"])
def download(offboarding: str, filters: dict | str | None = None) -> None:
	"""Answer with the plan's rows as a CSV file. The export audit records it, as every file."""
	permissions.check_edits(offboarding)
	text = spreadsheet.write(offboarding, parsed(filters) or {})
	frappe.response.filename = f"handover-plan-{offboarding}.csv"
	frappe.response.filecontent = text.encode("utf-8")
	frappe.response.type = "binary"


@frappe.whitelist(methods=["POST"])
def upload(offboarding: str, file_url: str, dry_run: bool | int | str = True) -> dict:
	"""Say what an uploaded CSV file changes and which lines are no use; with `dry_run` off, change it."""
	permissions.check_edits(offboarding)
	open_for_changes(offboarding)
	outcome = spreadsheet.read(offboarding, file_url)
	changed = 0
	if not cint(dry_run):
		changed = spreadsheet.apply(offboarding, outcome.edits)
		throw_away(file_url)
	return {
		"lines": outcome.lines,
		"changes": len(outcome.edits),
		"changed": changed,
		"problems": outcome.problems[:LONGEST_PROBLEMS],
		"total_problems": len(outcome.problems),
	}


def throw_away(file_url: str) -> None:
	"""Delete an uploaded list that was read: it holds what the plan holds, and has readers of its own."""
	path_of(file_url)
	for name in frappe.get_all(
		"File", filters={"file_url": file_url, "owner": frappe.session.user}, pluck="name"
	):
		frappe.delete_doc("File", name, ignore_permissions=True, delete_permanently=True)


# belongings


@frappe.whitelist(methods=["GET"])
def list_belongings(offboarding: str) -> list[dict]:
	"""Return what else hangs on the leaver, kind by kind."""
	permissions.check_edits(offboarding)
	fields = ["name", "kind", "title", "detail", "value", "action", "status", "note", "to_user", "went_to"]
	fields += ["is_chosen", "reference_doctype", "reference_name"]
	fields += ["account_doctype", "account_name", "offboarding"]
	rows = frappe.get_all(
		BELONGING,
		filters={"offboarding": offboarding},
		fields=fields,
		order_by="kind, value desc, title",
		limit_page_length=0,
	)
	for row in rows:
		row.is_undecided = belongings.is_undecided(row)
		row.kind_label = belongings.KINDS[row.kind].label()
		row.goes_to = row.went_to or belongings.successor_for(row)
		row.goes_to_name = get_fullname(row.goes_to) if row.goes_to else None
	return rows


@frappe.whitelist(methods=["POST"])
def change_belongings(
	offboarding: str,
	names: list | str,
	action: str | None = None,
	to_user: str | None = None,
) -> int:
	"""Say of belongings that weren't moved yet whether they move, and to whom; return how many were changed.

	Those that failed to move are planned anew with that.
	"""
	permissions.check_edits(offboarding)
	open_for_changes(offboarding)
	values: dict = {"is_chosen": 1, "status": PLANNED, "note": None, "before": None}
	if action:
		if action not in (MOVE, LEAVE):
			frappe.throw(_("A belonging moves, or stays."))
		values["action"] = action
	if to_user:
		grid.check_successor(offboarding, to_user)
		values["to_user"] = to_user
	changed = 0
	for name in frappe.parse_json(names):
		row = {"name": name, "offboarding": offboarding, "status": ("in", (PLANNED, "Failed", "Undone"))}
		if frappe.db.get_value(BELONGING, row, "name", for_update=True):
			frappe.db.set_value(BELONGING, name, values, update_modified=False)
			changed += 1
	return changed


@frappe.whitelist(methods=["POST"])
def set_default_successor(offboarding: str, user: str) -> None:
	"""Say who gets what goes with no account."""
	permissions.check_edits(offboarding)
	open_for_changes(offboarding)
	grid.check_successor(offboarding, user)
	plan.of_offboarding(offboarding).db_set("default_successor", user, update_modified=False)


# introductions


@frappe.whitelist(methods=["GET"])
def list_introductions(offboarding: str) -> dict:
	"""Return the introductions, and what the session's user may do with them: the leaver words and approves the own ones."""
	facts = permissions.check_own_introductions(offboarding)
	replies.see(offboarding)
	rows = frappe.get_all(
		INTRODUCTION,
		filters={"offboarding": offboarding},
		fields=list(INTRODUCTION_FIELDS),
		order_by="creation, name",
		limit_page_length=0,
	)
	for row in rows:
		row.successor_name = get_fullname(row.successor)
	may_edit_plan = permissions.edits(facts)
	return {"introductions": rows, "may_send": may_edit_plan, "leaver_name": facts.employee_name}


@frappe.whitelist(methods=["POST"])
def edit_introduction(introduction: str, subject: str, message: str) -> None:
	"""Word one introduction by hand."""
	facts = permissions.check_introduction(introduction)
	open_for_changes(facts.name)
	check_length(subject, message)
	drafting.edit(introduction, subject, message)


@frappe.whitelist(methods=["POST"])
def word_introduction_anew(introduction: str) -> None:
	"""Throw away what was worded by hand."""
	facts = permissions.check_introduction(introduction)
	open_for_changes(facts.name)
	drafting.word_anew(plan.of_offboarding(facts.name), introduction)


@frappe.whitelist(methods=["POST"])
def approve_introductions(introductions: list | str) -> int:
	"""Let introductions go; return how many weren't approved before."""
	names = frappe.parse_json(introductions)
	for name in names:
		facts = permissions.check_introduction(name)
		open_for_changes(facts.name)
	return sum(drafting.approve(name) for name in names)


@frappe.whitelist(methods=["POST"])
def hold_introduction(introduction: str, is_skipped: bool | int | str = False) -> None:
	"""Take an approval back, or leave the introduction out."""
	permissions.check_introduction(introduction)
	drafting.hold_back(introduction, bool(cint(is_skipped)))


@frappe.whitelist(methods=["POST"])
def invite_instead(introduction: str, meeting_on: str | None = None, minutes: int | str = 30) -> None:
	"""Make an introduction an invitation to a meeting, or a letter again without a time."""
	facts = permissions.check_introduction(introduction)
	open_for_changes(facts.name)
	drafting.as_meeting(introduction, meeting_on, cint(minutes))


@frappe.whitelist(methods=["POST"])
def word_template(offboarding: str, subject: str, message: str, voice: str = LEAVER) -> int:
	"""Word the template of a plan's introductions, and those that nobody worded by hand; return how many wait.

	Empty texts mean the settings' template. Raises StepNotPossible for a template that can't be filled in.
	"""
	permissions.check_edits(offboarding)
	open_for_changes(offboarding)
	check_length(subject, message)
	document = plan.of_offboarding(offboarding)
	values = {
		"subject": subject.strip() or None,
		"message": message.strip() or None,
		"voice": JOINTLY if voice == JOINTLY else LEAVER,
	}
	document.db_set(values, update_modified=False)
	return drafting.draft(document)


@frappe.whitelist(methods=["GET"])
def template(offboarding: str) -> dict:
	"""Return the template of a plan's introductions."""
	permissions.check_edits(offboarding)
	document = plan.of_offboarding(offboarding)
	subject, message = letters.wording(document, None)
	return {"subject": subject, "message": message, "voice": document.voice}


def check_length(subject: str, message: str) -> None:
	if len(subject) + len(message) > LONGEST_LETTER:
		frappe.throw(_("This letter is too long."))
