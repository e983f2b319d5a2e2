"""What Ringer Settings say, for the app's own work in anybody's session."""

import frappe

from crm_transparency.ringers.fiction import addresses
from crm_transparency.ringers.sealed_document import in_clear

SETTINGS = "Ringer Settings"


def address_patterns() -> list[str]:
	return addresses.lines(_in_clear("address_patterns"))


def phone_numbers() -> list[str]:
	return addresses.lines(_in_clear("phone_numbers"))


def mails_news() -> str:
	"""Return when Ringer Managers get a mail in the morning: "Always", "Never" or "When something happened"."""
	return frappe.get_doc(SETTINGS).mail_news or "When something happened"


def _in_clear(field: str) -> str | None:
	return in_clear(frappe.get_doc(SETTINGS), field)
