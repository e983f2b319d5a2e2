"""Files and mails: having uploaded a file, attaching it again, mailing a print or following opens nothing hidden."""

from collections.abc import Callable
from posixpath import normpath

import frappe
from frappe.model.document import Document

from crm_transparency.crm_transparency.hidden import visible
from crm_transparency.restrictions import explanations
from crm_transparency.restrictions.hidden_fields import hidden_fields, hiding_fields
from crm_transparency.restrictions.records import hiding
from crm_transparency.restrictions.register import Restriction, all_in_force, in_force

#: Frappe's jobs that mail followers what changed in documents; they quote versions in prose
FOLLOW_JOBS = "frappe.desk.form.document_follow."


def without_hidden(is_downloadable: Callable) -> Callable:
	"""Replace v15's `File.is_downloadable`; from v16 on, `overrides/file.py` extends the class."""

	def may_download(file, /, *args, **kwargs):
		allowed = is_downloadable(file, *args, **kwargs)
		return False if allowed and hiding(frappe.session.user, "File", file.name) else allowed

	return may_download


def with_checked_address(before_insert: Callable) -> Callable:
	"""Replace v15's `File.before_insert`, which fetches the contents; from v16 on, `overrides/file.py` extends the class."""

	def inserting(file, /, *args, **kwargs):
		check_new_file(file)
		return before_insert(file, *args, **kwargs)

	return inserting


def check_new_file(file: Document) -> None:
	if not file.get("content"):
		refuse_copy_of_hidden(file)


def validate_file(file: Document, method: str | None = None) -> None:
	"""`validate` of File: an address is written as it is kept by now. Files may get another one later, too."""
	if not brings_its_contents(file) and file.has_value_changed("file_url"):
		refuse_copy_of_hidden(file)


def brings_its_contents(file: Document) -> bool:
	"""Return whether the contents of a new file came along with it: whoever has them may keep them."""
	return bool(file.is_new() and file.flags.new_file and file.get("content"))


def refuse_copy_of_hidden(file: Document) -> None:
	"""Refuse a file that gets the contents of a hidden one by its address, as attachments of mails do.

	Raises frappe.PermissionError.
	"""
	user = frappe.session.user
	if not file.file_url or not in_force(user):
		return
	addresses = [file.file_url, normpath(file.file_url)]
	same_contents = frappe.get_all("File", filters={"file_url": ("in", addresses)}, pluck="name")
	if same_contents and not visible("File", same_contents, user):
		explanations.refuse(next(filter(None, (hiding(user, "File", name) for name in same_contents))))


def before_insert_mail(mail: Document, method: str | None = None) -> None:
	"""`before_insert` of Email Queue: what is attached is printed and read later, by a job that may see everything.

	Raises frappe.PermissionError for a print with hidden fields, and for a hidden document or file.
	"""
	user = frappe.session.user
	if not in_force(user):
		return
	for attachment in frappe.parse_json(mail.attachments) or ():
		if rule := hiding_attachment(user, attachment):
			explanations.refuse(rule)


def hiding_attachment(user: str, attachment: dict) -> Restriction | None:
	doctype, name = attachment.get("doctype"), attachment.get("name")
	if attachment.get("print_format_attachment") and doctype:
		return next(iter(hiding_fields(user, doctype)), None) or hiding(user, doctype, name)
	return hiding(user, "File", attachment["fid"]) if attachment.get("fid") else None


def before_job(kwargs: dict | None = None, **_job: object) -> None:
	"""`before_job`: end the following of what is hidden, before followers are mailed what changed."""
	if str((kwargs or {}).get("job_type")).startswith(FOLLOW_JOBS) and all_in_force():
		end_following_of_hidden()


def end_following_of_hidden() -> None:
	"""Let nobody follow documents, or documents with fields, that are hidden from them."""
	for row in frappe.get_all("Document Follow", fields=["name", "user", "ref_doctype", "ref_docname"]):
		if in_force(row.user) and (
			hidden_fields(row.user, row.ref_doctype) or hiding(row.user, row.ref_doctype, row.ref_docname)
		):
			frappe.delete_doc("Document Follow", row.name, ignore_permissions=True, force=True)
