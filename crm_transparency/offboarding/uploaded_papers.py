"""Papers that HR uploads to an offboarding: private files, identified by their hash."""

from typing import NamedTuple

import frappe
from frappe import _
from frappe.model.document import Document

from crm_transparency.crm_transparency import stored_files
from crm_transparency.offboarding.offboarding_records import OFFBOARDING
from crm_transparency.stewardship.policies import sha256


class Upload(NamedTuple):
	url: str
	sha256: str


def of(offboarding: Document, url: str) -> Upload:
	"""Return a file attached to the offboarding. Raises ValidationError for any other file."""
	filters = {"file_url": url, "attached_to_doctype": OFFBOARDING, "attached_to_name": offboarding.name}
	name = frappe.db.get_value("File", filters)
	if not name:
		frappe.throw(_("Please upload the file here: this one isn't attached to the offboarding."))
	file = frappe.get_doc("File", name)
	if not file.is_private:
		frappe.throw(_("This file is public. Please upload it as a private file."))
	return Upload(file.file_url, sha256(stored_files.contents(file)))


def attach(offboarding: Document, file_name: str, content: bytes) -> str:
	"""Attach a file that the app created to the offboarding; return its URL."""
	file = frappe.get_doc(
		doctype="File",
		file_name=file_name,
		content=content,
		is_private=1,
		attached_to_doctype=OFFBOARDING,
		attached_to_name=offboarding.name,
	)
	return file.insert(ignore_permissions=True).file_url
