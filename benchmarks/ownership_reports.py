"""The first page of the ownership reports, and the form strip, on a company's three years of history:

	python -m benchmarks.ownership_reports --db mariadb [--entries 5000000]

Fills a site to throw away with as many ledger entries and as many Versions, by 200 people about 200,000 customers, and
asks five times for each page. Takes half an hour for five million, and 12 GB of disk.
"""

import json
import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from benchmarks.ground import connected, options

LEDGER = "Account Owner Change"
PEOPLE, CUSTOMERS, DAYS = 200, 200_000, 3 * 365
NOW = datetime.now().replace(microsecond=1)
ALL_TIME = {"from_date": "2000-01-01"}
RUNS = 5
MOST_MILLISECONDS, MOST_MILLISECONDS_OF_STRIP = 300, 30
STANDARD = ("name", "creation", "modified", "owner", "modified_by")
ENTRY = (
	"reference_doctype",
	"reference_name",
	"account_title",
	"owner_field",
	"previous_owner",
	"new_owner",
	"changed_by",
	"changed_on",
	"kind",
	"source",
)
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


def main() -> None:
	parser = options(__doc__)
	parser.add_argument("--entries", type=int, default=5_000_000)
	chosen = parser.parse_args()
	with connected(chosen):
		people = fill(chosen.entries)
		measure(people[0], people[1])


def fill(count: int) -> list[str]:
	"""Fill the site; return the people, the first of whom is a manager."""
	import frappe

	from crm_transparency.ownership import indexes
	from tests.people_and_accounts import make_user

	frappe.flags.in_install = True  # no welcome mails, no notifications
	people = [make_user("Mona", "Sales Manager", "Transparency Manager"), make_user("Ana")]
	people += [f"person.{number}@example.com" for number in range(2, PEOPLE)]
	frappe.flags.in_install = False
	insert("User", ("email", "first_name", "full_name", "enabled"), users(people[2:]))
	insert("Customer", ("customer_name", "account_manager", "customer_type"), customers(people))
	seconds = insert(LEDGER, ENTRY, entries(count, people))
	print(f"{count:,} ledger entries in {seconds:,.0f} s")
	seconds = insert("Version", ("ref_doctype", "docname", "data"), versions(count, people))
	print(f"{count:,} Versions in {seconds:,.0f} s")
	print(f"Indexes in {timed(indexes.add):,.0f} s")
	frappe.db.sql(f"analyze table `tab{LEDGER}`, `tabVersion`")
	return people


def measure(manager: str, rep: str) -> None:
	import frappe

	from crm_transparency.crm_transparency import registry
	from crm_transparency.ownership import strip

	account = customer(4711)
	a_year = {"from_date": str((NOW - timedelta(days=365)).date())}
	pages = {
		"Account Owner Changes": (
			("a manager's first page", manager, {}),
			("a rep's first page", rep, {}),
			("takeovers only", manager, {"kind": "Taken Over"}),
			("one source", manager, {"source": "API"}),
			("one person in any role", manager, {"person": rep}),
			(
				"one account, three years",
				manager,
				{"reference_doctype": "Customer", "reference_name": account, **ALL_TIME},
			),
			("a whole year", manager, a_year),
		),
		"Takeover Patterns": (("a manager's first page", manager, {}), ("a rep's own", rep, {})),
		"Employee Change Log": (
			("somebody else's first page", manager, {"user": rep}),
			("one's own", rep, {"user": rep}),
			("one field", manager, {"user": rep, "document_type": "Customer", "field": "website"}),
			("three years", manager, {"user": rep, **ALL_TIME}),
		),
	}
	for report, cases in pages.items():
		for what, user, filters in cases:
			show(
				f"{report}, {what}",
				MOST_MILLISECONDS,
				user,
				lambda report=report, filters=filters: run(report, filters),
			)
	show("The form strip", MOST_MILLISECONDS_OF_STRIP, rep, lambda: strip.read("Customer", account))
	frappe.db.set_single_value(registry.SETTINGS, "ownership_visible_to", "Managers and people concerned")
	show(
		"Account Owner Changes, a rep's first page if narrowed",
		MOST_MILLISECONDS,
		rep,
		lambda: run("Account Owner Changes", {}),
	)


def run(report: str, filters: dict) -> None:
	from frappe.desk.query_report import run

	run(report, filters=json.dumps(filters))


def show(what: str, most_milliseconds: int, user: str, work: Callable) -> None:
	import frappe

	milliseconds = []
	for _ in range(RUNS):
		frappe.set_user(user)  # forgets what a request would have to find out again
		milliseconds.append(timed(work) * 1000)
	middle, worst = statistics.median(milliseconds), max(milliseconds)
	verdict = "" if middle <= most_milliseconds else f", over {most_milliseconds} ms"
	print(f"{what}: {middle:.0f} ms (worst of {RUNS}: {worst:.0f} ms{verdict})")
	frappe.set_user("Administrator")


def timed(work: Callable) -> float:
	start = time.perf_counter()
	work()
	return time.perf_counter() - start


def insert(doctype: str, fields: tuple[str, ...], rows: Iterator[tuple]) -> float:
	import frappe

	seconds = timed(lambda: frappe.db.bulk_insert(doctype, (*STANDARD, *fields), rows, chunk_size=5000))
	frappe.db.commit()
	return seconds


def users(people: list[str]) -> Iterator[tuple]:
	for person in people:
		name = person.split("@")[0].replace(".", " ").title()
		yield (*standard(person, datetime.now(), person), person, name, name, 1)


def customers(people: list[str]) -> Iterator[tuple]:
	choose = random.Random(1)
	for number in range(CUSTOMERS):
		by, name = choose.choice(people), customer(number)
		yield (*standard(name, moment(number, CUSTOMERS), by), name, choose.choice(people), "Company")


def entries(count: int, people: list[str]) -> Iterator[tuple]:
	"""Yield entries as the ledger would have them, evenly over three years."""
	choose = random.Random(2)
	sorts = [(kind, source) for kind, source, _share in KINDS_AND_SOURCES]
	shares = [share for _kind, _source, share in KINDS_AND_SOURCES]
	for number, (kind, source) in enumerate(choose.choices(sorts, shares, k=count)):
		when, account = moment(number, count), customer(choose.randrange(CUSTOMERS))
		before, after, other = choose.choice(people), choose.choice(people), choose.choice(people)
		by = {"Taken Over": after, "Handed Over": before}.get(kind, other)
		before = None if kind in ("Baseline", "Assigned") else before
		after = None if kind == "Released" else after
		by = None if kind == "Baseline" or source == "Untracked" else by
		name = f"{int(when.timestamp() * 1e9):016x}{number % 2**32:08x}"
		what = ("Customer", account, f"{account} and Sons, Booksellers", "account_manager")
		yield (*standard(name, when, by or "Administrator"), *what, before, after, by, when, kind, source)


def versions(count: int, people: list[str]) -> Iterator[tuple]:
	"""Yield Versions, six in ten of customers, each with a changed field or two."""
	choose = random.Random(3)
	for number in range(count):
		by, name = choose.choice(people), f"{number:010x}"
		doctype = "Customer" if choose.random() < 0.6 else "ToDo"
		document = customer(choose.randrange(CUSTOMERS))
		changed = [["customer_details", f"Call before {number % 12}", f"Call after {number % 12}"]]
		if number % 10 == 0:
			changed.append(["website", "https://before.example", "https://after.example"])
		data = json.dumps(
			{"added": [], "changed": changed, "removed": [], "row_changed": []}, separators=(",", ":")
		)
		yield (*standard(name, moment(number, count), by), doctype, document, data)


def standard(name: str, when: datetime, by: str) -> tuple:
	return (name, when, when, by, by)


def moment(number: int, count: int) -> datetime:
	"""Spread `count` moments evenly over the time until now."""
	return NOW - timedelta(days=DAYS) * ((count - number) / count)


def customer(number: int) -> str:
	return f"Customer {number:06}"


if __name__ == "__main__":
	main()
