"""Verification within the site: by command, by a button, and once a week by itself.

What is checked, `verifier` says. An export is the same stream of records, written to a file while it's
verified.
"""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import TextIO

import frappe
from frappe import _
from frappe.desk.doctype.notification_log.notification_log import enqueue_create_notification
from frappe.utils import add_to_date, now_datetime
from frappe.utils.user import get_users_with_role

from crm_transparency.ledger import canonical, ledgers, verifier
from crm_transparency.ledger.ledgers import Entry
from crm_transparency.ledger.report import Report

VERIFICATION = "Ledger Verification"
VERIFIERS = ("System Manager", "Transparency Manager")
QUEUED, RUNNING, CLEAN, FINDINGS, FAILED = "Queued", "Running", "Nothing Found", "Findings", "Failed"
HOURS_UNTIL_GIVEN_UP = 6


def verify(heads: Iterable[str] = (), export_to: str | None = None) -> Report:
	"""Recompute all seals of this site and compare; write what was read to the file `export_to`, if given.

	`heads` are chain hashes held outside. Starts a new transaction, in which the ledgers hold still
	meanwhile.
	"""
	frappe.db.rollback()
	with ExitStack() as stack:
		stream = records()
		if export_to:
			stream = written(stream, stack.enter_context(private_file(export_to)))
		return verifier.verify(stream, heads)


def records() -> Iterator[dict]:
	"""Yield all seals and ledger entries as the records that `verifier` describes."""
	seals = entries = 0
	yield {
		"record": "export",
		"format": verifier.FORMAT,
		"site": frappe.local.site,
		"exported_on": canonical.moment(now_datetime()),
	}
	for seal in ledgers.all_seals():
		seals += 1
		yield {"record": "seal", **seal._asdict()}
		for entry in ledgers.sealed_entries(seal.ledger, seal.name):
			entries += 1
			yield as_record(seal.ledger, entry)
	for ledger in ledgers.all_ledgers():
		for entry in ledgers.stray_entries(ledger):
			entries += 1
			yield as_record(ledger, entry)
	yield {"record": "end", "seals": seals, "entries": entries}


def as_record(ledger: str, entry: Entry) -> dict:
	name, mark, fields = entry
	return {"record": "entry", "ledger": ledger, "seal": mark, "name": name, "fields": fields}


def private_file(path: str) -> TextIO:
	"""Open a file for writing that nobody else on the machine may read: an export holds personal data."""
	return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8")


def written(stream: Iterable[dict], file: TextIO) -> Iterator[dict]:
	for record in stream:
		file.write(json.dumps(record, ensure_ascii=False) + "\n")
		yield record


@frappe.whitelist(methods=["POST"])
def start() -> str:
	"""Verify in the background for the user who asks; return the name of the Ledger Verification that will tell.

	Returns that of a verification under way, if there is one. Raises PermissionError for whoever isn't a
	manager.
	"""
	frappe.only_for(VERIFIERS)
	under_way = frappe.get_all(
		VERIFICATION,
		filters={
			"status": ("in", (QUEUED, RUNNING)),
			"creation": (">", add_to_date(now_datetime(), hours=-HOURS_UNTIL_GIVEN_UP)),
		},
		pluck="name",
		limit=1,
	)
	if under_way:
		return under_way[0]
	name = new_verification(frappe.session.user)
	frappe.enqueue(
		run, queue="long", timeout=HOURS_UNTIL_GIVEN_UP * 3600, enqueue_after_commit=True, name=name
	)
	return name


def verify_weekly() -> None:
	"""Verify, and tell the managers if something was found: nobody would notice otherwise."""
	name = new_verification("Administrator")
	run(name)
	if frappe.db.get_value(VERIFICATION, name, "status") != CLEAN:
		tell_managers(name)


def new_verification(requested_by: str) -> str:
	verification = frappe.get_doc(doctype=VERIFICATION, status=QUEUED, requested_by=requested_by)
	return verification.insert(ignore_permissions=True).name


def run(name: str) -> None:
	"""Carry out the Ledger Verification `name`. Commits, so that its form shows how far it is."""
	note(name, status=RUNNING, started_on=now_datetime())
	try:
		report = verify()
	except Exception:
		frappe.db.rollback()
		frappe.log_error(_("CRM Transparency: the verification of the ledgers failed"))
		note(name, status=FAILED, report=_("The verification failed. The Error Log tells why."))
		return
	note(
		name,
		status=CLEAN if report.is_clean else FINDINGS,
		finding_count=report.finding_count,
		report="\n".join(report.lines(_)),
	)


def note(name: str, **values) -> None:
	if values["status"] != RUNNING:
		values["finished_on"] = now_datetime()
	frappe.get_doc(VERIFICATION, name).db_set(values, notify=True)
	frappe.db.commit()  # nosemgrep: a background job


def tell_managers(name: str) -> None:
	managers = {user for role in VERIFIERS for user in get_users_with_role(role)}
	notification = {
		"type": "Alert",
		"document_type": VERIFICATION,
		"document_name": name,
		"subject": _("The weekly verification of the ledgers needs a look: {0}").format(
			_(frappe.db.get_value(VERIFICATION, name, "status"))
		),
		"from_user": "Administrator",
	}
	enqueue_create_notification(list(managers), notification)
