import frappe
from babel import Locale

LANGUAGES = ("en", "de")


def country_names() -> dict[str, str]:
	"""The CRM's countries by their names in English and German and their codes, in lower case."""
	countries = frappe.get_all("Country", fields=["name", "code"])
	names = {country.name.casefold(): country.name for country in countries}
	for country in countries:
		code = (country.code or "").upper()
		translated = (Locale(language).territories.get(code) for language in LANGUAGES)
		for name in (code, *translated):
			if name:
				names.setdefault(name.casefold(), country.name)
	names.setdefault("uk", names.get("united kingdom", ""))
	return names
