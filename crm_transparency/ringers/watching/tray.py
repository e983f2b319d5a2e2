"""The tray: what came in is looked at in the background, the same for all doors.

Who waits at a door (a mail server, a person with a form) waits for one row. Everything else is done by `look_through`,
which a job calls after anything has come in, for a ringer or not: so that a list of jobs tells nothing.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial

import frappe
from frappe.utils import get_first_day, nowdate
from frappe.utils.file_lock import LockTimeoutError
from frappe.utils.synchronization import filelock

from crm_transparency.crm_transparency.bulk import batches, insert_rows, inserted
from crm_transparency.crm_transparency.sealed_texts import seal, unseal
from crm_transparency.ringers import cases, identities
from crm_transparency.ringers.attribution import people
from crm_transparency.ringers.attribution.senders import Person
from crm_transparency.ringers.documents import TIP
from crm_transparency.ringers.doors import links
from crm_transparency.ringers.quietly import failure_of, job_without_a_trace
from crm_transparency.ringers.sealed_document import new_name
from crm_transparency.ringers.watching import evidence_files, news, sightings
from crm_transparency.ringers.watching.sightings import Sighting
from crm_transparency.ringers.watching.tip import Tip

ARRIVING, WAITING, REFUSED, FAILED = "Arriving", "Waiting", "Refused", "Failed"
MOST_ATTEMPTS = 3
AT_ONCE, IN_A_TRANSACTION = 5000, 100
LOCK = "crm_transparency_ringer_tips"
SECONDS_WAITED_FOR_ANOTHER = 30
ASKED, ASKED_FOR_LATER = "crm_transparency:incoming", "crm_transparency:incoming_later"
SECONDS_BETWEEN_JOBS = 3
CALLED = "crm_transparency_tray_is_called"


def put(tip: Tip, state: str = WAITING) -> str:
	"""Put a tip into the tray with a single statement in the running transaction; return its name."""
	row = {
		"name": new_name(),
		"state": state,
		"content": seal(json.dumps(asdict(tip))),
		# the times of a row beside a mail's would point at it
		**inserted("Administrator", f"{get_first_day(nowdate())} 00:00:00"),
	}
	insert_rows(TIP, tuple(row), [tuple(row.values())])
	return row["name"]


def ask_for_a_look() -> None:
	"""Have the tray looked through once what was written is committed. Called for everything that comes in.

	A mailing brings hundreds of things at once. The first has a job look at once; one of the next has another look when
	they have had time to come in; what comes meanwhile needs no job of its own.
	"""
	if CALLED not in frappe.flags:
		frappe.flags[CALLED] = True
		frappe.db.after_commit.add(_queue)
		frappe.db.after_rollback.add(_forget_call)


def _forget_call() -> None:
	frappe.flags.pop(CALLED, None)


def _queue() -> None:
	_forget_call()
	if _is_first(ASKED):
		frappe.enqueue(look_through, queue="short")
	elif _is_first(ASKED_FOR_LATER):
		frappe.enqueue(look_through_later, queue="short")


def _is_first(key: str) -> bool:
	return bool(frappe.cache.set(frappe.cache.make_key(key), 1, ex=SECONDS_BETWEEN_JOBS, nx=True))


@job_without_a_trace
def look_through_later() -> None:
	"""Look when everything has come in whose own call for a job was left out because of this one."""
	time.sleep(SECONDS_BETWEEN_JOBS)
	frappe.db.commit()  # nosemgrep: what the job began to read before doesn't hold what came in meanwhile
	look_through()


@job_without_a_trace
def look_through() -> None:
	"""Make sightings of everything that waits, and tell Ringer Managers. A job, also once a minute: commits."""
	if not frappe.db.exists(TIP, {"state": ("in", (WAITING, REFUSED))}):
		return
	try:
		with filelock(LOCK, timeout=SECONDS_WAITED_FOR_ANOTHER), _as_administrator():
			frappe.db.commit()  # nosemgrep: see what another job has done before it gave the lock back
			_look_through()
	except LockTimeoutError:
		frappe.logger().info("CRM Transparency: another job looks at what came in")


def _look_through() -> None:
	throw_away_refused()
	frappe.db.commit()  # nosemgrep: a background job
	who_left = people.who_left()
	touched: set[str] = set()
	names = frappe.get_all(
		TIP, filters={"state": WAITING}, pluck="name", limit=AT_ONCE, order_by="attempts, name"
	)
	has_failed = False
	for some in batches(names, IN_A_TRANSACTION):
		found = [sighting for name in some for sighting in _look_at(name, who_left)]
		touched |= cases.take_in(found)
		frappe.db.commit()  # nosemgrep: a background job, and sightings and their cases belong together
	for case in sorted(touched):
		has_failed |= not _compare(case, who_left)
	if touched or has_failed or frappe.db.exists(TIP, {"state": FAILED, "name": ("in", names)}):
		news.tell_ringer_managers(touched)
	frappe.db.commit()  # nosemgrep: a background job


def _look_at(name: str, who_left: list[Person]) -> list[Sighting]:
	"""Make sightings of one tip and take it out of the tray; none if that fails."""
	found: list[Sighting] = []
	failure = failure_of(lambda: found.extend(_take_out(name, who_left)))
	if failure:
		_note_failure(name, failure)
	return found


def _take_out(name: str, who_left: list[Person]) -> list[Sighting]:
	tip = read(name)
	found = [sightings.take(tip, ringer, who_left) for ringer in ringers_of(tip)]
	found = [sighting for sighting in found if sighting]
	if not found:
		_forget_evidence(tip)
	if tip.link:
		links.note_use(tip.link)
	remove(name)
	return found


def read(name: str) -> Tip:
	return Tip(**json.loads(unseal(frappe.db.get_value(TIP, name, "content"))))


def remove(name: str) -> None:
	frappe.db.delete(TIP, {"name": name})


def decide(name: str, is_genuine: bool) -> None:
	"""Have a tip that arrived at a door looked at, or thrown away, by the next look: the same statement for both."""
	table = frappe.qb.DocType(TIP)
	state = WAITING if is_genuine else REFUSED
	frappe.qb.update(table).set(table.state, state).where(table.name == name).run()


def throw_away_refused() -> None:
	"""Remove what wasn't genuine, with its files, as soon as that is committed."""
	for name in frappe.get_all(TIP, filters={"state": REFUSED}, pluck="name", limit=AT_ONCE):
		_forget_evidence(read(name))
		remove(name)


def ringers_of(tip: Tip) -> list[str]:
	found = [*tip.ringers]
	for address in tip.addresses:
		found += identities.by_email(address)
	for number in tip.numbers:
		found += identities.by_phone(number)
	return sorted(set(found))


def _forget_evidence(tip: Tip) -> None:
	"""Remove what came with something that was no sighting, once that is committed."""
	for evidence in tip.evidence:
		frappe.db.after_commit.add(partial(evidence_files.remove, evidence))


def _note_failure(name: str, failure: str) -> None:
	"""Try again with the next look, a few times. What is logged names no one: others read logs."""
	attempts = (frappe.db.get_value(TIP, name, "attempts") or 0) + 1
	state = FAILED if attempts >= MOST_ATTEMPTS else WAITING
	frappe.db.set_value(TIP, name, {"attempts": attempts, "state": state}, update_modified=False)
	frappe.logger().error(f"CRM Transparency: what came in couldn't be looked at ({failure})")


def _compare(case: str, who_left: list[Person]) -> bool:
	"""Say what is consistent with a case; its sightings are kept whether this succeeds or not."""
	failure = failure_of(lambda: cases.compare(case, who_left))
	if failure:
		frappe.logger().error(f"CRM Transparency: a comparison failed ({failure})")
	return not failure


@contextmanager
def _as_administrator() -> Iterator[None]:
	"""The job runs as whoever caused it, and works for nobody but the Ringer Managers.

	Not by `frappe.set_user`, which would end the session of the request that makes a drill.
	"""
	user = frappe.session.user
	frappe.local.session.user = "Administrator"
	try:
		yield
	finally:
		frappe.local.session.user = user
