"""Fields that name the leaver, on whatever DocType: found from the meta, counted, and moved together once somebody decides.

Standard fields that say who did something, or may do something, aren't among them: those of Frappe's own DocTypes, of logs
and notifications, and fields such as `completed_by`.
"""

from collections.abc import Iterator

import frappe
from frappe import _
from frappe.model.meta import Meta

from crm_transparency.crm_transparency import registry
from crm_transparency.crm_transparency.database import batches, is_one_of
from crm_transparency.offboarding.belonging_kind import Before, Found, Leaver, changed_meanwhile

FIELD = "DocField"
OWN_APPS = ("frappe", "crm_transparency")
#: who somebody is, not what they are responsible for
IDENTITIES = (("Employee", "user_id"),)
#: how standard DocTypes and fields end that tell what happened
RECORDS, DEEDS = (" Log", " Notification"), "_by"


def user_fields(known: dict[str, tuple[str, ...]]) -> Iterator[tuple[Meta, str]]:
	"""Yield DocTypes and fields that name a user and can be written, but not the `known` ones and owners of accounts."""
	links = {"fieldtype": "Link", "options": "User"}
	modules = frappe.get_all("Module Def", filters={"app_name": ("in", OWN_APPS)}, pluck="name")
	made_here = set(frappe.get_all("DocType", filters={"custom": 1}, pluck="name"))
	closed = set(frappe.get_all("DocType", filters={"module": ("in", modules)}, pluck="name"))
	standard = frappe.get_all(FIELD, filters=links, fields=["parent", "fieldname"], limit_page_length=0)
	custom = frappe.get_all("Custom Field", filters=links, fields=["dt", "fieldname"], limit_page_length=0)
	fields = {
		(doctype, name)
		for doctype, name in ((row.parent, row.fieldname) for row in standard)
		if doctype in made_here
		or not (doctype in closed or doctype.endswith(RECORDS) or name.endswith(DEEDS))
	}
	for doctype, name in sorted(fields | {(row.dt, row.fieldname) for row in custom}):
		meta = frappe.get_meta(doctype)
		field = meta.get_field(name)
		is_ours = name in known.get(doctype, ()) or name == registry.owner_field(doctype)
		if is_ours or (doctype, name) in IDENTITIES or meta.get("is_virtual"):
			continue
		if field and not field.read_only and not field.get("is_virtual"):
			yield meta, name


def naming(meta: Meta, field: str, user: str) -> list[str]:
	"""Return the names of the documents that name a user in a field. What was submitted is history, and isn't among them."""
	if meta.issingle:
		return [meta.name] if frappe.db.get_single_value(meta.name, field) == user else []
	filters = {field: user, "docstatus": 0}
	return frappe.get_all(meta.name, filters=filters, pluck="name", order_by="name", limit_page_length=0)


def find(leaver: Leaver, known: dict[str, tuple[str, ...]]) -> Iterator[Found]:
	for meta, field in user_fields(known):
		if count := len(naming(meta, field, leaver.user)):
			title = f"{_(meta.name)}: {_(meta.get_label(field))}"
			yield Found(FIELD, f"{meta.name}.{field}", title, _("Documents: {0}").format(count))


def move(doctype: str, name: str, leaver: Leaver, to: str) -> Before:
	names = rename(name, leaver.user, to)
	if not names:
		changed_meanwhile()
	return {"names": names}


def give_back(doctype: str, name: str, leaver: Leaver, to: str, before: Before) -> None:
	rename(name, to, leaver.user, among=before["names"])


def rename(field_of: str, current: str, new: str, among: list[str] | None = None) -> list[str]:
	"""Let all documents that name a user in a field, or those `among` a list, name another; return their names."""
	doctype, _dot, field = field_of.rpartition(".")
	meta = frappe.get_meta(doctype)
	names = [name for name in naming(meta, field, current) if among is None or str(name) in map(str, among)]
	if meta.issingle and names:
		frappe.db.set_single_value(doctype, field, new)
	table = frappe.qb.DocType(doctype)
	for batch in batches(() if meta.issingle else names):
		frappe.qb.update(table).set(table[field], new).where(is_one_of(table.name, batch)).run()
	if meta.issingle:
		frappe.clear_document_cache(doctype, doctype)
		return names
	parents = frappe.get_all(doctype, {field: new}, pluck="parenttype", distinct=True) if meta.istable else []
	for cached in {doctype, *filter(None, parents)}:
		frappe.clear_document_cache(cached)
	return names
