"""How long the nightly comparison takes: `python -m benchmarks.reconciliation [--db mariadb] [--accounts N]`.

First the baseline that installing writes for every account, then the nightly run that finds one silent change in a
hundred, then one that finds nothing. Commits what it does: on a bench, name a site to throw away.
"""

from benchmarks.account_transfer import customers, peak_megabytes, timed
from benchmarks.ground import connected, options

SECONDS_ALLOWED_PER_MILLION = 90
SILENT_CHANGES = 0.01


def main() -> None:
	parser = options(__doc__)
	parser.add_argument("--accounts", type=int, default=1_000_000)
	chosen = parser.parse_args()
	with connected(chosen):
		import frappe

		names, _ana, ben = customers(chosen.accounts)
		print(f"{chosen.accounts:,} accounts; {peak_megabytes():.0f} MB")
		report("Baseline", chosen.accounts)
		silently_changed = names[:: round(1 / SILENT_CHANGES)]
		table = frappe.qb.DocType("Customer")
		for start in range(0, len(silently_changed), 1000):
			chunk = silently_changed[start : start + 1000]
			frappe.qb.update(table).set(table.account_manager, ben).where(table.name.isin(chunk)).run()
		frappe.db.commit()
		report("One silent change in a hundred", len(silently_changed))
		report("Nothing to find", 0)


def report(title: str, expected: int) -> None:
	from crm_transparency.ownership import reconciliation

	written = []
	seconds = timed(lambda: written.append(reconciliation.reconcile("Customer")))
	assert written[0] >= expected, (written[0], expected)
	print(
		f"{title}: {written[0]:,} entries in {seconds:.1f} s "
		f"(at most {SECONDS_ALLOWED_PER_MILLION} for a million accounts); peak memory {peak_megabytes():.0f} MB"
	)


if __name__ == "__main__":
	main()
