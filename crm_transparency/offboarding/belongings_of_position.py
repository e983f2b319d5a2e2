"""A leaver's place in the company: automation in their name, mailboxes, territories, approvals, reports to them, sales teams."""

from collections.abc import Iterator

import frappe
from frappe import _
from frappe.utils import add_days, flt, get_fullname, today
from frappe.utils.user import get_users_with_role

from crm_transparency.crm_transparency import formatting
from crm_transparency.crm_transparency.jobs import attempted
from crm_transparency.offboarding import user_fields
from crm_transparency.offboarding.belonging_kind import (
	Before,
	Found,
	Kind,
	Leaver,
	changed_meanwhile,
	employee_of,
	is_there,
	put_back,
	replace_address,
	swap,
)

RULE, RULE_USER = "Assignment Rule", "Assignment Rule User"
REPORT, NOTIFICATION, RECIPIENT = "Auto Email Report", "Notification", "Notification Recipient"
RULE_STATE = ("last_user", "disabled")
RECIPIENT_FIELDS = ("cc", "bcc")
TEAM, CUSTOMER, PERSON = "Sales Team", "Customer", "Sales Person"
SHARE = "allocated_percentage"
#: fields that name an approver, where ERPNext and HRMS are installed
APPROVERS = {
	"Employee": ("leave_approver", "expense_approver", "shift_request_approver"),
	"Department Approver": ("approver",),
	"Authorization Rule": ("approving_user", "system_user"),
}
#: documents with a sales team: the day until after which they are returned, and the statuses in which nothing is to follow
TEAM_DOCUMENTS = {
	"Sales Order": (None, ("Completed", "Closed")),
	"Delivery Note": ("posting_date", ("Completed", "Closed", "Return Issued")),
	"Sales Invoice": ("posting_date", None),
}
DAYS_UNTIL_NOT_RETURNED = 30
MOST_NAMED = 5
#: whom a rule restricts: without anybody here it would restrict everybody
RESTRICTED_USER = "system_user"
ADMINISTRATORS, ADMINISTRATORS_NAMED = "System Manager", 3
EVERYBODYS_ROLES = ("All", "Guest", "Desk User", "Administrator")


# automation


def assignment_rules(leaver: Leaver) -> Iterator[Found]:
	filters = {"user": leaver.user, "parenttype": RULE}
	for rule in set(frappe.get_all(RULE_USER, filters=filters, pluck="parent")):
		yield Found(RULE, rule, rule, _(frappe.db.get_value(RULE, rule, "document_type") or ""))


def move_rule(doctype: str, name: str, leaver: Leaver, to: str) -> Before:
	before = users_of(name)
	if leaver.user not in before:
		changed_meanwhile()
	after = list(
		dict.fromkeys(to if user == leaver.user else user for user in before if user != leaver.user or to)
	)
	state = frappe.db.get_value(RULE, name, RULE_STATE, as_dict=True)
	set_users(name, after, state.last_user, state.disabled or not after)
	return {"users": before, "after": after, **state}


def give_rule_back(doctype: str, name: str, leaver: Leaver, to: str, before: Before) -> None:
	if users_of(name) != before["after"]:
		changed_meanwhile()
	set_users(name, before["users"], *(before.get(field) for field in RULE_STATE))


def users_of(rule: str) -> list[str]:
	return frappe.get_all(
		RULE_USER, filters={"parent": rule, "parenttype": RULE}, pluck="user", order_by="idx"
	)


def set_users(name: str, users: list[str], last_user: str | None, disabled: bool | None) -> None:
	rule = frappe.get_doc(RULE, name)
	rule.set("users", [{"user": user} for user in users])
	rule.last_user = last_user if last_user in users else None
	rule.disabled = rule.disabled if disabled is None else int(bool(disabled))
	rule.flags.ignore_mandatory = rule.flags.ignore_permissions = True
	# a rule that isn't valid any more
	if not attempted(rule.save):
		rule.db_update()
		rule.update_children()
		rule.clear_cache()


def scheduled_reports(leaver: Leaver) -> Iterator[Found]:
	"""Yield reports that are sent with the leaver's permissions, or to the leaver."""
	found = frappe.get_all(
		REPORT,
		or_filters={"user": leaver.user, "email_to": ("like", f"%{leaver.email}%")},
		fields=["name", "report", "frequency"],
		limit_page_length=0,
	)
	for report in found:
		yield Found(REPORT, report.name, report.report or report.name, _(report.frequency or ""))


def move_report(doctype: str, name: str, leaver: Leaver, to: str) -> Before:
	before = frappe.db.get_value(REPORT, name, ["user", "email_to"], as_dict=True)
	if not before:
		changed_meanwhile()
	new_address = frappe.db.get_value("User", to, "email")
	after = {
		"user": to if before.user == leaver.user else before.user,
		"email_to": replace_address(before.email_to, leaver.email, new_address),
	}
	return swap(REPORT, name, dict(before), after)


def notifications(leaver: Leaver) -> Iterator[Found]:
	"""Yield notifications that name the leaver's address."""
	for name in {row.parent for row in recipient_rows(leaver)}:
		yield Found(
			NOTIFICATION, name, name, _(frappe.db.get_value(NOTIFICATION, name, "document_type") or "")
		)


def recipient_rows(leaver: Leaver, notification: str | None = None) -> list[frappe._dict]:
	return frappe.get_all(
		RECIPIENT,
		filters={"parenttype": NOTIFICATION, **({"parent": notification} if notification else {})},
		or_filters={field: ("like", f"%{leaver.email}%") for field in RECIPIENT_FIELDS},
		fields=["name", "parent", *RECIPIENT_FIELDS],
		limit_page_length=0,
	)


def move_notification(doctype: str, name: str, leaver: Leaver, to: str) -> Before:
	new_address = frappe.db.get_value("User", to, "email") if to else None
	moved = {}
	for row in recipient_rows(leaver, name):
		before = {field: row[field] for field in RECIPIENT_FIELDS}
		after = {field: replace_address(text, leaver.email, new_address) for field, text in before.items()}
		moved[row.name] = swap(RECIPIENT, row.name, before, after)
	if not moved:
		changed_meanwhile()
	frappe.clear_document_cache(NOTIFICATION, name)
	return moved


def give_notification_back(doctype: str, name: str, leaver: Leaver, to: str, before: Before) -> None:
	for row, moved in before.items():
		put_back(RECIPIENT, row, leaver, to, moved)
	frappe.clear_document_cache(NOTIFICATION, name)


def mailboxes(leaver: Leaver) -> Iterator[Found]:
	"""Yield email accounts that the leaver reads, or that have the leaver's address."""
	own = frappe.get_all("Email Account", filters={"email_id": leaver.email}, pluck="name")
	filters = {"parent": leaver.user, "parenttype": "User"}
	used = frappe.get_all("User Email", filters=filters, pluck="email_account")
	for account in sorted({*own, *filter(None, used)}):
		yield Found(
			"Email Account", account, account, frappe.db.get_value("Email Account", account, "email_id")
		)


def move_mailbox(doctype: str, name: str, leaver: Leaver, to: str) -> Before:
	"""Let the successor read the mailbox, too. The leaver's own access ends with the access removal."""
	user = frappe.get_doc("User", to)
	if any(row.email_account == name for row in user.user_emails):
		return {"added": False}
	email = frappe.db.get_value("Email Account", name, "email_id")
	user.append("user_emails", {"email_account": name, "email_id": email})
	user.save(ignore_permissions=True)
	return {"added": True}


def give_mailbox_back(doctype: str, name: str, leaver: Leaver, to: str, before: Before) -> None:
	if before["added"]:
		user = frappe.get_doc("User", to)
		user.user_emails = [row for row in user.user_emails if row.email_account != name]
		user.save(ignore_permissions=True)


# position


def territories(leaver: Leaver) -> Iterator[Found]:
	if is_there("Territory", "territory_manager") and (person := sales_person_of(leaver.employee)):
		for name in frappe.get_all("Territory", filters={"territory_manager": person}, pluck="name"):
			yield Found("Territory", name, name, _("managed by {0}").format(person))


def sales_person_of(employee: str | None) -> str | None:
	if not employee or not is_there(PERSON, "employee"):
		return None
	return frappe.db.get_value(PERSON, {"employee": employee})


def move_territory(doctype: str, name: str, leaver: Leaver, to: str) -> Before:
	"""Make the successor's sales person the manager; nobody, if the successor has none."""
	current = sales_person_of(leaver.employee)
	if not current:
		changed_meanwhile()
	after = sales_person_of(employee_of(to))
	return swap(doctype, name, {"territory_manager": current}, {"territory_manager": after})


def sales_persons(leaver: Leaver) -> Iterator[Found]:
	if is_there(PERSON, "employee", "enabled") and leaver.employee:
		filters = {"employee": leaver.employee, "enabled": 1}
		for name in frappe.get_all(PERSON, filters=filters, pluck="name"):
			yield Found(
				PERSON, name, name, waits_for(name) or _("will be disabled; past sales stay as they are")
			)


def waits_for(person: str) -> str | None:
	"""Return in a sentence which documents ERPNext couldn't process any more if the sales person were disabled."""
	names = open_documents(person)
	sentence = _("Waits with disabling until these are closed, or their sales team names others: {0}.")
	return sentence.format(formatting.shortened(names, MOST_NAMED)) if names else None


def open_documents(person: str) -> list[str]:
	"""Return drafts, what isn't delivered or billed, and what may still be returned, with the person in its sales team."""
	names, row = [], frappe.qb.DocType(TEAM)
	for doctype, (day, closed) in TEAM_DOCUMENTS.items():
		if not is_there(doctype, *filter(None, [day])):
			continue
		table = frappe.qb.DocType(doctype)
		is_open = table.status.notin(closed) if closed else table.docstatus == 0
		if day:
			is_open |= table[day] >= add_days(today(), -DAYS_UNTIL_NOT_RETURNED)
		query = (
			frappe.qb.from_(row).inner_join(table).on(table.name == row.parent).select(table.name).distinct()
		)
		query = query.where((row.parenttype == doctype) & (row.sales_person == person))
		names += query.where((table.docstatus != 2) & is_open).orderby(table.name).run(pluck=True)
	return names


def disable_sales_person(doctype: str, name: str, leaver: Leaver, to: str) -> Before:
	if reason := waits_for(name):
		frappe.throw(reason)
	return swap(doctype, name, {"enabled": 1}, {"enabled": 0})


def approvers(leaver: Leaver) -> Iterator[Found]:
	"""Yield documents that name the leaver as an approver."""
	for doctype, fields in APPROVERS.items():
		fields = [field for field in fields if is_there(doctype, field)]
		if not fields:
			continue
		meta = frappe.get_meta(doctype)
		found = frappe.get_all(
			doctype,
			or_filters={field: leaver.user for field in fields},
			fields=["name", *fields, *(["parent"] if meta.istable else [])],
			limit_page_length=0,
		)
		for row in found:
			named_as = [_(meta.get_label(field)) for field in fields if row[field] == leaver.user]
			yield Found(doctype, row.name, row.get("parent") or row.name, ", ".join(named_as))


def move_approver(doctype: str, name: str, leaver: Leaver, to: str) -> Before:
	fields = [field for field in APPROVERS[doctype] if is_there(doctype, field)]
	row = frappe.db.get_value(doctype, name, fields, as_dict=True) or {}
	before = {
		field: user for field, user in row.items() if user == leaver.user and (to or field != RESTRICTED_USER)
	}
	if not before:
		changed_meanwhile()
	return swap(doctype, name, before, dict.fromkeys(before, to))


def subordinates(leaver: Leaver) -> Iterator[Found]:
	"""Yield employees who report to the leaver."""
	if leaver.employee and is_there("Employee", "reports_to"):
		filters = {"reports_to": leaver.employee}
		for row in frappe.get_all("Employee", filters=filters, fields=["name", "employee_name"]):
			yield Found("Employee", row.name, row.employee_name or row.name, _("reports to the leaver"))


def move_subordinate(doctype: str, name: str, leaver: Leaver, to: str) -> Before:
	superior = employee_of(to)
	if not superior:
		frappe.throw(_("{0} has no employee record, so nobody can report to them.").format(get_fullname(to)))
	if superior == name:
		# nobody can report to themselves: whoever takes over reports to the leaver's superior
		superior = frappe.db.get_value("Employee", leaver.employee, "reports_to")
	set_superior(name, leaver.employee, superior)
	return {"superior": superior}


def give_subordinate_back(doctype: str, name: str, leaver: Leaver, to: str, before: Before) -> None:
	set_superior(name, before["superior"], leaver.employee)


def set_superior(name: str, current: str | None, superior: str | None) -> None:
	"""Save the employee, since ERPNext keeps a tree of who reports to whom."""
	employee = frappe.get_doc("Employee", name)
	if (employee.reports_to or None) != (current or None):
		changed_meanwhile()
	employee.reports_to = superior
	employee.save(ignore_permissions=True)


def approval_roles(leaver: Leaver) -> Iterator[Found]:
	"""Yield roles that a workflow requires, and that nobody but the leaver has."""
	active = frappe.get_all("Workflow", filters={"is_active": 1}, pluck="name")
	if not active:
		return
	filters = {"parent": ("in", active), "parenttype": "Workflow"}
	required = set(frappe.get_all("Workflow Transition", filters=filters, pluck="allowed"))
	roles = required & set(frappe.get_roles(leaver.user)) - set(EVERYBODYS_ROLES)
	for role in sorted(roles):
		if not others_with(role, leaver.user):
			yield Found("Role", role, _(role), _("Nobody else has this role, and a workflow requires it."))


def others_with(role: str, user: str) -> bool:
	holder, person = frappe.qb.DocType("Has Role"), frappe.qb.DocType("User")
	query = frappe.qb.from_(holder).inner_join(person).on(person.name == holder.parent).select(person.name)
	query = query.where((holder.role == role) & (holder.parenttype == "User") & (person.enabled == 1))
	return bool(query.where(person.name.notin((user, *frappe.STANDARD_USERS))).limit(1).run())


def give_role(doctype: str, name: str, leaver: Leaver, to: str) -> Before:
	"""Give the successor the role, if whoever runs the transfer may give roles at all."""
	if not frappe.has_permission("User", "write", doc=to) or ADMINISTRATORS not in frappe.get_roles():
		frappe.throw(
			_("Only administrators can assign roles. Please ask {0} to assign the role {2} to {1}.").format(
				administrators(leaver), get_fullname(to), _(name)
			)
		)
	if name in frappe.get_roles(to):
		return {"added": False}
	frappe.get_doc("User", to).add_roles(name)
	return {"added": True}


def administrators(leaver: Leaver) -> str:
	"""Return the names of people who can give roles, of some of them where there are many."""
	people = sorted({*get_users_with_role(ADMINISTRATORS)} - {leaver.user})[:ADMINISTRATORS_NAMED]
	return ", ".join(map(get_fullname, people)) or "Administrator"


def take_role(doctype: str, name: str, leaver: Leaver, to: str, before: Before) -> None:
	if before["added"]:
		frappe.get_doc("User", to).remove_roles(name)


# sales teams: from a customer's they get into every new order, and ERPNext refuses orders with disabled sales persons


def shares_in_teams(leaver: Leaver) -> Iterator[Found]:
	"""Yield rows of customers' sales teams; those in orders and invoices are history, and stay."""
	persons = sales_persons_of(leaver.employee)
	if not persons or not is_there(TEAM, "sales_person", SHARE):
		return
	row, customer = frappe.qb.DocType(TEAM), frappe.qb.DocType(CUSTOMER)
	found = (
		frappe.qb.from_(row)
		.inner_join(customer)
		.on(customer.name == row.parent)
		.select(row.name, row.parent, row[SHARE], customer.customer_name)
		.where((row.parenttype == CUSTOMER) & row.sales_person.isin(persons))
		.run(as_dict=True)
	)
	for each in found:
		detail = _("{0}% of sales").format(formatting.number(each[SHARE]))
		account = (CUSTOMER, each.parent)
		yield Found(TEAM, each.name, each.customer_name or each.parent, detail, account=account)


def sales_persons_of(employee: str | None) -> list[str]:
	if not employee or not is_there(PERSON, "employee", "enabled"):
		return []
	return frappe.get_all(PERSON, filters={"employee": employee}, pluck="name")


def move_share(doctype: str, name: str, leaver: Leaver, to: str) -> Before:
	"""Give the share to the successor's sales person, or add it to that of a colleague who is in the team already."""
	row = frappe.db.get_value(TEAM, name, "*", as_dict=True, for_update=True)
	if not row or row.sales_person not in sales_persons_of(leaver.employee):
		changed_meanwhile()
	team = frappe.get_all(
		TEAM,
		filters={"parent": row.parent, "parenttype": CUSTOMER, "name": ("!=", name)},
		fields=["name", "sales_person", SHARE],
		order_by="idx",
	)
	person = enabled_sales_person(to)
	heir = next((each for each in team if each.sales_person == person), None)
	frappe.clear_document_cache(CUSTOMER, row.parent)
	if person and not heir:
		frappe.db.set_value(TEAM, name, "sales_person", person, update_modified=False)
		return {"sales_person": row.sales_person, "after": person}
	heir = heir or next(iter(team), None)
	if heir:
		frappe.db.set_value(TEAM, heir.name, SHARE, flt(heir[SHARE]) + flt(row[SHARE]), update_modified=False)
	frappe.db.delete(TEAM, {"name": name})
	return {"row": dict(row), "heir": heir.name if heir else None}


def enabled_sales_person(user: str) -> str | None:
	employee = employee_of(user)
	return employee and frappe.db.get_value(PERSON, {"employee": employee, "enabled": 1})


def give_share_back(doctype: str, name: str, leaver: Leaver, to: str, before: Before) -> None:
	if "row" not in before:
		swap(TEAM, name, {"sales_person": before["after"]}, {"sales_person": before["sales_person"]})
		frappe.clear_document_cache(CUSTOMER, frappe.db.get_value(TEAM, name, "parent"))
		return
	row = before["row"]
	frappe.clear_document_cache(CUSTOMER, row["parent"])
	if heir := before["heir"]:
		share = flt(frappe.db.get_value(TEAM, heir, SHARE, for_update=True))
		if share < flt(row[SHARE]):
			changed_meanwhile()
		frappe.db.set_value(TEAM, heir, SHARE, share - flt(row[SHARE]), update_modified=False)
	elif frappe.db.exists(TEAM, {"parent": row["parent"], "parenttype": CUSTOMER}):
		changed_meanwhile()
	frappe.get_doc({"doctype": TEAM, **row}).db_insert()


# labels are functions, translated for each reader
POSITION = (  # nosemgrep: frappe-breaks-multitenancy
	Kind("Assignment Rule", lambda: _("Assignment rules"), assignment_rules, move_rule, give_rule_back),
	Kind(
		"Notification", lambda: _("Notifications"), notifications, move_notification, give_notification_back
	),
	Kind("Scheduled Report", lambda: _("Scheduled reports"), scheduled_reports, move_report),
	Kind(
		"Mailbox",
		lambda: _("Email accounts"),
		mailboxes,
		move_mailbox,
		give_mailbox_back,
		is_to_be_decided=True,
	),
	Kind("Territory", lambda: _("Territories"), territories, move_territory),
	Kind("Sales Person", lambda: _("Sales person"), sales_persons, disable_sales_person),
	Kind("Approver", lambda: _("Approvals"), approvers, move_approver, is_to_be_decided=True),
	Kind(
		"User Field",
		lambda: _("Fields that name the leaver"),
		lambda leaver: user_fields.find(leaver, APPROVERS),
		user_fields.move,
		user_fields.give_back,
		is_to_be_decided=True,
	),
	Kind("Subordinate", lambda: _("Direct reports"), subordinates, move_subordinate, give_subordinate_back),
	Kind(
		"Approval Role",
		lambda: _("Roles for approvals"),
		approval_roles,
		give_role,
		take_role,
		is_to_be_decided=True,
	),
	Kind("Sales Team", lambda: _("Shares in sales teams"), shares_in_teams, move_share, give_share_back),
)
