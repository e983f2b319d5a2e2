"""What is normal for each person: `python -m benchmarks.export_baselines [--db mariadb | --bench PATH --site NAME]`.

Adds a year of exports and of reads to the site and commits them: on a bench, name a site to throw away. Then finds the
baselines of everybody, and judges everything as the hourly job does.
"""

import random
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from benchmarks.ground import commit, connected, options

MOST_SECONDS = 60
DAYS = 365
WORKDAYS_WITH_EXPORTS = 0.4
MOST_EXPORTS_A_DAY = 3
LOG = "Export Log"
LOG_COLUMNS = (
	"name creation modified owner modified_by user exported_on channel reference_doctype row_count record_count "
	"contact_data columns filters file_format file_bytes file_sha256 manifest_sha256 ip_address user_agent signed_in_with"
).split()
VOLUME_COLUMNS = (
	"name creation modified owner modified_by user day reference_doctype reads distinct_records".split()
)


def main() -> None:
	parser = options(__doc__)
	parser.add_argument("--users", type=int, default=5_000)
	chosen = parser.parse_args()
	with connected(chosen):
		import frappe

		from crm_transparency.crm_transparency.database import insert_rows
		from crm_transparency.export_audit import alert_rules, export_baselines
		from crm_transparency.export_audit.alert_findings import Window

		insert_rows(LOG, LOG_COLUMNS, exports(chosen.users))
		insert_rows("Read Volume", VOLUME_COLUMNS, reads(chosen.users))
		commit()
		print(
			f"{frappe.db.count(LOG):,} exports and {frappe.db.count('Read Volume'):,} days of reading in a year"
		)
		today = date.today()
		found = timed("baselines of everybody's exports", lambda: export_baselines.of_exports(today))
		print(f"  {len(found):,} people")
		timed("baselines of everybody's reads", lambda: export_baselines.of_reads(today))
		one = timed("baseline of one person", lambda: export_baselines.of_exports(today, [person(1)]))
		print(f"  {one[person(1)]}")
		timed(
			"everybody judged, two days", lambda: alert_rules.judge(Window(today - timedelta(days=1), today))
		)
		print(f"  {frappe.db.count('Export Alert'):,} alerts")
		timed("judged again", lambda: alert_rules.judge(Window(today - timedelta(days=1), today)))
		timed(
			"one person judged",
			lambda: alert_rules.judge(Window(today - timedelta(days=1), today, person(1))),
		)


def timed(done: str, work: Callable) -> object:
	start = time.perf_counter()
	result = work()
	print(f"{done}: {time.perf_counter() - start:.2f} s (at most {MOST_SECONDS})")
	return result


def person(number: int) -> str:
	return f"person.{number}@example.com"


def exports(users: int) -> Iterator[tuple]:
	"""Yield a year of exports, day by day: some people export much, most of them little, and now and then a lot."""
	from crm_transparency.ledger.entries import new_name

	chance = random.Random(1)
	digest = "0" * 64
	for day in days():
		for number in range(users):
			if day.weekday() > 4 or chance.random() > WORKDAYS_WITH_EXPORTS:
				continue
			for _export in range(chance.randint(1, MOST_EXPORTS_A_DAY)):
				user, moment = person(number), day + timedelta(seconds=chance.randint(8 * 3600, 18 * 3600))
				rows = round(chance.lognormvariate(2 + number % 3, 1))
				columns, filters = "name\ncustomer_name\nterritory", '[["Customer","territory","=","North"]]'
				who = (moment, moment, user, user, user, moment)
				what = ("List Export", "Customer", rows, rows, 0, columns, filters, "CSV", rows * 60)
				where = (digest, digest, "10.0.0.1", "Mozilla/5.0 (X11; Linux x86_64)", "Session")
				yield (new_name(), *who, *what, *where)


def reads(users: int) -> Iterator[tuple]:
	from crm_transparency.ledger.entries import new_name

	chance = random.Random(2)
	for day in days():
		if day.weekday() > 4:
			continue
		for number in range(users):
			user, records = person(number), round(chance.lognormvariate(4, 0.7))
			yield (new_name(), day, day, user, user, user, day.date(), "Customer", 2 * records, records)


def days() -> list[datetime]:
	today = datetime.combine(date.today(), datetime.min.time())
	return [today - timedelta(days=ago) for ago in range(DAYS, -1, -1)]


if __name__ == "__main__":
	main()
