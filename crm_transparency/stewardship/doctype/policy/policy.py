import frappe
from frappe import _
from frappe.model.document import Document

from crm_transparency.stewardship import policies


class Policy(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		is_in_force: DF.Check
		language: DF.Link | None
		policy_type: DF.Literal[
			"Data Ownership",
			"Confidentiality",
			"P.A.C.T.",
			"Acceptable Use",
			"Employment Agreement",
		]
		text: DF.TextEditor
		title: DF.Data
		version: DF.Int

	# end: auto-generated types

	def validate(self):
		before = self.get_doc_before_save()
		self.flags.is_new_text = before is None or before.text != self.text
		self.version = (before.version if before else 0) + (1 if self.flags.is_new_text else 0)

	def on_update(self):
		if self.flags.is_new_text:
			policies.keep_text(self)
			self.flags.is_new_text = False

	def on_trash(self):
		if frappe.db.exists(policies.ACKNOWLEDGEMENTS, {"policy": self.name}):
			frappe.throw(
				_("People have acknowledged this policy, so it can't be deleted. Uncheck In force instead.")
			)
