"""What Frappe does in the leaver's name: assignment rules, notifications, scheduled reports, and mailboxes."""

from collections.abc import Iterator

import frappe
from frappe import _

from crm_transparency.offboarding.handover.belongings.kind import (
	Before,
	Found,
	Kind,
	Leaver,
	gone_meanwhile,
	replace_address,
)

RULE, REPORT, NOTIFICATION = "Assignment Rule", "Auto Email Report", "Notification"
RECIPIENT_FIELDS = ("cc", "bcc")


def assignment_rules(leaver: Leaver) -> Iterator[Found]:
	filters = {"user": leaver.user, "parenttype": RULE}
	for rule in set(frappe.get_all("Assignment Rule User", filters=filters, pluck="parent")):
		detail = _(frappe.db.get_value(RULE, rule, "document_type") or "")
		yield Found(RULE, rule, rule, detail)


def move_rule(name: str, leaver: Leaver, to: str) -> Before:
	before = users_of(name)
	if leaver.user not in before:
		gone_meanwhile()
	after = list(dict.fromkeys(to if user == leaver.user else user for user in before))
	set_users(name, after)
	return {"users": before, "after": after}


def give_rule_back(name: str, leaver: Leaver, to: str, before: Before) -> None:
	if users_of(name) != before["after"]:
		gone_meanwhile()
	set_users(name, before["users"])


def users_of(rule: str) -> list[str]:
	return frappe.get_all(
		"Assignment Rule User", filters={"parent": rule, "parenttype": RULE}, pluck="user", order_by="idx"
	)


def set_users(name: str, users: list[str]) -> None:
	rule = frappe.get_doc(RULE, name)
	rule.set("users", [{"user": user} for user in users])
	rule.last_user = rule.last_user if rule.last_user in users else None
	rule.save(ignore_permissions=True)


def scheduled_reports(leaver: Leaver) -> Iterator[Found]:
	"""Reports that are sent with the leaver's rights, or to the leaver."""
	found = frappe.get_all(
		REPORT,
		or_filters={"user": leaver.user, "email_to": ("like", f"%{leaver.email}%")},
		fields=["name", "report", "frequency"],
		limit_page_length=0,
	)
	for report in found:
		yield Found(REPORT, report.name, report.report or report.name, _(report.frequency or ""))


def move_report(name: str, leaver: Leaver, to: str) -> Before:
	before = frappe.db.get_value(REPORT, name, ["user", "email_to"], as_dict=True, for_update=True)
	if not before:
		gone_meanwhile()
	new_address = frappe.db.get_value("User", to, "email")
	after = {
		"user": to if before.user == leaver.user else before.user,
		"email_to": replace_address(before.email_to, leaver.email, new_address),
	}
	if after["email_to"] == replace_address(before.email_to, "", ""):
		after["email_to"] = before.email_to
	frappe.db.set_value(REPORT, name, after, update_modified=False)
	return {"before": dict(before), "after": after}


def give_report_back(name: str, leaver: Leaver, to: str, before: Before) -> None:
	put_back(REPORT, name, before)


def put_back(doctype: str, name: str, noted: Before) -> None:
	"""Set fields to what they were, unless somebody changed them since."""
	after = noted["after"]
	current = frappe.db.get_value(doctype, name, list(after), as_dict=True, for_update=True)
	if current != after:
		gone_meanwhile()
	frappe.db.set_value(doctype, name, noted["before"], update_modified=False)


def notifications(leaver: Leaver) -> Iterator[Found]:
	"""Notifications that name the leaver's address."""
	for notification in {row.parent for row in recipient_rows(leaver)}:
		document_type = frappe.db.get_value(NOTIFICATION, notification, "document_type")
		yield Found(NOTIFICATION, notification, notification, _(document_type or ""))


def recipient_rows(leaver: Leaver, notification: str | None = None) -> list[frappe._dict]:
	return frappe.get_all(
		"Notification Recipient",
		filters={"parenttype": NOTIFICATION, **({"parent": notification} if notification else {})},
		or_filters={field: ("like", f"%{leaver.email}%") for field in RECIPIENT_FIELDS},
		fields=["name", "parent", *RECIPIENT_FIELDS],
		limit_page_length=0,
	)


def move_notification(name: str, leaver: Leaver, to: str) -> Before:
	new_address = frappe.db.get_value("User", to, "email")
	noted = {}
	for row in recipient_rows(leaver, name):
		before = {field: row[field] for field in RECIPIENT_FIELDS}
		after = {field: replace_address(text, leaver.email, new_address) for field, text in before.items()}
		frappe.db.set_value("Notification Recipient", row.name, after, update_modified=False)
		noted[row.name] = {"before": before, "after": after}
	if not noted:
		gone_meanwhile()
	frappe.clear_document_cache(NOTIFICATION, name)
	return noted


def give_notification_back(name: str, leaver: Leaver, to: str, before: Before) -> None:
	for row, noted in before.items():
		put_back("Notification Recipient", row, noted)
	frappe.clear_document_cache(NOTIFICATION, name)


def mailboxes(leaver: Leaver) -> Iterator[Found]:
	"""Mail accounts that the leaver reads, or that bear the leaver's address."""
	own = frappe.get_all("Email Account", filters={"email_id": leaver.email}, pluck="name")
	used = frappe.get_all(
		"User Email", filters={"parent": leaver.user, "parenttype": "User"}, pluck="email_account"
	)
	for account in sorted({*own, *filter(None, used)}):
		yield Found(
			"Email Account", account, account, frappe.db.get_value("Email Account", account, "email_id")
		)


def move_mailbox(name: str, leaver: Leaver, to: str) -> Before:
	"""Let the successor read the mailbox, too. That the leaver can't any more is part of how access ends."""
	user = frappe.get_doc("User", to)
	if any(row.email_account == name for row in user.user_emails):
		return {"added": False}
	email = frappe.db.get_value("Email Account", name, "email_id")
	user.append("user_emails", {"email_account": name, "email_id": email})
	user.save(ignore_permissions=True)
	return {"added": True}


def give_mailbox_back(name: str, leaver: Leaver, to: str, before: Before) -> None:
	if before["added"]:
		user = frappe.get_doc("User", to)
		user.user_emails = [row for row in user.user_emails if row.email_account != name]
		user.save(ignore_permissions=True)


KINDS = (
	Kind("Assignment Rule", lambda: _("Assignment rules"), assignment_rules, move_rule, give_rule_back),
	Kind(
		"Notification", lambda: _("Notifications"), notifications, move_notification, give_notification_back
	),
	Kind(
		"Scheduled Report", lambda: _("Scheduled reports"), scheduled_reports, move_report, give_report_back
	),
	Kind(
		"Mailbox",
		lambda: _("Mail accounts"),
		mailboxes,
		move_mailbox,
		give_mailbox_back,
		is_to_be_decided=True,
	),
)
