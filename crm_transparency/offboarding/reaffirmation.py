"""The letter that reminds a leaver of confidentiality: writing it, and recording how it was answered."""

from datetime import datetime

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import strip_html
from frappe.www.printview import get_print_style, get_rendered_template

from crm_transparency.crm_transparency import formatting
from crm_transparency.crm_transparency.formatting import speaking
from crm_transparency.offboarding import leaver_details, letter_texts
from crm_transparency.offboarding.letter_texts import REAFFIRMATION
from crm_transparency.offboarding.offboarding_records import OFFBOARDING
from crm_transparency.stewardship import policies

SENT, CONFIRMED, ON_PAPER, DECLINED = "Sent", "Confirmed", "Signed on paper", "Declined"
PRINT_FORMAT = "Reaffirmation Letter"
PAGE = (
	'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><style>{style}</style></head>'
	'<body><div class="print-format">{body}</div></body></html>'
)
TYPES = (policies.CONFIDENTIALITY, policies.EMPLOYMENT_AGREEMENT)


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
	"""Add the entry to the ledger of acknowledgements, and record the answer with the interview."""
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
	"""Return in a sentence how the letter was answered."""
	if interview.reaffirmation == CONFIRMED:
		return _("{0} confirmed the letter on {1}.").format(
			interview.signed_name, formatting.moment(interview.confirmed_on)
		)
	return {
		SENT: _("The letter was sent and hasn't been confirmed yet."),
		ON_PAPER: _("The letter was signed on paper."),
		DECLINED: _("The letter was handed over; the signature was declined."),
	}.get(interview.reaffirmation)


def written(offboarding: Document) -> dict:
	"""Return an interview's fields about the letter: its text, language, and the policy that it quotes."""
	language = leaver_details.language(offboarding)
	policy = applying_policy(language)
	words = letter_texts.values_for(offboarding, language)
	words.update(
		signed_on=signed_on(offboarding, language),
		policy_title=policy.title if policy else None,
		policy_version=str(policy.version) if policy else None,
		policy_text=policy.text if policy else None,
	)
	subject, text = letter_texts.write(REAFFIRMATION, language, words)
	return {
		"letter_language": language,
		"letter_subject": strip_html(subject),
		"letter_text": text,
		"policy": policy.name if policy else None,
		"policy_version": str(policy.version) if policy else None,
	}


def signed_on(offboarding: Document, language: str) -> str | None:
	"""Return in words when the leaver agreed to confidentiality; None if nothing is on file."""
	signed = policies.acknowledged_by(offboarding.user, offboarding.employee, TYPES)
	with speaking(language):
		return letter_texts.day_in_words(signed[0].acknowledged_on) if signed else None


def applying_policy(language: str) -> frappe._dict | None:
	return next(filter(None, (policies.in_force(policy_type, language) for policy_type in TYPES)), None)


def as_file(interview: Document) -> tuple[str, bytes]:
	"""Return the letter as a file: a PDF by the print format, which HR can change, or a page where none can be made."""
	print_format = frappe.get_doc("Print Format", PRINT_FORMAT)
	page = PAGE.format(
		language=interview.letter_language,
		style=get_print_style(print_format=print_format),
		body=get_rendered_template(interview, print_format=print_format, meta=interview.meta),
	)
	return formatting.pdf_file("letter", page)
