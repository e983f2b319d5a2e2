"""Review dates: the business owner is reminded before, and what wasn't reviewed in time expires."""

from datetime import date, timedelta

import frappe
from frappe import _
from frappe.utils import getdate, nowdate

from crm_transparency.crm_transparency import formatting, mail
from crm_transparency.crm_transparency.database import roll_back_to
from crm_transparency.restrictions import business_owners, decisions
from crm_transparency.restrictions.register import (
	REGISTER,
	forget,
	stay_active_after_review_date,
)

REMIND_DAYS_BEFORE = (30, 7)
REMIND_EVERY = timedelta(days=7)
SAVEPOINT = "restriction"


def check_daily() -> None:
	"""Expire what is past its review date, and send the reminders that are due. Daily; a second run does nothing."""
	names = frappe.get_all(REGISTER, filters={"status": ("in", ("Active", "Expired"))}, pluck="name")
	for name in names:
		check_safely(name)


def check_safely(name: str) -> None:
	"""Do what is due for one restriction. What goes wrong with one doesn't stop the others.

	A deadlock takes the savepoint away, and what was done for those before: that is due again tomorrow.
	"""
	frappe.db.savepoint(SAVEPOINT)
	try:
		check(name)
	except Exception:
		roll_back_to(SAVEPOINT)
		# Frappe would add the values of variables, and with them which records are hidden
		frappe.log_error(
			_("CRM Transparency: the review date of a restriction could not be checked"),
			frappe.get_traceback(),
		)


def check(name: str) -> None:
	"""Do what is due for one restriction, in one transaction with the note that it was done."""
	today = getdate(nowdate())
	# locked, so that of two schedulers one sees what the other has done
	row = frappe.db.get_value(
		REGISTER,
		name,
		["status", "review_by", "reminded_on", "business_owner"],
		as_dict=True,
		for_update=True,
	)
	if not row or row.status not in ("Active", "Expired"):
		return
	review_by = getdate(row.review_by)
	if row.status == "Active" and review_by < today:
		decisions.expire(name)
	due = latest_reminder_due(review_by, today, stay_active_after_review_date())
	if due and (not row.reminded_on or getdate(row.reminded_on) < due):
		frappe.db.set_value(REGISTER, name, "reminded_on", today, update_modified=False)
		for reader in readers(row.business_owner):
			remind(name, reader, review_by, today)
	forget()


def readers(business_owner: str) -> list[str]:
	"""Return whom to remind: the business owner, and after they left those who can have another one named."""
	if frappe.db.get_value("User", business_owner, "enabled"):
		return [business_owner]
	return business_owners.drafters()


def latest_reminder_due(review_by: date, today: date, stays_active: bool) -> date | None:
	"""Return the day on which the newest reminder is due, None while there is none.

	30 and 7 days before, the day after, and where the restriction stays active every week from then on.
	"""
	before = [review_by - timedelta(days=days) for days in REMIND_DAYS_BEFORE]
	day_after = review_by + timedelta(days=1)
	due = [day for day in (*before, day_after) if day <= today]
	if today > day_after and stays_active:
		due.append(day_after + (today - day_after) // REMIND_EVERY * REMIND_EVERY)
	return max(due, default=None)


def remind(name: str, reader: str, review_by: date, today: date) -> None:
	"""Tell the business owner in the app and, where the site sends mails, by mail, in their language."""
	language = formatting.language_of(reader)
	subject = reminder(name, review_by, today, language)
	mail.notify(reader, subject, (REGISTER, name), from_user=reader)
	mail.send_to_user(
		reader,
		subject,
		header=[_("A restriction to review", lang=language), "orange"],
		link=frappe.utils.get_url_to_form(REGISTER, name),
	)


def reminder(name: str, review_by: date, today: date, language: str) -> str:
	days = (review_by - today).days
	if days >= 0:
		return _("Please review restriction {0} within {1} days. Is it still needed?", lang=language).format(
			name, days
		)
	if stay_active_after_review_date():
		return _(
			"The review of restriction {0} is overdue. It stays active until you review or withdraw it.",
			lang=language,
		).format(name)
	return _("Restriction {0} has lapsed because it was not reviewed in time.", lang=language).format(name)
