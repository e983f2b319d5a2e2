"""Who sees an offboarding: those who run it, the leaver's manager some of its steps, and the leaver nothing of it.

HR Managers and Offboarding Managers run offboardings, all but their own. That holds for whatever other roles the leaver
has, and for a leaver who impersonates somebody. The documents themselves are for those who run them; managers see their
three steps on the wizard's page only, which asks `seen_steps`.
"""

from functools import partial

import frappe
from frappe import _
from frappe.model.document import Document

from crm_transparency.crm_transparency.actor import current_actor
from crm_transparency.crm_transparency.permission_results import pass_on, quoted
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


def query_condition(user: str | None = None) -> str:
	"""`permission_query_conditions` of the offboardings: those that the user runs."""
	user = user or frappe.session.user
	if not is_runner(user):
		return "1 = 0"
	return " and ".join(
		f"ifnull(`tab{OFFBOARDING}`.user, '') != {quoted(person)}" for person in people_behind(user)
	)


def has_permission(doc: Document, ptype: str | None = None, user: str | None = None) -> bool | None:
	"""`has_permission` of the offboardings."""
	return pass_on() if runs(doc, user) else False


def condition_of_its_records(user: str | None, doctype: str) -> str:
	"""`permission_query_conditions` of the DocTypes whose documents belong to an offboarding."""
	user = user or frappe.session.user
	if not is_runner(user):
		return "1 = 0"
	own = " or ".join(f"user = {quoted(person)}" for person in people_behind(user))
	return f"ifnull(`tab{doctype}`.offboarding, '') not in (select name from `tab{OFFBOARDING}` where {own})"


# hooks name one function for each DocType, because early versions of v15 don't say which they ask about
removal_query_condition = partial(condition_of_its_records, doctype="Access Removal")
farewell_query_condition = partial(condition_of_its_records, doctype="Offboarding Farewell")
finding_query_condition = partial(condition_of_its_records, doctype="Offboarding Finding")
interview_query_condition = partial(condition_of_its_records, doctype="Offboarding Interview")
mail_query_condition = partial(condition_of_its_records, doctype="Offboarding Mail")
review_query_condition = partial(condition_of_its_records, doctype="Offboarding Review")


def has_permission_to_its_record(
	doc: Document, ptype: str | None = None, user: str | None = None
) -> bool | None:
	"""`has_permission` of the DocTypes whose documents belong to an offboarding."""
	if not is_runner(user):
		return False
	offboarding = frappe.db.get_value(OFFBOARDING, doc.offboarding, ["user"], as_dict=True) or frappe._dict()
	return False if is_the_leaver(offboarding, user) else pass_on()


def people_behind(user: str) -> list[str]:
	"""Return the user, and who impersonates them if it is the session's."""
	behind = current_actor().impersonated_by if user == frappe.session.user else None
	return [person for person in (user, behind) if person]
