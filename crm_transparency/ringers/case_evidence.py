"""Evidence of sightings, for Ringer Managers: downloads, each in the case's timeline, and a part of evidence bundles."""

import json
import re
from collections.abc import Iterator

import frappe
from frappe import _
from frappe.model.document import Document

from crm_transparency.crm_transparency.period import Period
from crm_transparency.export_audit.evidence import FurtherFile
from crm_transparency.ringers import cases, comparison, evidence_files, identities, secrecy
from crm_transparency.ringers.documents import CASE, SIGHTING
from crm_transparency.ringers.evidence_files import Evidence
from crm_transparency.ringers.secrecy import decrypted, ringer_managers_only

FOLDER = "ringers"


@frappe.whitelist(methods=["GET"])
@ringer_managers_only
def download(sighting: str, number: int) -> None:
	"""Hand out a file of a sighting as a download, whatever it is: nothing from outside is shown as a page."""
	files = files_of(sighting)
	content = evidence_files.read(files[number]) if 0 <= number < len(files) else None
	if content is None:
		frappe.throw(_("This file is missing or was changed."), exc=frappe.DoesNotExistError)
	record_download(sighting, files[number])
	frappe.response["type"] = "download"
	frappe.response["filename"] = files[number]["name"]
	frappe.response["filecontent"] = content
	frappe.response["content_type"] = "application/octet-stream"


def record_download(sighting: str, evidence: Evidence) -> None:
	"""Write into the case who took a copy. Frappe doesn't commit after a GET."""
	name = cases.case_of(sighting)
	if name:
		case = frappe.get_doc(CASE, name)
		cases.add_event(case, cases.EVIDENCE_EVENT, {"file": evidence["name"]})
		case.flags.changed_by_app = True
		case.save(ignore_permissions=True)
		# who took a copy is written down before it goes
		frappe.db.commit()  # nosemgrep: frappe-manual-commit


def files_of(sighting: str) -> list[Evidence]:
	return json.loads(decrypted(frappe.get_doc(SIGHTING, sighting), "evidence") or "[]")


def of_person(person: str, period: Period, reader: str) -> Iterator[FurtherFile]:
	"""The hook `transparency_evidence`: files about cases that a person's exports are consistent with.

	For readers who are Ringer Managers; there are none for anybody else.
	"""
	if not secrecy.may_know(reader):
		return
	opened = {"opened_on": ("between", (period.start, period.end)), "is_drill": 0}
	for name in frappe.get_all(CASE, filters=opened, pluck="name", order_by="opened_on"):
		case = frappe.get_doc(CASE, name)
		if is_about(cases.ranking_of(case), person):
			yield from files_of_case(case)


def is_about(ranking: dict, person: str) -> bool:
	in_exports = any(person in row["users"] for row in ranking.get("explanations", ()))
	return in_exports or any(person == row["user"] for row in ranking.get("people", ()))


def files_of_case(case: Document) -> Iterator[FurtherFile]:
	sightings = [frappe.get_doc(SIGHTING, row.sighting) for row in case.sightings]
	content = {
		"case": case.name,
		"status": case.status,
		"opened_on": str(case.opened_on),
		"timeline": cases.timeline_of(case),
		"ranking": comparison.result(cases.ranking_of(case)),
		"sightings": [as_dict(sighting) for sighting in sightings],
	}
	as_text = json.dumps(content, indent=1, ensure_ascii=False)
	yield FurtherFile(f"{FOLDER}/{case.name}/case.json", as_text.encode(), secrecy.ROLE)
	for sighting in sightings:
		for number, evidence in enumerate(files_of(sighting.name)):
			file = evidence_files.read(evidence)
			if file is not None:
				name = f"{FOLDER}/{case.name}/{sighting.name}-{number}{suffix(evidence['name'])}"
				yield FurtherFile(name, file, secrecy.ROLE)


def as_dict(sighting: Document) -> dict:
	fields = ("ringer", "seen_on", "channel", "came_by", "verdict", "ledger_seal")
	return {
		"entry": sighting.name,
		"ringer_name": identities.called([sighting.ringer]).get(sighting.ringer),
		**{field: str(sighting.get(field)) for field in fields},
		**{field: decrypted(sighting, field) for field in sighting.encrypted_fields},
	}


def suffix(name: str) -> str:
	match = re.search(r"\.[a-z0-9]{1,8}$", name)
	return match[0] if match else ""


def forget_pruned(ledger: str, seals: list[str]) -> None:
	"""The hook `before_transparency_ledger_pruning`: files go with the entries that name them."""
	if ledger != SIGHTING:
		return
	numbers = [int(seal.rpartition("-")[2]) for seal in seals]
	for name in frappe.get_all(SIGHTING, filters={"ledger_seal": ("in", numbers)}, pluck="name"):
		for evidence in files_of(name):
			frappe.db.after_commit.add(lambda evidence=evidence: evidence_files.remove(evidence))
