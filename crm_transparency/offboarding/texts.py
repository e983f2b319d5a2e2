"""Letters and mails in the words that HR chose, filled in, in the leaver's language."""

import frappe
from frappe.model.document import Document
from frappe.utils import format_date, get_fullname, today
from markupsafe import Markup

from crm_transparency.crm_transparency.languages import speaking
from crm_transparency.offboarding import people, wording
from crm_transparency.offboarding.default_texts import DEFAULTS

TEXT = "Offboarding Text"
FALLBACK = "en"


def add_defaults() -> None:
	"""Add the texts that come with the app, those that the site doesn't have."""
	for language, letters in DEFAULTS.items():
		for letter, (subject, text) in letters.items():
			if frappe.db.exists("Language", language) and not frappe.db.exists(
				TEXT, {"letter": letter, "language": language}
			):
				frappe.get_doc(
					doctype=TEXT, letter=letter, language=language, subject=subject, text=text
				).insert(ignore_permissions=True)


def fill_in(letter: str, language: str, words: dict[str, str | None]) -> tuple[str, str]:
	"""Return a letter's subject and its text as HTML. `words` are plain texts, but `policy_text`, which is HTML already."""
	subject, text = template(letter, language)
	plain = {word: value or "" for word, value in words.items()}
	in_html = {**plain, "policy_text": Markup(plain.get("policy_text", ""))}
	in_one_line = " ".join(wording.fill_in(subject, plain, as_html=False).split())
	return in_one_line, wording.fill_in(text, in_html)


def template(letter: str, language: str) -> tuple[str, str]:
	"""Return subject and text of a letter in a language, else in its base language, else in English."""
	for wanted in (language, language.split("-")[0], FALLBACK):
		own = frappe.db.get_value(TEXT, {"letter": letter, "language": wanted}, ["subject", "text"])
		if own or letter in DEFAULTS.get(wanted, {}):
			return own or DEFAULTS[wanted][letter]
	frappe.throw(frappe._("There is no text {0}. Please add one to {1}.").format(letter, frappe._(TEXT)))


def words_for(offboarding: Document, language: str) -> dict[str, str | None]:
	"""Return the words that every letter of an offboarding can use."""
	with speaking(language):
		return {
			"employee_name": offboarding.employee_name,
			"first_name": (offboarding.employee_name or "").split(" ")[0],
			"company": people.company_name(offboarding),
			"last_working_day": written_day(offboarding.last_working_day),
			"resignation_date": written_day(offboarding.resignation_date),
			"sender_name": get_fullname(frappe.session.user),
			"today": written_day(today()),
		}


def written_day(date: object) -> str | None:
	"""Return a day in words, in the language that is spoken at the moment; None for no day."""
	return format_date(date, "d MMMM yyyy") if date else None
