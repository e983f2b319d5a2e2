"""Who sees a handover: those who run the offboarding, the leaver's manager, and the leaver the own introductions.

One rule for all four DocTypes, as a condition for lists and as a check of documents. What can be done with a handover
is asked in `api`, by `check_edits`, `check_runs` and `check_introduction`.
"""

from functools import partial

import frappe
from frappe import _
from frappe.model.document import Document

from crm_transparency.crm_transparency.permission_results import pass_on, quoted
from crm_transparency.offboarding import permissions as offboardings
from crm_transparency.offboarding.handover.words import ACCOUNT, BELONGING, INTRODUCTION, PLAN, RECORDS
from crm_transparency.offboarding.words import OFFBOARDING

READING = (None, "read", "select", "report", "print")


def edits(offboarding: frappe._dict, user: str | None = None) -> bool:
	"""Say whether a user works on the handover: whoever runs the offboarding, and the leaver's manager."""
	return offboardings.runs(offboarding, user) or offboardings.manages(offboarding, user)


def sees(doctype: str, offboarding: frappe._dict, user: str | None = None) -> bool:
	"""Say whether a user sees a handover's documents of this type."""
	if doctype == INTRODUCTION and offboarding.get("user") == (user or frappe.session.user):
		return True
	return edits(offboarding, user)


def check_edits(offboarding: str) -> frappe._dict:
	"""Return what is to be known of an offboarding. Raises PermissionError, also if there is none of that name."""
	return _checked(offboarding, edits)


def check_runs(offboarding: str) -> frappe._dict:
	return _checked(offboarding, offboardings.runs)


def check_introduction(introduction: str) -> frappe._dict:
	"""Return the offboarding that an introduction belongs to, if the session's user may word and approve that letter."""
	offboarding = frappe.db.get_value(INTRODUCTION, introduction, "offboarding")
	return _checked(offboarding, lambda facts: sees(INTRODUCTION, facts))


def check_own_introductions(offboarding: str) -> frappe._dict:
	return _checked(offboarding, lambda facts: sees(INTRODUCTION, facts))


def _checked(offboarding: str | None, may) -> frappe._dict:
	facts = of(offboarding)
	if not facts or not may(facts):
		frappe.throw(
			_("Handovers are for HR Managers, Offboarding Managers and the leaver's manager."),
			exc=frappe.PermissionError,
			title=_("Not your handover"),
		)
	return facts


def of(offboarding: str | None) -> frappe._dict | None:
	"""Return whose offboarding it is, and who manages that person; None if there is none."""
	fields = ["name", "user", "manager", "employee", "employee_name", "status", "last_working_day"]
	return offboarding and frappe.db.get_value(OFFBOARDING, offboarding, fields, as_dict=True)


def query_condition(user: str | None, doctype: str) -> str:
	"""`permission_query_conditions`: `sees`, as SQL."""
	user = user or frappe.session.user
	seen = [managed_by(user)]
	if offboardings.is_runner(user):
		seen.append("1 = 1")
	visible = f"({' or '.join(seen)}) and ifnull(user, '') not in ({people(user)})"
	if doctype == INTRODUCTION:
		visible = f"({visible}) or user = {quoted(user)}"
	return f"`tab{doctype}`.offboarding in (select name from `tab{OFFBOARDING}` where {visible})"


# hooks name one function for each DocType, because early versions of v15 don't say which they ask about
plan_query_condition = partial(query_condition, doctype=PLAN)
account_query_condition = partial(query_condition, doctype=ACCOUNT)
belonging_query_condition = partial(query_condition, doctype=BELONGING)
introduction_query_condition = partial(query_condition, doctype=INTRODUCTION)


def managed_by(user: str) -> str:
	return f"manager = {quoted(user)}"


def people(user: str) -> str:
	"""Return the user, and who stands behind them, as a list in SQL: neither sees the handover of their own accounts."""
	return ", ".join(quoted(person) for person in offboardings.people_behind(user))


def has_permission(doc: Document, ptype: str | None = None, user: str | None = None) -> bool | None:
	"""`has_permission`: `sees`; nobody writes the documents by themselves, `api` does."""
	if doc.doctype not in RECORDS or ptype not in READING:
		return False
	offboarding = of(doc.get("offboarding"))
	return pass_on() if offboarding and sees(doc.doctype, offboarding, user) else False
