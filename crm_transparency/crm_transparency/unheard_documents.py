"""Documents that nobody can listen to: what others attach to saving a document could carry its text out.

Notifications, Webhooks and Server Scripts get the document as it is in memory, and that is readable.
"""

from frappe.model.document import Document


class UnheardDocument(Document):
	def run_method(self, method, *args, **kwargs):
		"""Run what the document itself does, and nothing that others attached to it."""
		function = getattr(self, method, None)
		return function(*args, **kwargs) if callable(function) else None

	def notify_update(self):
		"""Do without telling every open Desk that something changed here, and who did it."""
