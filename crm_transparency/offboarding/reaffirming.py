"""How a leaver answers the letter: through a personal link, on paper, or not at all, which is allowed."""

from datetime import datetime

from frappe import _
from frappe.model.document import Document
from frappe.utils import format_datetime

from crm_transparency.offboarding.words import OFFBOARDING
from crm_transparency.stewardship import policies

SENT, CONFIRMED, ON_PAPER, DECLINED = "Sent", "Confirmed", "Signed on paper", "Declined"


def acknowledge(
	offboarding: Document,
	interview: Document,
	answer: str,
	way: str,
	signed_name: str,
	text_sha256: str | None = None,
	evidence: str | None = None,
	on: datetime | None = None,
) -> None:
	"""Add the entry to the ledger of acknowledgements, and note the answer with the interview."""
	entry = policies.acknowledge(
		user=offboarding.user,
		employee=offboarding.employee,
		policy_type=policies.CONFIDENTIALITY,
		policy=interview.policy,
		policy_version=interview.policy_version,
		text_sha256=text_sha256 or interview.letter_sha256,
		signed_name=signed_name,
		way=way,
		acknowledged_on=on,
		evidence=evidence or f"{OFFBOARDING} {offboarding.name}",
	)
	interview.db_set(
		{
			"reaffirmation": answer,
			"confirmed_on": entry.acknowledged_on,
			"signed_name": signed_name,
			"acknowledgement": entry.name,
		}
	)


def in_words(interview: Document) -> str | None:
	"""Say in a sentence how the letter was answered."""
	if interview.reaffirmation == CONFIRMED:
		return _("{0} confirmed the letter on {1}.").format(
			interview.signed_name, format_datetime(interview.confirmed_on, "medium")
		)
	return {
		SENT: _("The letter was sent and isn't confirmed yet."),
		ON_PAPER: _("The letter was signed on paper."),
		DECLINED: _("The letter was handed over; signing it was declined."),
	}.get(interview.reaffirmation)
