"""Files: neither having uploaded one, nor attaching it once more, opens what its document's restriction hides."""

from collections.abc import Callable
from posixpath import normpath

import frappe
from frappe.model.document import Document

from crm_transparency.crm_transparency.hidden import visible
from crm_transparency.restrictions import explanation
from crm_transparency.restrictions.records import hiding
from crm_transparency.restrictions.register import in_force


def downloadable(is_downloadable: Callable) -> Callable:
	"""Stand in `File.is_downloadable`: having uploaded a file doesn't open it to whom its document is hidden."""

	def may_download(file):
		return is_downloadable(file) and not hiding(frappe.session.user, "File", file.name)

	return may_download


def no_copy_of_hidden(before_insert: Callable) -> Callable:
	"""Stand in `File.before_insert`, which fetches the contents."""

	def inserting(file):
		if not file.get("content"):
			refuse_copy_of_hidden(file)
		before_insert(file)

	return inserting


def no_turn_to_hidden(validate: Callable) -> Callable:
	"""Stand in `File.validate`: by now an address is written as it is kept. Files may get another one later, too."""

	def validated(file):
		validate(file)
		if not brings_its_contents(file) and file.has_value_changed("file_url"):
			refuse_copy_of_hidden(file)

	return validated


def brings_its_contents(file: Document) -> bool:
	"""Say whether the contents of a new file came along with it: whoever has them may keep them."""
	return bool(file.is_new() and file.flags.new_file and file.get("content"))


def refuse_copy_of_hidden(file: Document) -> None:
	"""Refuse a file that gets the contents of a hidden one by its address, as attachments of mails do.

	Raises frappe.PermissionError.
	"""
	user = frappe.session.user
	if not file.file_url or not in_force(user):
		return
	addresses = [file.file_url, normpath(file.file_url)]
	of_same_contents = frappe.get_all("File", filters={"file_url": ("in", addresses)}, pluck="name")
	if of_same_contents and not visible("File", of_same_contents, user):
		explanation.refuse(next(filter(None, (hiding(user, "File", name) for name in of_same_contents))))
