"""Who sees offboardings and handovers.

HR Managers and Offboarding Managers run offboardings, all but their own. That holds for whatever other roles the leaver
has, and for a leaver who impersonates somebody. The documents themselves are for those who run them; the leaver's manager
sees three of the steps on the wizard's page, and the documents of the handover; the leaver only the own introductions.
"""

import frappe
from frappe import _
from frappe.model.document import Document

from crm_transparency.crm_transparency.permissions import NOBODY, READING, quoted
from crm_transparency.crm_transparency.staff import current_actor
from crm_transparency.offboarding import leaver_details, reader_limits, steps
from crm_transparency.offboarding.offboarding_records import (
	ACCOUNT,
	BELONGING,
	INTRODUCTION,
	OFFBOARDING,
	REMOVAL,
	ROLES,
)


def is_runner(user: str | None = None) -> bool:
	"""Return whether a user runs offboardings at all."""
	user = user or frappe.session.user
	return user == "Administrator" or bool(ROLES & set(frappe.get_roles(user)))


def is_the_leaver(offboarding: Document | frappe._dict, user: str | None = None) -> bool:
	"""Return whether the offboarding is about the user, or about whoever impersonates the user."""
	user = user or frappe.session.user
	return bool(offboarding.get("user")) and offboarding.get("user") in user_and_impersonator(user)


def user_and_impersonator(user: str) -> list[str]:
	impersonator = current_actor().impersonated_by if user == frappe.session.user else None
	return [person for person in (user, impersonator) if person]


def runs(offboarding: Document | frappe._dict, user: str | None = None) -> bool:
	return is_runner(user) and not is_the_leaver(offboarding, user)


def manages(offboarding: Document | frappe._dict, user: str | None = None) -> bool:
	"""Return whether the user is the leaver's manager."""
	user = user or frappe.session.user
	return offboarding.get("manager") == user and not is_the_leaver(offboarding, user)


def visible_steps(offboarding: Document | frappe._dict, user: str | None = None) -> set[str]:
	"""Return the keys of the steps that a user sees and runs."""
	if runs(offboarding, user):
		return set(steps.LABELS)
	return set(steps.FOR_LEAVERS_MANAGER) if manages(offboarding, user) else set()


def check_step(offboarding: Document, step: str | None = None) -> None:
	"""Raise PermissionError for whoever doesn't see the step, or, if none is named, any."""
	visible = visible_steps(offboarding)
	if not visible or (step and step not in visible):
		refuse()


def check_runner() -> None:
	if not is_runner():
		refuse()


def check_freezes(employee: str | None, user: str | None) -> None:
	"""Raise PermissionError for whoever may not freeze a person's access: HR may, and the manager of their active employee
	record, not they themselves. An employee and a user who aren't the same person are refused.
	"""
	person = user or leaver_details.read(employee, None).user
	record = leaver_details.employee_record(None, person)
	manager = leaver_details.manager_of(record) if record.get("status") == "Active" else None
	leaver = frappe._dict(user=person, manager=manager)
	if not leaver_details.is_of(employee, user) or not (runs(leaver) or manages(leaver)):
		refuse()


def unfreezes(offboarding: Document) -> bool:
	"""Return whether the user may give frozen access back: HR may, and the manager who froze it."""
	frozen_by = frappe.db.get_value(REMOVAL, offboarding.name, "frozen_by")
	return runs(offboarding) or (manages(offboarding) and frozen_by == frappe.session.user)


def check_runs(offboarding: Document) -> None:
	"""Raise PermissionError with the same message for everybody, so that it tells nothing."""
	if not runs(offboarding):
		refuse()


def refuse() -> None:
	frappe.throw(
		_("Offboardings are run by people with one of the roles {0}, and nobody runs their own.").format(
			", ".join(_(role) for role in sorted(ROLES))
		),
		exc=frappe.PermissionError,
		title=_("For HR"),
	)


def condition(user: str, doctype: str) -> str:
	"""`ReadRule.condition` of the offboardings: those that the user runs."""
	if not is_runner(user):
		return NOBODY
	people = ", ".join(map(quoted, user_and_impersonator(user)))
	return f"ifnull(`tab{OFFBOARDING}`.user, '') not in ({people})"


def condition_of_its_records(user: str, doctype: str) -> str:
	"""`ReadRule.condition` of the DocTypes whose documents belong to an offboarding."""
	if not is_runner(user):
		return NOBODY
	people = ", ".join(map(quoted, user_and_impersonator(user)))
	return (
		f"ifnull(`tab{doctype}`.offboarding, '') not in "
		f"(select name from `tab{OFFBOARDING}` where user in ({people}))"
	)


# handover


def edits_handover(offboarding: frappe._dict, user: str | None = None) -> bool:
	"""Return whether a user edits the handover: whoever runs the offboarding, and the leaver's manager."""
	return runs(offboarding, user) or manages(offboarding, user)


def sees_handover(doctype: str, offboarding: frappe._dict, user: str | None = None) -> bool:
	"""Return whether a user sees a handover's documents of this type."""
	if doctype == INTRODUCTION and offboarding.get("user") == (user or frappe.session.user):
		return True
	if doctype in (ACCOUNT, BELONGING) and reader_limits.is_limited(user):
		return False
	return edits_handover(offboarding, user)


def check_edits_handover(offboarding: str) -> frappe._dict:
	"""Return the facts of an offboarding. Raises PermissionError, also if there is none of that name."""
	return _checked(offboarding, edits_handover)


def check_introductions(offboarding: str) -> frappe._dict:
	"""Return the facts of an offboarding, if the user may edit and approve its introductions."""
	return _checked(offboarding, lambda facts: sees_handover(INTRODUCTION, facts))


def check_introduction(introduction: str) -> frappe._dict:
	return check_introductions(frappe.db.get_value(INTRODUCTION, introduction, "offboarding"))


def _checked(offboarding: str | None, may) -> frappe._dict:
	facts = facts_of(offboarding)
	if not facts or not may(facts):
		frappe.throw(
			_("Handovers are for HR Managers, Offboarding Managers and the leaver's manager."),
			exc=frappe.PermissionError,
			title=_("Not your handover"),
		)
	return facts


def facts_of(offboarding: str | None) -> frappe._dict | None:
	"""Return whom an offboarding is about, and who manages that person; None if there is none."""
	fields = ["name", "user", "manager", "employee", "employee_name", "status", "last_working_day"]
	return offboarding and frappe.db.get_value(OFFBOARDING, offboarding, fields, as_dict=True)


def handover_condition(user: str, doctype: str) -> str:
	"""`ReadRule.condition` of a handover's DocTypes: `sees_handover`, as SQL."""
	if doctype in (ACCOUNT, BELONGING) and reader_limits.is_limited(user):
		# the wizard shows them without what companies closed to the reader are about
		return NOBODY
	may_edit = "1 = 1" if is_runner(user) else f"manager = {quoted(user)}"
	# neither the user nor whoever impersonates them sees the handover of their own accounts
	people = ", ".join(map(quoted, user_and_impersonator(user)))
	visible = f"{may_edit} and ifnull(user, '') not in ({people})"
	if doctype == INTRODUCTION:
		visible = f"({visible}) or user = {quoted(user)}"
	return f"`tab{doctype}`.offboarding in (select name from `tab{OFFBOARDING}` where {visible})"


def handover_allows(doc: Document, ptype: str | None, user: str) -> bool:
	"""`ReadRule.allows` of the same: documents are only read; `handover_api` writes them."""
	return ptype in READING
