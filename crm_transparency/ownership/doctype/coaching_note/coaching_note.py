import frappe
from frappe import _

from crm_transparency.crm_transparency import encryption
from crm_transparency.crm_transparency.encryption import UnheardDocument
from crm_transparency.crm_transparency.permissions import ReadRule
from crm_transparency.ownership import coaching

TEXTS = ("observation", "agreed_next_step")


class CoachingNote(UnheardDocument):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		agreed_next_step: DF.SmallText | None
		coach: DF.Link
		employee_name: DF.Data | None
		employee_user: DF.Link
		observation: DF.SmallText
		status: DF.Literal["Open", "Agreed", "Done"]

	# end: auto-generated types

	read_rule = ReadRule(coaching.condition, coaching.allows, linked_records=False)

	def load_from_db(self):
		result = super().load_from_db()
		if coaching.is_one_of_the_two(frappe.session.user, self):
			self.update({field: encryption.decrypted(self.get(field)) for field in TEXTS})
		return result

	def db_insert(self, *args, **kwargs):
		with encryption.stored_encrypted(self, TEXTS):
			super().db_insert(*args, **kwargs)

	def db_update(self):
		with encryption.stored_encrypted(self, TEXTS):
			super().db_update()

	def validate(self):
		if self.coach == self.employee_user:
			frappe.throw(_("You can't coach yourself. Please choose another employee."))

	def after_insert(self):
		coaching.tell_employee(self)

	def after_delete(self):
		# Frappe keeps a copy of deleted documents, which System Managers can read
		self.update(dict.fromkeys(TEXTS))
