"""Loads one's own customer list, a CSV file, into the demo: `load(path)`."""

from __future__ import annotations

import codecs
import csv
import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import frappe
from babel import Locale
from frappe.model.document import Document
from frappe.utils import strip_html, validate_email_address, validate_phone_number

from embedded.demo_data.clock import by_import
from embedded.demo_data.company import create_user, insert
from embedded.demo_data.people import DATA, DOMAIN
from embedded.demo_data.records import address_text

CUSTOMER = "customer_name"
LISTS = {
	"territory": "Territory",
	"customer_group": "Customer Group",
	"market_segment": "Market Segment",
	"industry": "Industry Type",
}
"""Lists that customers choose from. What a customer list names and they don't have is added to them."""

NOT_KNOWN = "Not known"
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
	"""One record, its cells tidied; `line` is the line of the file it starts in. Without cells it is unreadable."""

	line: int
	cells: list[str]

	def cell(self, position: int) -> str:
		return self.cells[position] if position < len(self.cells) else ""


# From a file to rows.


def read(path: Path) -> tuple[list[str], list[Row]]:
	"""Return the header and the rows. Raises CustomerFileError."""
	text = decode(path.read_bytes())
	first_line = next(filter(normal, text.splitlines()), "")
	delimiter = max(",;\t", key=lambda delimiter: len(recognize(first_line.split(delimiter))))
	records = records_of(text, delimiter)
	header = next(records, Row(1, [])).cells
	if CUSTOMER not in recognize(header):
		raise CustomerFileError(f"{NO_CUSTOMER_COLUMN} The columns found are: {', '.join(header)[:500]}.")
	rows = list(records)
	if not rows:
		raise CustomerFileError("There is a line that names the columns, and no customer below it.")
	return header, rows


def decode(content: bytes) -> str:
	if not content.strip():
		raise CustomerFileError("The file is empty.")
	has_utf_16_mark = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
	for encoding in ["utf-16"] if has_utf_16_mark else ["utf-8-sig", "cp1252"]:
		with suppress(UnicodeDecodeError):
			text = content.decode(encoding)
			if not re.search("[\x00-\x08\x0e-\x1f]", text):
				return text
	raise CustomerFileError(NO_TEXT)


def records_of(text: str, delimiter: str) -> Iterator[Row]:
	"""Yield the records that aren't blank. Raises CustomerFileError where none of the rest can be read."""
	reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
	line = 1
	while True:
		try:
			cells = [tidy(cell) for cell in next(reader)]
			if any(cells):
				yield Row(line, cells)
		except StopIteration:
			return
		except csv.Error as error:
			if "expected after" not in str(error):
				reason = f"Line {line} can't be read: {error}. Is a quotation mark missing?"
				raise CustomerFileError(reason) from None
			yield Row(line, [])
		line = reader.line_num + 1


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


def load(path: Path) -> Loading:
	"""Load the customer list into the connected site; nothing is committed. Raises CustomerFileError.

	A row is loaded with contact and address, without what can't be used of these, or not at all.
	"""
	header, rows = read(path)
	loading = Loading(header)
	with by_import():
		loading.load(rows)
	return loading


class Loading:
	"""What became of a customer list; `str()` shows it.

	`refused` and `missing` are lines of the file with the reason, `created` is what else was made, by DocType.
	"""

	def __init__(self, header: list[str]):
		self.header = header
		self.positions = recognize(header)
		self.loaded = 0
		self.refused: dict[int, str] = {}
		self.missing: dict[int, list[str]] = {}
		self.created: dict[str, list[str]] = {}
		known = frappe.get_all("Customer", pluck="customer_name")
		self.customers = {same_name(name): "the CRM" for name in known}
		self.countries = country_names()

	def __str__(self) -> str:
		used = {position: field.replace("_", " ") for field, position in self.positions.items()}
		columns = [f"{title} ({used.get(at, 'not used')})" for at, title in enumerate(self.header) if title]
		lines = [f"Customers loaded: {self.loaded:,}; rows refused: {len(self.refused):,}"]
		lines.append(f"Columns: {', '.join(columns)}")
		lines += [f"New in {doctype}: {', '.join(names)}" for doctype, names in self.created.items()]
		lines += [f"  line {line}: {reason}" for line, reason in self.refused.items()]
		if self.missing:
			lines.append("Loaded, with something missing:")
		lines += [f"  line {line}: {'; '.join(reasons)}" for line, reasons in self.missing.items()]
		return "\n".join(lines)

	def load(self, rows: list[Row]) -> None:
		before = names_by_doctype()
		for row in rows:
			frappe.db.savepoint("customer_row")
			try:
				missing = self.load_row(row)
			except (RowError, frappe.ValidationError, frappe.NameError) as error:
				frappe.db.rollback(save_point="customer_row")
				frappe.clear_messages()
				name = row.cell(self.positions[CUSTOMER])
				self.refused[row.line] = f"{name[:60]}: {strip_html(str(error))}"
			else:
				self.loaded += 1
				if missing:
					self.missing[row.line] = missing
		for doctype, names in names_by_doctype().items():
			if new := names - before[doctype]:
				self.created[doctype] = sorted(new)

	def load_row(self, row: Row) -> list[str]:
		"""Save the row's customer, with contact and address. Return what is missing. Raises RowError."""
		values, missing = self.values(row)
		name = values[CUSTOMER]
		if same_name(name) in self.customers:
			raise RowError(f"The customer is in {self.customers[same_name(name)]} already")
		try:
			manager = account_manager(values["account_manager"])
		except RowError as error:
			manager = None
			missing.append(f'the account manager: "{values["account_manager"]}" {error}')
		customer = frappe.get_doc(
			doctype="Customer",
			customer_name=name,
			customer_type="Company",
			account_manager=manager,
			**{field: values[field] for field in ("website", "tax_id", "customer_details")},
			**{field: entry(doctype, values[field]) for field, doctype in LISTS.items()},
		).insert()
		missing += without_failing("contact", lambda: insert_contact(customer, values))
		if any(values[field] for field in ("street", "zip", "city", "state", "country")):
			if failed := without_failing("address", lambda: self.insert_address(customer, values)):
				missing += failed
			else:
				missing += [
					f"the address has no {field}" for field in ("street", "city") if not values[field]
				]
		self.customers[same_name(name)] = f"line {row.line}"
		return missing

	def values(self, row: Row) -> tuple[dict[str, str], list[str]]:
		"""Return the row's text by field, "" where there is none, and what was left out. Raises RowError without a name."""
		if not row.cells:
			raise RowError('There is text after a closing quotation mark (")')
		if any(row.cells[len(self.header) :]):
			raise RowError(f"The row has {len(row.cells)} cells and the header {len(self.header)}")
		values, wrong = dict.fromkeys(FIELDS.values(), ""), []
		for name, position in self.positions.items():
			text = row.cell(position)
			problem = problem_with(name, text)
			if problem:
				wrong.append(f'"{self.header[position]}" {problem}: {text}')
			values[name] = usable_part(name, text) if problem else text
		if not values[CUSTOMER]:
			raise RowError("; ".join((*wrong, "The customer has no name")))
		return values, wrong

	def insert_address(self, customer: Document, values: dict[str, str]) -> None:
		country = self.countries.get(values["country"].casefold())
		if not country:
			raise RowError(f'There is no country called "{values["country"]}"')
		address = frappe.get_doc(
			doctype="Address",
			address_title=customer.name,
			address_type="Office",
			address_line1=values["street"] or NOT_KNOWN,
			pincode=values["zip"],
			city=values["city"] or NOT_KNOWN,
			state=values["state"],
			country=country,
			is_primary_address=1,
			links=[{"link_doctype": "Customer", "link_name": customer.name}],
		).insert()
		repeated = {"customer_primary_address": address.name, "primary_address": address_text(address)}
		customer.db_set(repeated, update_modified=False)


def insert_contact(customer: Document, values: dict[str, str]) -> None:
	"""Save the customer's contact if the row has one."""
	first_name, last_name = values["first_name"], values["last_name"]
	if not (first_name or last_name):
		first_name, _, last_name = values["contact_name"].partition(" ")
	emails = emails_in(values["email"])
	phones = [
		{"phone": values[field], is_primary: 1}
		for field, is_primary in (("phone", "is_primary_phone"), ("mobile", "is_primary_mobile_no"))
		if values[field]
	]
	if not (first_name or last_name or emails or phones):
		return
	contact = frappe.get_doc(
		doctype="Contact",
		first_name=first_name or ("" if last_name else customer.name),
		last_name=last_name,
		designation=values["job_title"],
		company_name=customer.name,
		is_primary_contact=1,
		email_ids=[{"email_id": email, "is_primary": email == emails[0]} for email in emails],
		phone_nos=phones,
		links=[{"link_doctype": "Customer", "link_name": customer.name}],
	).insert()
	repeated = {"mobile_no": contact.mobile_no, "email_id": contact.email_id}
	customer.db_set({"customer_primary_contact": contact.name, **repeated}, update_modified=False)


def entry(doctype: str, value: str) -> str | None:
	"""Return the entry called `value` in a list that customers choose from, made when it is missing."""
	known = {same_name(name): name for name in frappe.get_all(doctype, pluck="name")}
	if not value or same_name(value) in known:
		return known.get(same_name(value))
	return insert(doctype, **{frappe.get_meta(doctype).autoname.removeprefix("field:"): value})


def names_by_doctype() -> dict[str, set[str]]:
	"""Return the names of all users and of all entries in the lists that customers choose from."""
	return {doctype: set(frappe.get_all(doctype, pluck="name")) for doctype in ("User", *LISTS.values())}


def account_manager(name: str) -> str | None:
	"""Return the user who has this full name, in either order, or address; makes one if needed. Raises RowError."""
	if not name:
		return None
	users = frappe.get_all("User", {"user_type": "System User"}, ["name", "full_name", "enabled"])
	wanted = words_of(name)
	found = [user for user in users if user.name == name.lower() or words_of(user.full_name) == wanted]
	if len(found) > 1 or any(not user.enabled for user in found):
		raise RowError("is the name of several users, or of one who is disabled")
	return found[0].name if found else hire(name)


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
	return create_user(address, person or address, ["Employee", "Sales User"])


# Cells.


def tidy(cell: str) -> str:
	"""Return `cell` without invisible characters and surplus spaces; a lone dash means that there is nothing."""
	visible = "".join(" " if unicodedata.category(one) in ("Cc", "Cf") else one for one in cell)
	text = " ".join(visible.split())
	return "" if text in ("-", "--", "–", "—") else text


def without_failing(what: str, insert: Callable[[], None]) -> list[str]:
	"""Save a part of a customer; return what failed, with the whole reason, and leave nothing of it then."""
	frappe.db.savepoint("customer_part")
	try:
		insert()
	except (RowError, frappe.ValidationError, frappe.NameError) as error:
		frappe.db.rollback(save_point="customer_part")
		frappe.clear_messages()
		return [f"the {what}: {strip_html(str(error))}"]
	return []


def usable_part(field: str, text: str) -> str:
	"""Return what can be kept of a cell with a problem: of several addresses the valid ones."""
	return " ".join(filter(validate_email_address, emails_in(text))) if field == "email" else ""


def problem_with(field: str, text: str) -> str | None:
	"""Return what is wrong with a cell. A formula would run when it is opened in a spreadsheet again."""
	if field in ("phone", "mobile"):
		is_number = not text or validate_phone_number(text.replace("/", " "))
		return None if is_number else "isn't a phone number"
	if text.startswith(("=", "+", "-", "@")):
		return f'starts with "{text[0]}" like a formula'
	if field == "email" and not all(map(validate_email_address, emails_in(text))):
		return "isn't an email address"
	return None


def emails_in(text: str) -> list[str]:
	"""Return the addresses in `text`, each once."""
	return list(dict.fromkeys(filter(None, re.split(r"[;,\s]+", text))))


def same_name(name: str) -> str:
	"""Return what two names have in common that differ in case, spaces or the way a letter is encoded only."""
	return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def words_of(name: str | None) -> list[str]:
	"""Return the words of a name whatever their order: "Whitfield, Nora" is "Nora Whitfield"."""
	return sorted(re.findall(r"\w+", same_name(name or "")))


def country_names() -> dict[str, str]:
	"""Return countries by code and by English and German name, in lower case; "" is the site's own country."""
	names = {"uk": "United Kingdom", "": frappe.db.get_single_value("System Settings", "country")}
	for country in frappe.get_all("Country", fields=["name", "code"]):
		code = (country.code or "").upper()
		translated = [Locale(language).territories.get(code) for language in ("en", "de")]
		names |= {name.casefold(): country.name for name in (code, *translated, country.name) if name}
	return names
