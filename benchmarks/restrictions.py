"""What restrictions cost: the first page of a list of a million customers, for people with and without them.

	python -m benchmarks.restrictions --db mariadb [--customers 1000000]

Fills a site to throw away. Each round asks for the first page as a person with three restrictions, as one without any, and
as the same person with our hooks taken out, in turns: what counts is the ratio within the run. The bound is 1.3.
"""

import secrets
import statistics
import time

from benchmarks.ground import commit, connected, options

ROUNDS = 60
MOST = 1.3
PAGE = 20
#: of a hundred customers, so many are hidden by each restriction
HIDDEN = (("territory", "Secret North", 1), ("customer_group", "Secret Group", 2), ("tax_id", "SECRET", 3))
COLUMNS = ["name", "customer_name", "customer_group", "territory", "account_manager", "modified"]


def main() -> None:
	parser = options(__doc__)
	parser.add_argument("--customers", type=int, default=1_000_000)
	chosen = parser.parse_args()
	with connected(chosen):
		restricted, free = people()
		fill(chosen.customers)
		restrict(restricted)
		measure(restricted, free)


def people() -> tuple[str, str]:
	from tests.people_and_accounts import make_user

	roles = ("Sales User", "Sales Manager")
	return make_user("Ana", *roles), make_user("Ben", *roles)


def fill(count: int) -> None:
	import frappe
	from frappe.utils import add_to_date, now_datetime

	from crm_transparency.crm_transparency.database import insert_rows, inserted

	start = time.perf_counter()
	now = now_datetime()
	columns = ("name", "customer_name", "customer_type", "territory", "customer_group", "tax_id")
	standard = inserted("Administrator", now)
	for first in range(0, count, 10_000):
		rows = []
		for number in range(first, min(first + 10_000, count)):
			part = number % 100
			hidden = {field: value for field, value, share in HIDDEN if part == share}
			values = {
				"name": f"CUST-{number:07d}",
				"customer_name": f"Customer {number}",
				"customer_type": "Company",
				"territory": hidden.get("territory", "Germany"),
				"customer_group": hidden.get("customer_group", "Commercial"),
				"tax_id": hidden.get("tax_id", f"DE{number}"),
			}
			moment = add_to_date(now, seconds=-number, as_datetime=True)
			rows.append((*values.values(), *{**standard, "modified": moment, "creation": moment}.values()))
		insert_rows("Customer", (*columns, *standard), rows)
		commit()
	if frappe.db.db_type == "mariadb":
		frappe.db.sql("analyze table `tabCustomer`")
	print(f"{count:,} customers in {time.perf_counter() - start:,.0f} s", flush=True)


def restrict(user: str) -> None:
	import frappe
	from frappe.utils import add_months, nowdate

	from crm_transparency import frappe_patches
	from crm_transparency.restrictions import in_force, register

	frappe_patches.install()
	for field, value, _share in HIDDEN:
		frappe.get_doc(
			doctype="Access Restriction",
			name=secrets.token_hex(5),
			document_type="Customer",
			restriction_kind="Hide Records",
			record_filter=frappe.as_json([["Customer", field, "=", value]]),
			applies_to="User",
			user=user,
			status="Active",
			reason="To be measured, as nobody has a better reason here.",
			reason_category="Contract",
			business_owner="Administrator",
			review_by=add_months(nowdate(), 6),
		).db_insert()
	register.forget()
	commit()
	assert len(in_force(user)) == len(HIDDEN)


def measure(restricted: str, free: str) -> None:
	pages = {
		"first page": lambda: page(),
		"tenth page": lambda: page(start=9 * PAGE),
		"sorted by creation": lambda: page(order_by="creation desc"),
		"contacts": lambda: page("Contact", ["name", "modified"]),
	}
	for what, ask in pages.items():
		seconds = {"three restrictions": [], "none": [], "without the app's hooks": []}
		for _ in range(ROUNDS):
			seconds["three restrictions"].append(timed(restricted, ask))
			seconds["none"].append(timed(free, ask))
			with hooks_taken_out():
				seconds["without the app's hooks"].append(timed(free, ask))
		typical = {who: statistics.median(times) for who, times in seconds.items()}
		print(f"{what}: " + ", ".join(f"{who} {time * 1000:.2f} ms" for who, time in typical.items()))
		for who in ("three restrictions", "none"):
			ratio = typical[who] / typical["without the app's hooks"]
			print(f"  {who}: {ratio:.2f} times{'' if ratio <= MOST else f', MORE than {MOST}'}", flush=True)


def page(
	doctype: str = "Customer", fields: list[str] = COLUMNS, start: int = 0, order_by: str = "modified desc"
):
	import frappe

	return frappe.get_list(doctype, fields=fields, order_by=order_by, start=start, page_length=PAGE)


def timed(user: str, ask) -> float:
	"""Return how long a request's first list takes: what a request keeps is empty before, what the site keeps isn't."""
	import frappe

	frappe.set_user(user)
	frappe.local.cache = {}
	frappe.get_roles(user)
	start = time.perf_counter()
	ask()
	seconds = time.perf_counter() - start
	frappe.set_user("Administrator")
	return seconds


class hooks_taken_out:
	"""Leave our wildcard hooks out, as if the app weren't there."""

	def __enter__(self):
		import frappe

		self.get_hooks = frappe.get_hooks

		def others(hook=None, *args, **kwargs):
			found = self.get_hooks(hook, *args, **kwargs)
			is_ours = hook in ("permission_query_conditions", "has_permission")
			return {key: value for key, value in found.items() if key != "*"} if is_ours else found

		frappe.get_hooks = others

	def __exit__(self, *_error):
		import frappe

		frappe.get_hooks = self.get_hooks


if __name__ == "__main__":
	main()
