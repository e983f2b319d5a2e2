"""What is tracked: which DocTypes are accounts, and which of their fields holds the account owner.

Settings are the truth. They are read once into the site's cache, and from there once per request or job, so that
asking costs a dict look-up: `doc_events["*"]` asks for every document that anybody saves.

Saving the settings or a DocType empties the cache at once. Deleting a DocType or customizing a field runs no hook in
Frappe (v15 and v16), so what is cached also expires by itself.
"""

from typing import TypedDict

import frappe

SETTINGS = "CRM Transparency Settings"
CACHE_KEY = "crm_transparency:tracked_doctypes"
CACHE_SECONDS = 60


class TrackedDocType(TypedDict):
	owner_field: str
	title_field: str | None
	territory_field: str | None


def tracked_doctypes() -> dict[str, TrackedDocType]:
	"""Return the tracked DocTypes by name, without those that don't exist (any more) or lost their owner field."""
	try:
		return frappe.local.cache[CACHE_KEY]
	except KeyError:
		tracked = frappe.local.cache[CACHE_KEY] = _from_site_cache()
		return tracked


def is_tracked(doctype: str) -> bool:
	return doctype in tracked_doctypes()


def owner_field(doctype: str) -> str | None:
	"""Return the name of the field that holds the account owner, or None if the DocType isn't tracked."""
	tracked = tracked_doctypes().get(doctype)
	return tracked["owner_field"] if tracked else None


def title_field(doctype: str) -> str | None:
	"""Return the name of the field that holds what people call the account, or None if there is none."""
	return tracked_doctypes()[doctype]["title_field"] or frappe.get_meta(doctype).title_field or None


def forget() -> None:
	"""Read the settings anew from now on, here and in every other process.

	Another process may fill the cache from the old settings until this transaction ends, so it is emptied then
	once more.
	"""
	_empty_cache()
	frappe.db.after_commit.add(_empty_cache)
	frappe.db.after_rollback.add(_empty_cache)


def _empty_cache() -> None:
	frappe.local.cache.pop(CACHE_KEY, None)
	frappe.cache.delete_value(CACHE_KEY)


def _from_site_cache() -> dict[str, TrackedDocType]:
	tracked = frappe.cache.get_value(CACHE_KEY, expires=True)
	if tracked is None:
		tracked = _read_settings()
		frappe.cache.set_value(CACHE_KEY, tracked, expires_in_sec=CACHE_SECONDS)
	return tracked


def has_owner_field(doctype: str, fieldname: str) -> bool:
	"""Say whether `fieldname` of `doctype` can hold an account owner, that is, whether it's a link to a user."""
	field = frappe.get_meta(doctype).get_field(fieldname)
	return bool(field) and field.fieldtype == "Link" and field.options == "User"


def _read_settings() -> dict[str, TrackedDocType]:
	if not frappe.db.exists("DocType", "Tracked Document Type"):
		return {}  # while the app is uninstalled, Frappe runs its hooks some moments longer than its DocTypes live
	rows = frappe.get_all(
		"Tracked Document Type",
		filters={"parent": SETTINGS, "parenttype": SETTINGS, "enabled": 1},
		fields=["document_type", "owner_field", "title_field", "territory_field"],
		order_by="idx",
	)
	return {
		row.document_type: TrackedDocType(
			owner_field=row.owner_field,
			title_field=row.title_field or None,
			territory_field=row.territory_field or None,
		)
		for row in rows
		if frappe.db.exists("DocType", row.document_type)
		and has_owner_field(row.document_type, row.owner_field)
	}
