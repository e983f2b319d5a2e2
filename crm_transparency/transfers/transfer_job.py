"""The background job behind a transfer: it plans it, or works it off, until that is done or somebody pauses it.

Telling people what a transfer did to them: one notice for each, however many accounts it was.
"""

import frappe
from frappe import _
from frappe.desk.doctype.notification_log.notification_log import make_notification_logs
from frappe.query_builder.functions import Count
from frappe.utils import escape_html, get_fullname

from crm_transparency.crm_transparency import formatting, jobs, registry
from crm_transparency.crm_transparency.database import roll_back_to
from crm_transparency.crm_transparency.jobs import BackgroundWork, NotOurTurn, is_interruption
from crm_transparency.transfers import account_moves, transfer_planning
from crm_transparency.transfers.transfer_constants import (
	ACCOUNT_TRANSFER,
	DRAFT,
	FAILED,
	GIVEN_BACK,
	ITEM,
	PLAN,
	RUNNING,
	TRANSFERRED,
	UNDONE,
)


def step(task: str, transfer: str, worker: str) -> bool:
	"""Plan the transfer, or work off its next chunk; return whether there was one."""
	if task != PLAN:
		return account_moves.work_on(transfer, worker)
	plan(transfer, worker)
	return False


def plan(transfer: str, worker: str) -> None:
	"""Plan the transfer from the beginning, committing page by page."""

	def checkpoint() -> None:
		still_planning(transfer, worker)
		# a background job: each page is planned for good
		frappe.db.commit()  # nosemgrep: frappe-manual-commit

	still_planning(transfer, worker)
	transfer_planning.plan(frappe.get_doc(ACCOUNT_TRANSFER, transfer), checkpoint)
	still_planning(transfer, worker)
	WORK.release(transfer)


def still_planning(transfer: str, worker: str) -> None:
	"""Lock the transfer and note that there is progress. Raises NotOurTurn when another job plans it."""
	if jobs.claim(ACCOUNT_TRANSFER, transfer, worker).task != PLAN:
		raise NotOurTurn


def finished(task: str, transfer: str) -> None:
	if task != PLAN:
		tell_people(transfer, frappe.db.get_value(ACCOUNT_TRANSFER, transfer, "status"))


def after_failure(state: frappe._dict) -> dict:
	"""Return what becomes of a transfer that an error stopped: it can be resumed or undone."""
	return {"task": None} if state.task == PLAN else {"status": FAILED}


WORK = BackgroundWork(
	doctype=ACCOUNT_TRANSFER,
	method="crm_transparency.transfers.transfer_job.run",
	step=step,
	after_failure=after_failure,
	unfinished=({"status": RUNNING}, {"status": DRAFT, "task": PLAN}),
	finished=finished,
)


def run(name: str, worker: str) -> None:
	"""Run a transfer's job; queued by `WORK.queue`."""
	WORK.run(name, worker)


def continue_stalled() -> None:
	"""Take up the transfers whose job died. Scheduled."""
	WORK.continue_stalled()


SAVEPOINT = "crm_transparency_notice"
# how many accounts went to or came from each person
Shares = dict[str, int]


def tell_people(transfer: str, status: str) -> None:
	"""Tell everybody who got or had accounts of a transfer that is through, in the name of the session's user.

	Nobody is told what they did themselves; the people who had the accounts only if they are told of takeovers, too.
	"""
	gained, lost = moves_by_person(transfer, GIVEN_BACK if status == UNDONE else TRANSFERRED)
	if status == UNDONE:
		gained, lost = lost, gained
	for user, givers in gained.items():
		notify(transfer, user, gain(user, givers))
	if frappe.get_cached_value(registry.SETTINGS, registry.SETTINGS, "notify_of_takeovers"):
		for user, receivers in lost.items():
			notify(transfer, user, loss(user, receivers))


def moves_by_person(transfer: str, status: str) -> tuple[dict[str, Shares], dict[str, Shares]]:
	"""Return who was to get accounts, and who was to give some: each with the others' shares."""
	item = frappe.qb.DocType(ITEM)
	rows = (
		frappe.qb.from_(item)
		.select(item.previous_owner, item.to_user, Count("*"))
		.where((item.account_transfer == transfer) & (item.status == status))
		.groupby(item.previous_owner, item.to_user)
		.run()
	)
	to: dict[str, Shares] = {}
	origin: dict[str, Shares] = {}
	for previous_owner, to_user, accounts in rows:
		to.setdefault(to_user, {})[previous_owner] = accounts
		if previous_owner:
			origin.setdefault(previous_owner, {})[to_user] = accounts
	return to, origin


def gain(user: str, givers: Shares) -> str:
	language, person, accounts = what_to_say(user, givers)
	if len(givers) == 1 and (giver := next(iter(givers))):
		return _("{0} transferred accounts of {1} to you: {2}", lang=language).format(
			person, name(giver), accounts
		)
	return _("{0} transferred accounts to you: {1}", lang=language).format(person, accounts)


def loss(user: str, receivers: Shares) -> str:
	language, person, accounts = what_to_say(user, receivers)
	if len(receivers) == 1 and (receiver := next(iter(receivers))):
		return _("{0} transferred accounts of yours to {1}: {2}", lang=language).format(
			person, name(receiver), accounts
		)
	return _("{0} transferred accounts of yours to colleagues: {1}", lang=language).format(person, accounts)


def what_to_say(user: str, shares: Shares) -> tuple[str, str, str]:
	return formatting.language_of(user), name(frappe.session.user), formatting.number(sum(shares.values()))


def name(user: str) -> str:
	return f"<strong>{escape_html(get_fullname(user))}</strong>"


def notify(transfer: str, user: str, subject: str) -> None:
	if user == frappe.session.user:
		return
	notice = {
		"type": "Assignment",
		"subject": subject,
		"from_user": frappe.session.user,
		# the ledger, since the transfer itself isn't everybody's to read
		"link": f"/app/account-owner-change?account_transfer={transfer}",
	}
	frappe.db.savepoint(SAVEPOINT)
	try:
		make_notification_logs(frappe._dict(notice), [user])
	except Exception as error:
		if is_interruption(error):
			raise
		# such as a site that can't send mails: the accounts are transferred all the same
		roll_back_to(SAVEPOINT)
		frappe.log_error(title=_("A notification about an account transfer couldn't be sent"))
