"""What seeing openness costs: `python -m benchmarks.seeing [--db mariadb | --bench PATH --site NAME]`.

200 people, each third with User Permissions on territories of their own, and the tracked document types: the daily count
with the complexity of the rules, opening the report, and asking who can see one customer.
"""

import time

from benchmarks.ground import connected, options
from benchmarks.opening import make_people


def main() -> None:
	with connected(options(__doc__).parse_args()):
		import frappe

		from tests.people_and_accounts import make_customer

		people, customer = len(make_people()), make_customer()
		measure(people, customer)
		frappe.db.rollback()


def measure(people: int, customer) -> None:
	from crm_transparency.crm_transparency import registry
	from crm_transparency.openness import access_answers, openness_figures, simpler_rules
	from crm_transparency.openness.report.openness_report import openness_report

	print(f"\n{people} people, {len(registry.tracked_doctypes())} document types")
	for what, function in (
		("Counting what everybody can read", openness_figures.count_everybody),
		("Working out the simplest equivalent rules", simpler_rules.complexity),
		("The daily snapshot, with both", openness_figures.take_snapshot),
		("Opening the report, by person", lambda: openness_report.execute({"view": "By person"})),
		("Opening the report, by role", lambda: openness_report.execute({"view": "By role"})),
		("Who can see this customer", lambda: access_answers.who_can_see("Customer", customer.name)),
	):
		start = time.perf_counter()
		function()
		print(f"{what}: {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
	main()
