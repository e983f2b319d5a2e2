"""What recording costs those who export and read: `python -m benchmarks.exporting [--db mariadb | --bench PATH --site NAME]`.

Each request is made with the export audit and without it by turns, in one process, through Frappe's whole application;
the figures are medians: of the time that passes, and of the processor's time that this process takes, which other work
on the machine disturbs less. Commits what it makes: on a bench, name a site to throw away.
"""

import json
import secrets
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from benchmarks.ground import connected, options

CUSTOMERS = 50_000
OURS = "crm_transparency.export_audit."
HOOKS = ("before_request", "after_request")
FIELDS = ["name", "customer_name", "customer_type", "customer_group", "territory", "account_manager"]
READ = "/api/resource/Customer?limit_page_length=500"


def main() -> None:
	parser = options(__doc__)
	parser.add_argument("--customers", type=int, default=CUSTOMERS)
	parser.add_argument(
		"--turns", type=int, default=9, help="of each export; reads are made 20 times as often"
	)
	chosen = parser.parse_args()
	with connected(chosen) as ground:
		key = prepare(chosen.customers)
		request = application(chosen.site, key)
		for file_format in ("CSV", "Excel"):
			exporting = partial(export, request, file_format)
			compare(f"Export of {chosen.customers:,} customers to {file_format}", exporting, chosen.turns)
		compare("List view of 20", lambda: list_view(request), chosen.turns * 20)
		all_fields = f'{READ}&fields=["*"]'
		compare("GET of 500 customers, names only", lambda: checked(request("GET", READ)), chosen.turns * 20)
		compare(
			"GET of 500 customers, all fields", lambda: checked(request("GET", all_fields)), chosen.turns * 20
		)
		ground.connect()


def prepare(customers: int) -> str:
	"""Make customers and a user who may export them; return what the user signs in with."""
	import frappe

	from tests.people_and_accounts import first_leaf, make_user

	there = frappe.db.count("Customer")
	moment, group, territory = frappe.utils.now(), first_leaf("Customer Group"), first_leaf("Territory")
	columns = ["name", "creation", "modified", "owner", "modified_by", "docstatus", *FIELDS[1:5]]
	rows = (
		(
			f"{secrets.token_hex(5)}",
			moment,
			moment,
			"Administrator",
			"Administrator",
			0,
			f"Customer {number}",
			"Company",
			group,
			territory,
		)
		for number in range(there, customers)
	)
	frappe.db.bulk_insert("Customer", columns, rows, chunk_size=1000)
	user = frappe.get_doc("User", make_user("Ana", "System Manager", "Sales Manager", "Sales Master Manager"))
	user.api_key, user.api_secret = frappe.generate_hash(length=15), frappe.generate_hash(length=15)
	secret = user.api_secret
	user.save()
	frappe.db.commit()
	return f"token {user.api_key}:{secret}"


def application(site: str | None, key: str) -> Callable:
	"""Return a function that sends a request through Frappe's application, as a web server does."""
	import frappe.app
	from werkzeug.test import Client

	if site:
		frappe.app._site = site
	client = Client(frappe.app.application)

	def request(method: str, path: str, **data):
		return client.open(path, method=method, data=data or None, headers={"Authorization": key})

	return request


def export(request: Callable, file_format: str) -> None:
	form = {
		"fields": json.dumps([f"`tabCustomer`.`{field}`" for field in FIELDS]),
		"filters": "[]",
		"title": "Customer",
	}
	path = "/api/method/frappe.desk.reportview.export_query"
	checked(request("POST", path, doctype="Customer", file_format_type=file_format, **form))


def list_view(request: Callable) -> None:
	form = {
		"fields": json.dumps([f"`tabCustomer`.`{field}`" for field in FIELDS]),
		"filters": "[]",
		"page_length": "20",
	}
	checked(request("POST", "/api/method/frappe.desk.reportview.get", doctype="Customer", start="0", **form))


def checked(response) -> None:
	assert response.status_code == 200, response.get_data(as_text=True)[:500]
	response.get_data()
	response.close()


def compare(what: str, send: Callable[[], None], turns: int) -> None:
	send()
	taken: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
	for turn in range(2 * turns):
		with_audit = turn % 2 == 0
		with audit(with_audit):
			passed, worked = time.perf_counter(), time.process_time()
			send()
			taken[with_audit].append((time.perf_counter() - passed, time.process_time() - worked))
	for kind, place in (("time", 0), ("processor", 1)):
		report(
			f"{what}, {kind}", [each[place] for each in taken[True]], [each[place] for each in taken[False]]
		)


def report(what: str, with_audit: list[float], without_it: list[float]) -> None:
	without, measured = statistics.median(without_it), statistics.median(with_audit)
	more = statistics.median(a - b for a, b in zip(with_audit, without_it, strict=True))
	print(
		f"{what}: {without * 1000:,.1f} ms without, {measured * 1000:,.1f} ms with, "
		f"{more * 1000:+.2f} ms, {more / without:+.1%}",
		flush=True,
	)


@contextmanager
def audit(is_on: bool) -> Iterator[None]:
	"""Take the export audit's hooks away, as if the app weren't installed."""
	import frappe

	if is_on:
		yield
		return
	get_hooks = frappe.get_hooks

	def without_ours(hook=None, *args, **kwargs):
		hooks = get_hooks(hook, *args, **kwargs)
		return [each for each in hooks if not each.startswith(OURS)] if hook in HOOKS else hooks

	frappe.get_hooks = without_ours
	try:
		yield
	finally:
		frappe.get_hooks = get_hooks


if __name__ == "__main__":
	main()
