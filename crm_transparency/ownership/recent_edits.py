"""Which accounts of a list changed hands lately.

What was changed in an account, by whom and when, read from Frappe's Versions.
"""

import html
import json
from datetime import datetime
from typing import TypedDict

import frappe
from frappe import _
from frappe.core.doctype.docfield.docfield import DocField
from frappe.model import get_permitted_fields, numeric_fieldtypes
from frappe.model.document import Document
from frappe.utils import add_days, cstr, flt, get_fullname, now_datetime

from crm_transparency.crm_transparency import registry, requested
from crm_transparency.ownership.account_history import FIELDS, JUST_CREATED, sentences
from crm_transparency.ownership.ownership_visibility import LEDGER

DAYS = 7
ROWS_OF_A_LIST = 500


class RecentChange(TypedDict):
	kind: str
	changed_on: datetime
	sentence: str


@frappe.whitelist(methods=["POST"])
def recently_changed(doctype: str, names: list[str] | str) -> dict[str, RecentChange]:
	"""Return, by account, the newest change of owner in the last seven days, for those accounts that had one.

	`names` comes as a list, or as the JSON of one, as the Desk sends it.

	An account that got its owner when it was made hasn't changed hands. Accounts and changes that the user may not see
	are left out; of more than 500 names, the rest is ignored.
	"""
	if not registry.is_tracked(doctype) or not frappe.has_permission(LEDGER, "read"):
		return {}
	names = requested.names(names)
	readable = frappe.get_list(
		doctype,
		filters={"name": ("in", names[:ROWS_OF_A_LIST])},
		fields=["name", "creation"],
		limit=ROWS_OF_A_LIST,
	)
	born = {cstr(account.name): account.creation for account in readable}
	changes = frappe.get_list(
		LEDGER,
		filters={
			"reference_doctype": doctype,
			"reference_name": ("in", list(born)),
			"changed_on": (">", add_days(now_datetime(), -DAYS)),
			"kind": ("!=", "Baseline"),
		},
		fields=list(FIELDS),
		order_by="name asc",
		limit=0,
	)
	newest = {
		change.reference_name: change
		for change in changes
		if change.kind != "Assigned"
		or change.taken_from
		or change.changed_on - born[change.reference_name] > JUST_CREATED
	}
	told = sentences(list(newest.values()))
	return {
		name: RecentChange(kind=change.kind, changed_on=change.changed_on, sentence=told[change.name])
		for name, change in newest.items()
	}


LONGEST_VALUE = 80


class FieldChange(TypedDict):
	label: str
	before: str | None
	after: str | None


class Edit(TypedDict):
	person: str
	edited_on: datetime
	changes: list[FieldChange]
	sentence: str


def newest_edits(doc: Document, limit: int) -> list[Edit]:
	"""Return the newest `limit` edits of a document, newest first, with only those fields that the user may read.

	Without Versions (ERPNext v15 keeps none for Lead and Opportunity) there is one edit, which can't say what changed.
	"""
	versions = frappe.get_all(
		"Version",
		filters={"ref_doctype": doc.doctype, "docname": doc.name},
		fields=["owner", "creation", "data"],
		order_by="creation desc",
		limit=limit,
	)
	if not versions:
		return [_last_save(doc)]
	readable = set(get_permitted_fields(doc.doctype, permission_type="read"))
	return [_edit(doc, version, readable) for version in versions]


def _last_save(doc: Document) -> Edit:
	was_edited = doc.modified > doc.creation
	person = get_fullname(doc.modified_by if was_edited else doc.owner)
	sentence = _("{0} saved this").format(person) if was_edited else _("{0} created this").format(person)
	return Edit(person=person, edited_on=doc.modified, changes=[], sentence=sentence)


def _edit(doc: Document, version: frappe._dict, readable: set[str]) -> Edit:
	data = json.loads(version.data or "{}")
	person = get_fullname(version.owner)
	changes = _field_changes(doc, data, readable) + _table_changes(doc, data, readable)
	return Edit(
		person=person, edited_on=version.creation, changes=changes, sentence=_sentence(person, changes)
	)


def _sentence(person: str, changes: list[FieldChange]) -> str:
	if not changes:
		return _("{0} saved this").format(person)
	return _("{0} changed {1}").format(person, ", ".join(change["label"] for change in changes))


def _field_changes(doc: Document, data: dict, readable: set[str]) -> list[FieldChange]:
	return [
		FieldChange(
			label=_label(doc, fieldname),
			before=_in_words(doc, fieldname, before),
			after=_in_words(doc, fieldname, after),
		)
		for fieldname, before, after in data.get("changed") or []
		if fieldname in readable and differ(doc.meta.get_field(fieldname), before, after)
	]


def differ(field: DocField | None, before, after) -> bool:
	"""Return whether a person sees a difference between two values of a field.

	Frappe keeps Versions of changes that nobody made: from None to an empty text, or to 0 in a field for numbers.
	"""
	if field and field.fieldtype in numeric_fieldtypes:
		return flt(before) != flt(after)
	return cstr(before).strip() != cstr(after).strip()


def _table_changes(doc: Document, data: dict, readable: set[str]) -> list[FieldChange]:
	tables = [row[0] for part in ("added", "removed", "row_changed") for row in data.get(part) or []]
	return [
		FieldChange(label=_label(doc, table), before=None, after=None)
		for table in dict.fromkeys(tables)
		if table in readable
	]


def _label(doc: Document, fieldname: str) -> str:
	return _(doc.meta.get_label(fieldname), context=doc.doctype)


def _in_words(doc: Document, fieldname: str, value) -> str | None:
	"""Return what a person sees of a field's value: users by what they are called, long texts cut."""
	field = doc.meta.get_field(fieldname)
	names_user = bool(field) and field.fieldtype == "Link" and field.options == "User"
	return _short(get_fullname(value) if names_user and value else value)


def _short(value) -> str | None:
	"""Return what a person sees of a value: to Frappe, None and an empty text differ; to a person they don't."""
	text = html.unescape(cstr(value)).strip()
	if len(text) > LONGEST_VALUE:
		text = text[: LONGEST_VALUE - 1] + "…"
	return text or None
