"""Loads one's own customer list, a CSV file, into the demo: `load(path)`."""

import codecs
import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import frappe
from babel import Locale
from frappe.utils import strip_html, validate_email_address, validate_phone_number

from embedded.demo_data.clock import by_import
from embedded.demo_data.company import create_user, insert
from embedded.demo_data.people import DATA, DOMAIN
from embedded.demo_data.records import address_text

CUSTOMER, CONTACT = "customer_name", "contact_name"
LISTS = {
	"territory": ("Territory", "territory_name"),
	"customer_group": ("Customer Group", "customer_group_name"),
	"industry": ("Industry Type", "industry"),
}
"""Lists that customers choose from. What a customer list names and they don't have is added to them."""

DELIMITERS = ",;\t"
LONGEST_TEXT = 140
NOT_KNOWN = "Not known"
FORMULA_STARTS = ("=", "+", "-", "@")
NOBODY = {"n/a", "na", "none", "nobody", "unassigned", "open", "tbd", "niemand", "keine", "keiner", "offen"}
SEVERAL = re.compile(r"[;/&+|]|,.*,|\b(?:and|und)\b", re.IGNORECASE)
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
NO_TEXT = "This isn't a text in UTF-8, UTF-16 or Windows-1252. Please save the list as CSV in UTF-8."
NO_CUSTOMER_COLUMN = "No column holds the customer's name (it could be called Customer, Company or Firma)."


class CustomerFileError(Exception):
	"""The customer list can't be read. The message says why and what to do."""


class RowError(Exception):
	"""A row is refused; the message says why."""


class Row(NamedTuple):
	"""One record; `line` is the line of the file it starts in."""

	line: int
	cells: list[str]


@dataclass
class Report:
	"""What became of a customer list; `str()` shows it. `refused` and `missing` are lines with the reason."""

	columns: str
	loaded: int = 0
	refused: dict[int, str] = field(default_factory=dict)
	missing: dict[int, list[str]] = field(default_factory=dict)
	created: dict[str, list[str]] = field(default_factory=dict)

	def __str__(self) -> str:
		lines = [f"Customers loaded: {self.loaded:,}; rows refused: {len(self.refused):,}", self.columns]
		lines += [f"New in {doctype}: {', '.join(names)}" for doctype, names in self.created.items()]
		lines += [f"  line {line}: {reason}" for line, reason in sorted(self.refused.items())]
		if self.missing:
			lines.append("Loaded, with something missing:")
		lines += [f"  line {line}: {'; '.join(reasons)}" for line, reasons in self.missing.items()]
		return "\n".join(lines)


# From a file to rows.


def read(path: Path) -> tuple[dict[str, int], list[str], list[Row]]:
	"""Return the columns' positions by field, the header, and the rows. Raises CustomerFileError."""
	lines = list(StringIO(decode(path), newline=""))
	delimiter = max(DELIMITERS, key=lambda delimiter: len(recognize(header_of(lines, delimiter))))
	header = header_of(lines, delimiter)
	positions = recognize(header)
	if CUSTOMER not in positions:
		raise CustomerFileError(f"{NO_CUSTOMER_COLUMN} The columns found are: {', '.join(header)[:500]}.")
	rows = list(records_of(lines, delimiter))[1:]
	if not rows:
		raise CustomerFileError("There is a line that names the columns, and no customer below it.")
	return positions, header, rows


def decode(path: Path) -> str:
	try:
		content = path.read_bytes()
	except OSError as error:
		raise CustomerFileError(f"The file can't be opened ({error.strerror}).") from None
	if not content.strip():
		raise CustomerFileError("The file is empty.")
	has_utf_16_mark = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
	for encoding in ["utf-16"] if has_utf_16_mark else ["utf-8-sig", "cp1252"]:
		try:
			text = content.decode(encoding)
		except UnicodeDecodeError:
			continue
		if not re.search("[\x00-\x08\x0e-\x1f]", text):
			return text
	raise CustomerFileError(NO_TEXT)


def header_of(lines: list[str], delimiter: str) -> list[str]:
	first = next(records_of(lines, delimiter), None)
	return [" ".join(cell.split()) for cell in first.cells] if first else []


def records_of(lines: list[str], delimiter: str) -> Iterator[Row]:
	"""Yield the records that aren't blank. Raises CustomerFileError where none of the rest can be read."""
	reader = csv.reader(lines, delimiter=delimiter, strict=True)
	while True:
		line = reader.line_num + 1
		try:
			cells = next(reader)
		except StopIteration:
			return
		except csv.Error as error:
			if "expected after" in str(error):
				yield Row(line, [])
				continue
			raise CustomerFileError(
				f"Line {line} can't be read: {error}. Is a quotation mark missing?"
			) from None
		if any(cell.strip() for cell in cells):
			yield Row(line, cells)


def normal(title: str) -> str:
	"""Return `title` without case, spaces, underscores, punctuation and umlauts."""
	return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", title).casefold().translate(UMLAUTS))


FIELDS = {
	normal(title): name
	for name, titles in DATA["customer_list_columns"].items()
	for title in titles.split(",")
}


def recognize(header: list[str]) -> dict[str, int]:
	"""Return the position of each field. Of two columns for the same field the first is used."""
	positions: dict[str, int] = {}
	for position, title in enumerate(header):
		if name := FIELDS.get(normal(title)):
			positions.setdefault(name, position)
	return positions


# From rows to customers.


def load(path: Path, commit: bool = True) -> Report:
	"""Load the customer list into the connected site, and commit unless told not to. Raises CustomerFileError.

	A row is loaded whole, with contact and address, or not at all; the report says which not and why.
	"""
	positions, header, rows = read(path)
	with by_import():
		report = Loading(positions, header).load(rows)
	if commit:
		# Nobody's request ends here: this runs in a process of its own, once.
		frappe.db.commit()  # nosemgrep: frappe-manual-commit
	return report


class Loading:
	"""One list on its way into the CRM."""

	def __init__(self, positions: dict[str, int], header: list[str]):
		self.positions = positions
		self.header = header
		used = {position: name.replace("_", " ") for name, position in positions.items()}
		titles = [
			f"{title} ({used.get(position, 'not used')})" for position, title in enumerate(header) if title
		]
		self.report = Report(f"Columns: {', '.join(titles)}")
		self.customers = {
			same_name(name): "the CRM" for name in frappe.get_all("Customer", pluck="customer_name")
		}
		self.countries = country_names()

	def load(self, rows: list[Row]) -> Report:
		for row in rows:
			self.created: list[tuple[str, str]] = []
			self.missing: list[str] = []
			frappe.db.savepoint("customer_row")
			try:
				self.load_row(row)
			except (RowError, frappe.ValidationError, frappe.NameError) as error:
				frappe.db.rollback(save_point="customer_row")
				frappe.clear_messages()
				name = (
					row.cells[self.positions[CUSTOMER]] if len(row.cells) > self.positions[CUSTOMER] else ""
				)
				self.report.refused[row.line] = f"{tidy(name)[:60]}: {strip_html(str(error))}"
				continue
			self.report.loaded += 1
			if self.missing:
				self.report.missing[row.line] = self.missing
			for doctype, name in self.created:
				self.report.created.setdefault(doctype, []).append(name)
		return self.report

	def load_row(self, row: Row) -> None:
		values = self.values(row)
		name = values[CUSTOMER]
		if same_name(name) in self.customers:
			raise RowError(f"The customer is in {self.customers[same_name(name)]} already")
		customer = frappe.get_doc(
			doctype="Customer",
			customer_name=name,
			customer_type="Company",
			account_manager=self.account_manager(values.get("account_manager")),
			website=values.get("website"),
			tax_id=values.get("tax_id"),
			customer_details=values.get("customer_details"),
			**{field: self.entry(field, values.get(field)) for field in LISTS},
		).insert()
		primary = {**self.insert_contact(customer.name, values), **self.insert_address(customer.name, values)}
		if primary:
			customer.db_set(primary, update_modified=False)
		self.customers[same_name(name)] = f"line {row.line}"

	def values(self, row: Row) -> dict[str, str]:
		"""Return the row's cells by field. Raises RowError with everything that is wrong."""
		if not row.cells:
			raise RowError('There is text after a closing quotation mark (")')
		if any(cell.strip() for cell in row.cells[len(self.header) :]):
			raise RowError(f"The row has {len(row.cells)} cells and the header {len(self.header)}")
		values, wrong = {}, []
		for name, position in self.positions.items():
			values[name] = tidy(row.cells[position]) if position < len(row.cells) else ""
			if problem := problem_with(name, values[name]):
				wrong.append(f'"{self.header[position]}" {problem}: {values[name][:60]}')
		if not (values[CUSTOMER] or wrong):
			wrong.append("The customer has no name")
		if wrong:
			raise RowError("; ".join(wrong))
		return values

	def account_manager(self, name: str | None) -> str | None:
		"""Return the user whom the row names, who is made a colleague when there is no such user yet."""
		if not name:
			return None
		try:
			known = find_colleague(name)
			if not known:
				known = hire(name)
				self.created.append(("User", known))
		except RowError as error:
			self.missing.append(f'the account manager: "{name[:60]}" {error}')
			return None
		return known

	def entry(self, field: str, value: str | None) -> str | None:
		"""Return the entry called `value` in the list that `field` chooses from, made when it is missing."""
		if not value:
			return None
		doctype, name_field = LISTS[field]
		known = {same_name(name): name for name in frappe.get_all(doctype, pluck="name")}.get(
			same_name(value)
		)
		if not known:
			known = insert(doctype, **{name_field: value})
			self.created.append((doctype, known))
		return known

	def insert_contact(self, customer: str, values: dict[str, str]) -> dict[str, str]:
		"""Save the contact if the row has one. Return what the customer repeats of it."""
		emails = re.split(r"[;,\s]+", values["email"]) if values.get("email") else []
		phone, mobile = values.get("phone"), values.get("mobile")
		person = [values.get("first_name"), values.get("last_name")]
		if not any(person):
			person = [*values.get(CONTACT, "").split(" ", 1), None][:2]
		if not (any(person) or emails or phone or mobile):
			return {}
		contact = frappe.get_doc(
			doctype="Contact",
			first_name=person[0] or (None if person[1] else customer),
			last_name=person[1],
			designation=values.get("job_title"),
			company_name=customer,
			is_primary_contact=1,
			links=[{"link_doctype": "Customer", "link_name": customer}],
		)
		for number, email in enumerate(dict.fromkeys(filter(None, emails))):
			contact.add_email(email, is_primary=number == 0)
		if phone:
			contact.add_phone(phone, is_primary_phone=1)
		if mobile:
			contact.add_phone(mobile, is_primary_mobile_no=1)
		contact.insert()
		repeated = {"mobile_no": contact.mobile_no, "email_id": contact.email_id}
		return {"customer_primary_contact": contact.name, **repeated}

	def insert_address(self, customer: str, values: dict[str, str]) -> dict[str, str]:
		"""Save the address if the row has one. Return what the customer repeats of it."""
		if not any(values.get(field) for field in ("street", "zip", "city", "state", "country")):
			return {}
		self.missing += [
			f"the address has no {field}" for field in ("street", "city") if not values.get(field)
		]
		country = values.get("country")
		if country and country.casefold() not in self.countries:
			raise RowError(f'There is no country called "{country}"')
		home = frappe.db.get_single_value("System Settings", "country")
		address = frappe.get_doc(
			doctype="Address",
			address_title=customer,
			address_type="Office",
			address_line1=values.get("street") or NOT_KNOWN,
			pincode=values.get("zip"),
			city=values.get("city") or NOT_KNOWN,
			state=values.get("state"),
			country=self.countries[country.casefold()] if country else home,
			is_primary_address=1,
			links=[{"link_doctype": "Customer", "link_name": customer}],
		).insert()
		return {"customer_primary_address": address.name, "primary_address": address_text(address)}


def find_colleague(name: str) -> str | None:
	"""Return the user who has this full name, in either order, or address. Raises RowError."""
	users = frappe.get_all("User", {"user_type": "System User"}, ["name", "full_name", "enabled"])
	found = [
		user for user in users if user.name == name.lower() or same_words(user.full_name) == same_words(name)
	]
	if len(found) > 1 or any(not user.enabled for user in found):
		raise RowError("is the name of several users, or of one who is disabled")
	return found[0].name if found else None


def hire(name: str) -> str:
	"""Make a user of who has this name or address. Raises RowError when it is none."""
	if "@" in name:
		if not validate_email_address(name):
			raise RowError("isn't an email address")
		address, person = name.lower(), re.sub(r"[\W\d_]+", " ", name.split("@")[0]).strip().title()
	else:
		if same_name(name) in NOBODY or SEVERAL.search(name) or not any(map(str.isalpha, name)):
			raise RowError("isn't the name of one person")
		last_name, comma, first_name = name.partition(",")
		person = f"{first_name.strip()} {last_name.strip()}" if comma else name
		plain = unicodedata.normalize("NFKD", person.casefold().translate(UMLAUTS)).encode("ascii", "ignore")
		address = re.sub(r"[^a-z0-9]+", ".", plain.decode()).strip(".") + f"@{DOMAIN}"
	if not validate_email_address(address) or frappe.db.exists("User", address):
		raise RowError(f"would get the address {address}, which can't be given")
	first_name, _, last_name = (person or address).rpartition(" ")
	return create_user(address, first_name or last_name, first_name and last_name, ["Employee", "Sales User"])


# Cells.


def tidy(cell: str) -> str:
	"""Return `cell` without invisible characters and surplus spaces; a lone dash means that there is nothing."""
	visible = "".join(" " if unicodedata.category(one) in ("Cc", "Cf") else one for one in cell)
	text = " ".join(visible.split())
	return "" if text in ("-", "--", "–", "—") else text


def problem_with(field: str, text: str) -> str | None:
	"""Return what is wrong with a cell. A formula would run when it is opened in a spreadsheet again."""
	if field in ("phone", "mobile"):
		is_number = not text or validate_phone_number(text.replace("/", " "))
		return None if is_number else "isn't a phone number"
	if text.startswith(FORMULA_STARTS):
		return f'starts with "{text[0]}" like a formula'
	if field == "email":
		addresses = filter(None, re.split(r"[;,\s]+", text))
		return None if all(map(validate_email_address, addresses)) else "isn't an email address"
	if field != "customer_details" and len(text) > LONGEST_TEXT:
		return f"has {len(text):,} characters, {LONGEST_TEXT} is the most"
	return None


def same_name(name: str) -> str:
	"""Return what two names have in common that differ in case, spaces or the way a letter is encoded only."""
	return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def same_words(name: str | None) -> str:
	"""Return as `same_name`, and whatever the order: "Whitfield, Nora" is "Nora Whitfield"."""
	return " ".join(sorted(re.findall(r"\w+", same_name(name or ""))))


def country_names() -> dict[str, str]:
	"""Return the CRM's countries by their names in English and German and their codes, in lower case."""
	names = {}
	for country in frappe.get_all("Country", fields=["name", "code"]):
		code = (country.code or "").upper()
		translated = (Locale(language).territories.get(code) for language in ("en", "de"))
		names |= {name.casefold(): country.name for name in (code, *translated, country.name) if name}
	return names | {"uk": "United Kingdom"}
