"""What happens to ringers' records in the CRM: found by comparing them with what each Ringer remembers of its own.

A Ringer keeps, encrypted, what its records held when it was last looked at. Every hour, and when a Ringer Manager looks,
`find_changes` finds those that were edited, renamed, merged or deleted since, has the Ringer follow (to a new name, or to
Lost) and writes a Ringer Notice of each change. So nobody's work is watched, and what happened several times between two
looks is told once.
"""

import json
import re
from typing import NamedTuple

import frappe
from frappe import _
from frappe.model import no_value_fields, table_fields
from frappe.model.document import Document
from frappe.utils import cstr, now

from crm_transparency.crm_transparency import formatting
from crm_transparency.crm_transparency.database import batches, by_doctype, is_one_of
from crm_transparency.crm_transparency.encryption import decrypted as unseal
from crm_transparency.ringers import announcements, identities, secrecy
from crm_transparency.ringers.doctype.ringer_settings import ringer_settings
from crm_transparency.ringers.identities import RECORD_FIELDS, RINGER, Record
from crm_transparency.ringers.secrecy import decrypted, failure_of, job_without_details

NOTICE = "Ringer Notice"
PAGE = "/app/ringer-planting"
EDITED, RENAMED, MERGED, DELETED = "edited", "renamed", "merged", "deleted"
#: what changes with every save, or is Frappe's own business
NOT_COMPARED = {"name", "modified", "modified_by", "creation", "owner", "idx", "docstatus", "parent"}
#: what still tells who it is after it was renamed
IDENTIFYING = ("email_id", "full_name", "customer_name", "lead_name", "address_line1")
MARKUP = re.compile(r"""<[^>]*>?|[&>'"%\\]""")


class Change(NamedTuple):
	doctype: str
	name: str
	kind: str
	#: the new name, or the labels of the fields that were edited
	details: str
	#: who did it, as far as it is recorded
	user: str | None
	on: str


# Remembering


def remember(ringer: Document) -> None:
	"""Keep in a Ringer, which the caller saves, what its records hold now."""
	records = identities.current_records_of(ringer)
	ringer.snapshot = json.dumps({doctype: snapshot(doctype, name) for doctype, name in records})


def snapshot(doctype: str, name: str) -> dict:
	document = frappe.get_doc(doctype, name)
	return {
		"name": name,
		"creation": str(document.creation),
		"modified": str(document.modified),
		"values": values_of(document),
	}


def values_of(document: Document) -> dict[str, str]:
	"""Return what the fields of a document hold, as text; those that are empty are left out."""
	values = {
		field.fieldname: cstr(document.get(field.fieldname))
		for field in document.meta.fields
		if field.fieldtype not in no_value_fields and field.fieldname not in NOT_COMPARED
	}
	tables = {
		field.fieldname: json.dumps([values_of(row) for row in document.get(field.fieldname)], sort_keys=True)
		for field in document.meta.fields
		if field.fieldtype in table_fields and document.get(field.fieldname)
	}
	return {name: value for name, value in {**values, **tables}.items() if value not in ("", "0", "0.0")}


# Comparing


def find_changes() -> int:
	"""Compare the records of all ringers with what is remembered; return the number of changes.

	A ringer whose records can't be compared is tried again the next time. While Frappe's Recorder keeps all statements,
	nothing is compared: they would name the records.
	"""
	if secrecy.is_recorded():
		return 0
	return sum(follow_safely(ringer) for ringer in ringers_to_look_at())


def ringers_to_look_at() -> list[str]:
	"""Return the ringers one of whose records was saved, or isn't there by its name, since it was last looked at."""
	rows = frappe.get_all(
		RINGER,
		filters={"status": ("in", identities.RINGING), "planted_as": ("!=", identities.EXPORT_ROW)},
		fields=["name", "contact", "party_type", "party", "address", "snapshot"],
	)
	records = {row.name: identities.current_records_of(row) for row in rows}
	saved = last_saved({record for of_ringer in records.values() for record in of_ringer})
	known = {row.name: json.loads(unseal(row.snapshot) or "{}") for row in rows}
	return [
		name
		for name, of_ringer in records.items()
		if any(saved.get(record) != known[name].get(record[0], {}).get("modified") for record in of_ringer)
	]


def last_saved(records: set[Record]) -> dict[Record, str]:
	"""Return when each of the records that are there was last saved.

	Without `frappe.get_all`: what passes there while a Ringer Manager looks is recorded as reading, with names.
	"""
	saved: dict[Record, str] = {}
	for doctype, of_doctype in by_doctype(records).items():
		table = frappe.qb.DocType(doctype)
		for some in batches(of_doctype):
			query = (
				frappe.qb.from_(table).select(table.name, table.modified).where(is_one_of(table.name, some))
			)
			saved |= {(doctype, name): str(modified) for name, modified in query.run()}
	return saved


def follow_safely(name: str) -> int:
	"""Have a ringer follow its records; return the number of changes. What is logged names no one: others read logs."""
	changes: list[Change] = []
	failure = failure_of(lambda: changes.extend(follow(frappe.get_doc(RINGER, name))))
	if failure:
		frappe.logger().error(f"CRM Transparency: a ringer's records could not be compared ({failure})")
	return 0 if failure else len(changes)


def follow(ringer: Document) -> list[Change]:
	"""Find what happened to a ringer's records, write notices of it, and have the ringer follow; return the changes."""
	known = json.loads(decrypted(ringer, "snapshot") or "{}")
	changes = []
	for doctype, name in identities.current_records_of(ringer):
		found = changes_of(doctype, name, known.get(doctype))
		for change in found:
			follow_one(ringer, change)
		changes += found
	remember(ringer)
	ringer.save(ignore_permissions=True)
	with formatting.speaking(formatting.site_language()):  # all Ringer Managers read the same notice
		for change in changes:
			add_notice(ringer.name, change)
	return changes


def changes_of(doctype: str, name: str, known: dict | None) -> list[Change]:
	"""Return what happened to a record since `known` was remembered of it: nothing if nothing was."""
	creation = frappe.db.get_value(doctype, name, "creation")
	if creation and (not known or str(creation) == known["creation"]):
		return edits_of(doctype, name, known) if known else []
	comment = comment_about(doctype, name)
	renamed_to = known and new_name_of(doctype, known, comment and comment.reference_name)
	if renamed_to:
		renamed = Change(doctype, name, RENAMED, renamed_to, **author_of(comment))
		return [renamed, *edits_of(doctype, renamed_to, known)]
	if comment and frappe.db.exists(doctype, comment.reference_name):
		return [Change(doctype, name, MERGED, comment.reference_name, **author_of(comment))]
	return [Change(doctype, name, DELETED, "", **author_of(deleted_copy_of(doctype, name, known)))]


def deleted_copy_of(doctype: str, name: str, known: dict | None) -> frappe._dict | None:
	"""Return the Deleted Document of a record, which may have been renamed before: then it was made at the same moment."""
	is_copy = [["deleted_name", "=", name]]
	if known:
		is_copy.append(["data", "like", f'%"creation": "{known["creation"]}"%'])
	copies = frappe.get_all(
		"Deleted Document",
		filters={"deleted_doctype": doctype},
		or_filters=is_copy,
		fields=["owner", "creation"],
		order_by="creation desc",
		limit=1,
	)
	return copies[0] if copies else None


def edits_of(doctype: str, name: str, known: dict) -> list[Change]:
	document = frappe.get_doc(doctype, name)
	before, after = known["values"], values_of(document)
	edited = [
		document.meta.get_label(field)
		for field in (field.fieldname for field in document.meta.fields)
		if before.get(field) != after.get(field)
	]
	if not edited:
		return []
	return [Change(doctype, name, EDITED, json.dumps(edited), document.modified_by, str(document.modified))]


def comment_about(doctype: str, name: str) -> frappe._dict | None:
	"""Return the comment in which Frappe says that a record was renamed or merged. It moves along when that happens again."""
	filters = {
		"reference_doctype": doctype,
		"comment_type": "Edit",
		"content": ("like", f"%<strong>{as_in_comments(name)}</strong>%"),
	}
	fields = ["reference_name", "owner", "creation"]
	found = frappe.get_all("Comment", filters=filters, fields=fields, order_by="creation desc", limit=1)
	return found[0] if found else None


def as_in_comments(name: str) -> str:
	"""Return a pattern that finds a name in a comment, from which markup was removed and where signs are escaped."""
	return "%".join(MARKUP.split(name))


def new_name_of(doctype: str, known: dict, expected: str | None) -> str | None:
	"""Return the record that was made at the same moment and holds the same: it has a new name. None if there is none."""
	columns = [field for field in IDENTIFYING if frappe.get_meta(doctype).has_field(field)]
	table = frappe.qb.DocType(doctype)
	query = frappe.qb.from_(table).select(table.name, *(table[field] for field in columns))
	for name, *values in query.where(table.creation == known["creation"]).run():
		same = [
			cstr(value) == known["values"].get(field, "")
			for field, value in zip(columns, values, strict=True)
		]
		if name == expected or (same and all(same)):
			return name
	return None


def author_of(record: frappe._dict | None) -> dict:
	if record is None:
		return {"user": None, "on": now()}
	return {"user": record.owner, "on": str(record.creation)}


def follow_one(ringer: Document, change: Change) -> None:
	"""Have a Ringer follow a change. Without its contact, a ringer that was planted is lost."""
	if change.kind == EDITED:
		return
	former = json.loads(decrypted(ringer, "former_records") or "[]")
	ringer.former_records = json.dumps([*former, [change.doctype, change.name]])
	ringer.set(RECORD_FIELDS[change.doctype], change.details if change.kind == RENAMED else None)
	if change.kind != RENAMED and change.doctype == "Contact" and ringer.status == "Planted":
		ringer.status = "Lost"


# Notices


def add_notice(ringer: str, change: Change) -> None:
	frappe.get_doc(
		doctype=NOTICE,
		ringer=ringer,
		happened_on=change.on,
		who=change.user or _("Not recorded"),
		record=f"{_(change.doctype)} {change.name}",
		what=description_of(change),
	).insert(ignore_permissions=True)


def description_of(change: Change) -> str:
	if change.kind == RENAMED:
		return _("Renamed to {0}. The ringer follows.").format(change.details)
	if change.kind == MERGED:
		return _("Merged into {0}. The ringer is no longer in the CRM, but can still be contacted.").format(
			change.details
		)
	if change.kind == DELETED:
		return _("Deleted. The ringer can still be contacted, because earlier exports contain it.")
	return _("Edited: {0}.").format(", ".join(_(label) for label in json.loads(change.details)))


def unseen_notices() -> list[dict]:
	"""Return the notices that no Ringer Manager has dismissed, newest first, decrypted."""
	documents = [
		frappe.get_doc(NOTICE, name) for name in frappe.get_all(NOTICE, filters={"seen": 0}, pluck="name")
	]
	found = [
		{"name": notice.name, **{field: decrypted(notice, field) for field in notice.encrypted_fields}}
		for notice in documents
	]
	return sorted(found, key=lambda notice: notice["happened_on"], reverse=True)


def dismiss(notice: str) -> None:
	frappe.db.set_value(NOTICE, notice, "seen", 1, update_modified=False)


# Telling Ringer Managers


@job_without_details
def every_hour() -> None:
	"""Compare, and tell Ringer Managers where they want to know within the hour."""
	find_changes()
	if ringer_settings.mails_news() == ringer_settings.WITHIN_THE_HOUR:
		announce()


@job_without_details
def every_morning() -> None:
	"""Compare, and tell Ringer Managers what happened since they were last told."""
	find_changes()
	announce()


def announce() -> None:
	"""Tell Ringer Managers in the app and by mail that there is news: the same words, whatever it is and how much."""
	untold = frappe.get_all(NOTICE, filters={"seen": 0, "announced": 0}, pluck="name")
	when = ringer_settings.mails_news()
	if when == ringer_settings.NEVER or (when != ringer_settings.ALWAYS and not untold):
		return
	for user in secrecy.ringer_managers():
		subject = _("Your ringer report is ready", lang=formatting.language_of(user))
		announcements.tell(user, subject, PAGE)
	frappe.db.set_value(NOTICE, {"name": ("in", untold or [""])}, "announced", 1, update_modified=False)
