"""Removing access, for good or until somebody decides: every access vector in one transaction, along with what it takes to
restore it.

Killed in the middle, nothing has happened, and the next attempt removes all of it. Run a second time, it removes what was
added since. A scheduled job removes access when it is due, and tries what wasn't tried yet.
"""

import json
from collections.abc import Callable, Iterable
from functools import partial

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_datetime, now_datetime
from frappe.utils.password import remove_encrypted_password

from crm_transparency.crm_transparency import encryption, formatting
from crm_transparency.crm_transparency.jobs import attempted, persistently
from crm_transparency.offboarding import (
	access_attempts,
	access_vectors,
	assignments_and_approvals,
	step_progress,
)
from crm_transparency.offboarding.exceptions import StepNotPossible
from crm_transparency.offboarding.offboarding_records import (
	ENDED,
	GIVEN_BACK,
	NOT_PLANNED,
	OFFBOARDING,
	PLANNED,
	REMOVAL,
	UNDER_WAY,
	own_record,
)
from crm_transparency.offboarding.steps import Outcome

CHECKLIST = (
	"Laptop",
	"Phone",
	"Badge and keys",
	"Server room",
	"Company data on personal devices",
	"Mailbox: forwarding and absence note",
)
STEP = "access"
VECTORS = (*access_vectors.VECTORS, *assignments_and_approvals.VECTORS)
NOT_REFUSED = "Access of {0} was removed, but not every attempt to log in was refused. Please check it now."


def removal_of(offboarding: Document) -> Document:
	"""Return the offboarding's Access Removal, locked; create it if there is none."""
	checklist = [{"item": item, "status": "Open"} for item in CHECKLIST]
	return own_record(REMOVAL, offboarding, user=offboarding.user, status=NOT_PLANNED, checklist=checklist)


def plan(offboarding: Document, ends_at: str, jobs_to: str | None) -> Document:
	"""Schedule the access removal; the job that runs every five minutes does it."""
	check_is_a_person(offboarding)
	removal = removal_of(offboarding)
	if removal.status == ENDED:
		return removal
	moment = get_datetime(ends_at) if ends_at else None
	if not moment or moment < now_datetime():
		frappe.throw(_("Please choose a time in the future, or remove access now."), exc=StepNotPossible)
	removal.update({"status": PLANNED, "ends_at": moment, "planned_by": frappe.session.user})
	removal.jobs_to = check_takes_over(offboarding, jobs_to)
	return save(removal)


def check_is_a_person(offboarding: Document) -> None:
	if not offboarding.user:
		frappe.throw(
			_("{0} has no user, so there is no access to remove.").format(offboarding.employee_name),
			exc=StepNotPossible,
		)
	if offboarding.user in frappe.STANDARD_USERS:
		frappe.throw(_("{0} isn't a person and can't be disabled.").format(offboarding.user))


def check_takes_over(offboarding: Document, user: str | None) -> str | None:
	if not user:
		return None
	if user == offboarding.user or not frappe.db.get_value("User", user, "enabled"):
		frappe.throw(_("Please choose somebody who stays and has an enabled user."), exc=StepNotPossible)
	return user


def end(offboarding: Document, jobs_to: str | None = None) -> Document:
	"""Remove all access now, and keep, encrypted, what is tried afterwards."""
	check_is_a_person(offboarding)
	removal = removal_of(offboarding)
	if jobs_to:
		removal.jobs_to = check_takes_over(offboarding, jobs_to)
	keys = access_attempts.collect(offboarding.user)
	remove(removal, VECTORS)
	remove_encrypted_password("User", offboarding.user, "api_secret")
	access_attempts.keep(removal, keys)
	moment = now_datetime()
	removal.update({"status": ENDED, "ended_on": moment, "proved_on": None, "proofs": [], "frozen_on": None})
	removal.ends_at = removal.ends_at or moment
	removal.planned_by = removal.planned_by or frappe.session.user
	return save(removal)


def freeze(offboarding: Document) -> Document | None:
	"""Remove all access at once in a way that `unfreeze` undoes completely; None if that was done already."""
	check_is_a_person(offboarding)
	removal = removal_of(offboarding)
	is_enabled = frappe.db.get_value("User", removal.user, "enabled")
	if removal.status == ENDED or (removal.frozen_on and not is_enabled):
		return None
	remove(removal, [vector for vector in VECTORS if not vector.only_for_good])
	removal.update({"frozen_on": now_datetime(), "frozen_by": frappe.session.user})
	return save(removal)


def unfreeze(offboarding: Document) -> Document | None:
	"""Restore what `freeze` removed; keep the items that can't be. A planned removal stays planned. None if nothing is frozen."""
	if not frappe.db.get_value(REMOVAL, offboarding.name, "frozen_on"):
		return None
	removal = removal_of(offboarding)
	removal.update({"frozen_on": None, "frozen_by": None, "items": give_back(removal)})
	return save(removal)


def remove(removal: Document, vectors: Iterable[access_vectors.AccessVector]) -> None:
	"""Remove access; of what fails, which stops nothing else, the item has the number 0."""
	removal.set("items", [item for item in removal.items if item.number])
	for vector in vectors:
		removed = attempted(partial(vector.remove, removal.user, removal))
		if removed is None:
			removal.append("items", {"what": vector.label, "number": 0, "door": vector.key})
		elif removed.number:
			was = encryption.encrypted(json.dumps(removed.was, default=str))
			item = {"what": vector.label, "number": removed.number, "ended_on": now_datetime()}
			removal.append("items", {**item, "door": vector.key, "was": was})
	frappe.clear_cache(user=removal.user)


def was_removed(item: Document) -> list | dict:
	return json.loads(encryption.decrypted(item.was) or "[]")


def give_back(removal: Document) -> list[Document]:
	"""Restore what can be restored, last removed first; return the items that can't, in their order."""
	vectors = {vector.key: vector for vector in VECTORS}
	lost = []
	for item in reversed([item for item in removal.items if item.number]):
		vector = vectors.get(item.door)
		if not vector or not attempted(partial(vector.restore, removal.user, was_removed(item))):
			lost.insert(0, item)
	frappe.clear_cache(user=removal.user)
	return lost


def restore(offboarding: Document) -> list[str]:
	"""Give back access that was removed or frozen, and unschedule its removal; return what is lost, in sentences."""
	if not frappe.db.exists(REMOVAL, offboarding.name):
		return []
	removal = frappe.get_doc(REMOVAL, offboarding.name, for_update=True)
	was_ended = removal.status == ENDED
	is_without = was_ended or removal.frozen_on
	lost = give_back(removal) if is_without else []
	removal.update({"status": GIVEN_BACK if is_without else NOT_PLANNED, "to_try": None, "ends_at": None})
	save(removal).db_set("frozen_on", None)
	stays = _("{0} has to set a new password: the old one was removed.").format(offboarding.employee_name)
	return ([stays] if was_ended else []) + not_restored(lost)


def still_active(user: str) -> list[tuple[str, int]]:
	"""Return what lets a user in, or mails or asks them, although they are disabled: label, and how much of it."""
	found = [(vector.label, len(vector.find(user))) for vector in VECTORS if not vector.needs_login]
	return [(label, number) for label, number in found if number]


def left_with_nobody(removal: Document | frappe._dict, employee: str | None) -> list[dict]:
	"""Return what nobody takes care of since access was removed; see `assignments_and_approvals`."""
	if removal.get("status") != ENDED:
		return []
	was: dict[str, list] = {}
	for item in removal.items:
		was.setdefault(item.door, []).extend(was_removed(item))
	find = partial(assignments_and_approvals.left_with_nobody, removal.user, employee, was)
	return attempted(find) or []


def not_restored(items: list[Document]) -> list[str]:
	return [_("Not restored: {0}.").format(_(what)) for what in dict.fromkeys(item.what for item in items)]


def save(removal: Document) -> Document:
	removal.save(ignore_permissions=True)
	return removal


def jobs_to_by_default(offboarding: Document) -> str | None:
	manager = offboarding.manager
	return manager if manager and frappe.db.get_value("User", manager, "enabled") else None


def outcome(removal: Document) -> Outcome:
	"""Return the step's outcome: it is done when the removal is proved and the checklist has no open item."""
	open_items = [item for item in removal.checklist if item.status == "Open"]
	is_without = removal.status == ENDED or removal.frozen_on
	failed = [_("Not removed: {0}.").format(_(item.what)) for item in removal.items if not item.number]
	sentences = [in_words(removal), *(failed if is_without else not_restored(removal.items))]
	if left := left_with_nobody(removal, None):
		counted = ", ".join(f"{each['what']} ({each['number']})" for each in left)
		sentences.append(_("Nobody takes care of: {0}.").format(counted))
	if open_items:
		sentences.append(_("Open items: {0}.").format(", ".join(_(item.item) for item in open_items)))
	is_proved = removal.status == ENDED and removal.proofs and all(it.is_refused for it in removal.proofs)
	is_done = bool(is_proved or not removal.user) and not (open_items or failed)
	return Outcome(" ".join(sentences), is_done=is_done)


def in_words(removal: Document) -> str:
	if removal.frozen_on:
		return _("All access is frozen since {0}.").format(formatting.moment(removal.frozen_on))
	if removal.status == PLANNED:
		return _("Access will be removed on {0}.").format(formatting.moment(removal.ends_at))
	if removal.status != ENDED:
		return _("Access wasn't removed.")
	ended = _("Access was removed on {0}.").format(formatting.moment(removal.ended_on))
	if not removal.proofs:
		return ended + " " + _("Former logins, keys and tokens are being tested.")
	let_in = [proof.attempt for proof in removal.proofs if not proof.is_refused]
	if let_in:
		return ended + " " + _("Not refused: {0}.").format(", ".join(let_in))
	return ended + " " + _("Tested afterwards: {0}; all were refused.").format(len(removal.proofs))


def end_what_is_due() -> None:
	"""Remove access that is due, then prove it. Commits between the two, and after each person."""
	due = {"status": PLANNED, "ends_at": ("<=", now_datetime())}
	for name in frappe.get_all(REMOVAL, filters=due, pluck="name", order_by="ends_at"):
		try_safely(end_planned, name)
	unproved = {"status": ENDED, "to_try": ("is", "set")}
	for name in frappe.get_all(REMOVAL, filters=unproved, pluck="name"):
		try_safely(prove, name)


def try_safely(work: Callable[[str], None], name: str, title: str | None = None) -> None:
	"""Run a function for one person and commit; a failure is logged, and stops nobody else's."""
	try:
		persistently(lambda: work(name))
	except Exception:
		frappe.db.rollback()
		frappe.log_error(
			title or _("CRM Transparency: access couldn't be removed, or that couldn't be proved")
		)
		# a background job: the log is kept, whatever becomes of the next person's
		frappe.db.commit()  # nosemgrep: frappe-manual-commit


def end_planned(name: str) -> None:
	row = step_progress.lock(name, STEP)
	removal = frappe.get_doc(REMOVAL, name, for_update=True)
	if removal.status != PLANNED or frappe.db.get_value(OFFBOARDING, name, "status") not in UNDER_WAY:
		return
	offboarding = frappe.get_doc(OFFBOARDING, name)
	removal = end(offboarding)
	step_progress.log(name, row, outcome(removal), by=removal.planned_by)


def prove(name: str) -> None:
	"""Test one person's former access, log the answers, and notify HR if something was let in.

	Nothing is locked meanwhile, because the site logs attempts to log in. Of two jobs that test the same at once, one logs it.
	"""
	removal = frappe.get_doc(REMOVAL, name)
	keys = access_attempts.read(removal)
	# a background job, which mustn't hold a transaction open while it sends requests to the site
	frappe.db.commit()  # nosemgrep: frappe-manual-commit
	if keys is None:
		return
	tried = access_attempts.try_everything(removal.user, keys)
	row = step_progress.lock(name, STEP)
	removal = frappe.get_doc(REMOVAL, name, for_update=True)
	if not removal.to_try:
		return
	is_proved = access_attempts.write_down(removal, tried)
	offboarding = frappe.get_doc(OFFBOARDING, name)
	step_progress.log(name, row, outcome(removal), by=removal.planned_by)
	if not is_proved:
		step_progress.notify_hr(offboarding, NOT_REFUSED)


def prove_safely(name: str) -> None:
	try_safely(prove, name)
