"""What the leaver is for the company: sales person, territory manager, approver, superior."""

from collections.abc import Iterator

import frappe
from frappe import _
from frappe.utils.user import get_users_with_role

from crm_transparency.offboarding.handover.belongings.automation import put_back
from crm_transparency.offboarding.handover.belongings.kind import (
	Before,
	Found,
	Kind,
	Leaver,
	employee_of,
	gone_meanwhile,
	is_there,
)

#: fields that name who approves, where ERPNext and HRMS are there
APPROVERS = {
	"Employee": ("leave_approver", "expense_approver", "shift_request_approver"),
	"Department Approver": ("approver",),
	"Authorization Rule": ("approving_user", "system_user"),
}
ADMINISTRATORS, ADMINISTRATORS_NAMED = "System Manager", 3
EVERYBODYS_ROLES = ("All", "Guest", "Desk User", "Administrator")


def sales_persons(leaver: Leaver) -> Iterator[Found]:
	if is_there("Sales Person", "employee", "enabled") and leaver.employee:
		filters = {"employee": leaver.employee, "enabled": 1}
		for name in frappe.get_all("Sales Person", filters=filters, pluck="name"):
			yield Found("Sales Person", name, name, _("is disabled; what was sold stays as it is"))


def close_sales_person(name: str, leaver: Leaver, to: str) -> Before:
	if not frappe.db.get_value("Sales Person", name, "enabled", for_update=True):
		gone_meanwhile()
	frappe.db.set_value("Sales Person", name, "enabled", 0)
	return {"before": {"enabled": 1}, "after": {"enabled": 0}}


def open_sales_person(name: str, leaver: Leaver, to: str, before: Before) -> None:
	put_back("Sales Person", name, before)


def territories(leaver: Leaver) -> Iterator[Found]:
	if is_there("Territory", "territory_manager") and (person := sales_person_of(leaver.employee)):
		for name in frappe.get_all("Territory", filters={"territory_manager": person}, pluck="name"):
			yield Found("Territory", name, name, _("managed by {0}").format(person))


def sales_person_of(employee: str | None) -> str | None:
	if not employee or not is_there("Sales Person", "employee"):
		return None
	return frappe.db.get_value("Sales Person", {"employee": employee})


def move_territory(name: str, leaver: Leaver, to: str) -> Before:
	"""Put the successor's sales person in the leaver's place; nobody, if the successor has none."""
	current = frappe.db.get_value("Territory", name, "territory_manager", for_update=True)
	if not current or current != sales_person_of(leaver.employee):
		gone_meanwhile()
	after = {"territory_manager": sales_person_of(employee_of(to))}
	frappe.db.set_value("Territory", name, after, update_modified=False)
	return {"before": {"territory_manager": current}, "after": after}


def give_territory_back(name: str, leaver: Leaver, to: str, before: Before) -> None:
	put_back("Territory", name, before)


def approvers(leaver: Leaver) -> Iterator[Found]:
	"""Documents that name the leaver as who approves something."""
	for doctype, fields in APPROVERS.items():
		fields = [field for field in fields if is_there(doctype, field)]
		if not fields:
			continue
		meta = frappe.get_meta(doctype)
		labels = {field: _(meta.get_label(field)) for field in fields}
		found = frappe.get_all(
			doctype,
			or_filters={field: leaver.user for field in fields},
			fields=["name", *fields, *(["parent"] if meta.istable else [])],
			limit_page_length=0,
		)
		for row in found:
			named_as = [labels[field] for field in fields if row[field] == leaver.user]
			yield Found(doctype, row.name, row.get("parent") or row.name, ", ".join(named_as))


def move_approver(doctype: str, name: str, leaver: Leaver, to: str) -> Before:
	fields = [field for field in APPROVERS[doctype] if is_there(doctype, field)]
	row = frappe.db.get_value(doctype, name, fields, as_dict=True, for_update=True) or {}
	before = {field: user for field, user in row.items() if user == leaver.user}
	if not before:
		gone_meanwhile()
	after = dict.fromkeys(before, to)
	frappe.db.set_value(doctype, name, after, update_modified=False)
	return {"before": before, "after": after}


def give_approver_back(doctype: str, name: str, leaver: Leaver, to: str, before: Before) -> None:
	put_back(doctype, name, before)


def subordinates(leaver: Leaver) -> Iterator[Found]:
	"""Employees who report to the leaver."""
	if leaver.employee and is_there("Employee", "reports_to"):
		filters = {"reports_to": leaver.employee}
		for row in frappe.get_all("Employee", filters=filters, fields=["name", "employee_name"]):
			yield Found("Employee", row.name, row.employee_name or row.name, _("reports to the leaver"))


def move_subordinate(name: str, leaver: Leaver, to: str) -> Before:
	superior = employee_of(to)
	if not superior:
		frappe.throw(
			_("{0} has no employee record that somebody could report to.").format(
				frappe.utils.get_fullname(to)
			)
		)
	if superior == name:
		# whoever takes over can't report to themselves, so they report to the leaver's superior
		superior = frappe.db.get_value("Employee", leaver.employee, "reports_to")
	set_superior(name, leaver.employee, superior)
	return {"superior": superior}


def give_subordinate_back(name: str, leaver: Leaver, to: str, before: Before) -> None:
	set_superior(name, before["superior"], leaver.employee)


def set_superior(name: str, current: str | None, superior: str | None) -> None:
	"""Save the employee, since ERPNext keeps a tree of who reports to whom."""
	employee = frappe.get_doc("Employee", name)
	if (employee.reports_to or None) != (current or None):
		gone_meanwhile()
	employee.reports_to = superior
	employee.save(ignore_permissions=True)


def approval_roles(leaver: Leaver) -> Iterator[Found]:
	"""Roles that a workflow asks for, and that nobody but the leaver has."""
	active = frappe.get_all("Workflow", filters={"is_active": 1}, pluck="name")
	if not active:
		return
	filters = {"parent": ("in", active), "parenttype": "Workflow"}
	asked_for = set(frappe.get_all("Workflow Transition", filters=filters, pluck="allowed"))
	roles = asked_for & set(frappe.get_roles(leaver.user)) - set(EVERYBODYS_ROLES)
	for role in sorted(roles):
		if not others_with(role, leaver.user):
			yield Found("Role", role, _(role), _("Nobody else has this role, and a workflow asks for it."))


def others_with(role: str, user: str) -> bool:
	holder, person = frappe.qb.DocType("Has Role"), frappe.qb.DocType("User")
	query = frappe.qb.from_(holder).inner_join(person).on(person.name == holder.parent).select(person.name)
	query = query.where((holder.role == role) & (holder.parenttype == "User") & (person.enabled == 1))
	return bool(query.where(person.name.notin((user, *frappe.STANDARD_USERS))).limit(1).run())


def give_role(name: str, leaver: Leaver, to: str) -> Before:
	"""Give the successor the role, if whoever carries out the handover may give roles at all."""
	if not frappe.has_permission("User", "write", doc=to) or ADMINISTRATORS not in frappe.get_roles():
		frappe.throw(
			_("Roles are given by administrators. Please ask {0} to give {1} the role {2}.").format(
				administrators(leaver), frappe.utils.get_fullname(to), _(name)
			)
		)
	if name in frappe.get_roles(to):
		return {"added": False}
	frappe.get_doc("User", to).add_roles(name)
	return {"added": True}


def administrators(leaver: Leaver) -> str:
	"""Return the names of people who give roles, of some of them where there are many."""
	people = sorted({*get_users_with_role(ADMINISTRATORS)} - {leaver.user})[:ADMINISTRATORS_NAMED]
	return ", ".join(map(frappe.utils.get_fullname, people)) or "Administrator"


def take_role(name: str, leaver: Leaver, to: str, before: Before) -> None:
	if before["added"]:
		frappe.get_doc("User", to).remove_roles(name)


KINDS = (
	Kind("Territory", lambda: _("Territories"), territories, move_territory, give_territory_back),
	Kind("Sales Person", lambda: _("Sales person"), sales_persons, close_sales_person, open_sales_person),
	Kind(
		"Approver",
		lambda: _("Approvals"),
		approvers,
		move_approver,
		give_approver_back,
		is_generic=True,
		is_to_be_decided=True,
	),
	Kind(
		"Subordinate", lambda: _("People who report"), subordinates, move_subordinate, give_subordinate_back
	),
	Kind(
		"Approval Role",
		lambda: _("Roles for approvals"),
		approval_roles,
		give_role,
		take_role,
		is_to_be_decided=True,
	),
)
