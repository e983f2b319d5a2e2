"""The inbox: what came in waits there and becomes sightings in the background, the same for all sources.

Whoever brings something (a mail server, a person with a form) waits for one row. Everything else is done by `process`,
which a job calls after anything has come in, for a ringer or not: so that a list of jobs tells nothing.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial

import frappe
from frappe.utils import get_first_day, now_datetime, nowdate
from frappe.utils.file_lock import LockTimeoutError
from frappe.utils.synchronization import filelock

from crm_transparency.crm_transparency.database import batches, insert_rows, inserted
from crm_transparency.crm_transparency.encryption import decrypted, encrypted
from crm_transparency.ringers import (
	announcements,
	cases,
	evidence_files,
	identities,
	leavers,
	sightings,
)
from crm_transparency.ringers.documents import INBOUND_MESSAGE, LINK
from crm_transparency.ringers.inbound_messages import InboundMessage
from crm_transparency.ringers.secrecy import failure_of, job_without_details, random_name
from crm_transparency.ringers.senders import Person
from crm_transparency.ringers.sightings import Sighting

WAITING, FAILED = "Waiting", "Failed"
MOST_ATTEMPTS = 3
AT_ONCE, IN_A_TRANSACTION = 5000, 100
LOCK = "crm_transparency_ringer_inbox"
SECONDS_WAITED_FOR_ANOTHER = 30
REQUESTED, REQUESTED_LATER = "crm_transparency:incoming", "crm_transparency:incoming_later"
SECONDS_BETWEEN_JOBS = 3
IS_REQUESTED = "crm_transparency_inbox_is_requested"


def put(message: InboundMessage) -> str:
	"""Put a message into the inbox, in the running transaction; return its name."""
	row = {
		"name": random_name(),
		"state": WAITING,
		"content": encrypted(json.dumps(asdict(message))),
		# the times of a row beside a mail's would point at it
		**inserted("Administrator", f"{get_first_day(nowdate())} 00:00:00"),
	}
	insert_rows(INBOUND_MESSAGE, tuple(row), [tuple(row.values())])
	return row["name"]


def process_soon() -> None:
	"""Have the inbox processed once what was written is committed. Called for everything that comes in.

	A mailing brings hundreds of messages at once. The first queues a job that runs at once; one of the next queues another
	that runs when they have had time to come in; those that come meanwhile need no job of their own.
	"""
	if IS_REQUESTED not in frappe.flags:
		frappe.flags[IS_REQUESTED] = True
		frappe.db.after_commit.add(_queue)
		frappe.db.after_rollback.add(_forget_request)


def _forget_request() -> None:
	frappe.flags.pop(IS_REQUESTED, None)


def _queue() -> None:
	_forget_request()
	if _is_first(REQUESTED):
		frappe.enqueue(process, queue="short")
	elif _is_first(REQUESTED_LATER):
		frappe.enqueue(process_later, queue="short")


def _is_first(key: str) -> bool:
	# `make_key` makes the key the site's own
	is_new = frappe.cache.set(  # nosemgrep: frappe-cache-breaks-multitenancy
		frappe.cache.make_key(key), 1, ex=SECONDS_BETWEEN_JOBS, nx=True
	)
	return bool(is_new)


@job_without_details
def process_later() -> None:
	"""Process the inbox once everything has come in that queued no job because of this one."""
	time.sleep(SECONDS_BETWEEN_JOBS)
	# what the job began to read before doesn't hold what came in meanwhile
	frappe.db.commit()  # nosemgrep: frappe-manual-commit
	process()


@job_without_details
def process() -> None:
	"""Make sightings of everything that waits, and tell Ringer Managers. A job, also once a minute: commits."""
	if not frappe.db.exists(INBOUND_MESSAGE, {"state": WAITING}):
		return
	try:
		with filelock(LOCK, timeout=SECONDS_WAITED_FOR_ANOTHER), _as_administrator():
			# see what another job has done before it gave the lock back
			frappe.db.commit()  # nosemgrep: frappe-manual-commit
			_process()
	except LockTimeoutError:
		frappe.logger().info("CRM Transparency: another job processes the inbox")


def _process() -> None:
	who_left = leavers.who_left()
	touched: set[str] = set()
	names = frappe.get_all(
		INBOUND_MESSAGE, filters={"state": WAITING}, pluck="name", limit=AT_ONCE, order_by="attempts, name"
	)
	has_failed = False
	for some in batches(names, IN_A_TRANSACTION):
		found = [sighting for name in some for sighting in _process_message(name, who_left)]
		touched |= cases.add_to_cases(found)
		# a background job, and sightings and their cases belong together
		frappe.db.commit()  # nosemgrep: frappe-manual-commit
	for case in sorted(touched):
		has_failed |= not _compare(case, who_left)
	if touched or has_failed or frappe.db.exists(INBOUND_MESSAGE, {"state": FAILED, "name": ("in", names)}):
		announcements.tell_ringer_managers(touched)
	# a background job
	frappe.db.commit()  # nosemgrep: frappe-manual-commit


def _process_message(name: str, who_left: list[Person]) -> list[Sighting]:
	"""Make sightings of one message and remove it from the inbox; return none if that fails."""
	found: list[Sighting] = []
	failure = failure_of(lambda: found.extend(_make_sightings(name, who_left)))
	if failure:
		_count_failure(name, failure)
	return found


def _make_sightings(name: str, who_left: list[Person]) -> list[Sighting]:
	message = InboundMessage(**json.loads(decrypted(frappe.db.get_value(INBOUND_MESSAGE, name, "content"))))
	found = [sightings.record_sighting(message, ringer, who_left) for ringer in ringers_of(message)]
	found = [sighting for sighting in found if sighting]
	if not found:
		_remove_evidence(message)
	if message.link:
		frappe.db.set_value(LINK, message.link, "last_used_on", now_datetime(), update_modified=False)
	remove_message(name)
	return found


def remove_message(name: str) -> None:
	frappe.db.delete(INBOUND_MESSAGE, {"name": name})


def ringers_of(message: InboundMessage) -> list[str]:
	found = [*message.ringers]
	for address in message.addresses:
		found += identities.by_email(address)
	for number in message.numbers:
		found += identities.by_phone(number)
	return sorted(set(found))


def _remove_evidence(message: InboundMessage) -> None:
	"""Remove what came with something that was no sighting, once that is committed."""
	for evidence in message.evidence:
		frappe.db.after_commit.add(partial(evidence_files.remove, evidence))


def _count_failure(name: str, failure: str) -> None:
	"""Have it tried again with the next job, a few times. What is logged names no one: others read logs."""
	attempts = (frappe.db.get_value(INBOUND_MESSAGE, name, "attempts") or 0) + 1
	state = FAILED if attempts >= MOST_ATTEMPTS else WAITING
	frappe.db.set_value(INBOUND_MESSAGE, name, {"attempts": attempts, "state": state}, update_modified=False)
	frappe.logger().error(f"CRM Transparency: an inbound message could not be processed ({failure})")


def _compare(case: str, who_left: list[Person]) -> bool:
	"""Compare a case with the exports and return whether that worked; its sightings are kept either way."""
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
