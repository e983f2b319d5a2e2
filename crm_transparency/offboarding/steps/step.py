"""What every step of an offboarding is."""

from dataclasses import dataclass

import frappe
from frappe.model.document import Document


@dataclass(frozen=True)
class Outcome:
	"""What doing (a part of) a step came to: one or two sentences for the record, and whether the step is done with it."""

	result: str
	is_done: bool = True


class Step:
	"""One step. Each lies in a module of its own, and `registry` lists them in their order.

	`known` reads and writes nothing. `do` is called in one transaction with the step locked, so that two browsers come
	one after the other; it must be safe to call again with the same arguments. Neither checks permissions: `api` does.
	"""

	key: str
	#: what people call it, translated when shown
	label: str
	#: the leaver's manager sees and does it, too
	is_for_leavers_manager = False

	def known(self, offboarding: Document) -> dict:
		"""Return what the step knows already, for its part of the page: figures, texts, choices."""
		return {}

	def do(self, offboarding: Document, **arguments) -> Outcome:
		"""Do the step, or the part of it that the arguments name."""
		raise NotImplementedError

	def undo(self, offboarding: Document) -> list[str]:
		"""Take back what the step did, because the offboarding is cancelled; return what couldn't be, in sentences."""
		return []

	def printed(self, offboarding: Document) -> str:
		"""Return what the complete file on paper says about the step beyond its result, as HTML."""
		return ""

	def settings(self) -> frappe._dict:
		from crm_transparency.crm_transparency.registry import SETTINGS

		return frappe.get_cached_doc(SETTINGS)
