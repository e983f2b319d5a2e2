"""How long a large leaver's plan takes: `python -m benchmarks.handover [--db mariadb | --bench PATH --site NAME]`.

A leaver with so many customers, half of which colleagues wrote mails to, a fifth with an order and a tenth with an open
quotation. Measures computing the plan, computing it again, what opening the page asks for, and the transfer. Commits
what it does: on a bench, name a site to throw away.
"""

import random
import secrets
import time
from collections.abc import Callable

from benchmarks.account_transfer import peak_megabytes, timed
from benchmarks.ground import commit, connected, options

COLLEAGUES, TERRITORIES = 60, 25
WANTED_SECONDS_TO_COMPUTE, WANTED_SECONDS_TO_OPEN = 60, 3
OPENED = 5
#: of a hundred customers, how many have mails, an order, an open quotation
WITH_MAILS, WITH_ORDER, WITH_QUOTATION = 50, 20, 10
MAILS_EACH = 4


def main() -> None:
	parser = options(__doc__)
	parser.add_argument("--accounts", type=int, default=100_000)
	chosen = parser.parse_args()
	with connected(chosen):
		offboarding = made(chosen.accounts)
		for what in ("computed", "computed again"):
			processor = time.process_time()
			seconds = timed(lambda: compute(offboarding))
			processor = time.process_time() - processor
			show(f"{chosen.accounts:,} accounts {what}", seconds, WANTED_SECONDS_TO_COMPUTE)
			print(f"… of which the worker itself was busy {processor:.1f} s", flush=True)
		show("page opened", median(lambda: open_page(offboarding)), WANTED_SECONDS_TO_OPEN)
		show(
			"… sorted by title",
			median(lambda: open_page(offboarding, sort="account_title")),
			WANTED_SECONDS_TO_OPEN,
		)
		show(
			"… found by a part of the name",
			median(lambda: open_page(offboarding, text="99")),
			WANTED_SECONDS_TO_OPEN,
		)
		show(
			"… the last page",
			median(lambda: open_page(offboarding, start=chosen.accounts - 100)),
			WANTED_SECONDS_TO_OPEN,
		)
		show("10,000 rows changed by filter", timed(lambda: change(offboarding)), WANTED_SECONDS_TO_OPEN)
		show("CSV written", timed(lambda: write_csv(offboarding)), None)
		planned, moved = transfer(offboarding)
		print(
			f"Transferred: {chosen.accounts / moved:,.0f} accounts a second "
			f"({chosen.accounts / (planned + moved):,.0f} with its preview of {planned:.1f} s)"
		)
		print(f"Peak memory: {peak_megabytes():.0f} MB")


def show(what: str, seconds: float, wanted: float | None) -> None:
	limit = f" (wanted: {wanted} s)" if wanted else ""
	print(f"{what}: {seconds:.2f} s{limit}", flush=True)


def median(work: Callable) -> float:
	return sorted(timed(work) for _time in range(OPENED))[OPENED // 2]


def compute(offboarding: str) -> None:

	from crm_transparency.offboarding import plan_rows

	plan_rows.compute(plan_rows.of_offboarding(offboarding), lambda done: commit())
	commit()


def open_page(offboarding: str, sort: str = "worth", start: int = 0, text: str = "") -> None:
	"""Ask for all that the page of step 4 asks for."""
	from crm_transparency.offboarding import handover_api, wizard_api

	wizard_api.open(offboarding, "handover_plan")
	handover_api.page(offboarding, {"text": text}, sort=sort, start=start)
	handover_api.list_belongings(offboarding)


def change(offboarding: str) -> None:
	import frappe

	from crm_transparency.offboarding import plan_grid

	names = frappe.get_all(
		"Handover Plan Account", filters={"offboarding": offboarding}, pluck="name", limit=10_000
	)
	successor = frappe.db.get_value("Handover Plan Account", names[0], "successor")
	plan_grid.change(offboarding, names=names, successor=successor)
	commit()


def write_csv(offboarding: str) -> None:
	from crm_transparency.offboarding import plan_spreadsheet

	plan_spreadsheet.write(offboarding, {})


def transfer(offboarding: str) -> tuple[float, float]:
	"""Return how many seconds previewing and moving the accounts took."""
	import frappe

	from benchmarks.account_transfer import started
	from crm_transparency.offboarding import plan_rows, transfer_step
	from crm_transparency.transfers import transfer_job, transfer_planning

	document = plan_rows.of_offboarding(offboarding)
	transfer_step.draft(document, transfer_step.as_list(document))
	frappe.db.after_commit.reset()
	commit()
	account_transfer = frappe.get_doc("Account Transfer", document.account_transfer)
	planned = timed(lambda: transfer_planning.plan(account_transfer, commit))
	worker = started(account_transfer.name)
	moved = timed(lambda: transfer_job.run(account_transfer.name, worker))
	account_transfer.reload()
	assert account_transfer.status == "Completed", account_transfer.error_message
	return planned, moved


def made(count: int) -> str:
	"""Make the leaver, the colleagues, the customers and what happened with them; return the offboarding."""
	import frappe

	from crm_transparency.crm_transparency.database import insert_rows, inserted
	from crm_transparency.offboarding import starting_offboardings
	from tests.people_and_accounts import first_leaf, make_user

	chance = random.Random(7)
	# Frappe lets 60 users be made in an hour, unless it is told otherwise
	frappe.local.conf.throttle_user_limit = 1000
	leaver = make_user("Ana")
	colleagues = [make_user(f"Ben{number}") for number in range(COLLEAGUES)]
	prefix = f"Bench {secrets.token_hex(3)}"
	territories = [f"{prefix} T{number}" for number in range(TERRITORIES)]
	common = inserted("Administrator", frappe.utils.now())
	insert_rows(
		"Territory",
		("name", "territory_name", *common),
		[(name, name, *common.values()) for name in territories],
	)
	group = first_leaf("Customer Group")
	names = [f"{prefix} {number:07d}" for number in range(count)]
	columns = ("name", "customer_name", "customer_type", "customer_group", "territory", "account_manager")
	owners = {name: leaver for name in names} | {
		f"{prefix} other {number}": chance.choice(colleagues) for number in range(count // 10)
	}
	insert_rows(
		"Customer",
		(*columns, *common),
		(
			(name, f"{name} Books", "Company", group, chance.choice(territories), owner, *common.values())
			for name, owner in owners.items()
		),
	)
	insert_happenings(names, colleagues, chance, common)
	offboarding = starting_offboardings.open_or_start(user=leaver)
	commit()
	return offboarding.name


def insert_happenings(names: list[str], colleagues: list[str], chance: random.Random, common: dict) -> None:
	from frappe.utils import add_days, now_datetime, today

	from crm_transparency.crm_transparency.database import insert_rows

	now = now_datetime()
	mails, orders, quotations = [], [], []
	for name in names:
		if chance.randrange(100) < WITH_MAILS:
			for _number in range(MAILS_EACH):
				colleague = chance.choice(colleagues)
				moment = add_days(now, -chance.randrange(900))
				mails.append(
					(
						secrets.token_hex(8),
						"Customer",
						name,
						"Communication",
						"Email",
						"Sent",
						colleague,
						f"r@{name[-7:]}.example",
						moment,
					)
				)
		if chance.randrange(100) < WITH_ORDER:
			orders.append(
				(
					secrets.token_hex(8),
					name,
					chance.randrange(50_000),
					add_days(today(), -chance.randrange(700)),
				)
			)
		if chance.randrange(100) < WITH_QUOTATION:
			quotations.append((secrets.token_hex(8), "Customer", name, "Open", chance.randrange(90_000)))
	for doctype, columns, rows, more in (
		(
			"Communication",
			(
				"name",
				"reference_doctype",
				"reference_name",
				"communication_type",
				"communication_medium",
				"sent_or_received",
				"sender",
				"recipients",
				"communication_date",
			),
			mails,
			{},
		),
		(
			"Sales Order",
			("name", "customer", "base_grand_total", "transaction_date"),
			orders,
			{"docstatus": 1},
		),
		(
			"Quotation",
			("name", "quotation_to", "party_name", "status", "base_grand_total"),
			quotations,
			{"docstatus": 1},
		),
	):
		values = {**common, **more}
		insert_rows(doctype, (*columns, *values), ((*row, *values.values()) for row in rows))
	commit()


if __name__ == "__main__":
	start = time.perf_counter()
	main()
	print(f"All in all: {time.perf_counter() - start:.0f} s")
