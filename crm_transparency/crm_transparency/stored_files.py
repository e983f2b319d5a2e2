"""What files hold, as it is stored."""

import frappe
from frappe.model.document import Document


def contents(file: Document) -> bytes:
	"""Return the contents of a File.

	Asked for no encodings, v16 leaves them as they are: otherwise it decodes whatever fits, also a PDF, and encoded anew
	that isn't the same file. v15 decodes UTF-8 only, and takes no encodings.
	"""
	content = frappe.call(file.get_content, encodings=())
	return content.encode() if isinstance(content, str) else content
