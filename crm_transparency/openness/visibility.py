"""What each person can see, and what narrows it: answers of Frappe's permission engine, not guesses.

Counts are those of lists, reports and link searches. Frappe applies User Permissions on links within child tables, and
`has_permission` hooks, only when a document is opened: what these close besides isn't in a count.

What stays out of figures (see `figures.left_out`) is in no count here, unless it is to be like those of lists.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import frappe
from frappe import _

from crm_transparency.crm_transparency.asking import (
	READING,
	in_the_eyes_of,
	supposing_roles_may_read,
	supposing_user_permissions,
)
from crm_transparency.crm_transparency.counts import query_of_count
from crm_transparency.crm_transparency.figures import left_out
from crm_transparency.restrictions import records

RESTRICTION = "Access Restriction"
USER_PERMISSION = "User Permission"
ROOM_OF_RESTRICTIONS = "crm_transparency.restrictions."

NO_ROLE = "No role may read"
ONLY_OWN = "Own documents only"
ONLY_SHARED = "Shared documents only"
BY_USER_PERMISSION = "User Permission"
BY_APP = "Condition of an app"
BY_SERVER_SCRIPT = "Server script"
BY_RESTRICTION = "Restriction"


class Rule(NamedTuple):
	"""One thing that keeps documents of a DocType from a person."""

	#: one of the constants above
	kind: str
	#: a sentence in the reader's language
	explanation: str
	#: what it's written down in, if anywhere: a User Permission's DocType, the app's function, …
	source: str
	#: names of the documents behind it: User Permissions, an Access Restriction, a Server Script
	documents: tuple[str, ...] = ()


class Seen(NamedTuple):
	"""How many documents of a DocType a person can read, and how many there are."""

	readable: int
	total: int

	@property
	def hidden(self) -> int:
		return self.total - self.readable


def readable_count(user: str, doctype: str) -> int:
	"""Return how many documents of the DocType the user can read; see the module for what counts."""
	return Counting().readable(user, doctype)


def total(doctype: str) -> int:
	"""Return how many documents of the DocType there are."""
	return Counting().total(doctype)


class Counting:
	"""Counts for many people: people for whom the same rules hold are asked for once, and the same query runs once.

	That is what makes it fast: on most sites nearly everybody's list is the same.

	`like_lists`: count what stays out of figures as well. Numbers that people read have to be those of their lists, or
	the difference would tell how much stays out.
	"""

	def __init__(self, like_lists: bool = False) -> None:
		self.like_lists = like_lists
		self._alike: dict[tuple, int] = {}
		self._counts: dict[str, int] = {}
		self._through: dict[str, list[str]] = {}
		self._shared: set[tuple[str, str | None]] | None = None
		self._totals: dict[str, int] = {}
		self._left_out: dict[str, list] = {}

	def seen(self, user: str, doctype: str, **supposing) -> Seen:
		return Seen(self.readable(user, doctype, **supposing), self.total(doctype))

	def total(self, doctype: str) -> int:
		if doctype not in self._totals:
			self._totals[doctype] = frappe.db.count(doctype, self._real(doctype))
		return self._totals[doctype]

	def readable(
		self,
		user: str,
		doctype: str,
		*,
		if_roles_may_read: bool = False,
		with_user_permissions_of: set[str] | None = None,
	) -> int:
		"""Return how many documents the user can read.

		`if_roles_may_read`: how many it would be if a role of the user's could read the DocType.
		`with_user_permissions_of`: how many it would be if the user had only User Permissions on these DocTypes.
		"""
		with in_the_eyes_of(user), supposing_user_permissions(user, with_user_permissions_of):
			if if_roles_may_read:
				with supposing_roles_may_read(user, doctype):
					return self._ask(user, doctype)
			return self._ask(user, doctype)

	def _ask(self, user: str, doctype: str) -> int:
		filters = self._real(doctype)
		if not role_may_read(user, doctype):
			shared = frappe.share.get_shared(doctype, user)
			if not shared:
				return 0
			filters = [*filters, [doctype, "name", "in", shared]]
			return frappe.db.count(doctype, filters)
		signature = self._signature(user, doctype)
		if signature not in self._alike:
			self._alike[signature] = self._ask_engine(user, doctype, filters)
		return self._alike[signature]

	def _signature(self, user: str, doctype: str) -> tuple:
		"""Return everything that the engine's query depends on: two people with the same see the same.

		Whoever has documents shared, only own ones, or a Server Script to pass, is a case of their own.
		"""
		permissions = role_permissions(user, doctype)
		has_own_case = (
			reads_only_own(user, doctype) or self._may_have_shared(user, doctype) or server_script_of(doctype)
		)
		if doctype not in self._through:
			self._through[doctype] = allowed_through(doctype)
		closing = frappe.permissions.get_user_permissions(user)
		return (
			doctype,
			user if has_own_case else None,
			tuple(permissions.get(right) for right in READING),
			tuple(
				(allow, row["doc"], row.get("applicable_for"))
				for allow in self._through[doctype]
				for row in closing.get(allow, ())
			),
			tuple(
				frappe.call(function, user, doctype=doctype) for _path, function in condition_hooks(doctype)
			),
		)

	def _may_have_shared(self, user: str, doctype: str) -> bool:
		if self._shared is None:
			shares = frappe.get_all("DocShare", fields=["share_doctype", "user", "everyone"], distinct=True)
			self._shared = {(row.share_doctype, None if row.everyone else row.user) for row in shares}
		return bool(self._shared & {(doctype, user), (doctype, None)})

	def _ask_engine(self, user: str, doctype: str, filters: list) -> int:
		query = self._query(user, doctype, filters, run=False)
		key = query if isinstance(query, str) else query.get_sql()
		if key not in self._counts:
			self._counts[key] = self.count(key, lambda: self._query(user, doctype, filters, run=True))
		return self._counts[key]

	def count(self, key: str, run: Callable[[], list]) -> int:
		"""Return what a query counts. `key` is the query itself, as SQL."""
		[[count]] = run()
		return count

	def _query(self, user: str, doctype: str, filters: list, *, run: bool):
		return query_of_count(doctype, filters, user=user, run=run)

	def _real(self, doctype: str) -> list:
		if doctype not in self._left_out:
			names = [] if self.like_lists else sorted(left_out(doctype))
			self._left_out[doctype] = [[doctype, "name", "not in", names]] if names else []
		return self._left_out[doctype]


def role_may_read(user: str, doctype: str) -> bool:
	"""Say whether a role of the user may read documents of the DocType, be it only own ones."""
	return bool(role_permissions(user, doctype).get("read"))


def role_permissions(user: str, doctype: str) -> frappe._dict:
	return frappe.permissions.get_role_permissions(frappe.get_meta(doctype), user=user)


def rules_narrowing(user: str, doctype: str) -> list[Rule]:
	"""Return what keeps documents of the DocType from the user; nothing if the user can read all of them.

	They are named whether or not there is a document at the moment that they hide.
	"""
	if user == "Administrator":
		return []
	with in_the_eyes_of(user):
		return [*role_rules(user, doctype), *conditions(user, doctype), *restrictions(user, doctype)]


def role_rules(user: str, doctype: str) -> list[Rule]:
	"""Return the rule of the roles, or the User Permissions: the engine doesn't apply these beside "own only"."""
	if not role_may_read(user, doctype):
		if frappe.share.get_shared(doctype, user):
			explanation = _("No role may read {0}; only shared documents are open.").format(_(doctype))
			return [Rule(ONLY_SHARED, explanation, doctype)]
		return [Rule(NO_ROLE, _("No role of this person may read {0}.").format(_(doctype)), doctype)]
	if reads_only_own(user, doctype):
		explanation = _("The roles of this person may read only documents of {0} that the person made.")
		return [Rule(ONLY_OWN, explanation.format(_(doctype)), doctype)]
	return user_permission_rules(user, doctype)


def reads_only_own(user: str, doctype: str) -> bool:
	permissions = role_permissions(user, doctype)
	if not permissions.get("has_if_owner_enabled"):
		return False
	own = permissions.get("if_owner") or {}
	return bool(own) and all(right in own for right in READING if permissions.get(right))


def user_permission_rules(user: str, doctype: str) -> list[Rule]:
	"""Return the User Permissions that close documents, one rule for all those that allow the same DocType.

	Together they say which values are open: taking away one of several closes more, not less.
	"""
	closing = frappe.permissions.get_user_permissions(user)
	found = []
	for allow in allowed_through(doctype):
		applicable = [
			row for row in closing.get(allow, ()) if row.get("applicable_for") in (None, "", doctype)
		]
		if applicable:
			found.append(user_permission_rule(user, doctype, allow))
	return found


def allowed_through(doctype: str) -> list[str]:
	"""Return the DocTypes whose User Permissions close documents of this one: itself, and those it links to."""
	meta = frappe.get_meta(doctype)
	linked = [field.options for field in meta.get_link_fields() if not field.ignore_user_permissions]
	return list(dict.fromkeys([doctype, *linked]))


def user_permission_rule(user: str, doctype: str, allow: str) -> Rule:
	rows = [
		row
		for row in frappe.get_all(
			USER_PERMISSION,
			filters={"user": user, "allow": allow},
			fields=["name", "for_value", "applicable_for"],
			order_by="for_value",
		)
		if row.applicable_for in (None, "", doctype)
	]
	values = ", ".join(row.for_value for row in rows)
	explanation = (
		_("User Permissions let this person see only {0} {1}.").format(_(allow), values)
		if allow == doctype
		else _("User Permissions let this person see only {0} of {1} {2}.").format(
			_(doctype), _(allow), values
		)
	)
	return Rule(BY_USER_PERMISSION, explanation, allow, tuple(row.name for row in rows))


def conditions(user: str, doctype: str) -> list[Rule]:
	"""Return the conditions that apps and Server Scripts put on the user's lists."""
	found = []
	for path, function in condition_hooks(doctype):
		is_restriction = path.startswith(ROOM_OF_RESTRICTIONS)
		if not is_restriction and frappe.call(function, user, doctype=doctype):
			explanation = _("The app {0} closes some documents of {1}.").format(
				path.split(".")[0], _(doctype)
			)
			found.append(Rule(BY_APP, explanation, path))
	return [*found, *server_scripts(user, doctype)]


def condition_hooks(doctype: str) -> list[tuple[str, Callable]]:
	"""Return the functions by which apps put conditions on lists of the DocType, with their paths."""
	hooks = frappe.get_hooks("permission_query_conditions", {})
	paths = dict.fromkeys([*hooks.get(doctype, []), *hooks.get("*", [])])
	return [(path, frappe.get_attr(path)) for path in paths]


def server_scripts(user: str, doctype: str) -> list[Rule]:
	name = server_script_of(doctype)
	if not name or not frappe.get_doc("Server Script", name).get_permission_query_conditions(user):
		return []
	explanation = _("The Server Script {0} closes some documents of {1}.").format(name, _(doctype))
	return [Rule(BY_SERVER_SCRIPT, explanation, "Server Script", (name,))]


def server_script_of(doctype: str) -> str | None:
	from frappe.core.doctype.server_script.server_script_utils import get_server_script_map

	return get_server_script_map().get("permission_query", {}).get(doctype)


def restrictions(user: str, doctype: str) -> list[Rule]:
	"""Return the registered exceptions that hide documents of the DocType from the user, themselves or with others."""
	return [
		Rule(
			BY_RESTRICTION, _("The restriction {0} is in force.").format(each.name), RESTRICTION, (each.name,)
		)
		for each in records.predicates(user, doctype)
	]


def desk_users() -> list[str]:
	"""Return everybody who works in the Desk: enabled, and no standard user of Frappe's."""
	filters = {"enabled": 1, "user_type": "System User", "name": ("not in", frappe.STANDARD_USERS)}
	return frappe.get_all("User", filters=filters, pluck="name", order_by="full_name, name")


def seen_by(users: Iterable[str], doctypes: Iterable[str]) -> dict[str, dict[str, Seen]]:
	"""Return for each user and DocType how many documents the user can read, and how many there are."""
	counting, doctypes = Counting(), list(doctypes)
	return {user: {doctype: counting.seen(user, doctype) for doctype in doctypes} for user in users}
