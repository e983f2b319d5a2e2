"""What ringers cost those who work with contacts: `python -m benchmarks.ringers [--db mariadb | --bench PATH --site NAME]`.

Rolls everything back.
"""

import statistics
import time
from collections.abc import Callable

from benchmarks.ground import connected, options


def main() -> None:
	parser = options(__doc__)
	parser.add_argument("--ringers", type=int, default=500)
	parser.add_argument("--turns", type=int, default=200)
	chosen = parser.parse_args()
	with connected(chosen):
		measure(chosen.ringers, chosen.turns)


def measure(ringers: int, turns: int) -> None:
	import frappe

	from crm_transparency.ringers import identities, record_changes, ringer_coverage

	for number in range(ringers):
		contact = frappe.get_doc(doctype="Contact", first_name=f"Benchmark {number}").insert()
		frappe.get_doc(
			doctype="Ringer",
			status="Planted",
			contact=contact.name,
			email=f"person{number}@quiet-harbour.example",
			phone=f"+44 7700 {900000 + number}",
		).insert()
	numbers = range(1000)
	report(
		"look-up of an address",
		[seconds(lambda n=n: identities.by_email(f"person{n}@quiet-harbour.example")) for n in numbers],
	)
	report(
		"what stays out of figures",
		[seconds(lambda: identities.left_out_of_figures("Contact")) for _turn in range(5)],
	)
	report("coverage plan", [seconds(ringer_coverage.overview) for _turn in range(3)])
	report("the first comparison", [seconds(record_changes.find_changes)])
	report(
		"comparing when nothing happened", [seconds(record_changes.find_changes) for _turn in range(turns)]
	)
	frappe.db.rollback()


def seconds(act: Callable) -> float:
	begun = time.perf_counter()
	act()
	return time.perf_counter() - begun


def report(what: str, found: list[float]) -> None:
	print(f"{what}: {statistics.median(found) * 1000:.2f} ms")


if __name__ == "__main__":
	main()
