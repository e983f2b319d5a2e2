"""What files hold, as it is stored."""

import frappe
from frappe.model.document import Document


def contents(file: Document) -> bytes:
	"""Return the contents of a File.

	Asked for no encodings, v16 leaves them as they are: otherwise it decodes whatever fits, also a PDF, and encoded anew
	that isn't the same file. v15 decodes UTF-8 only, and takes no encodings.
	"""
	return as_bytes(frappe.call(file.get_content, encodings=()))


def as_bytes(content: str | bytes | None) -> bytes | None:
	return content.encode() if isinstance(content, str) else content
