"""Loads one's own customer list into the demo: `load(path)`."""

import os
from pathlib import Path

import frappe
from frappe.utils import strip_html

from embedded.demo_data import customer_columns, customer_file
from embedded.demo_data.addresses import as_lines
from embedded.demo_data.colleagues import ColleagueError, Colleagues
from embedded.demo_data.customer_columns import CONTACT, CUSTOMER
from embedded.demo_data.customer_countries import country_names
from embedded.demo_data.customer_file import CustomerFileError, Row, Table
from embedded.demo_data.customer_values import CellError, check
from embedded.demo_data.load_report import LoadReport, Remark, shortened
from embedded.demo_data.names import same_name
from embedded.demo_data.ways_to_save import by_import
from embedded.progress import say

LISTS = {
	"territory": ("Territory", "territory_name"),
	"customer_group": ("Customer Group", "customer_group_name"),
	"industry": ("Industry Type", "industry"),
	"market_segment": ("Market Segment", "market_segment"),
}
"""Lists that customers choose from. What a customer list names and they don't have is added to them."""

ADDRESS = ("street", "zip", "city", "state", "country")
NOT_KNOWN = "Not known"
"""What stands in an address, which has to have a street and a city, for what the list doesn't say."""

WHOLE_LIST, ONE_ROW = "customer_list", "customer_row"
ROWS_BETWEEN_PROGRESS = 500


class RowError(Exception):
	"""A row is refused; the message says why."""


def load(path: str | os.PathLike, commit: bool = True) -> LoadReport:
	"""Load the customer list in the CSV file `path` into the connected site, and commit unless told not to.

	A row is loaded whole, with contact and address, or not at all; the report says which not and why. A file
	that isn't a customer list loads nothing; `report.fatal` says what is wrong with it.
	"""
	path = Path(path)
	try:
		table = customer_file.read(path)
	except CustomerFileError as error:
		return LoadReport(path, fatal=f"{path.name}: {error} Nothing was loaded.")
	frappe.db.savepoint(WHOLE_LIST)
	try:
		with by_import():
			report = Loading(path, table).run()
	except BaseException:
		frappe.db.rollback(save_point=WHOLE_LIST)
		raise
	if commit:
		frappe.db.commit()
	return report


class Loading:
	"""One list on its way into the CRM."""

	def __init__(self, path: Path, table: Table):
		self.table = table
		self.columns = columns = customer_columns.recognise(table.header)
		positions = sorted((position, name) for name, position in columns.positions.items())
		used = {table.header[position]: name.replace("_", " ") for position, name in positions}
		self.report = LoadReport(path, None, table.encoding, table.delimiter, used, columns.unused)
		self.lines_of: dict[str, int] = {}
		self.customers = {same_name(name): name for name in frappe.get_all("Customer", pluck="customer_name")}
		self.colleagues = Colleagues()
		self.countries = country_names()
		self.lists = {
			doctype: {same_name(name): name for name in frappe.get_all(doctype, pluck="name")}
			for doctype, _ in LISTS.values()
		}

	def run(self) -> LoadReport:
		for line, reason in self.table.malformed:
			self.report.refused.append(Remark(line, "", reason))
		for number, row in enumerate(self.table.rows, 1):
			self.load_row(row)
			if number % ROWS_BETWEEN_PROGRESS == 0:
				say(f"  {number:,} of {len(self.table.rows):,} rows")
		self.report.refused.sort(key=lambda remark: remark.line)
		self.report.write_when_long()
		return self.report

	def load_row(self, row: Row) -> None:
		name = self.raw(row, CUSTOMER)
		created: list[tuple[str, str]] = []
		left_out: list[str] = []
		frappe.db.savepoint(ONE_ROW)
		try:
			values = self.values(row)
			self.refuse_duplicate(row.line, values[CUSTOMER])
			self.insert(values, created, left_out)
		except (RowError, frappe.ValidationError, frappe.NameError) as error:
			frappe.db.rollback(save_point=ONE_ROW)
			frappe.clear_messages()
			self.report.refused.append(Remark(row.line, shortened(name), strip_html(str(error))))
			return
		self.report.loaded += 1
		self.report.left_out += [Remark(row.line, shortened(name), reason) for reason in left_out]
		self.remember(row.line, values[CUSTOMER], created)

	def remember(self, line: int, name: str, created: list[tuple[str, str]]) -> None:
		"""Note what the rows that follow can't be or can use."""
		self.customers[same_name(name)] = name
		self.lines_of[same_name(name)] = line
		for doctype, entry in created:
			if doctype == "User":
				self.report.colleagues.append(self.colleagues.remember(entry))
			else:
				self.lists[doctype][same_name(entry)] = entry
				self.report.created.setdefault(doctype, []).append(entry)

	def raw(self, row: Row, field: str) -> str:
		position = self.columns.positions[field]
		return " ".join(row.cells[position].split()) if position < len(row.cells) else ""

	def values(self, row: Row) -> dict[str, str]:
		"""The row's cells by field, checked. Raises RowError with everything that is wrong."""
		surplus = [cell for cell in row.cells[len(self.table.header) :] if cell.strip()]
		if surplus:
			raise RowError(
				f"The row has {len(row.cells)} cells and the header {len(self.table.header)}."
				" Is a quotation mark missing?"
			)
		values, wrong = {}, []
		for field, position in self.columns.positions.items():
			cell = row.cells[position] if position < len(row.cells) else ""
			try:
				values[field] = check(field, self.table.header[position], cell)
			except CellError as error:
				wrong.append(str(error))
		if wrong:
			raise RowError("; ".join(wrong))
		if not values[CUSTOMER]:
			raise RowError("The customer has no name")
		return values

	def refuse_duplicate(self, line: int, name: str) -> None:
		key = same_name(name)
		if key in self.lines_of:
			first = self.lines_of[key]
			raise RowError(f"Lines {first} and {line} name the same customer; line {first} was loaded")
		if key in self.customers:
			raise RowError(f'"{self.customers[key]}" is in the CRM already')

	def insert(self, values: dict[str, str], created: list[tuple[str, str]], left_out: list[str]) -> None:
		"""Save the customer with what belongs to it, and note in `created` and `left_out` what to report."""
		customer = frappe.get_doc(
			doctype="Customer",
			customer_name=values[CUSTOMER],
			customer_type="Company",
			account_manager=self.account_manager(values, created, left_out),
			website=values.get("website"),
			tax_id=values.get("tax_id"),
			customer_details=values.get("customer_details"),
			**{field: self.entry(field, values.get(field), created) for field in LISTS},
		).insert()
		primary = {
			**self.insert_contact(customer.name, values),
			**self.insert_address(customer.name, values, left_out),
		}
		if primary:
			customer.db_set(primary, update_modified=False)

	def account_manager(
		self, values: dict[str, str], created: list[tuple[str, str]], left_out: list[str]
	) -> str | None:
		"""The user whom the row names, who is made a colleague when there is no such user yet."""
		name = values.get("account_manager")
		if not name:
			return None
		try:
			known = self.colleagues.find(name)
			if not known:
				known = self.colleagues.hire(name)
				created.append(("User", known))
		except ColleagueError as error:
			left_out.append(f'the account manager: "{shortened(name)}" {error}')
			return None
		return known

	def entry(self, field: str, value: str | None, created: list[tuple[str, str]]) -> str | None:
		"""The entry called `value` in the list that `field` chooses from, made when it's missing."""
		if not value:
			return None
		doctype, name_field = LISTS[field]
		known = self.lists[doctype].get(same_name(value))
		if known:
			return known
		entry = frappe.get_doc({"doctype": doctype, name_field: value}).insert()
		created.append((doctype, entry.name))
		return entry.name

	def insert_contact(self, customer: str, values: dict[str, str]) -> dict[str, str]:
		"""Save the contact if the row has one. Returns what the customer repeats of it."""
		emails = values.get("email", "").split()
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
		for number, email in enumerate(emails):
			contact.add_email(email, is_primary=number == 0)
		if phone:
			contact.add_phone(phone, is_primary_phone=1, is_primary_mobile_no=int(phone == mobile))
		if mobile and mobile != phone:
			contact.add_phone(mobile, is_primary_mobile_no=1)
		contact.insert()
		return {
			"customer_primary_contact": contact.name,
			"mobile_no": contact.mobile_no,
			"email_id": contact.email_id,
		}

	def insert_address(self, customer: str, values: dict[str, str], left_out: list[str]) -> dict[str, str]:
		"""Save the address if the row has one. Returns what the customer repeats of it."""
		if not any(values.get(field) for field in ADDRESS):
			return {}
		missing = [field for field in ("street", "city") if not values.get(field)]
		if missing:
			left_out.append(f"the address has no {' and no '.join(missing)}")
		address = frappe.get_doc(
			doctype="Address",
			address_title=customer,
			address_type="Office",
			address_line1=values.get("street") or NOT_KNOWN,
			pincode=values.get("zip"),
			city=values.get("city") or NOT_KNOWN,
			state=values.get("state"),
			country=self.country(values.get("country")),
			is_primary_address=1,
			links=[{"link_doctype": "Customer", "link_name": customer}],
		).insert()
		return {"customer_primary_address": address.name, "primary_address": as_lines(address)}

	def country(self, name: str | None) -> str:
		if not name:
			return frappe.db.get_single_value("System Settings", "country")
		country = self.countries.get(same_name(name))
		if not country:
			raise RowError(f'There is no country called "{shortened(name)}"')
		return country
