"""Phone numbers in the one form in which they can be compared."""

import frappe
import phonenumbers
from phonenumbers import PhoneNumberFormat


def normal(number: str | None) -> str | None:
	"""Return a number as E.164 has it (`+447700900123`); national ones are those of the site's country."""
	try:
		parsed = phonenumbers.parse(number or "", home_region())
	except phonenumbers.NumberParseException:
		return None
	return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)


def home_region() -> str | None:
	country = frappe.db.get_single_value("System Settings", "country")
	code = frappe.get_cached_value("Country", country, "code") if country else None
	return code.upper() if code else None
