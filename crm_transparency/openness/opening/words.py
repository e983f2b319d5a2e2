"""What changes of openness are called, in sentences for people."""

from collections.abc import Iterable

import frappe
from frappe import _

from crm_transparency.openness.opening import rows, witness


def opened(doctypes: Iterable[str]) -> str:
	return _("Everybody in the company reads {0}").format(", ".join(_(doctype) for doctype in doctypes))


def opened_for(user: str, allow: str, doctypes: Iterable[str]) -> str:
	return _("User Permissions of {0} on {1} close {2} no longer").format(
		frappe.utils.get_fullname(user), _(allow), ", ".join(_(doctype) for doctype in doctypes)
	)


def to_become_restrictions(user: str, allow: str) -> str:
	return _("User Permissions of {0} on {1} go when the restrictions that replace them are active").format(
		frappe.utils.get_fullname(user), _(allow)
	)


def taken_back(sentences: list[str]) -> str:
	return "\n".join(_("Taken back as well: {0}").format(sentence) for sentence in sentences)


def later_change(part: rows.Part, change: rows.LaterChange) -> str:
	"""Return who changed what since, and when, as far as it's written down anywhere."""
	trace = witness.who_changed(part, change)
	what = what_of(part, change)
	if not trace:
		return _("{0}. Nobody wrote down who did that.").format(what)
	when = frappe.utils.format_datetime(trace.changed_on)
	return _("{0}. By {1} on {2}.").format(what, frappe.utils.get_fullname(trace.changed_by), when)


def what_of(part: rows.Part, change: rows.LaterChange) -> str:
	if part["table"] == rows.USER_PERMISSION:
		return what_of_user_permission(change)
	role, doctype = _(change.row["role"]), _(part["where"]["parent"])
	if change.kind == "Added":
		return _("A rule for {0} was added to {1}").format(role, doctype)
	if change.kind == "Removed":
		return _("The rule for {0} was taken from {1}").format(role, doctype)
	changed = ", ".join(differences(change))
	return _("The rule for {0} on {1} was changed: {2}").format(role, doctype, changed)


def what_of_user_permission(change: rows.LaterChange) -> str:
	row = change.row
	about = (frappe.utils.get_fullname(row["user"]), _(row["allow"]), row["for_value"])
	if change.kind == "Added":
		return _("A User Permission for {0} was added: {1} {2}").format(*about)
	if change.kind == "Removed":
		return _("A User Permission of {0} was removed: {1} {2}").format(*about)
	return _("A User Permission of {0} was changed: {1} {2}").format(*about)


def differences(change: rows.LaterChange) -> list[str]:
	"""Return what a rule allows now and didn't, or allowed and doesn't."""
	was, now = rows.contents(change.after), rows.contents(change.now)
	changed = [column for column in now if now[column] != was.get(column)]
	added = [f"+ {_(frappe.unscrub(column))}" for column in changed if now[column]]
	taken = [f"- {_(frappe.unscrub(column))}" for column in changed if not now[column]]
	return [*added, *taken]
