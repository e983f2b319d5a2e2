"""What recording costs a save: `python -m benchmarks.saving [--db mariadb | --bench PATH --site NAME]`.

Every figure is a ratio within one run: the time our handler takes inside a save, against the rest of that save.
"""

import statistics
import time
import timeit
from unittest.mock import patch

from benchmarks.ground import connected, options

SAVES = 300
LOOKUPS = 10_000


def main() -> None:
	with connected(options(__doc__).parse_args()):
		import frappe

		from tests.people_and_accounts import make_customer, make_user

		todo = frappe.get_doc(doctype="ToDo", description="An untracked document").insert()
		print(f"An untracked document costs {microseconds_per_untracked_document(todo):.2f} µs (at most 5)")

		owners = [make_user("Ana"), make_user("Ben")]
		customer = make_customer(account_manager=owners[0])
		unchanged = share_of_save(customer, lambda turn: customer.set("website", f"https://{turn}.example"))
		print(f"A tracked one without a change of owner costs {unchanged:.2%} of its save (at most 1 %)")
		changed = share_of_save(customer, lambda turn: customer.set("account_manager", owners[turn % 2]))
		print(f"A tracked one with a change of owner costs {changed:.2%} of its save (at most 15 %)")
		frappe.db.rollback()


def microseconds_per_untracked_document(document) -> float:
	from crm_transparency.ownership.overrides.account import on_change

	on_change(document)
	fastest = min(timeit.repeat(lambda: on_change(document), number=LOOKUPS, repeat=10))
	return fastest / LOOKUPS * 1e6


def share_of_save(document, change) -> float:
	"""Return the median share of the handler's time in the time of the rest of the save."""
	from crm_transparency.ownership import changes

	record, inside = changes.record, []

	def timed_record(doc):
		start = time.perf_counter()
		try:
			return record(doc)
		finally:
			if doc is document:
				inside.append(time.perf_counter() - start)

	shares = []
	with patch.object(changes, "record", timed_record):
		for turn in range(1, SAVES + 1):
			change(turn)
			inside.clear()
			start = time.perf_counter()
			document.save()
			whole = time.perf_counter() - start
			shares.append(sum(inside) / (whole - sum(inside)))
	return statistics.median(shares)


if __name__ == "__main__":
	main()
