import frappe

from crm_transparency.offboarding.letter_texts import DEFAULTS, TEXT
from crm_transparency.stewardship.policies import sha256

#: the texts as they came with the app, by language and letter: those that HR has changed stay
FORMER = {
	("en", "Invitation"): "910f253303cb5524bb022645deb0cd670f9dbb629b093a53a96c0e95c40b2b9f",
	("en", "Reaffirmation"): "0ce684dc9d4c3f14d2fb452dc04c06d46a647c11afb614bcfca0cb2b4dfd755a",
	("de", "Invitation"): "169324acf07ddde23441928709e52800db9eaaf4aaf19238460b208bfe54fc00",
	("de", "Reaffirmation"): "4965f8a0641550b695510b67f246c32ae05a2c0ce27f6f8f87d0deec58793e1b",
}


def execute() -> None:
	"""Let letters speak of an agreement only where one is on file."""
	for (language, letter), former in FORMER.items():
		filters = {"language": language, "letter": letter}
		for row in frappe.get_all(TEXT, filters=filters, fields=["name", "text"]):
			if sha256(row.text or "") == former:
				frappe.db.set_value(TEXT, row.name, "text", DEFAULTS[language][letter][1])
