"""The steps of an offboarding: their order and labels, and what each step's module implements."""

from collections.abc import Iterable
from dataclasses import dataclass

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import escape_html

from crm_transparency.crm_transparency.registry import SETTINGS

#: in their order, by the keys that templates and offboardings store; labels are translated when shown
LABELS = {
	"agreement": "Agreement check",
	"interview": "Exit interview and confidentiality",
	"review": "Review",
	"handover_plan": "Handover plan",
	"introductions": "Introductions",
	"transfer": "Transfer",
	"access": "Access removal",
	"ringer_watch": "Ringer watch",
	"ending": "Farewell",
}
#: the steps that the leaver's manager sees and runs, too
FOR_LEAVERS_MANAGER = frozenset({"handover_plan", "introductions", "transfer"})


def label(key: str) -> str:
	"""Return a step's label in the reader's language. Raises ValidationError if there is no such step."""
	if key not in LABELS:
		frappe.throw(_("There is no offboarding step {0}.").format(key))
	return _(LABELS[key])


@dataclass(frozen=True)
class Outcome:
	"""What a run of (a part of) a step led to: one or two sentences for the record, and whether the step is done."""

	result: str
	is_done: bool = True


class Step:
	"""One step's flow. Each lies in a module of its own; `step_flows` lists them.

	`known` reads and writes nothing. `run` is called in one transaction with the step locked, so two browsers run it one
	after the other; it must be safe to run again with the same arguments. Permissions are checked by `wizard_api`.
	"""

	key: str

	def known(self, offboarding: Document) -> dict:
		"""Return what the step's part of the page shows: figures, texts, choices."""
		return {}

	def run(self, offboarding: Document, **arguments) -> Outcome:
		"""Run the step, or the part of it that the arguments name."""
		raise NotImplementedError

	def record(self, offboarding: Document) -> str | None:
		"""Return what the step's result says by now, where that changes by itself; None where it doesn't."""
		return None

	def undo(self, offboarding: Document) -> list[str]:
		"""Undo the step because the offboarding is cancelled; return what couldn't be undone, in sentences."""
		return []

	def printed(self, offboarding: Document) -> str:
		"""Return what the printed file shows of the step besides its result, as HTML."""
		return ""

	def settings(self) -> frappe._dict:
		return frappe.get_cached_doc(SETTINGS)


def html_table(rows: Iterable[tuple[str | None, ...]]) -> str:
	"""Return rows of plain text as an HTML table; the first cell of each is a heading."""
	lines = (
		f"<tr><th>{escape_html(heading)}</th>"
		+ "".join(f"<td>{escape_html(cell or '')}</td>" for cell in cells)
		+ "</tr>"
		for heading, *cells in rows
	)
	return f"<table>{''.join(lines)}</table>"
