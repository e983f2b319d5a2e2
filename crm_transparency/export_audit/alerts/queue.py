"""Having exports judged in the background: never in the export's own transaction, and never in its way."""

import frappe

KEY = "crm_transparency:judging:"
#: a job that got lost keeps the next from being queued only for so long
SECONDS_UNTIL_QUEUED_AGAIN = 120


def judge_after_commit(user: str) -> None:
	"""Have a person's exports judged as soon as the running transaction is committed.

	Without Redis nothing is queued, nothing fails, and the hourly job judges.
	"""
	frappe.db.after_commit.add(lambda: enqueue(user))


def enqueue(user: str) -> None:
	"""Queue one job for a person, however many exports wait for it: programs make hundreds at once."""
	try:
		if frappe.cache.set(key(user), 1, ex=SECONDS_UNTIL_QUEUED_AGAIN, nx=True):
			frappe.enqueue(
				"crm_transparency.export_audit.alerts.judging.judge_person", queue="short", person=user
			)
	except Exception:
		frappe.logger().warning(
			"CRM Transparency: an export is judged by the hourly job, the queue doesn't answer"
		)


def begin(user: str) -> None:
	"""Let exports from now on be judged by a new job: the one that begins may read the ledger before them."""
	frappe.cache.delete_value(key(user), make_keys=False)


def key(user: str) -> bytes:
	return frappe.cache.make_key(f"{KEY}{user}")
