"""What Ringer Settings say, for the app's own work in anybody's session."""

import frappe

from crm_transparency.ringers.fiction import addresses
from crm_transparency.ringers.sealed_document import in_clear

SETTINGS = "Ringer Settings"
WHEN_SOMETHING_HAPPENED, WITHIN_THE_HOUR = "When something happened", "Within the hour"
ALWAYS, NEVER = "Always", "Never"


def address_patterns() -> list[str]:
	return addresses.lines(_in_clear("address_patterns"))


def phone_numbers() -> list[str]:
	return addresses.lines(_in_clear("phone_numbers"))


def mails_news() -> str:
	"""Return when Ringer Managers are told what happened to ringers, one of the four above."""
	return frappe.get_doc(SETTINGS).mail_news or WHEN_SOMETHING_HAPPENED


def _in_clear(field: str) -> str | None:
	return in_clear(frappe.get_doc(SETTINGS), field)
