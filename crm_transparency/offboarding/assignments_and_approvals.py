"""What assigns work to a person, asks for their approval, or mails them: taken away along with access, and restored with it.

What then has nobody, and what waits for the person, is listed for HR until somebody is found for it.
"""

from contextlib import suppress

import frappe
from frappe import _
from frappe.model.document import Document

from crm_transparency.crm_transparency.formatting import shortened
from crm_transparency.offboarding import belongings_of_position, leaver_details
from crm_transparency.offboarding.access_vectors import AccessVector, Removed, rows
from crm_transparency.offboarding.belonging_kind import Kind, Leaver, NoLongerTheirs, is_there
from crm_transparency.offboarding.belongings_of_position import (
	NOTIFICATION,
	POSITION,
	RECIPIENT,
	RULE,
	RULE_USER,
)

UNSUBSCRIBE = "Email Unsubscribe"
OTHER_RECIPIENTS = ("receiver_by_role", "receiver_by_document_field", "cc", "bcc")
#: kinds of belongings that wait for somebody: documents that name the person, approvals that only they can give, and people
STAYING = ("User Field", "Approval Role", "Subordinate", "Territory")
MOST_NAMED = 5


class Belongings(AccessVector):
	"""A kind of belongings that a handover moves to somebody, here to nobody; `key` is the kind's."""

	def kind(self) -> Kind:
		return next(kind for kind in POSITION if kind.key == self.key)

	def find(self, user: str) -> list:
		return list(self.kind().find(Leaver.of(user, None)))

	def remove(self, user: str, removal: Document) -> Removed:
		kind, leaver, was = self.kind(), Leaver.of(user, None), []
		for each in self.find(user):
			with suppress(NoLongerTheirs):
				before = kind.move(each.doctype, each.name, leaver, None)
				was.append({**each._asdict(), "before": before})
		return Removed(len(was), was)

	def restore(self, user: str, was: list) -> bool:
		kind, leaver, is_complete = self.kind(), Leaver.of(user, None), True
		for each in was:
			try:
				kind.give_back(each["doctype"], each["name"], leaver, None, each["before"])
			except NoLongerTheirs:
				is_complete = False
		return is_complete


class AllMails(AccessVector):
	"""Whatever else Frappe would mail to the user's address, which is unsubscribed; HR writes to the private one."""

	def find(self, user: str) -> list:
		address = (frappe.db.get_value("User", user, "email") or user).lower()
		return [] if leaver_details.is_unsubscribed(address) else [address]

	def remove(self, user: str, removal: Document) -> Removed:
		found = self.find(user)
		for address in found:
			document = frappe.get_doc(doctype=UNSUBSCRIBE, email=address, global_unsubscribe=1)
			document.insert(ignore_permissions=True)
		return Removed(len(found), found)

	def restore(self, user: str, was: list) -> bool:
		for address in was:
			frappe.db.delete(UNSUBSCRIBE, {"email": address, "global_unsubscribe": 1})
		return True


MAILS = AllMails("mails", "Other email", needs_login=True)
VECTORS = (
	AccessVector("follows", "Documents followed", "Document Follow"),
	AccessVector(
		"appointments",
		"Appointments assigned",
		RULE_USER,
		filters={"parenttype": "Appointment Booking Settings"},
	),
	Belongings("Assignment Rule", "Assignment rules"),
	Belongings("Approver", "Approvals"),
	Belongings("Notification", "Notifications by email"),
	AccessVector("email_digests", "Email digests", "Email Digest Recipient", "recipient"),
	MAILS,
)


def left_with_nobody(user: str, employee: str | None, was: dict[str, list]) -> list[dict]:
	"""Return what nobody takes care of now that a person is gone: label, number, and names of some.

	`was` is what the vectors removed, by their keys. What somebody took over meanwhile isn't listed any more.
	"""
	leaver = Leaver.of(user, employee)
	found = [
		(_("Accounts"), leaver_details.owned_accounts(user), ""),
		(_("Open to-dos"), frappe.db.count("ToDo", {"allocated_to": user, "status": "Open"}), ""),
	]
	names_of = {
		_("Assignment rules without a user"): [
			each["title"] for each in was.get("Assignment Rule", []) if has_no_user(each["name"])
		],
		_("Assignment rules by a field that names the person"): rules_by_field(user),
		_("Approver to be chosen"): [
			each["title"] for each in was.get("Approver", []) if has_no_approver(each)
		],
		_("Notifications without a recipient"): [
			each["title"] for each in was.get("Notification", []) if has_no_recipient(each["name"])
		],
		**{
			kind.label(): [each.title for each in kind.find(leaver)]
			for kind in POSITION
			if kind.key in STAYING
		},
	}
	found += [(label, len(names), shortened(names, MOST_NAMED)) for label, names in names_of.items()]
	return [{"what": what, "number": number, "names": names} for what, number, names in found if number]


def has_no_user(rule: str) -> bool:
	return bool(frappe.db.exists(RULE, rule)) and not belongings_of_position.users_of(rule)


def has_no_approver(removed: dict) -> bool:
	fields = list(removed["before"]["before"])
	now = frappe.db.get_value(removed["doctype"], removed["name"], fields, as_dict=True)
	return bool(now) and not all(now.values())


def has_no_recipient(notification: str) -> bool:
	recipients = rows(RECIPIENT, {"parent": notification, "parenttype": NOTIFICATION})
	return not any(row.get(field) for row in recipients for field in OTHER_RECIPIENTS)


def rules_by_field(user: str) -> list[str]:
	rules = rows(RULE, {"rule": "Based on Field", "disabled": 0}, ("document_type", "field"))
	return [
		rule.name
		for rule in rules
		if is_there(rule.document_type, rule.field)
		and frappe.db.exists(rule.document_type, {rule.field: user})
	]
