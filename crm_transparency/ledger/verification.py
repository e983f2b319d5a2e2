"""Verification within the site: by command, by a button, and once a week by itself.

What is checked, `verifier` says. An export is the same stream of records, written to a file while it's
verified.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from itertools import islice
from typing import TextIO, TypedDict

import frappe
from frappe import _
from frappe.desk.doctype.notification_log.notification_log import enqueue_create_notification
from frappe.utils import add_to_date, get_system_timezone, now_datetime
from frappe.utils.user import get_users_with_role

from crm_transparency.crm_transparency import formatting
from crm_transparency.ledger import canonical, chain, chain_head, ledgers, verifier
from crm_transparency.ledger.chain import Seal
from crm_transparency.ledger.ledgers import MARK, UNSEALED, Condition, Entry
from crm_transparency.ledger.report import Report

VERIFICATION = "Ledger Verification"
VERIFIERS = ("System Manager", "Transparency Manager")
QUEUED, RUNNING, CLEAN, FINDINGS, FAILED = "Queued", "Running", "Nothing Found", "Findings", "Failed"
HOURS_UNTIL_GIVEN_UP = 6
#: what an auditor gets with one request
SEALS_PULLED_AT_ONCE = 5
LARGEST_NUMBER = 2**31 - 1
#: by ledger, functions of rooms that keep more about its entries elsewhere: called with an entry's name and fields, they
#: return whether that is what the entry says
CHECKS = "transparency_ledger_checks"


def verify(heads: Iterable[str] = (), export_to: str | None = None) -> Report:
	"""Recompute all seals of this site and compare; write what was read to the file `export_to`, if given.

	`heads` are chain hashes held outside. Starts a new transaction, in which the ledgers hold still
	meanwhile.
	"""
	frappe.db.rollback()
	checking = verifier.Verifier(heads, chain_head.kept())
	checks = {ledger: list(map(frappe.get_attr, paths)) for ledger, paths in frappe.get_hooks(CHECKS).items()}
	with ExitStack() as stack:
		stream = records()
		if export_to:
			stream = written(stream, stack.enter_context(private_file(export_to)))
		for record in stream:
			checking.take(record)
			if record["record"] == "entry" and record["ledger"] in checks:
				check_what_is_kept_elsewhere(record, checks[record["ledger"]], checking.report)
	return checking.finish()


def check_what_is_kept_elsewhere(record: dict, checks: Iterable[Callable], report: Report) -> None:
	for is_intact in checks:
		if not is_intact(record["name"], record["fields"]):
			seal = ledgers.seal_name(record["seal"])
			report.add("manifest altered", seal=seal, entry=record["name"], ledger=record["ledger"])


def records() -> Iterator[dict]:
	"""Yield all seals and ledger entries as the records that `verifier` describes."""
	seals = entries = 0
	yield {
		"record": "export",
		"format": verifier.FORMAT,
		"site": frappe.local.site,
		"exported_on": canonical.moment(now_datetime()),
		"time_zone": get_system_timezone(),
	}
	for seal in ledgers.all_seals():
		seals += 1
		yield _as_seal(seal)
		for entry in ledgers.sealed_entries(seal.ledger, seal.number):
			entries += 1
			yield as_record(seal.ledger, entry)
	for ledger in ledgers.all_ledgers():
		for entry in ledgers.stray_entries(ledger):
			entries += 1
			yield as_record(ledger, entry)
	yield {"record": "end", "seals": seals, "entries": entries}


def excerpt(conditions: Mapping[str, Condition]) -> Iterator[dict]:
	"""Yield the entries that meet the conditions, which are given by ledger, and their seals, as records.

	Reads a thousand rows at a time; remembers the numbers of the seals, and nothing of the entries.
	"""
	waiting = {ledger: ledgers.marks(ledger, condition) for ledger, condition in conditions.items()}
	sealed = {mark for marks in waiting.values() for mark in marks if mark != UNSEALED}
	first = min(sealed, default=None)
	seals = entries = 0
	yield _excerpt_heading(ledgers.seal_before(first) if first else None)
	for seal in ledgers.seals_from(first) if first else ():
		seals += 1
		is_asked_for = seal.number in waiting.get(seal.ledger, ())
		yield _as_seal(seal if is_asked_for else seal._replace(entry_digests=None))
		if is_asked_for:
			waiting[seal.ledger].remove(seal.number)
			for entry in ledgers.entries_with_mark(seal.ledger, seal.number, conditions[seal.ledger]):
				entries += 1
				yield as_record(seal.ledger, entry)
	for ledger, marks in waiting.items():
		for mark in sorted(marks):
			for entry in ledgers.entries_with_mark(ledger, mark, conditions[ledger]):
				entries += 1
				yield as_record(ledger, entry)
	yield {"record": "end", "seals": seals, "entries": entries}


def _excerpt_heading(before: Seal | None) -> dict:
	return {
		"record": verifier.EXCERPT,
		"format": verifier.FORMAT,
		"site": frappe.local.site,
		"exported_on": canonical.moment(now_datetime()),
		"time_zone": get_system_timezone(),
		"previous_seal": before.name if before else None,
		"previous_chain_sha256": before.chain_sha256 if before else None,
	}


def _as_seal(seal: Seal) -> dict:
	return {"record": "seal", **seal._asdict()}


def as_record(ledger: str, entry: Entry) -> dict:
	name, mark, fields = entry
	return {"record": "entry", "ledger": ledger, "seal": mark, "name": name, "fields": fields}


def private_file(path: str) -> TextIO:
	"""Open a file for writing that nobody else on the machine may read: an export holds personal data."""
	file = open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600))
	os.fchmod(file.fileno(), 0o600)  # it may have been there before
	return file


def written(stream: Iterable[dict], file: TextIO) -> Iterator[dict]:
	for record in stream:
		file.write(json.dumps(record, ensure_ascii=False) + "\n")
		yield record


class Pulled(TypedDict):
	records: list[dict]
	#: the number of the seal with which the next request begins; None after the last page
	next: int | None


@frappe.whitelist(methods=["GET"])
def pull(start: int = 0, is_first_page: bool | int = True) -> Pulled:
	"""Return a page of what an auditor verifies: the seals from number `start` on, and the digests of their entries.

	What entries say stays here, but for prunings, which name nobody. Raises PermissionError for whoever isn't a manager.
	"""
	frappe.only_for(VERIFIERS)
	seals = list(islice(ledgers.seals_from(min(start, LARGEST_NUMBER)), SEALS_PULLED_AT_ONCE + 1))
	page, more = seals[:SEALS_PULLED_AT_ONCE], seals[SEALS_PULLED_AT_ONCE:]
	pulled = (
		[_excerpt_heading(ledgers.seal_before(page[0].number) if page else None)] if is_first_page else []
	)
	for seal in page:
		pulled += [_as_seal(seal), *_without_content(seal.ledger, seal.number)]
	if not more:
		pulled += _unsealed_without_content(page[-1].number if page else 0)
	return Pulled(records=pulled, next=more[0].number if more else None)


def _unsealed_without_content(newest: int) -> Iterator[dict]:
	"""Yield what no seal covers yet, and what carries the marks of seals that were removed from the chain's end."""
	for ledger in ledgers.all_ledgers():
		for mark in sorted(
			ledgers.marks(ledger, lambda table: (table[MARK] == UNSEALED) | (table[MARK] > newest))
		):
			# names tell when: who may not read a ledger learns nothing of it before it is sealed
			if mark != UNSEALED or frappe.has_permission(ledger):
				yield from _without_content(ledger, mark)


def _without_content(ledger: str, mark: int) -> Iterator[dict]:
	entries = ledgers.sealed_entries(ledger, mark)
	if ledger == verifier.PRUNING_LEDGER:
		yield from (as_record(ledger, entry) for entry in entries)
		return
	digests = [
		(name, chain.content_digest(fields).hex(), fields.get("creation")) for name, _mark, fields in entries
	]
	yield {"record": "digests", "ledger": ledger, "seal": mark, "entries": digests}


@frappe.whitelist(methods=["POST"])
def start() -> str:
	"""Verify in the background for the user who asks; return the name of the Ledger Verification that will tell.

	Returns that of a verification under way, if there is one. Raises PermissionError for whoever isn't a manager.
	"""
	frappe.only_for(VERIFIERS)
	return under_way() or queue()


def verify_weekly() -> None:
	"""Verify in the background, and tell the managers if something was found: nobody would notice otherwise."""
	queue(tell_managers_of_findings=True)


def under_way() -> str | None:
	recent = add_to_date(now_datetime(), hours=-HOURS_UNTIL_GIVEN_UP)
	return frappe.db.get_value(VERIFICATION, {"status": ("in", (QUEUED, RUNNING)), "creation": (">", recent)})


def queue(**options) -> str:
	verification = frappe.get_doc(doctype=VERIFICATION, status=QUEUED).insert(ignore_permissions=True)
	frappe.enqueue(
		run,
		queue="long",
		timeout=HOURS_UNTIL_GIVEN_UP * 3600,
		enqueue_after_commit=True,
		name=verification.name,
		**options,
	)
	return verification.name


def run(name: str, tell_managers_of_findings: bool = False) -> None:
	"""Carry out the Ledger Verification `name`. Commits, so that its form shows how far it is."""
	note(name, status=RUNNING, started_on=now_datetime())
	try:
		report = verify()
	except Exception:
		frappe.db.rollback()
		frappe.log_error(_("CRM Transparency: the verification of the ledgers failed"))
		note(name, status=FAILED, finished_on=now_datetime(), report=_("It failed. The Error Log says why."))
	else:
		note(
			name,
			status=CLEAN if report.is_clean else FINDINGS,
			finished_on=now_datetime(),
			finding_count=report.finding_count,
			report="\n".join(report.lines(_, formatting.number)),
		)
	if tell_managers_of_findings:
		tell_managers(name)


def note(name: str, **values) -> None:
	frappe.get_doc(VERIFICATION, name).db_set(values, notify=True)
	# a background job, whose form shows how far it is
	frappe.db.commit()  # nosemgrep: frappe-manual-commit


def tell_managers(name: str) -> None:
	status = frappe.db.get_value(VERIFICATION, name, "status")
	if status == CLEAN:
		return
	notification = {
		"type": "Alert",
		"document_type": VERIFICATION,
		"document_name": name,
		"subject": _("Please check the weekly verification of the ledgers: {0}").format(_(status)),
		"from_user": "Administrator",
	}
	managers = {user for role in VERIFIERS for user in get_users_with_role(role)}
	enqueue_create_notification(list(managers), notification)
	# a background job
	frappe.db.commit()  # nosemgrep: frappe-manual-commit
