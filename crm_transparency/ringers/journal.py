"""The journal: every change of a contact, customer, lead or address, so that the changes of ringers are among them.

If only changes of ringers were written down, whoever can count rows could try records out: change one, and see whether
a row appears. So each change is written down, encrypted, whoever it is about, and what nobody asked about is forgotten:
every morning (or hour), and whenever a Ringer Manager looks. Then Ringers follow their records: to a new name, or to Lost.
"""

import json
from collections.abc import Iterable
from typing import NamedTuple

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import now

from crm_transparency.crm_transparency import languages, sealed_texts
from crm_transparency.crm_transparency.actor import current_actor
from crm_transparency.crm_transparency.bulk import insert_rows, inserted
from crm_transparency.ledger.entries import new_name
from crm_transparency.ringers import identities, notices
from crm_transparency.ringers.quietly import failure_of
from crm_transparency.ringers.sealed_document import in_clear

JOURNAL = "Ringer Journal Entry"
ENTRIES_AT_A_TIME = 500
#: what changes with every save, or is Frappe's own business
NO_NEWS = {"modified", "modified_by", "creation", "owner", "idx", "docstatus"}


class Change(NamedTuple):
	doctype: str
	name: str
	#: "edited", "renamed", "merged" or "deleted"
	event: str
	#: the new name, or the fields that were edited
	details: list[str]
	user: str
	impersonated_by: str | None
	on: str
	#: 1 once Ringer Managers were told of it, although it couldn't be followed yet
	is_told: int = 0


def note(doc: Document, event: str, name: str, details: Iterable[str] = ()) -> None:
	"""Write a change down, in the changing transaction, with a single statement. Without any ringer there's no journal."""
	if not frappe.db.get_value(identities.RINGER, {}, "name", order_by=None):
		return
	actor = current_actor()
	change = Change(doc.doctype, name, event, list(details), actor.user, actor.impersonated_by, now())
	row = {
		**inserted("Administrator", now()),
		"name": new_name(),
		"entry": sealed_texts.seal(json.dumps(change)),
	}
	insert_rows(JOURNAL, tuple(row), [tuple(row.values())])


def edited_fields(doc: Document) -> list[str]:
	"""Return the fields that a save changed, tables by their own name; none for a new document."""
	before = doc.get_doc_before_save()
	if before is None:
		return []
	return [
		field.fieldname
		for field in doc.meta.fields
		if field.fieldname not in NO_NEWS and has_changed(doc, before, field)
	]


def has_changed(doc: Document, before: Document, field) -> bool:
	if field.fieldtype not in frappe.model.table_fields:
		return frappe.utils.cstr(doc.get(field.fieldname)) != frappe.utils.cstr(before.get(field.fieldname))
	return rows_of(doc, field.fieldname) != rows_of(before, field.fieldname)


def rows_of(doc: Document, table: str) -> list[dict]:
	return [
		{key: value for key, value in row.get_valid_dict().items() if key not in NO_NEWS and value}
		for row in doc.get(table) or ()
	]


def work_through() -> int:
	"""Let Ringers follow what happened to their records, write notices of it, and empty the journal; return how many.

	Runs every morning or hour, and before a Ringer Manager looks. Whoever asks about a sighting asks for this first.
	A change that can't be followed stays for the next time, as does what comes after it: that may be about the ringer by
	the name that it should have followed to. It counts as news once, now.
	"""
	told, last, all_followed = 0, "", True
	while rows := frappe.get_all(
		JOURNAL,
		filters={"name": (">", last)},
		fields=["name", "entry"],
		order_by="name",
		limit=ENTRIES_AT_A_TIME,
	):
		done, waiting = [], {}
		for row in rows:
			change = Change(*json.loads(sealed_texts.unseal(row.entry)))
			ringer = identities.of_record(change.doctype, change.name)
			is_followed = follow_safely(ringer, change) if ringer else all_followed
			all_followed &= is_followed
			told += bool(ringer) and not change.is_told
			if is_followed:
				done.append(row.name)
			else:
				waiting[row.name] = change._replace(is_told=int(bool(ringer) or change.is_told))
		if done:
			frappe.db.delete(JOURNAL, {"name": ("in", done)})
		write_anew(waiting)
		last = rows[-1].name
	return told


def write_anew(waiting: dict[str, Change]) -> None:
	"""Seal all changes that wait anew, whatever is new about them: or those that differ would be ringers'."""
	for name, change in waiting.items():
		frappe.db.set_value(
			JOURNAL, name, "entry", sealed_texts.seal(json.dumps(change)), update_modified=False
		)


def follow_safely(ringer: str, change: Change) -> bool:
	"""Let a ringer follow a change; say whether that worked. What is logged names no one: others read logs."""
	failure = failure_of(lambda: follow(ringer, change))
	if failure:
		frappe.logger().error(f"CRM Transparency: a change couldn't be followed ({failure})")
	return not failure


def follow(name: str, change: Change) -> None:
	ringer = frappe.get_doc(identities.RINGER, name)
	if change.event in ("renamed", "merged"):
		remember_former_name(ringer, change)
	if change.event == "renamed":
		ringer.set(identities.RECORD_FIELDS[change.doctype], change.details[0])
	if change.event in ("merged", "deleted"):
		forget_record(ringer, change)
	ringer.save(ignore_permissions=True)
	with languages.speaking(languages.of_site()):  # all Ringer Managers read the same notice
		what = in_words(change)
		notices.add(ringer, change.doctype, change.name, what, change.user, change.impersonated_by, change.on)


def remember_former_name(ringer: Document, change: Change) -> None:
	former = json.loads(in_clear(ringer, "former_records") or "[]")
	ringer.former_records = json.dumps([*former, [change.doctype, change.name]])


def forget_record(ringer: Document, change: Change) -> None:
	"""Without its contact (or what it was planted as) a ringer that was planted is lost."""
	if change.event == "deleted":
		remember_former_name(ringer, change)
	ringer.set(identities.RECORD_FIELDS[change.doctype], None)
	if ringer.status == "Planted" and change.doctype == "Contact":
		ringer.status = "Lost"


def in_words(change: Change) -> str:
	if change.event == "renamed":
		return _("Renamed to {0}. The ringer follows.").format(change.details[0])
	if change.event == "merged":
		return _("Merged into {0}. The ringer is gone from the CRM; it still rings.").format(
			change.details[0]
		)
	if change.event == "deleted":
		return _("Deleted. It still rings, because earlier exports hold it.")
	labels = [frappe.get_meta(change.doctype).get_label(field) for field in change.details]
	return _("Edited: {0}.").format(", ".join(_(label) for label in labels))
