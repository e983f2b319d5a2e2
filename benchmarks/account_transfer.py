"""How fast accounts are transferred: `python -m benchmarks.account_transfer [--db mariadb | --bench PATH --site NAME]`.

Moves customers with Frappe's Bulk Update, with mode Full Save and with mode Fast, all in one run on one machine, and
shows the memory that Fast needs for more and more of them. Commits what it does: on a bench, name a site to throw
away.
"""

import resource
import secrets
import time
from collections.abc import Callable
from typing import NamedTuple

from benchmarks.ground import commit, connected, options

WANTED_TIMES_BULK_UPDATE = 100
MOST_MORE_MEGABYTES = 20
# what Bulk Update takes at most in one go
ONE_BY_ONE = 500


class Measured(NamedTuple):
	"""Accounts per second without and with the preview, and the megabytes that the worker needed."""

	rate: float
	rate_with_preview: float
	megabytes: float
	peak_megabytes: float


def main() -> None:
	parser = options(__doc__)
	parser.add_argument("--accounts", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
	chosen = parser.parse_args()
	with connected(chosen):
		before = bulk_update(ONE_BY_ONE)
		runs = []
		for mode, count in (("Full Save", ONE_BY_ONE), *(("Fast", count) for count in chosen.accounts)):
			runs.append(transferred(mode, count))
			after = bulk_update(ONE_BY_ONE)
			# other work on the machine comes and goes, so the ratio is to the faster of before and after
			show(mode, count, runs[-1], max(before, after))
			before = after
		more = runs[-1].megabytes - runs[1].megabytes
		print(f"Memory from the smallest to the largest: {more:+.0f} MB (at most +{MOST_MORE_MEGABYTES})")


def show(mode: str, count: int, measured: Measured, one_by_one: float) -> None:
	rate, with_preview, megabytes, peak = measured
	print(
		f"{mode}: {count:>9,} customers, {rate:6,.0f} a second, {rate / one_by_one:.0f} times Bulk Update "
		f"({with_preview:,.0f} with the preview, {with_preview / one_by_one:.0f} times; "
		f"wanted for Fast: {WANTED_TIMES_BULK_UPDATE}); {megabytes:.0f} MB more than before, {peak:.0f} MB in all",
		flush=True,
	)


def bulk_update(count: int) -> float:
	"""Return the accounts per second that Frappe's Bulk Update manages."""
	import frappe
	from frappe.desk.doctype.bulk_update.bulk_update import _bulk_action

	ana, ben = customers(count)
	names = frappe.get_all("Customer", filters={"account_manager": ana}, pluck="name")
	seconds = timed(lambda: _bulk_action("Customer", names, "update", {"account_manager": ben}))
	assert owned_by(ben) == count
	print(f"Bulk Update: {count:>9,} customers, {count / seconds:6,.0f} a second", flush=True)
	return count / seconds


def transferred(mode: str, count: int) -> Measured:
	"""Transfer customers in a process of its own, and return what it took."""
	import multiprocessing

	import frappe

	from tests.ownership.processes import Process

	ana, ben = customers(count)
	measured = multiprocessing.Array("d", len(Measured._fields))
	Process(lambda: measured.__setitem__(slice(None), transfer(mode, ana, ben, count))).wait(24 * 3600)
	frappe.db.rollback()
	assert owned_by(ben) == count
	return Measured(*measured)


def transfer(mode: str, ana: str, ben: str, count: int) -> Measured:
	import frappe

	from crm_transparency.transfers import transfer_job, transfer_planning

	account_transfer = frappe.get_doc(
		doctype="Account Transfer", from_user=ana, mode=mode, successors=[{"user": ben}]
	).insert()
	commit()
	before = resident_megabytes()
	planning_seconds = timed(lambda: transfer_planning.plan(account_transfer, commit))
	worker = started(account_transfer.name)
	moving_seconds = timed(lambda: transfer_job.run(account_transfer.name, worker))
	account_transfer.reload()
	assert account_transfer.status == "Completed", account_transfer.error_message
	assert account_transfer.transferred == count
	peak = peak_megabytes()
	return Measured(count / moving_seconds, count / (moving_seconds + planning_seconds), peak - before, peak)


def started(name: str) -> str:
	"""Start the transfer without queueing a job, and return the token that a job needs."""
	import frappe

	worker = secrets.token_hex(8)
	state = {"status": "Running", "task": "Transfer", "worker": worker, "run_by": "Administrator"}
	frappe.db.set_value("Account Transfer", name, {**state, "run_started_on": frappe.utils.now()})
	commit()
	return worker


def customers(count: int) -> tuple[str, str]:
	"""Make customers that one user has; return that user and another one."""
	import frappe

	from crm_transparency.crm_transparency.database import insert_rows, inserted
	from tests.people_and_accounts import first_leaf, make_user

	ana, ben = make_user("Ana"), make_user("Ben")
	prefix = f"Bench {secrets.token_hex(3)}"
	names = (f"{prefix} {number:07d}" for number in range(count))
	common = {
		**inserted("Administrator", frappe.utils.now()),
		"customer_type": "Company",
		"customer_group": first_leaf("Customer Group"),
		"territory": first_leaf("Territory"),
		"account_manager": ana,
	}
	rows = ((name, f"{name} Harbour Books", *common.values()) for name in names)
	insert_rows("Customer", ("name", "customer_name", *common), rows)
	commit()
	return ana, ben


def owned_by(user: str) -> int:
	import frappe

	return frappe.db.count("Customer", {"account_manager": user})


def timed(work: Callable) -> float:
	start = time.perf_counter()
	work()
	return time.perf_counter() - start


def resident_megabytes() -> float:
	with open("/proc/self/status") as status:
		line = next(line for line in status if line.startswith("VmRSS"))
	return int(line.split()[1]) / 1024


def peak_megabytes() -> float:
	return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
	main()
