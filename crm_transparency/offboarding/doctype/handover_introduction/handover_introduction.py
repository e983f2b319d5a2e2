import frappe
from frappe import _
from frappe.model.document import Document

from crm_transparency.crm_transparency.permissions import ReadRule
from crm_transparency.offboarding import offboarding_permissions


class HandoverIntroduction(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		account_title: DF.Data | None
		approved_by: DF.Link | None
		approved_on: DF.Datetime | None
		communication: DF.Link | None
		contact: DF.Link | None
		contact_name: DF.Data | None
		email: DF.Data | None
		event: DF.Link | None
		is_edited: DF.Check
		leaver: DF.Link | None
		meeting_minutes: DF.Int
		meeting_on: DF.Datetime | None
		message: DF.TextEditor | None
		note: DF.SmallText | None
		offboarding: DF.Link | None
		reference_doctype: DF.Link | None
		reference_name: DF.DynamicLink | None
		replied_on: DF.Datetime | None
		reply: DF.Link | None
		sent_on: DF.Datetime | None
		status: DF.Literal["Draft", "Approved", "Sent", "Replied", "No Address", "Skipped"]
		subject: DF.Data | None
		successor: DF.Link | None
		voice: DF.Literal["Leaver", "Jointly"]
		way: DF.Literal["Letter", "Meeting"]

	# end: auto-generated types

	read_rule = ReadRule(offboarding_permissions.handover_condition, offboarding_permissions.handover_allows)

	def on_trash(self):
		"""What was sent stays: it is what keeps a second letter from being sent."""
		if self.sent_on and not frappe.flags.in_uninstall:
			frappe.throw(_("This introduction was sent. It stays, so that nobody is written to twice."))


def on_doctype_update():
	doctype = "Handover Introduction"
	frappe.db.add_unique(
		doctype, ["offboarding", "reference_doctype", "reference_name"], "introduction_of_account"
	)
	frappe.db.add_index(doctype, ["status", "sent_on"], "introductions_by_status")
