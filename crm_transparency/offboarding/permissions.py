"""Who sees an offboarding: those who run it, the leaver's manager some of its steps, and the leaver nothing of it.

HR Managers and Offboarding Managers run offboardings, all but their own. That holds for whatever other roles the leaver
has, and for a leaver who impersonates somebody. The documents themselves are for those who run them; managers see their
three steps on the wizard's page only, which asks `seen_steps`.
"""

import frappe
from frappe import _
from frappe.model.document import Document

from crm_transparency.crm_transparency.actor import current_actor
from crm_transparency.crm_transparency.permission_results import quoted
from crm_transparency.crm_transparency.permissions import NOBODY
from crm_transparency.offboarding.words import OFFBOARDING, ROLES


def is_runner(user: str | None = None) -> bool:
	"""Say whether a user runs offboardings at all."""
	user = user or frappe.session.user
	return user == "Administrator" or bool(ROLES & set(frappe.get_roles(user)))


def is_the_leaver(offboarding: Document | frappe._dict, user: str | None = None) -> bool:
	"""Say whether the offboarding is about the user, or about who stands behind the user at the moment."""
	if not offboarding.get("user"):
		return False
	user = user or frappe.session.user
	behind = current_actor().impersonated_by if user == frappe.session.user else None
	return offboarding.get("user") in (user, behind)


def runs(offboarding: Document | frappe._dict, user: str | None = None) -> bool:
	return is_runner(user) and not is_the_leaver(offboarding, user)


def manages(offboarding: Document | frappe._dict, user: str | None = None) -> bool:
	"""Say whether the user is the leaver's manager."""
	user = user or frappe.session.user
	return offboarding.get("manager") == user and not is_the_leaver(offboarding, user)


def check_runner() -> None:
	if not is_runner():
		refuse()


def check_runs(offboarding: Document) -> None:
	"""Raises PermissionError in the same words for whoever may not, the leaver included: that tells nothing."""
	if not runs(offboarding):
		refuse()


def refuse() -> None:
	frappe.throw(
		_("Offboardings are run by people with one of the roles {0}.").format(
			", ".join(_(role) for role in sorted(ROLES))
		),
		exc=frappe.PermissionError,
		title=_("For HR"),
	)


def condition(user: str, doctype: str) -> str:
	"""`ReadRule.condition` of the offboardings: those that the user runs."""
	if not is_runner(user):
		return NOBODY
	people = ", ".join(map(quoted, people_behind(user)))
	return f"ifnull(`tab{OFFBOARDING}`.user, '') not in ({people})"


def condition_of_its_records(user: str, doctype: str) -> str:
	"""`ReadRule.condition` of the DocTypes whose documents belong to an offboarding."""
	if not is_runner(user):
		return NOBODY
	people = ", ".join(map(quoted, people_behind(user)))
	return (
		f"ifnull(`tab{doctype}`.offboarding, '') not in "
		f"(select name from `tab{OFFBOARDING}` where user in ({people}))"
	)


def people_behind(user: str) -> list[str]:
	"""Return the user, and who impersonates them if it is the session's."""
	behind = current_actor().impersonated_by if user == frappe.session.user else None
	return [person for person in (user, behind) if person]
