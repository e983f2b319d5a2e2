"""The last working day moves or goes: everything planned with a date follows it, and HR is told what doesn't."""

import frappe
from frappe.model.document import Document
from frappe.utils import get_datetime, getdate, now_datetime

from crm_transparency.crm_transparency import formatting
from crm_transparency.offboarding import (
	access_ending,
	interview_invitations,
	introduction_drafts,
	plan_rows,
	step_progress,
)
from crm_transparency.offboarding.offboarding_records import (
	APPROVED,
	DONE,
	DRAFT,
	INTERVIEW,
	INTRODUCTION,
	NOT_PLANNED,
	PLANNED,
	REMOVAL,
	STEP,
)
from crm_transparency.offboarding.ringer_watch_step import RingerWatch

#: what HR is told; {0} is the leaver's name
STAYS = "There is no resignation date and no last working day of {0} any more. If {0} stays, please cancel the offboarding."
GONE = "The last working day of {0} was removed."
MOVED = "The last working day of {0} is now {1}."
ACCESS_MOVED = "Access will be removed on {1}."
ACCESS_NOT_PLANNED = "Access was to be removed on {1}; that was canceled. Please choose the time anew."
ACCESS_STAYS = (
	"Access will still be removed on {1}: the new time has passed. Please check whether to remove it now."
)
INTERVIEW_STAYS = "The exit interview stays on {1}. Please reschedule it if needed."
LETTERS_STAY = "Approved introductions that may name the old day: {1}."

Sentence = tuple[str, str]


def follow(offboarding: Document, before: Document) -> None:
	"""Move what was planned for an offboarding, as it was `before`, by the days that the last day moved."""
	day = offboarding.last_working_day
	if day:
		news = (MOVED, formatting.day(day))
	else:
		news = (GONE if offboarding.resignation_date else STAYS, "")
	sentences = [news, *move_access(offboarding, before.last_working_day), *move_interview(offboarding)]
	sentences += renew_introductions(offboarding)
	move_todos(offboarding)
	if any((row.step, row.status) == (RingerWatch.key, DONE) for row in offboarding.steps):
		set_result(offboarding, RingerWatch.key, RingerWatch().run(offboarding).result)
	if before.last_working_day or not day or len(sentences) > 1:
		step_progress.notify_hr(offboarding, *sentences)


def move_access(offboarding: Document, old_day: str | None) -> list[Sentence]:
	removal = frappe.db.exists(REMOVAL, offboarding.name) and frappe.get_doc(REMOVAL, offboarding.name)
	if not removal or removal.status != PLANNED:
		return []
	was, day = get_datetime(removal.ends_at), offboarding.last_working_day
	# after a day in the past the planned time didn't follow, so there is no distance to keep
	has_followed = old_day and getdate(old_day) >= getdate()
	moment = was + (getdate(day) - getdate(old_day if has_followed else was)) if day else None
	if moment and moment <= now_datetime():
		return [(ACCESS_STAYS, formatting.moment(was))]
	if moment:
		removal.ends_at = moment
		sentence = (ACCESS_MOVED, formatting.moment(moment))
	else:
		removal.update({"status": NOT_PLANNED, "ends_at": None})
		sentence = (ACCESS_NOT_PLANNED, formatting.moment(was))
	removal.save(ignore_permissions=True)
	set_result(offboarding, access_ending.STEP, access_ending.outcome(removal).result)
	return [sentence]


def move_interview(offboarding: Document) -> list[Sentence]:
	if not frappe.db.exists(INTERVIEW, offboarding.name):
		return []
	interview = frappe.get_doc(INTERVIEW, offboarding.name)
	if interview.link_hash:
		interview.db_set("link_valid_until", interview_invitations.link_valid_until(offboarding))
	is_ahead = interview.starts_on and get_datetime(interview.starts_on) > now_datetime()
	return [(INTERVIEW_STAYS, formatting.moment(interview.starts_on))] if is_ahead else []


def renew_introductions(offboarding: Document) -> list[Sentence]:
	of_offboarding = {"offboarding": offboarding.name}
	if frappe.db.exists(INTRODUCTION, {**of_offboarding, "status": DRAFT}):
		introduction_drafts.draft(plan_rows.of_offboarding(offboarding.name))
	approved = frappe.db.count(INTRODUCTION, {**of_offboarding, "status": APPROVED})
	return [(LETTERS_STAY, formatting.number(approved))] if approved else []


def move_todos(offboarding: Document) -> None:
	"""Give the open to-dos of steps their new due dates, and those of the checklist the last day."""
	dates = {row.todo: row.due_on for row in offboarding.steps if row.todo}
	checklist = frappe.get_all("Access Checklist Item", {"parent": offboarding.name}, pluck="todo")
	dates |= {todo: offboarding.last_working_day for todo in checklist if todo}
	for todo, day in dates.items():
		if frappe.db.get_value("ToDo", todo, "status") == "Open":
			frappe.db.set_value("ToDo", todo, "date", day)


def set_result(offboarding: Document, step: str, result: str) -> None:
	row = {"parent": offboarding.name, "step": step}
	frappe.db.set_value(STEP, row, "result", result, update_modified=False)
