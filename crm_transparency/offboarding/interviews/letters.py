"""The letter that reminds of confidentiality: one page, in the leaver's language, kept word for word."""

import frappe
from frappe.model.document import Document
from frappe.utils import strip_html
from frappe.www.printview import get_print_style, get_rendered_template

from crm_transparency.crm_transparency import paper
from crm_transparency.crm_transparency.languages import speaking
from crm_transparency.offboarding import people, texts
from crm_transparency.offboarding.default_texts import REAFFIRMATION
from crm_transparency.stewardship import policies

PRINT_FORMAT = "Reaffirmation Letter"
PAGE = (
	'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><style>{style}</style></head>'
	'<body><div class="print-format">{body}</div></body></html>'
)
TYPES = (policies.CONFIDENTIALITY, policies.EMPLOYMENT_AGREEMENT)


def written(offboarding: Document) -> dict:
	"""Return the letter's fields in an interview: its words, their hash, and the policy that it quotes."""
	language = people.language(offboarding)
	policy = applying_policy(language)
	signed = policies.acknowledged_by(offboarding.user, offboarding.employee, TYPES)
	words = texts.words_for(offboarding, language)
	with speaking(language):
		words["signed_on"] = texts.written_day(signed[0].acknowledged_on) if signed else None
	words.update(
		policy_title=policy.title if policy else None,
		policy_version=str(policy.version) if policy else None,
		policy_text=policy.text if policy else None,
	)
	subject, text = texts.fill_in(REAFFIRMATION, language, words)
	return {
		"letter_language": language,
		"letter_subject": strip_html(subject),
		"letter_text": text,
		"policy": policy.name if policy else None,
		"policy_version": str(policy.version) if policy else None,
	}


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
	return paper.as_file("letter", page)
