"""Who exported this record? Asked of a company that exports a lot, and how much room its manifests take:

	python -m benchmarks.manifest_search --db mariadb [--exports 10000]

Fills a site to throw away with exports of a company's 200,000 customers, three in ten of them of 10,000 to 100,000 records,
and searches for customers that are in very many of them, in some, and in none. Filling takes some minutes.
"""

import random
import secrets
import statistics
import time
from collections.abc import Callable

from benchmarks.ground import commit, connected, options

CUSTOMERS = 200_000
MOST_MILLISECONDS = 200
MOST_BYTES = 1_000_000
RUNS = 20
#: how many records an export holds, and how many in a hundred exports are like that
SIZES = ((20, 40), (1_000, 30), (10_000, 25), (40_000, 4), (100_000, 1))
WORDS = (
	"Harbour Lighthouse Quay Canal North South Star Global Alpine Delta Omega Nova Prime Green Blue Red River Stone Iron "
	"Gold Silver Urban Royal Grand First United Allied Pacific Atlantic Central Eastern Western Northern"
).split()
TRADES = (
	"Books Print Bakery Motors Foods Textiles Media Labs Systems Solutions Partners Holdings Trading Logistics Energy "
	"Pharma Insurance Consulting Design Studio Works"
).split()
FORMS = ("GmbH", "Ltd", "LLC", "Inc.", "S.A.", "AG", "Pvt Ltd", "and Sons", "Co. KG", "SARL", "BV")


def main() -> None:
	parser = options(__doc__)
	parser.add_argument("--exports", type=int, default=10_000)
	chosen = parser.parse_args()
	with connected(chosen):
		weigh("hash names", [secrets.token_hex(5) for _ in range(100_000)])
		weigh("company names", company_names(100_000))
		customers = [f"CUST-{number:06d}" for number in range(CUSTOMERS)]
		fill(customers, chosen.exports)
		search(customers)


def company_names(count: int) -> list[str]:
	chance = random.Random(1)
	names = set()
	while len(names) < count:
		words = [*chance.sample(WORDS, 2), chance.choice(TRADES), chance.choice(FORMS)]
		names.add(" ".join(words) + chance.choice(("", f" {chance.randrange(100)}")))
	return list(names)


def weigh(what: str, names: list[str]) -> None:
	import frappe

	entry, seconds = timed(lambda: export(names))
	size = len(frappe.db.get_value("Export Manifest", entry.name, "records"))
	verdict = "" if size < MOST_BYTES else f", MORE than {MOST_BYTES:,}"
	print(
		f"Manifest of 100,000 {what}: {size:,} bytes, {seconds * 1000:.0f} ms to write{verdict}", flush=True
	)
	frappe.db.rollback()


def fill(customers: list[str], count: int) -> None:

	from crm_transparency.export_audit import manifest_index

	chance = random.Random(2)
	sizes = [size for size, share in SIZES for _ in range(share)]
	chance.shuffle(sizes)
	records = 0
	start = time.perf_counter()
	for number in range(count):
		size = sizes[number % len(sizes)]
		first = chance.randrange(CUSTOMERS - size)
		# half of them in a row, as filters find them, half of them picked from everywhere
		some = customers[first : first + size] if number % 2 else chance.sample(customers, size)
		export(some)
		records += size
		if number % 50 == 49:
			commit()
	commit()
	print(
		f"{count:,} exports of {records:,} records: {time.perf_counter() - start:,.0f} s to record",
		flush=True,
	)
	_indexed, seconds = timed(manifest_index.index_new_manifests)
	print(f"Indexed in {seconds:,.0f} s; in the database: {megabytes()}", flush=True)


def megabytes() -> str:
	import frappe

	tables = ("Export Log", "Export Manifest", "Export Manifest Block", "Exported Record")
	if frappe.db.db_type != "mariadb":
		return "not measured"
	frappe.db.sql(
		"analyze table `tabExport Log`, `tabExport Manifest`, `tabExport Manifest Block`, `tabExported Record`"
	)
	sizes = dict(
		frappe.db.sql(
			"select table_name, (data_length + index_length) / 1e6 from information_schema.tables where table_schema = database()"
		)
	)
	return ", ".join(f"{doctype} {sizes[f'tab{doctype}']:,.0f} MB" for doctype in tables)


def search(customers: list[str]) -> None:
	import frappe

	from crm_transparency.export_audit import manifest_index
	from crm_transparency.export_audit.report.who_exported_this_record import who_exported_this_record

	middle = customers[CUSTOMERS // 2]
	for what, name in (
		("a customer in the middle", middle),
		("the first customer", customers[0]),
		("none", "?"),
	):
		found = len(manifest_index.exports_of("Customer", name))
		show(
			f"exports_of, {what}, in {found:,} exports",
			lambda name=name: manifest_index.exports_of("Customer", name),
		)
		filters = {"reference_doctype": "Customer", "reference_name": name}
		show(
			f"the report, {what}",
			lambda filters=filters: who_exported_this_record.execute(frappe._dict(filters)),
		)
	for _ in range(3):
		export(customers[:100_000])
	show(
		"exports_of, with three new exports of 100,000 that aren't indexed yet",
		lambda: manifest_index.exports_of("Customer", middle),
	)


def export(names: list[str]):
	from crm_transparency.export_audit import exports

	return exports.record(
		exports.Export(
			exports.LIST_EXPORT,
			doctype="Customer",
			row_count=len(names),
			records=[("Customer", name) for name in names],
		)
	)


def show(what: str, work: Callable) -> None:
	milliseconds = [timed(work)[1] * 1000 for _ in range(RUNS)]
	middle = statistics.median(milliseconds)
	verdict = "" if middle <= MOST_MILLISECONDS else f", MORE than {MOST_MILLISECONDS} ms"
	print(
		f"{what}: {middle:.0f} ms ({min(milliseconds):.0f} to {max(milliseconds):.0f}){verdict}", flush=True
	)


def timed(work: Callable) -> tuple[object, float]:
	start = time.perf_counter()
	result = work()
	return result, time.perf_counter() - start


if __name__ == "__main__":
	main()
