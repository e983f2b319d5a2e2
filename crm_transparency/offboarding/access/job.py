"""The job that ends access when its time has come, and proves what wasn't proved yet. Every few minutes; safe to kill."""

from collections.abc import Callable

import frappe
from frappe import _
from frappe.utils import now_datetime

from crm_transparency.offboarding import notices, progress
from crm_transparency.offboarding.access import ENDED, PLANNED, REMOVAL, ending, proving, trying
from crm_transparency.offboarding.access.outcome import outcome
from crm_transparency.offboarding.words import OFFBOARDING, UNDER_WAY

STEP = "access"
NOT_REFUSED = "Access of {0} has ended, but not everything that was tried was refused. Please look at once."


def end_what_is_due() -> None:
	"""End access where the moment has come, then prove it. Commits between the two, and after each person."""
	due = {"status": PLANNED, "ends_at": ("<=", now_datetime())}
	for name in frappe.get_all(REMOVAL, filters=due, pluck="name", order_by="ends_at"):
		attempt(end_planned, name)
	unproved = {"status": ENDED, "to_try": ("is", "set")}
	for name in frappe.get_all(REMOVAL, filters=unproved, pluck="name"):
		attempt(prove, name)


def attempt(work: Callable[[str], None], name: str) -> None:
	"""Do one person's work; a failure is logged, and keeps nobody else waiting."""
	try:
		work(name)
		frappe.db.commit()  # nosemgrep: a background job, one person after the other
	except Exception:
		frappe.db.rollback()
		frappe.log_error(_("CRM Transparency: access couldn't be ended or proved"))
		frappe.db.commit()  # nosemgrep: the log


def end_planned(name: str) -> None:
	row = progress.lock(name, STEP)
	removal = frappe.get_doc(REMOVAL, name, for_update=True)
	if removal.status != PLANNED or frappe.db.get_value(OFFBOARDING, name, "status") not in UNDER_WAY:
		return
	offboarding = frappe.get_doc(OFFBOARDING, name)
	removal = ending.end(offboarding)
	progress.note(name, row, outcome(removal), by=removal.planned_by)


def prove(name: str) -> None:
	"""Try what is to be tried for one person, note the answers, and tell HR if something was let in.

	Nothing is locked while the site is asked, because it writes down who tries to log in. Of two who prove the same at
	once, one writes it down.
	"""
	removal = frappe.get_doc(REMOVAL, name)
	keys = trying.read(removal)
	frappe.db.commit()  # nosemgrep: a background job that asks the site from outside
	if keys is None:
		return
	tried = proving.try_everything(removal.user, keys)
	row = progress.lock(name, STEP)
	removal = frappe.get_doc(REMOVAL, name, for_update=True)
	if not removal.to_try:
		return
	is_proved = proving.write_down(removal, tried)
	offboarding = frappe.get_doc(OFFBOARDING, name)
	progress.note(name, row, outcome(removal), by=removal.planned_by)
	if not is_proved:
		notices.tell_hr(offboarding, NOT_REFUSED)


def attempt_to_prove(name: str) -> None:
	attempt(prove, name)
