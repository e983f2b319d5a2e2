"""What it costs to see before anything changes: `python -m benchmarks.opening [--db mariadb | --bench PATH --site NAME]`.

200 people, each third with User Permissions on territories of their own, and 10 document types; what each person can't
see today and then, and the nightly check. Customers are multiplied to see what the database's counting adds.
"""

import time

from benchmarks.ground import connected, options

PEOPLE = 200
DOCTYPES = 10
TERRITORIES = 20
CUSTOMERS = 100_000


def main() -> None:
	with connected(options(__doc__).parse_args()):
		import frappe

		users = make_people()
		for customers in (0, CUSTOMERS):
			multiply_customers(customers)
			measure(len(users))
		frappe.db.rollback()


def make_people() -> list[str]:
	import frappe

	from tests.openness.permissions_setup import limit, make_territory
	from tests.people_and_accounts import make_user

	frappe.local.conf.throttle_user_limit = 10 * PEOPLE  # or else Frappe refuses to make so many users
	territories = [make_territory(f"Territory {number}") for number in range(TERRITORIES)]
	users = [make_user(f"Person{number}") for number in range(PEOPLE)]
	for number, user in enumerate(users):
		if number % 3 == 0:
			limit(user, "Territory", territories[number % TERRITORIES])
	return users


def multiply_customers(wanted: int) -> None:
	import frappe

	from tests.people_and_accounts import make_customer

	if not wanted:
		return
	row = make_customer().get_valid_dict()
	columns = [column for column, value in row.items() if value is not None]
	rows = (
		[f"Customer {number}" if column == "name" else row[column] for column in columns]
		for number in range(wanted)
	)
	frappe.db.bulk_insert("Customer", columns, rows, chunk_size=1000)


def measure(people: int) -> None:
	import frappe

	from crm_transparency.openness import access_guard, open_doctypes, opening_preview, openness_changes

	doctypes = [
		choice["doctype"]
		for choice in open_doctypes.choices(set())
		if choice["doctype"] not in open_doctypes.LISTED_IN_PART
	][:DOCTYPES]
	print(f"\n{people} people, {len(doctypes)} document types, {frappe.db.count('Customer'):,} customers")
	start, done, of, calls = time.perf_counter(), 0, 1, 0
	while done < of:
		view = opening_preview.people(doctypes, done)
		done, of, calls = view["done"], view["of"], calls + 1
	seconds = time.perf_counter() - start
	print(f"What each person can't see, today and then: {seconds:.1f} s in {calls} calls")
	decision = openness_changes.Decision(
		business_owner="Administrator", reason="Everybody can help every customer"
	)
	start = time.perf_counter()
	change = openness_changes.open_up(doctypes, decision)
	print(f"Opening up: {time.perf_counter() - start:.1f} s")
	start = time.perf_counter()
	access_guard.check()
	print(f"The nightly check: {time.perf_counter() - start:.1f} s")
	start = time.perf_counter()
	openness_changes.undo(change)
	print(f"Undoing: {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
	main()
