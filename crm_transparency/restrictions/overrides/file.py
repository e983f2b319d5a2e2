import frappe

from crm_transparency.restrictions import files_and_mails
from crm_transparency.restrictions.records import hiding


class FileOfVisibleDocument:
	"""Extends File from v16 on: having uploaded a file, or knowing its address, doesn't open what is hidden."""

	def before_insert(self, *args, **kwargs):
		files_and_mails.check_new_file(self)
		super().before_insert(*args, **kwargs)

	def is_downloadable(self, *args, **kwargs):
		return super().is_downloadable(*args, **kwargs) and not hiding(frappe.session.user, "File", self.name)
