"""How long the nightly comparison takes: `python -m benchmarks.reconciliation [--db mariadb] [--accounts N]`.

First the baseline that installing writes for every account, then the nightly run that finds one silent change in a
hundred, then one that finds nothing. Commits what it does: on a bench, name a site to throw away.
"""

from benchmarks.account_transfer import customers, peak_megabytes, timed
from benchmarks.ground import commit, connected, options

SECONDS_ALLOWED_PER_MILLION = 90
#: customers are numbered, so one in a hundred ends like this
SILENTLY_CHANGED = "%00"


def main() -> None:
	parser = options(__doc__)
	parser.add_argument("--accounts", type=int, default=1_000_000)
	chosen = parser.parse_args()
	with connected(chosen):
		import frappe

		ana, ben = customers(chosen.accounts)
		print(f"{chosen.accounts:,} accounts; {peak_megabytes():.0f} MB")
		report("Baseline", chosen.accounts)
		table = frappe.qb.DocType("Customer")
		silently = (table.account_manager == ana) & table.name.like(SILENTLY_CHANGED)
		frappe.qb.update(table).set(table.account_manager, ben).where(silently).run()
		commit()
		report("One silent change in a hundred", chosen.accounts // 100)
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
