"""What recording costs those who export and read: `python -m benchmarks.exporting [--db mariadb | --bench PATH --site NAME]`.

Each request is made with the export audit and without it by turns, in one process, through Frappe's whole application.
With `--without-app SITE`, another site of the same bench that doesn't have the app, the two sites are asked by turns
instead, each by a process of its own: what the whole app costs.

The figures are medians: of the time that passes until the answer is complete, and of the processor's time that the process
takes, what it does after the answer included, which other work on the machine disturbs less.
Commits what it makes: on a bench, name sites to throw away.
"""

import argparse
import json
import secrets
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from benchmarks.ground import commit, connected, options
from tests.grounds.bench import Bench

CUSTOMERS = 50_000
OURS = "crm_transparency.export_audit."
HOOKS = ("before_request", "after_request")
FIELDS = ["name", "customer_name", "customer_type", "customer_group", "territory", "account_manager"]
READY = "ready\n"
READ = "/api/resource/Customer"


def main() -> None:
	parser = options(__doc__)
	parser.add_argument("--customers", type=int, default=CUSTOMERS)
	parser.add_argument(
		"--turns", type=int, default=9, help="of each export; reads are made 20 times as often"
	)
	parser.add_argument("--without-app", metavar="SITE", help="compare with this site of the same bench")
	parser.add_argument("--answering", action="store_true", help=argparse.SUPPRESS)
	chosen = parser.parse_args()
	if chosen.answering:
		answer(chosen)
	elif chosen.without_app:
		compare_sites(chosen)
	else:
		compare_in_one_process(chosen)


def compare_in_one_process(chosen: argparse.Namespace) -> None:
	with connected(chosen) as ground:
		key = prepare(chosen.customers)
		for what, send, turns in requests(chosen, application(chosen.site, key)):
			timed(send)
			taken: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
			for turn in range(2 * turns):
				with_audit = turn % 2 == 0
				with audit(with_audit):
					taken[with_audit].append(timed(send))
			report(what, taken[True], taken[False])
		ground.connect()


def compare_sites(chosen: argparse.Namespace) -> None:
	sites = {True: answering(chosen, chosen.site), False: answering(chosen, chosen.without_app)}
	try:
		for number, (what, _send, turns) in enumerate(requests(chosen, lambda *args, **data: None)):
			taken: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
			for turn in range(2 * turns):
				with_app = turn % 2 == 0
				print(number, file=sites[with_app].stdin, flush=True)
				taken[with_app].append(tuple(json.loads(sites[with_app].stdout.readline())))
			# the first of each fills the site's caches
			report(what, taken[True][1:], taken[False][1:])
	finally:
		for process in sites.values():
			process.stdin.close()
			process.wait()


def answering(chosen: argparse.Namespace, site: str) -> subprocess.Popen:
	"""Start a process that makes the requests it is told to on a site, and says how long they took."""
	command = [sys.executable, "-m", "benchmarks.exporting", "--answering", "--bench", chosen.bench]
	command += ["--site", site, "--customers", str(chosen.customers)]
	# This very script, started by whoever runs the benchmark; no user of a site can reach it.
	process = subprocess.Popen(  # nosemgrep: frappe-subprocess-exec
		command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
	)
	assert process.stdout.readline() == READY, f"The process for {site} didn't start."
	return process


def answer(chosen: argparse.Namespace) -> None:
	bench = Bench(chosen.bench, chosen.site)
	bench.prepare()
	bench.connect()
	key = prepare(chosen.customers)
	bench.disconnect()
	sending = [send for _what, send, _turns in requests(chosen, application(chosen.site, key))]
	print(READY, end="", flush=True)
	for line in sys.stdin:
		print(json.dumps(timed(sending[int(line)])), flush=True)


def requests(chosen: argparse.Namespace, request: Callable) -> Iterator[tuple[str, Callable, int]]:
	"""Yield what is measured: what it is called, what makes the request, and how often."""
	for file_format in ("CSV", "Excel"):
		what = f"Export of {chosen.customers:,} customers to {file_format}"
		yield what, partial(export, request, file_format), chosen.turns
	yield "List view of 20", lambda: list_view(request), chosen.turns * 20
	for rows in (499, 500):
		for what, fields in (("names only", ""), ("all fields", '&fields=["*"]')):
			path = f"{READ}?limit_page_length={rows}{fields}"
			yield f"GET of {rows} customers, {what}", partial(get, request, path), chosen.turns * 20


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
	commit()
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


def export(request: Callable, file_format: str):
	form = {
		"fields": json.dumps([f"`tabCustomer`.`{field}`" for field in FIELDS]),
		"filters": "[]",
		"title": "Customer",
	}
	path = "/api/method/frappe.desk.reportview.export_query"
	return request("POST", path, doctype="Customer", file_format_type=file_format, **form)


def list_view(request: Callable):
	form = {
		"fields": json.dumps([f"`tabCustomer`.`{field}`" for field in FIELDS]),
		"filters": "[]",
		"page_length": "20",
	}
	return request("POST", "/api/method/frappe.desk.reportview.get", doctype="Customer", start="0", **form)


def get(request: Callable, path: str):
	return request("GET", path)


def timed(send: Callable) -> tuple[float, float]:
	"""Return how many seconds passed until the answer, and for how many the processor worked until all was done."""
	began, worked = time.perf_counter(), time.process_time()
	response = send()
	content = response.get_data()
	answered = time.perf_counter() - began
	response.close()
	worked = time.process_time() - worked
	assert response.status_code == 200, content[:500]
	return answered, worked


def report(what: str, with_it: list[tuple[float, float]], without_it: list[tuple[float, float]]) -> None:
	for kind, place in (("time", 0), ("processor", 1)):
		pairs = [(a[place], b[place]) for a, b in zip(with_it, without_it, strict=True)]
		without = statistics.median(b for _a, b in pairs)
		measured = statistics.median(a for a, _b in pairs)
		more = statistics.median(a - b for a, b in pairs)
		print(
			f"{what}, {kind}: {without * 1000:,.1f} ms without, {measured * 1000:,.1f} ms with, "
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
