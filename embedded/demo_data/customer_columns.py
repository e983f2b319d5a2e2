"""Tells from a customer list's header which column holds what, in English or German."""

import re
import unicodedata
from dataclasses import dataclass

CUSTOMER, CONTACT = "customer_name", "contact_name"
PHONES = ("phone", "mobile")

SYNONYMS = {
	CUSTOMER: [
		"customer name, customer, company name, company, account name, account, organization, organisation",
		"business, firma, firmenname, kunde, kundenname, unternehmen",
	],
	CONTACT: [
		"contact name, contact, contact person, full name",
		"ansprechpartner, ansprechpartnerin, kontakt, kontaktperson",
	],
	"first_name": ["first name, given name, vorname"],
	"last_name": ["last name, surname, family name, nachname, familienname"],
	"job_title": ["job title, position, funktion"],
	"email": ["email, e-mail address, email id, mail, e-mail-adresse, mailadresse"],
	"phone": ["phone, phone number, phone no, telephone, tel, telefon, telefonnummer, telefonnr"],
	"mobile": [
		"mobile, mobile number, mobile no, cell, cell phone",
		"handy, handynummer, mobil, mobiltelefon",
	],
	"street": [
		"street, street address, address, address line 1",
		"straße, straße und hausnummer, adresse, anschrift",
	],
	"zip": ["zip, zip code, postcode, postal code, pincode, plz, postleitzahl"],
	"city": ["city, town, ort, stadt, wohnort"],
	"state": ["state, province, county, bundesland"],
	"country": ["country, land"],
	"territory": ["territory, sales territory, region, area, gebiet, vertriebsgebiet"],
	"customer_group": ["customer group, group, segment, category, kundengruppe, gruppe, kategorie"],
	"market_segment": ["market segment, marktsegment"],
	"industry": ["industry, sector, branche"],
	"account_manager": [
		"account manager, account owner, owner, manager, sales rep, rep, sales person, salesperson",
		"betreuer, betreuerin, kundenbetreuer, kundenbetreuerin, zuständig",
	],
	"website": ["website, web site, web, url, homepage, internet, webseite"],
	"tax_id": ["tax id, vat id, vat number, ust-id, ust-idnr, umsatzsteuer-id"],
	"customer_details": [
		"notes, note, comment, comments, remarks, details, notiz, notizen, bemerkung, bemerkungen"
	],
}
NAME = "name"
"""A column called just "name" holds the customer, or the contact when another column holds the customer."""

UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def normal(title: str) -> str:
	"""`title` without case, spaces, underscores, punctuation and umlauts."""
	return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", title).casefold().translate(UMLAUTS))


FIELDS = {
	normal(synonym): name for name, synonyms in SYNONYMS.items() for synonym in ",".join(synonyms).split(",")
}


@dataclass
class Columns:
	"""Which field stands at which position, and the titles of the columns that aren't used."""

	positions: dict[str, int]
	unused: list[str]


def recognise(header: list[str]) -> Columns:
	"""Find out what the columns hold. Of two columns for the same field the first is used."""
	positions: dict[str, int] = {}
	unused = {}
	for position, title in enumerate(header):
		name = FIELDS.get(normal(title))
		if name and name not in positions:
			positions[name] = position
		elif title:
			unused[position] = title
	called_name = next((position for position, title in unused.items() if normal(title) == NAME), None)
	free = next((name for name in (CUSTOMER, CONTACT) if name not in positions), None)
	if called_name is not None and free:
		positions[free] = called_name
		del unused[called_name]
	return Columns(positions, list(unused.values()))
