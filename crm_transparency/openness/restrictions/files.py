"""Files: neither having uploaded one, nor attaching it once more, opens what its document's restriction hides."""

from collections.abc import Callable

import frappe
from frappe.model.document import Document

from crm_transparency.crm_transparency.hidden import visible
from crm_transparency.openness.restrictions import explanation
from crm_transparency.openness.restrictions.records import hiding
from crm_transparency.openness.restrictions.register import in_force


def downloadable(is_downloadable: Callable) -> Callable:
	"""Stand in `File.is_downloadable`: having uploaded a file doesn't open it to whom its document is hidden."""

	def may_download(file):
		return is_downloadable(file) and not hiding(frappe.session.user, "File", file.name)

	return may_download


def no_copy_of_hidden(before_insert: Callable) -> Callable:
	"""Stand in `File.before_insert`, which fetches the contents."""

	def inserting(file):
		refuse_copy_of_hidden(file)
		before_insert(file)

	return inserting


def refuse_copy_of_hidden(file: Document) -> None:
	"""Refuse a new file that gets the contents of a hidden one by its address, as attachments of mails do.

	Whoever brings the contents along has them already. Raises frappe.PermissionError.
	"""
	user = frappe.session.user
	if not file.file_url or file.get("content") or not in_force(user):
		return
	of_same_contents = frappe.get_all("File", filters={"file_url": file.file_url}, pluck="name")
	if of_same_contents and not visible("File", of_same_contents, user):
		explanation.refuse(next(filter(None, (hiding(user, "File", name) for name in of_same_contents))))
