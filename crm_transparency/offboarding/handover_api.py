"""Endpoints of the handover's pages, steps 4 to 6. Each checks permissions in its first line."""

import frappe
from frappe import _
from frappe.utils import cint, get_fullname

from crm_transparency.crm_transparency import requested
from crm_transparency.offboarding import (
	handover_belongings,
	introduction_drafts,
	introduction_sending,
	offboarding_permissions,
	plan_grid,
	plan_rows,
	plan_spreadsheet,
	reader_limits,
)
from crm_transparency.offboarding.offboarding_records import (
	BELONGING,
	INTRODUCTION,
	JOINTLY,
	LEAVE,
	LEAVER,
	MOVE,
	PLAN,
	PLANNED,
)
from crm_transparency.offboarding.wizard_api import check_is_not_cancelled
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


def check_changes(offboarding: str) -> None:
	"""Raise PermissionError for whoever doesn't edit the handover, and OffboardingIsClosed once it is cancelled."""
	check_is_not_cancelled(offboarding_permissions.check_edits_handover(offboarding))


def parsed(filters: dict | str | None) -> dict | None:
	"""Return parsed filters; None if none were given."""
	return None if filters is None else requested.values(filters)


# the plan


@frappe.whitelist(methods=["GET"])
def progress(offboarding: str) -> dict:
	"""Return the progress of a calculation, a transfer or undoing one."""
	offboarding_permissions.check_edits_handover(offboarding)
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
	offboarding_permissions.check_edits_handover(offboarding)
	return plan_grid.page(
		offboarding,
		parsed(filters) or {},
		sort,
		bool(cint(descending)),
		requested.whole_number(start),
		requested.whole_number(length),
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
	"""Change rows by name, or all that match filters; return how many."""
	check_changes(offboarding)
	return plan_grid.change(
		offboarding,
		names=requested.names(names) if names else None,
		filters=parsed(filters),
		successor=successor or None,
		as_proposed=bool(cint(as_proposed)),
		is_key_account=None if is_key_account in (None, "") else bool(cint(is_key_account)),
	)


@frappe.whitelist(methods=["GET"])
def download(offboarding: str, filters: dict | str | None = None) -> None:
	"""Answer with the plan's rows as a CSV file. The export audit records it, as every file."""
	offboarding_permissions.check_edits_handover(offboarding)
	text = plan_spreadsheet.write(offboarding, parsed(filters) or {})
	frappe.response.filename = f"handover-plan-{offboarding}.csv"
	frappe.response.filecontent = text.encode("utf-8")
	frappe.response.type = "binary"


@frappe.whitelist(methods=["POST"])
def upload(offboarding: str, file_url: str, dry_run: bool | int | str = True) -> dict:
	"""Return what an uploaded CSV file changes and which lines can't be used; with `dry_run` off, apply it."""
	check_changes(offboarding)
	outcome = plan_spreadsheet.read(offboarding, file_url)
	changed = 0
	if not cint(dry_run):
		changed = plan_spreadsheet.apply(offboarding, outcome.edits)
		delete_upload(file_url)
	return {
		"lines": outcome.lines,
		"changes": len(outcome.edits),
		"changed": changed,
		"problems": outcome.problems[:LONGEST_PROBLEMS],
		"total_problems": len(outcome.problems),
	}


def delete_upload(file_url: str) -> None:
	"""Delete an uploaded list: it contains what the plan contains, with other permissions."""
	path_of(file_url)
	for name in frappe.get_all(
		"File", filters={"file_url": file_url, "owner": frappe.session.user}, pluck="name"
	):
		frappe.delete_doc("File", name, ignore_permissions=True, delete_permanently=True)


# belongings


@frappe.whitelist(methods=["GET"])
def list_belongings(offboarding: str) -> list[dict]:
	"""Return the leaver's other belongings, kind by kind."""
	offboarding_permissions.check_edits_handover(offboarding)
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
	reader_limits.hide(rows)
	for row in rows:
		row.is_undecided = handover_belongings.is_undecided(row)
		row.kind_label = handover_belongings.KINDS[row.kind].label()
		row.goes_to = row.went_to or handover_belongings.successor_for(row)
		row.goes_to_name = get_fullname(row.goes_to) if row.goes_to else None
	return rows


@frappe.whitelist(methods=["POST"])
def change_belongings(
	offboarding: str,
	names: list | str,
	action: str | None = None,
	to_user: str | None = None,
) -> int:
	"""Set whether belongings that weren't moved yet move, and to whom; return how many were changed.

	Those that failed to move are planned again.
	"""
	check_changes(offboarding)
	values: dict = {"is_chosen": 1, "status": PLANNED, "note": None, "before": None}
	if action:
		if action not in (MOVE, LEAVE):
			frappe.throw(_("An item can only move or stay."))
		values["action"] = action
	if to_user:
		plan_grid.check_successor(offboarding, to_user)
		values["to_user"] = to_user
	changed = 0
	for name in requested.names(names):
		row = {"name": name, "offboarding": offboarding, "status": ("in", (PLANNED, "Failed", "Undone"))}
		if frappe.db.get_value(BELONGING, row, "name", for_update=True):
			frappe.db.set_value(BELONGING, name, values, update_modified=False)
			changed += 1
	return changed


@frappe.whitelist(methods=["POST"])
def set_default_successor(offboarding: str, user: str) -> None:
	"""Set who gets what goes with no account."""
	check_changes(offboarding)
	plan_grid.check_successor(offboarding, user)
	plan_rows.of_offboarding(offboarding).db_set("default_successor", user, update_modified=False)


# introductions


@frappe.whitelist(methods=["GET"])
def list_introductions(offboarding: str) -> dict:
	"""Return the introductions, and whether the user may send them: the leaver edits and approves them."""
	facts = offboarding_permissions.check_introductions(offboarding)
	introduction_sending.find_replies(offboarding)
	rows = frappe.get_all(
		INTRODUCTION,
		filters={"offboarding": offboarding},
		fields=list(INTRODUCTION_FIELDS),
		order_by="creation, name",
		limit_page_length=0,
	)
	for row in rows:
		row.successor_name = get_fullname(row.successor)
	may_edit_plan = offboarding_permissions.edits_handover(facts)
	return {"introductions": rows, "may_send": may_edit_plan, "leaver_name": facts.employee_name}


@frappe.whitelist(methods=["POST"])
def edit_introduction(introduction: str, subject: str, message: str) -> None:
	"""Edit one introduction."""
	facts = offboarding_permissions.check_introduction(introduction)
	check_is_not_cancelled(facts)
	check_length(subject, message)
	introduction_drafts.edit(introduction, subject, message)


@frappe.whitelist(methods=["POST"])
def reset_introduction(introduction: str) -> None:
	"""Discard edits of an introduction."""
	facts = offboarding_permissions.check_introduction(introduction)
	check_is_not_cancelled(facts)
	introduction_drafts.reset_text(plan_rows.of_offboarding(facts.name), introduction)


@frappe.whitelist(methods=["POST"])
def approve_introductions(introductions: list | str) -> int:
	"""Approve introductions; return how many weren't approved before."""
	names = requested.names(introductions)
	for name in names:
		facts = offboarding_permissions.check_introduction(name)
		check_is_not_cancelled(facts)
	return sum(introduction_drafts.approve(name) for name in names)


@frappe.whitelist(methods=["POST"])
def hold_introduction(introduction: str, is_skipped: bool | int | str = False) -> None:
	"""Withdraw an approval, or skip the introduction."""
	offboarding_permissions.check_introduction(introduction)
	introduction_drafts.hold_back(introduction, bool(cint(is_skipped)))


@frappe.whitelist(methods=["POST"])
def invite_instead(introduction: str, meeting_on: str | None = None, minutes: int | str = 30) -> None:
	"""Turn an introduction into an invitation to a meeting, or back into a letter without a time."""
	facts = offboarding_permissions.check_introduction(introduction)
	check_is_not_cancelled(facts)
	introduction_drafts.as_meeting(introduction, meeting_on, cint(minutes))


@frappe.whitelist(methods=["POST"])
def edit_template(offboarding: str, subject: str, message: str, voice: str = LEAVER) -> int:
	"""Edit the template of a plan's introductions, and update those that weren't edited; return how many are drafts.

	Empty texts mean the settings' template. Raises StepNotPossible for a template that can't be filled in.
	"""
	check_changes(offboarding)
	check_length(subject, message)
	document = plan_rows.of_offboarding(offboarding)
	values = {
		"subject": subject.strip() or None,
		"message": message.strip() or None,
		"voice": JOINTLY if voice == JOINTLY else LEAVER,
	}
	document.db_set(values, update_modified=False)
	return introduction_drafts.draft(document)


@frappe.whitelist(methods=["GET"])
def template(offboarding: str) -> dict:
	"""Return the template of a plan's introductions."""
	offboarding_permissions.check_edits_handover(offboarding)
	document = plan_rows.of_offboarding(offboarding)
	subject, message = introduction_drafts.templates(document, None)
	return {"subject": subject, "message": message, "voice": document.voice}


def check_length(subject: str, message: str) -> None:
	if len(subject) + len(message) > LONGEST_LETTER:
		frappe.throw(_("This letter is too long."))
