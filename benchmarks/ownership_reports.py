"""The first page of the ownership reports, and the form strip, on a company's three years of history:

	python -m benchmarks.ownership_reports --db mariadb [--entries 5000000]

Fills a site to throw away with as many ledger entries and as many Versions, by 200 people about 200,000 customers, and
asks five times for each page. The rows are made by MariaDB itself. Five million need some 8 GB of disk.
"""

import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from benchmarks.ground import commit, connected, options

LEDGER = "Account Owner Change"
PEOPLE, CUSTOMERS, DAYS = 200, 200_000, 3 * 365
MANAGER, REP = "person.0@example.com", "person.1@example.com"
RUNS = 5
MOST_MILLISECONDS, MOST_MILLISECONDS_OF_STRIP = 300, 30
#: kind, source, and how many in a hundred entries are like that: most come from imports and transfers
KINDS_AND_SOURCES = (
	("Baseline", "Background Job", 15),
	("Assigned", "Form", 15),
	("Assigned", "Data Import", 10),
	("Taken Over", "Form", 8),
	("Taken Over", "API", 2),
	("Handed Over", "Form", 10),
	("Reassigned", "Account Transfer", 25),
	("Reassigned", "Form", 8),
	("Released", "Form", 6),
	("Reassigned", "Untracked", 1),
)
ACCOUNT = "Customer 4711"
A_YEAR = {"from_date": str((datetime.now() - timedelta(days=365)).date())}
ALL_TIME = {"from_date": "2000-01-01"}
ONE_ACCOUNT = {"reference_doctype": "Customer", "reference_name": ACCOUNT, **ALL_TIME}
#: report, what is asked for, who asks, filters
PAGES = (
	("Account Owner Changes", "a manager's first page", MANAGER, {}),
	("Account Owner Changes", "a rep's first page", REP, {}),
	("Account Owner Changes", "takeovers only", MANAGER, {"kind": "Taken Over"}),
	("Account Owner Changes", "one source", MANAGER, {"source": "API"}),
	("Account Owner Changes", "one person in any role", MANAGER, {"person": REP}),
	("Account Owner Changes", "one account in all time", MANAGER, ONE_ACCOUNT),
	("Account Owner Changes", "a whole year", MANAGER, A_YEAR),
	("Takeover Patterns", "a manager's first page", MANAGER, {}),
	("Takeover Patterns", "a rep's own", REP, {}),
	("Employee Change Log", "a manager's first page about a rep", MANAGER, {"user": REP}),
	("Employee Change Log", "a rep's own", REP, {"user": REP}),
	(
		"Employee Change Log",
		"one field",
		MANAGER,
		{"user": REP, "document_type": "Customer", "field": "website"},
	),
	("Employee Change Log", "in all time", MANAGER, {"user": REP, **ALL_TIME}),
)


def main() -> None:
	parser = options(__doc__)
	parser.add_argument("--entries", type=int, default=5_000_000)
	chosen = parser.parse_args()
	with connected(chosen):
		fill(chosen.entries)
		measure()


def fill(count: int) -> None:
	import frappe

	from crm_transparency.ownership import ownership_indexes

	if frappe.db.db_type != "mariadb":
		raise SystemExit("This one needs MariaDB: python -m benchmarks.ownership_reports --db mariadb")
	hire_people()
	insert("Customer", CUSTOMERS, customers())
	insert(LEDGER, count, entries())
	insert("Version", count, versions())
	print(f"Indexes for the reports: {timed(ownership_indexes.add):,.0f} s")
	frappe.db.sql("analyze table `tabAccount Owner Change`, `tabVersion`, `tabCustomer`")


def measure() -> None:
	import frappe

	from crm_transparency.crm_transparency import registry
	from crm_transparency.ownership import strip

	for report, what, user, filters in PAGES:
		show(
			f"{report}, {what}",
			MOST_MILLISECONDS,
			user,
			lambda report=report, filters=filters: run(report, filters),
		)
	show("The form strip", MOST_MILLISECONDS_OF_STRIP, REP, lambda: strip.read("Customer", ACCOUNT))
	frappe.get_single(registry.SETTINGS).update(
		{"ownership_visible_to": "Managers and people concerned"}
	).save()
	narrowed = "Account Owner Changes, a rep's first page, visible to people concerned only"
	show(narrowed, MOST_MILLISECONDS, REP, lambda: run("Account Owner Changes", {}))


def run(report: str, filters: dict) -> None:
	from frappe.desk.query_report import run

	run(report, filters=json.dumps(filters))


def show(what: str, most_milliseconds: int, user: str, work: Callable) -> None:
	import frappe

	milliseconds = []
	for _ in range(RUNS):
		frappe.set_user(user)  # forgets what every request has to find out again
		milliseconds.append(timed(work) * 1000)
	middle = statistics.median(milliseconds)
	verdict = "" if middle <= most_milliseconds else f", MORE than {most_milliseconds} ms"
	print(f"{what}: {middle:.0f} ms ({min(milliseconds):.0f} to {max(milliseconds):.0f}){verdict}")
	frappe.set_user("Administrator")


def timed(work: Callable) -> float:
	start = time.perf_counter()
	work()
	return time.perf_counter() - start


def hire_people() -> None:
	import frappe

	for number, (user, role) in enumerate(((MANAGER, "Transparency Manager"), (REP, "Sales User"))):
		person = frappe.get_doc(
			doctype="User", email=user, first_name=f"Person {number}", send_welcome_email=0
		)
		person.append_roles("Sales User", role)
		person.insert()
	fields = {
		**standard(person_of("seq + 1"), "now(6)", "'Administrator'"),
		"email": person_of("seq + 1"),
		"first_name": "concat('Person ', seq + 1)",
		"full_name": "concat('Person ', seq + 1)",
		"enabled": "1",
	}
	insert("User", PEOPLE - 2, fields)


def customers() -> dict[str, str]:
	return {
		**standard(customer_of("seq"), moment(CUSTOMERS), person_of(any_of(PEOPLE, 1))),
		"customer_name": customer_of("seq"),
		"customer_type": "'Company'",
		"account_manager": person_of(any_of(PEOPLE, 2)),
	}


def entries() -> dict[str, str]:
	"""Return how each field of an entry is made: evenly over three years, in the shares of KINDS_AND_SOURCES."""
	kind, source, share = "case", "case", 0
	for name, from_where, part in KINDS_AND_SOURCES:
		share += part
		kind += f" when {any_of(100, 3)} < {share} then '{name}'"
		source += f" when {any_of(100, 3)} < {share} then '{from_where}'"
	kind, source = f"{kind} end", f"{source} end"
	before, after, other = (person_of(any_of(PEOPLE, salt)) for salt in (4, 5, 6))
	account = customer_of(any_of(CUSTOMERS, 7))
	by = f"case {kind} when 'Taken Over' then {after} when 'Handed Over' then {before} else {other} end"
	by = f"case when {source} in ('Background Job', 'Untracked') then null else {by} end"
	return {
		**standard("concat(lpad(hex(seq), 16, '0'), 'cafebabe')", moment("{count}"), "'Administrator'"),
		"reference_doctype": "'Customer'",
		"reference_name": account,
		"account_title": f"concat({account}, ' and Sons, Booksellers')",
		"owner_field": "'account_manager'",
		"previous_owner": f"case when {kind} in ('Baseline', 'Assigned') then null else {before} end",
		"new_owner": f"case when {kind} = 'Released' then null else {after} end",
		"changed_by": by,
		"changed_on": moment("{count}"),
		"kind": kind,
		"source": source,
	}


def versions() -> dict[str, str]:
	"""Return how each field of a Version is made: six in ten of customers, one in ten with a changed website."""
	website = '["website","https://before.example","https://after.example"],'
	data = (
		(
			'concat(\'{"added":[],"changed":[\', '
			f"if({any_of(10, 8)} = 0, '{website}', ''), "
			'\'["customer_details","Call before \', seq % 12, \'","Call after \', seq % 12, \'"]],'
			'"removed":[],"row_changed":[]}\')'
		)
		.replace("{", "{{")
		.replace("}", "}}")
	)
	return {
		**standard("lpad(hex(seq), 10, '0')", moment("{count}"), person_of(any_of(PEOPLE, 9))),
		"ref_doctype": f"if({any_of(10, 10)} < 6, 'Customer', 'ToDo')",
		"docname": customer_of(any_of(CUSTOMERS, 11)),
		"data": data,
	}


def insert(doctype: str, count: int, fields: dict[str, str]) -> None:
	"""Insert `count` rows whose fields are made by SQL expressions of the row's number `seq`, from 1 on."""
	import frappe

	columns, values = ", ".join(f"`{field}`" for field in fields), ", ".join(fields.values())
	values = values.format(count=count)
	with without_indexes(f"tab{doctype}"):
		statement = f"insert into `tab{doctype}` ({columns}) select {values} from seq_1_to_{count}"
		seconds = timed(lambda: frappe.db.sql(statement))
		commit()
	print(f"{count:,} rows of {doctype}: {seconds:,.0f} s")


@contextmanager
def without_indexes(table: str) -> Iterator[None]:
	"""Leave the table's secondary indexes for afterwards: making them at once is faster than row by row."""
	import frappe

	indexes: dict[str, list[str]] = {}
	columns = frappe.db.sql(
		"""select index_name, column_name from information_schema.statistics
		where table_schema = database() and table_name = %s and index_name != 'PRIMARY'
		order by index_name, seq_in_index""",
		table,
	)
	for index, column in columns:
		indexes.setdefault(index, []).append(f"`{column}`")
	if indexes:
		frappe.db.sql_ddl(f"alter table `{table}` " + ", ".join(f"drop index `{name}`" for name in indexes))
	yield
	if indexes:
		added = (f"add index `{name}` ({', '.join(names)})" for name, names in indexes.items())
		frappe.db.sql_ddl(f"alter table `{table}` " + ", ".join(added))


def standard(name: str, when: str, by: str) -> dict[str, str]:
	return {"name": name, "creation": when, "modified": when, "owner": by, "modified_by": by}


def moment(count: int | str) -> str:
	"""Spread the rows evenly over the time until now."""
	return f"now(6) - interval floor({DAYS * 86400} * ({count} - seq) / {count}) second"


def any_of(count: int, salt: int) -> str:
	"""Choose a number below `count` that looks like chance and is the same for the same row."""
	return f"(conv(left(md5(concat(seq, '/{salt}')), 12), 16, 10) % {count})"


def person_of(number: str) -> str:
	return f"concat('person.', {number}, '@example.com')"


def customer_of(number: str) -> str:
	return f"concat('Customer ', {number})"


if __name__ == "__main__":
	main()
