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

	from crm_transparency.ringers import figures, identities, journal
	from crm_transparency.ringers.coverage import plan
	from crm_transparency.ringers.overrides import record

	contact = frappe.get_doc(doctype="Contact", first_name="Benchmark", status="Passive").insert()
	for number in range(ringers):
		frappe.get_doc(
			doctype="Ringer",
			status="Planted",
			contact=f"Contact {number}",
			email=f"person{number}@quiet-harbour.example",
			phone=f"+44 7700 {900000 + number}",
		).insert()
	edited(contact)
	report("saving a contact, all in all", [seconds(lambda: edited(contact)) for _turn in range(turns)])
	report(
		"… of which for the journal", [seconds(lambda: record.on_update(contact)) for _turn in range(turns)]
	)
	numbers = range(1000)
	report(
		"look-up of an address",
		[seconds(lambda n=n: identities.by_email(f"person{n}@quiet-harbour.example")) for n in numbers],
	)
	report("what stays out of figures", [seconds(lambda: figures.left_out("Contact")) for _turn in range(5)])
	report("coverage plan", [seconds(plan.overview) for _turn in range(3)])
	report(f"the morning's journal of {2 * turns + 1} changes", [seconds(journal.work_through)])
	frappe.db.rollback()


def edited(contact) -> None:
	contact.designation = "B" if contact.designation == "A" else "A"
	contact.save()


def seconds(act: Callable) -> float:
	begun = time.perf_counter()
	act()
	return time.perf_counter() - begun


def report(what: str, found: list[float]) -> None:
	print(f"{what}: {statistics.median(found) * 1000:.2f} ms")


if __name__ == "__main__":
	main()
