"""How far the end of somebody's access is, in words."""

from frappe import _
from frappe.model.document import Document
from frappe.utils import format_datetime

from crm_transparency.offboarding.access import ENDED, PLANNED
from crm_transparency.offboarding.steps.step import Outcome


def outcome(removal: Document) -> Outcome:
	"""Say how far the end of access is: it is done when it is proved and the checklist has no open item."""
	open_items = [item for item in removal.checklist if item.status == "Open"]
	sentences = [in_words(removal)]
	if open_items:
		sentences.append(
			_("Still to collect or to do: {0}.").format(", ".join(_(item.item) for item in open_items))
		)
	is_proved = removal.status == ENDED and removal.proofs and all(it.is_refused for it in removal.proofs)
	return Outcome(" ".join(sentences), is_done=bool(is_proved or not removal.user) and not open_items)


def in_words(removal: Document) -> str:
	if removal.status == PLANNED:
		return _("Access ends on {0}.").format(format_datetime(removal.ends_at, "medium"))
	if removal.status != ENDED:
		return _("Access hasn't ended.")
	ended = _("Access ended on {0}.").format(format_datetime(removal.ended_on, "medium"))
	if not removal.proofs:
		return ended + " " + _("It is being tried whether anything still works.")
	let_in = [proof.attempt for proof in removal.proofs if not proof.is_refused]
	if let_in:
		return ended + " " + _("Not refused: {0}.").format(", ".join(let_in))
	return ended + " " + _("Tried afterwards: {0}; all were refused.").format(len(removal.proofs))
