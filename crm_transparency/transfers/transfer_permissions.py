"""Who may transfer accounts: some roles any account, everybody else their own."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import comma_or, get_fullname

ROLES = ("Transparency Manager", "Offboarding Manager", "HR Manager")
PEOPLE_NAMED = 3


def may_transfer_any(user: str | None = None) -> bool:
	return not set(ROLES).isdisjoint(frappe.get_roles(user))


def check_may_transfer(transfer: Document) -> None:
	"""Raise PermissionError, saying who may, unless the session's user may plan and run this transfer."""
	if may_transfer_any() or transfer.from_user == frappe.session.user:
		return
	refuse()


def refuse(what: str | None = None) -> None:
	"""Raise PermissionError with a sentence that says who may; `what` is a sentence about what was refused."""
	sentences = [
		what,
		_("You can hand over your own accounts."),
		_("Accounts of others are transferred by people with the role {0}.").format(
			comma_or([_(role) for role in ROLES], add_quotes=False)
		),
		_people_to_ask(),
	]
	frappe.throw(" ".join(filter(None, sentences)), exc=frappe.PermissionError, title=_("Not your accounts"))


def _people_to_ask() -> str | None:
	role, user = frappe.qb.DocType("Has Role"), frappe.qb.DocType("User")
	people = (
		frappe.qb.from_(role)
		.inner_join(user)
		.on(user.name == role.parent)
		.select(user.name)
		.distinct()
		.where(role.role.isin(ROLES) & (role.parenttype == "User"))
		.where((user.enabled == 1) & user.name.notin(frappe.STANDARD_USERS))
		.orderby(user.name)
		.limit(PEOPLE_NAMED)
		.run(pluck=True)
	)
	if not people:
		return None
	return _("You can ask {0}.").format(
		comma_or([get_fullname(person) for person in people], add_quotes=False)
	)
