"""User Permissions that close what is tracked: whose, what they hide, and what else they serve."""

from typing import NamedTuple, TypedDict

import frappe
from frappe.desk.form.linked_with import get_linked_doctypes

from crm_transparency.openness import visibility
from crm_transparency.openness.opening import changes, rows
from crm_transparency.openness.opening.rows import USER_PERMISSION


class Hides(TypedDict):
	doctype: str
	#: documents that these User Permissions hide, whatever else hides them too
	hidden: int
	total: int


class Closing(TypedDict):
	"""All User Permissions of a person that allow documents of one DocType.

	They belong together: with several values, taking one away closes more, and only taking all opens.
	"""

	user: str
	full_name: str
	allow: str
	values: list[str]
	hides: list[Hides]
	#: how many DocTypes besides the open ones they close, such as those of accounting
	others: int
	#: they are about to be replaced by restrictions, of which these aren't active yet
	waits_for: list[str]


class Group(NamedTuple):
	user: str
	allow: str


def closings(doctypes: list[str]) -> list[Closing]:
	"""Return the User Permissions that close one of the DocTypes for somebody, with counts by the permission engine."""
	counting = visibility.Counting(like_lists=True)
	people = set(visibility.desk_users())
	waiting = {(each.about_user, each.allow): each for each in waiting_changes()}
	found = []
	for group, permissions in groups().items():
		closed = [doctype for doctype in doctypes if closes(permissions, doctype)]
		if group.user not in people or not closed:
			continue
		found.append(
			Closing(
				user=group.user,
				full_name=frappe.utils.get_fullname(group.user),
				allow=group.allow,
				values=sorted({row.for_value for row in permissions}),
				hides=[hides(counting, group, doctype) for doctype in closed],
				others=len(other_doctypes(group.allow, permissions, set(doctypes))),
				waits_for=restrictions_of(waiting.get(group)),
			)
		)
	return sorted(found, key=lambda closing: -sum(each["hidden"] for each in closing["hides"]))


def groups() -> dict[Group, list[frappe._dict]]:
	"""Return all User Permissions, by whose they are and what they allow."""
	found: dict[Group, list] = {}
	for row in frappe.get_all(USER_PERMISSION, fields=["*"], order_by="user, allow, for_value"):
		found.setdefault(Group(row.user, row.allow), []).append(row)
	return found


def closes(permissions: list[frappe._dict], doctype: str) -> bool:
	"""Say whether User Permissions that allow the same DocType close documents of `doctype`."""
	return permissions[0].allow in visibility.allowed_through(doctype) and any(
		row.applicable_for in (None, "", doctype) for row in permissions
	)


def hides(counting: visibility.Counting, group: Group, doctype: str) -> Hides:
	seen = counting.seen(group.user, doctype, if_roles_may_read=True, with_user_permissions_of={group.allow})
	return Hides(doctype=doctype, hidden=seen.hidden, total=seen.total)


def other_doctypes(allow: str, permissions: list[frappe._dict], besides: set[str]) -> set[str]:
	"""Return the DocTypes besides these that the User Permissions apply to."""
	named = {row.applicable_for for row in permissions if row.applicable_for}
	if any(not row.applicable_for for row in permissions):
		named |= applicable_doctypes(allow)
	return named - besides


def applicable_doctypes(allow: str) -> set[str]:
	"""Return the DocTypes that a User Permission applies to which applies to all: itself, and whatever links to it.

	Child tables are among them: what is suggested within their rows goes by these, too.
	"""
	linked = get_linked_doctypes(allow, without_ignore_user_permissions_enabled=True)
	children = {each["child_doctype"] for each in linked.values() if each.get("child_doctype")}
	return {allow, *linked, *children}


def closing_rows(group: Group) -> list[rows.Row]:
	return rows.read(USER_PERMISSION, group._asdict())


def waiting_changes(locked: bool = False) -> list[frappe._dict]:
	"""Return the changes that wait for restrictions; `locked` finds what others committed meanwhile, too."""
	change = frappe.qb.DocType(changes.CHANGE)
	query = (
		frappe.qb.from_(change)
		.where(change.status == changes.WAITING)
		.select(change.name, change.about_user, change.allow, change.restrictions)
	)
	return (query.for_update() if locked else query).run(as_dict=True)


def restrictions_of(change: frappe._dict | None) -> list[str]:
	return (change.restrictions or "").split() if change else []
