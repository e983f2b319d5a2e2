import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_fullname, now_datetime

from crm_transparency.crm_transparency import encryption, formatting
from crm_transparency.crm_transparency.permissions import ReadRule
from crm_transparency.export_audit import export_alerts
from crm_transparency.export_audit.exceptions import AlertIsKept, NoteMissing, NotYoursToSettle
from crm_transparency.export_audit.export_alerts import EXPLAINED, MAY_BE_REGULAR, OPEN

#: what people put into an alert; everything else is what the rule found
LOOKED_AT = ("status", "note", "is_regular")
#: what managers write for each other, see `sealed_texts`
NOTES = ("note", "earlier_looks")


class ExportAlert(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		day: DF.Date | None
		digest_mailed: DF.Check
		earlier_looks: DF.SmallText | None
		explanation: DF.SmallText | None
		export_log: DF.Data | None
		figure: DF.Int
		impersonated_by: DF.Data | None
		is_regular: DF.Check
		kind: DF.Data | None
		looked_at_by: DF.Link | None
		looked_at_on: DF.Datetime | None
		normal: DF.SmallText | None
		note: DF.SmallText | None
		reason: DF.SmallText | None
		rule: DF.Literal[
			"Large Export",
			"Unusual for This Person",
			"Many Records Read",
			"Sent to a Private Address",
			"Leaving",
			"First Export by an API Key",
		]
		status: DF.Literal["Open", "Explained", "Follow up"]
		user: DF.Data | None

	# end: auto-generated types

	read_rule = ReadRule(export_alerts.read_condition, export_alerts.allows)

	def load_from_db(self):
		result = super().load_from_db()
		is_readable = export_alerts.reads_note(frappe.session.user, self)
		self.update(
			{field: encryption.decrypted(self.get(field)) if is_readable else None for field in NOTES}
		)
		return result

	def db_insert(self, *args, **kwargs):
		with encryption.stored_encrypted(self, NOTES):
			super().db_insert(*args, **kwargs)

	def db_update(self):
		with encryption.stored_encrypted(self, NOTES):
			super().db_update()

	def before_insert(self):
		if not self.flags.raised_by_rule:
			frappe.throw(
				_("Export alerts are raised by the rules about exports, not written by hand."),
				exc=frappe.PermissionError,
			)
		# whoever exported something doesn't own what is found about it
		self.owner = self.modified_by = "Administrator"

	def before_validate(self):
		if not self.is_new():
			self.keep_what_was_found()

	def validate(self):
		if self.is_new() or not self.is_reviewed_again():
			return
		self.refuse_the_person_concerned()
		self.require_note()
		self.note_who_looked()

	def on_trash(self):
		frappe.throw(
			_("Export alerts aren't deleted. Please set this one to Explained and write down what it was."),
			exc=AlertIsKept,
		)

	def keep_what_was_found(self):
		"""Whoever saves an alert says what they think of it; what the rule found stays as it is in the database."""
		found = frappe.get_doc(self.doctype, self.name)
		for fieldname in self.meta.get_fieldnames_with_value():
			if fieldname not in LOOKED_AT:
				self.set(fieldname, found.get(fieldname))
		self.note = (self.note or "").removeprefix(encryption.MARK)
		if self.status != EXPLAINED or self.rule not in MAY_BE_REGULAR:
			self.is_regular = 0

	def is_reviewed_again(self) -> bool:
		return any(self.has_value_changed(field) for field in LOOKED_AT)

	def refuse_the_person_concerned(self):
		if not export_alerts.may_settle(frappe.session.user, self):
			frappe.throw(
				_("This alert is about you. Please ask another Transparency Manager to review it."),
				exc=NotYoursToSettle,
			)

	def require_note(self):
		if self.status == EXPLAINED and not (self.note or "").strip():
			frappe.throw(
				_("Please enter in the note what it was, so that others don't have to ask again."),
				exc=NoteMissing,
				title=_("An explanation is missing"),
			)

	def note_who_looked(self):
		self.keep_earlier_look(self.get_doc_before_save())
		is_open = self.status == OPEN
		self.looked_at_by = None if is_open else frappe.session.user
		self.looked_at_on = None if is_open else now_datetime()

	def keep_earlier_look(self, before: Document):
		if not before.looked_at_by:
			return
		look = "{}, {}: {}. {}".format(
			formatting.moment(before.looked_at_on),
			get_fullname(before.looked_at_by),
			_(before.status),
			before.note or "",
		)
		self.earlier_looks = "\n".join(filter(None, (look.strip(), self.earlier_looks)))
