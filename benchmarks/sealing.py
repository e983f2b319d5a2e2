"""Sealing and verifying a ledger: `python -m benchmarks.sealing [--db mariadb | --bench PATH --site NAME]`.

Adds entries to the site's ledger of account owner changes and commits them: on a bench, name a site to throw away.
"""

import resource
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from benchmarks.ground import commit, connected, options

LEDGER = "Account Owner Change"
MOST_SECONDS_TO_SEAL_A_MILLION = 60
MOST_MEGABYTES = 300
COLUMNS = (
	"name creation modified owner modified_by reference_doctype reference_name account_title owner_field "
	"previous_owner new_owner changed_by changed_on kind source"
).split()


def main() -> None:
	parser = options(__doc__)
	parser.add_argument("--entries", type=int, default=1_000_000)
	chosen = parser.parse_args()
	with connected(chosen):
		from crm_transparency.ledger import seals, verification

		timed("inserted", chosen.entries, lambda: insert(chosen.entries))
		seconds = timed("sealed", chosen.entries, seals.seal_new_entries)
		million = seconds / chosen.entries * 1e6
		print(f"At this pace a million takes {million:.0f} s (at most {MOST_SECONDS_TO_SEAL_A_MILLION})")
		reports = []
		timed("verified", chosen.entries, lambda: reports.append(verification.verify()))
		for line in reports[0].lines():
			print(line)
		print(f"Peak memory: {peak_megabytes():.0f} MB (at most {MOST_MEGABYTES})")


def timed(done: str, entries: int, work: Callable) -> float:
	start = time.perf_counter()
	work()
	seconds = time.perf_counter() - start
	rate = f"{entries / seconds:,.0f} a second"
	print(f"{entries:,} entries {done} in {seconds:.1f} s, {rate}; {peak_megabytes():.0f} MB")
	return seconds


def insert(count: int) -> None:

	from crm_transparency.crm_transparency.database import insert_rows

	insert_rows(LEDGER, COLUMNS, entries(count))
	commit()


def entries(count: int) -> Iterator[tuple]:
	"""Yield rows that are as long as real ones, a millisecond apart, up to an hour ago."""
	from frappe.utils import now_datetime

	from crm_transparency.ledger.entries import new_name

	start = now_datetime() - timedelta(hours=1, milliseconds=count)
	for number in range(count):
		moment = start + timedelta(milliseconds=number)
		person, colleague = f"person.{number % 97}@example.com", f"colleague.{number % 89}@example.com"
		account = f"Customer {number % 200_000:06}"
		who = (moment, moment, person, person)
		what = ("Customer", account, f"{account} of Harbour Books and Sons", "account_manager")
		yield (new_name(), *who, *what, colleague, person, person, moment, "Taken Over", "Form")


def peak_megabytes() -> float:
	return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
	main()
